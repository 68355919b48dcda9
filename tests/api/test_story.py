"""The main job by programs alone: publish, ask, propose, hold, say yes, arrive; lend a professional."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from exchange.identity.commands import mint_link
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.periods import date_of
from exchange.loans import commands as loans
from exchange.loans.rules import LoanParty
from exchange.placements import commands as placements
from exchange.situations.models import SituationBlock
from tests.api.bodies import (
    Json,
    a_need_body,
    a_situation_body,
    a_volunteer_body,
    an_offer_body,
    instant,
    tomorrow,
    tomorrow_night,
    tonight,
)
from tests.api.conftest import World


async def posted(http: httpx.AsyncClient, path: str, body: Json | None = None, status: int = 200) -> Json:
    """Post, expect a status, return the reply."""
    reply = await http.post(f"/api/v1{path}", json=body)
    assert reply.status_code == status, reply.text
    answered: Json = reply.json()
    return answered


async def read(http: httpx.AsyncClient, path: str) -> Json:
    reply = await http.get(f"/api/v1{path}")
    assert reply.status_code == 200, reply.text
    answered: Json = reply.json()
    return answered


async def propose(world: World, situation_id: str, offer_id: str, rank: int = 1) -> None:
    """What the planner writes: one placement of the situation's only block."""
    async with world.db.write(world.community_id) as tx:
        block = await tx.scalar(select(SituationBlock.id).where(SituationBlock.situation_id == UUID(situation_id)))
        assert block is not None
        line = placements.ProposedPlacement(
            situation_id=UUID(situation_id),
            offer_id=UUID(offer_id),
            block_ids=(block,),
            rank=rank,
            reasons=(),
            situation_terms_version=1,
            offer_terms_version=1,
        )
        assert await placements.put_forward(tx, Actor.system(world.community_id), (line,), None, now_of(tx))


@pytest.mark.parametrize("answers", [Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER])
async def test_a_person_is_hosted_from_call_to_arrival(world: World, answers: Role) -> None:
    manager, adviser = world[answers], world[Role.PATHWAY_ADVISER]
    night = tonight()
    offer = await posted(manager, "/offers", an_offer_body(world.home_id), 201)
    received = await posted(adviser, "/situations", a_situation_body(blocks=[[night]]), 201)
    await propose(world, received["id"], offer["id"])

    (answer,) = (await read(adviser, f"/situations/{received['reference']}/answers"))["answers"]
    (placement,) = answer["placements"]
    assert (placement["state"], placement["segments"]) == ("proposed", [night])
    one = f"/placements/{placement['id']}"

    held = await posted(adviser, f"/situations/{received['reference']}/hold", {"rank": 1})
    assert held["reference"] == received["reference"]
    assert (await posted(manager, f"{one}/acceptance"))["state"] == "accepted"
    assert (await posted(adviser, f"{one}/person-agreement", {"given_by": "person"}))["state"] == "accepted"
    basis = {"legal_basis": "emergency_admission", "exit_on": (date_of(night) + timedelta(days=1)).isoformat()}
    assert (await posted(adviser, f"{one}/legal-basis", basis))["state"] == "confirmed"
    arrived = await posted(manager, f"{one}/arrival", {})
    assert arrived["exit_on"] == basis["exit_on"]

    assert (await read(manager, one))["state"] == "admitted"
    assert (await read(adviser, f"/situations/{received['reference']}"))["state"] == "effective"
    closed = await posted(adviser, f"/situations/{received['reference']}/closing", {"outcome": "placed_in_network"})
    assert closed["id"] == received["id"]


