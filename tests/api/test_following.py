"""A situation through its life by the API: told twice, completed, followed, passed on, overflowing, reopened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.situations.commands import check_situation
from exchange.situations.models import Situation
from tests.api.bodies import a_situation_body, instant, tomorrow_night
from tests.api.conftest import World
from tests.api.test_story import posted

FOUR = {"commune_code": "43157", "age_band": "6-11", "need_codes": ["autism"], "urgency": 4}


async def read(client: httpx.AsyncClient, path: str) -> Any:
    reply = await client.get(f"/api/v1{path}")
    assert reply.status_code == 200, reply.text
    return reply.json()


async def refused(client: httpx.AsyncClient, path: str, body: Any, status: int, code: str) -> Any:
    reply = await client.post(f"/api/v1{path}", json=body)
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
    return reply.json()


async def test_four_fields_suffice_and_an_anonymous_call_is_searched_for_at_once(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    for missing in FOUR:
        body = {name: value for name, value in FOUR.items() if name != missing}
        assert (await refused(adviser, "/situations", body, 422, "invalid-value"))["field"] == missing
    await refused(adviser, "/situations", {**FOUR, "is_anonymous": True}, 422, "invalid-value")
    received = await posted(adviser, "/situations", {**FOUR, "is_anonymous": True, "call_back_at": instant(2)}, 201)
    sheet = await read(adviser, f"/situations/{received['reference']}")
    assert (sheet["legal_status"], sheet["care_mode"], sheet["is_anonymous"]) == ("unknown", "immediate_stay", True)
    followed = await read(adviser, f"/situations/{received['reference']}/following")
    assert [line["party"] for line in followed["call_backs"]] == ["caller"]
    await posted(adviser, f"/situations/{received['reference']}/identification", None)
    assert not (await read(adviser, f"/situations/{received['reference']}"))["is_anonymous"]
    await refused(adviser, f"/situations/{received['reference']}/identification", None, 422, "invalid-value")


async def test_a_possible_duplicate_names_the_other_and_says_what_to_do(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    first = (await posted(adviser, "/situations", FOUR, 201))["reference"]
    problem = await refused(adviser, "/situations", FOUR, 409, "possible-duplicate")
    assert problem["facts"] == {"references": first, "count": 1}
    assert "ouvrez sa fiche" in problem["next_step"]
    for answer in ({"not_duplicate_of": [first.lower()]}, {"confirmed_distinct": True}):
        await posted(adviser, "/situations", {**FOUR, **answer}, 201)
    # Somebody far from it by every measure is no duplicate, unless the caller gives that very reference.
    far = {**FOUR, "age_band": "60+", "urgency": 1}
    given = {**far, "spoken_reference": first}
    assert (await refused(adviser, "/situations", given, 409, "possible-duplicate"))["facts"]["references"] == first
    await posted(adviser, "/situations", far, 201)


async def test_a_duplicate_found_later_names_the_one_that_stays_and_its_calls_go_there(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    kept = (await posted(adviser, "/situations", a_situation_body(), 201))["reference"]
    other = (await posted(adviser, "/situations", a_situation_body(), 201))["reference"]
    call = {"direction": "received", "party": "carer", "outcome": "spoken"}
    await posted(adviser, f"/situations/{other}/calls", call)
    close = f"/situations/{other}/closing"
    for wrong in ({}, {"duplicate_of": "S-AAAA-AA"}, {"duplicate_of": other}):
        problem = await refused(adviser, close, {"outcome": "duplicate", **wrong}, 422, "invalid-value")
        assert problem["field"] == "duplicate_of"
    await posted(adviser, close, {"outcome": "duplicate", "duplicate_of": kept})
    followed = await read(adviser, f"/situations/{kept}/following")
    assert [line["was_on_duplicate"] for line in followed["calls"]] == [True]
    assert (await read(adviser, f"/situations/{other}"))["duplicate_of_id"] is not None
    await posted(adviser, f"/situations/{other}/reopening", None)
    reopened = await read(adviser, f"/situations/{other}")
    assert (reopened["duplicate_of_id"], reopened["state"]) == (None, "searching")
    assert reopened["next_check_at"] is not None


async def test_completing_moves_the_terms_and_a_stale_reader_is_told(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    reference = (await posted(adviser, "/situations", a_situation_body(), 201))["reference"]
    path = f"/situations/{reference}/amendment"
    told = await posted(adviser, path, {"terms_version": 1, "legal_status": "guardianship"})
    assert told == {"reference": reference, "changed": ["legal_status"], "terms_version": 1}
    night = tomorrow_night()
    told = await posted(adviser, path, {"terms_version": 1, "blocks": [[night, night + 2]], "sex": "female"})
    assert (told["changed"], told["terms_version"]) == (["blocks", "sex"], 2)
    await refused(adviser, path, {"terms_version": 1, "max_places": 2}, 409, "terms-moved")
    sheet = await read(adviser, f"/situations/{reference}")
    assert [block["segments"] for block in sheet["blocks"]] == [[night, night + 2]]


async def test_levels_statements_and_urgency_are_kept_with_who_and_why(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    reference = (await posted(adviser, "/situations", a_situation_body(), 201))["reference"]
    base = f"/situations/{reference}"
    await refused(adviser, f"{base}/level", {"level": 3, "reason": "pag_requested"}, 409, "level-one-step")
    await posted(adviser, f"{base}/level", {"level": 2, "reason": "several_partners", "note": "Réunion demandée."})
    named = {"level": 3, "reason": "pag_requested", "note": "joindre m@essai.example"}
    await refused(adviser, f"{base}/level", named, 422, "invalid-value")
    await posted(adviser, f"{base}/no-solution-statements", {"tried": ["network_searched", "relatives"]})
    await posted(adviser, f"{base}/urgency-review", {"urgency": 2})
    followed = await read(adviser, f"{base}/following")
    assert [(line["was"], line["level"], line["reason"]) for line in followed["levels"]] == [(1, 2, "several_partners")]
    assert [line["tried"] for line in followed["statements"]] == [["network_searched", "relatives"]]
    sheet = await read(adviser, base)
    assert (sheet["level"], sheet["urgency"], sheet["outcome"]) == (2, 2, None)


async def test_a_referent_passes_a_situation_on_and_stays_until_the_other_accepts(world: World) -> None:
    adviser, coordinator = world[Role.PATHWAY_ADVISER], world[Role.COORDINATOR]
    reference = (await posted(adviser, "/situations", a_situation_body(), 201))["reference"]
    base, successor = f"/situations/{reference}", world.callers[Role.COORDINATOR].actor.account_id
    first = world.callers[Role.PATHWAY_ADVISER].actor.account_id
    asked = {"to_account_id": str(successor), "reason": "end_of_duty"}
    stranger = {**asked, "to_account_id": str(world.callers[Role.FACILITY_MANAGER].actor.account_id)}
    await refused(adviser, f"{base}/referent", stranger, 422, "not-a-referent")
    await refused(coordinator, f"{base}/referent", {**asked, "impose": True}, 409, "referent-still-there")
    await refused(coordinator, f"{base}/referent-answer", {"accepts": True}, 409, "no-hand-over-offered")
    await posted(adviser, f"{base}/referent", asked)
    assert (await read(adviser, base))["referent_account_id"] == str(first)
    await refused(adviser, f"{base}/referent-answer", {"accepts": True}, 409, "no-hand-over-offered")
    await posted(coordinator, f"{base}/referent-answer", {"accepts": True})
    assert (await read(adviser, base))["referent_account_id"] == str(successor)
    followed = await read(adviser, f"{base}/following")
    assert [line["state"] for line in followed["hand_overs"]] == ["accepted"]


async def test_nobody_answered_in_time_and_an_outside_service_takes_over_by_voice(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    reference = (await posted(adviser, "/situations", a_situation_body(), 201))["reference"]
    base = f"/situations/{reference}"
    told = {"service_code": "homeless", "spoken_with": "Mme Essai", "function": "écoutante"}
    await refused(adviser, f"{base}/outside-hand-over", told, 409, "no-alert-runs")
    async with world.db.write(world.community_id) as tx:
        late = now_of(tx) - timedelta(hours=1)
        await tx.execute(update(Situation).values(deadline_at=late, next_check_at=late))
    async with world.db.write(world.community_id) as tx:
        situation_id = UUID((await read(adviser, base))["id"])
        await check_situation(tx, Actor.system(world.community_id), situation_id, now_of(tx))
    assert (await read(adviser, base))["alert_since"] is not None
    services = {line["code"] for line in await read(adviser, "/outside-services")}
    assert {"samu", "police", "homeless", "child_danger"} <= services
    await refused(adviser, f"{base}/outside-hand-over", {**told, "service_code": "pizza"}, 422, "invalid-value")
    await posted(adviser, f"{base}/outside-hand-over", told)
    sheet = await read(adviser, base)
    assert (sheet["alert_since"], sheet["outcome"]) == (None, None)
    followed = await read(adviser, f"{base}/following")
    assert [line["spoken_with"] for line in followed["told_outside"]] == ["Mme Essai"]


@pytest.mark.parametrize("role", [Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.OBSERVER])
async def test_who_does_not_coordinate_learns_nothing_of_a_possible_duplicate(world: World, role: Role) -> None:
    await posted(world[Role.PATHWAY_ADVISER], "/situations", FOUR, 201)
    problem = await refused(world[role], "/situations", FOUR, 403, "act-forbidden")
    assert "references" not in str(problem)