async def test_arrival_days_before_the_stay_is_told_its_first_date(world: World) -> None:
    manager, adviser = world[Role.FACILITY_MANAGER], world[Role.PATHWAY_ADVISER]
    offer = await posted(manager, "/offers", an_offer_body(world.home_id), 201)
    received = await posted(adviser, "/situations", a_situation_body(), 201)
    await propose(world, received["id"], offer["id"])
    await posted(adviser, f"/situations/{received['reference']}/hold", {"rank": 1})
    (placement,) = (await read(adviser, "/placements"))["items"]
    one = f"/placements/{placement['id']}"
    await posted(manager, f"{one}/acceptance")
    await posted(adviser, f"{one}/person-agreement", {"given_by": "person"})
    basis = {"legal_basis": "emergency_admission", "exit_on": "2020-01-01"}
    refused = await posted(adviser, f"{one}/legal-basis", basis, 422)
    assert (refused["code"], refused["field"]) == ("exit-before-stay-ends", "exit_on")
    assert (await posted(adviser, f"{one}/legal-basis", {"legal_basis": "court_order"}))["state"] == "confirmed"
    too_early = await posted(manager, f"{one}/arrival", {"exit_on": (tomorrow() + timedelta(days=1)).isoformat()}, 409)
    assert (too_early["code"], too_early["facts"]["first_on"]) == ("arrival-too-early", tomorrow().isoformat())
    assert f"{tomorrow():%d/%m/%Y}" in too_early["detail"]


async def test_facility_says_no_with_a_coded_reason(world: World) -> None:
    manager, coordinator = world[Role.FACILITY_MANAGER], world[Role.COORDINATOR]
    offer = await posted(manager, "/offers", an_offer_body(world.home_id), 201)
    received = await posted(coordinator, "/situations", a_situation_body(), 201)
    await propose(world, received["id"], offer["id"])
    await posted(coordinator, f"/situations/{received['reference']}/hold", {"rank": 1})
    (placement,) = (await read(manager, "/placements"))["items"]
    await posted(manager, f"/placements/{placement['id']}/refusal", {"refusal_reason": "group_incompatible"})
    told = await read(coordinator, f"/placements/{placement['id']}")
    assert (told["state"], told["refusal_reason"]) == ("refused", "group_incompatible")


async def test_yes_by_phone_names_who_spoke(world: World) -> None:
    manager, adviser = world[Role.FACILITY_MANAGER], world[Role.PATHWAY_ADVISER]
    offer = await posted(manager, "/offers", an_offer_body(world.home_id), 201)
    received = await posted(adviser, "/situations", a_situation_body(), 201)
    await propose(world, received["id"], offer["id"])
    await posted(adviser, f"/situations/{received['reference']}/hold", {"rank": 1})
    (placement,) = (await read(adviser, "/placements"))["items"]
    spoken = {"spoken_with": "Mme Essai", "function": "cadre d'astreinte"}
    moved = await posted(adviser, f"/placements/{placement['id']}/phone-acceptance", spoken)
    assert moved["state"] == "accepted"
    told = await read(adviser, f"/placements/{placement['id']}")
    assert (told["receiver_channel"], told["spoken_with"]) == ("phone", "Mme Essai")


async def test_offer_is_reconfirmed_reduced_and_withdrawn(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer = await posted(manager, "/offers", an_offer_body(world.home_id), 201)
    one = f"/offers/{offer['id']}"
    before = await read(manager, one)
    confirmed = await posted(manager, f"{one}/confirmation")
    assert confirmed["fresh_until"] >= before["fresh_until"]
    await posted(manager, f"{one}/capacity", {"delta": 1, "segments": [tomorrow_night()]})
    segments = {line["segment"]: line["capacity"] for line in (await read(manager, one))["segments"]}
    assert segments[tomorrow_night()] == 2
    assert sorted(set(segments.values())) == [1, 2]
    assert [line["id"] for line in (await read(world[Role.COORDINATOR], "/offers"))["items"]] == [offer["id"]]
    await posted(manager, f"{one}/withdrawal")
    assert (await read(world[Role.COORDINATOR], "/offers"))["items"] == []


async def test_conditional_place_brings_the_need_it_rests_on(world: World) -> None:
    need = a_need_body(world.home_id)
    del need["facility_id"]
    body = an_offer_body(world.home_id, kind="conditional", coupled_need=need)
    offer = await posted(world[Role.FACILITY_MANAGER], "/offers", body, 201)
    told = await read(world[Role.COORDINATOR], f"/offers/{offer['id']}")
    (asked,) = (await read(world[Role.COORDINATOR], "/staff-needs"))["items"]
    assert asked["is_coupled"]
    assert {shift_id for line in told["segments"] for shift_id in line["requires_shift_ids"]} == {
        shift["id"] for shift in asked["shifts"]
    }


async def a_proposed_loan(world: World) -> tuple[str, str]:
    """A volunteer of `home`, a need of `neighbour`, and the loan that the planner proposes between them."""
    assert world.neighbour is not None
    lender, host = world[Role.FACILITY_MANAGER], world.neighbour.http
    volunteer = await posted(lender, "/volunteers", a_volunteer_body(world.home_id, world.area_id), 201)
    times = {"kind": "released", "periods": [{"starts_at": instant(22), "ends_at": instant(34)}]}
    await posted(lender, f"/volunteers/{volunteer['id']}/times", times)
    need = await posted(host, "/staff-needs", a_need_body(world.neighbour_id), 201)
    (shift,) = (await read(host, f"/staff-needs/{need['id']}"))["shifts"]
    line = loans.ProposedLoan(
        volunteer_id=UUID(volunteer["id"]),
        need_id=UUID(need["id"]),
        shift_ids=(UUID(shift["id"]),),
        travel_minutes=12,
        reasons=(),
        volunteer_terms_version=await terms_of(world, volunteer["id"]),
        need_terms_version=1,
    )
    async with world.db.write(world.community_id) as tx:
        assert await loans.put_forward(tx, Actor.system(world.community_id), (line,), None, now_of(tx))
    (loan,) = (await read(host, "/loans"))["items"]
    return loan["id"], volunteer["id"]


async def terms_of(world: World, volunteer_id: str) -> int:
    from exchange.staffing.models import LoanVolunteer

    async with world.db.read(world.community_id) as reader:
        found = await reader.get(LoanVolunteer, UUID(volunteer_id))
        assert found is not None
        return found.terms_version


async def test_professional_is_lent_with_three_agreements_and_named_only_then(world: World) -> None:
    assert world.neighbour is not None
    lender, host = world[Role.FACILITY_MANAGER], world.neighbour.http
    loan_id, volunteer_id = await a_proposed_loan(world)
    one = f"/loans/{loan_id}"
    assert (await read(host, one))["volunteer_name"] is None
    assert (await posted(host, f"{one}/request"))["answer_by"]
    assert (await posted(lender, f"{one}/release"))["state"] == "proposed"
    assert (await posted(host, f"{one}/acceptance"))["state"] == "proposed"
    person = Actor(world.community_id, Role.LOAN_VOLUNTEER, Via.LINK, volunteer_id=UUID(volunteer_id))
    async with world.db.write(world.community_id) as tx:
        consent = loans.GiveAgreement(UUID(loan_id), LoanParty.PERSON, Via.LINK)
        await loans.give_agreement(tx, person, consent, now_of(tx))
    told = await read(host, one)
    assert (told["state"], told["volunteer_name"], told["kind"]) == ("agreed", "Camille Essai", "loan")
    (need,) = (await read(host, "/staff-needs"))["items"]
    assert need["shifts"][0]["is_covered"]


async def test_no_route_gives_a_professionals_consent(world: World) -> None:
    loan_id, volunteer_id = await a_proposed_loan(world)
    assert world.neighbour is not None
    await posted(world.neighbour.http, f"/loans/{loan_id}/request")
    async with world.db.write(world.community_id) as tx:
        raw = await mint_link(
            tx,
            "loans.consent",
            UUID(loan_id),
            volunteer_id=UUID(volunteer_id),
            now=now_of(tx),
            expires_at=now_of(tx) + timedelta(hours=72),
        )
    assert world.anonymous is not None
    link = await world.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {raw}"})
    assert link.status_code == 401
    for caller in (*world.callers.values(), world.neighbour):
        for path in ("consent", "agreement", "person-agreement"):
            assert (await caller.http.post(f"/api/v1/loans/{loan_id}/{path}")).status_code == 404
    assert (await read(world[Role.COORDINATOR], f"/loans/{loan_id}"))["consented_at"] is None


async def test_lender_declines_for_its_own_side(world: World) -> None:
    assert world.neighbour is not None
    loan_id, _ = await a_proposed_loan(world)
    await posted(world.neighbour.http, f"/loans/{loan_id}/request")
    await posted(world[Role.FACILITY_MANAGER], f"/loans/{loan_id}/decline", {})
    assert (await read(world[Role.COORDINATOR], f"/loans/{loan_id}"))["state"] == "declined"


async def test_a_shift_tells_its_permanent_staff_and_its_floor(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    floor = {"starts_at": instant(24), "ends_at": instant(32), "permanent_staff": 1, "min_permanent_staff": 2}
    silent = {"starts_at": instant(48), "ends_at": instant(56)}
    body = a_need_body(world.home_id, shifts=[floor, silent])
    need = await posted(manager, "/staff-needs", body, 201)
    shifts = (await read(manager, f"/staff-needs/{need['id']}"))["shifts"]
    assert [(each["permanent_staff"], each["min_permanent_staff"]) for each in shifts] == [(1, 2), (None, None)]


async def test_need_is_cancelled_by_its_facility(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    need = await posted(manager, "/staff-needs", a_need_body(world.home_id), 201)
    await posted(manager, f"/staff-needs/{need['id']}/cancellation")
    assert (await read(manager, f"/staff-needs/{need['id']}"))["state"] == "cancelled"
    assert (await read(manager, "/staff-needs"))["items"] == []


async def test_board_tells_each_role_its_own(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer = await posted(manager, "/offers", an_offer_body(world.home_id), 201)
    received = await posted(world[Role.COORDINATOR], "/situations", a_situation_body(), 201)
    seen = {role: await read(world[role], "/board") for role in world.callers}
    for role in (Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER):
        assert [card["subject_id"] for card in seen[role]["offers"]] == [offer["id"]]
        assert [card["subject_id"] for card in seen[role]["situations"]] == [received["id"]]
    assert seen[Role.FACILITY_MANAGER]["situations"][0]["reference"] is None
    assert seen[Role.OBSERVER]["offers"] == seen[Role.OBSERVER]["situations"] == []
    assert seen[Role.OBSERVER]["counts"]


async def test_board_is_shown_as_of_a_past_minute_and_of_no_future_one(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    before = (await read(coordinator, "/board"))["at"]
    await posted(world[Role.FACILITY_MANAGER], "/offers", an_offer_body(world.home_id), 201)
    past = await coordinator.get("/api/v1/board", params={"at": before})
    assert past.json()["offers"] == []
    assert len((await read(coordinator, "/board"))["offers"]) == 1
    for wrong in (instant(1), "2026-03-14T10:00:00", "hier"):
        reply = await coordinator.get("/api/v1/board", params={"at": wrong})
        assert (reply.status_code, reply.json()["field"]) == (422, "at"), reply.text


async def test_lists_leave_in_pages(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    made = {(await posted(manager, "/offers", an_offer_body(world.home_id), 201))["id"] for _ in range(3)}
    first = await read(manager, "/offers?limit=2")
    second = await read(manager, "/offers?limit=2&offset=2")
    assert (len(first["items"]), len(second["items"]), first["total"]) == (2, 1, 3)
    assert {line["id"] for line in first["items"] + second["items"]} == made
    for query in ("limit=201", "limit=0", "offset=-1", "limit=beaucoup"):
        reply = await manager.get(f"/api/v1/offers?{query}")
        assert (reply.status_code, reply.json()["field"]) == (422, query.partition("=")[0]), reply.text


async def test_no_run_has_no_files(world: World) -> None:
    assert (await read(world[Role.COORDINATOR], "/match-runs"))["items"] == []
