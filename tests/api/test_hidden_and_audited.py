"""What a stranger may not see answers like what does not exist; what is seen of a situation is kept."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from exchange.kernel.actor import Role
from tests.api.bodies import a_need_body, a_situation_body, a_volunteer_body, an_offer_body, instant
from tests.api.conftest import World, a_world
from tests.api.test_story import a_proposed_loan, posted, propose
from tests.factories.ground import LE_PUY, a_facility, ground
from tests.servers import FreshDatabase


async def lived_in(world: World) -> dict[str, str]:
    """One thing of each kind in a community, by kind."""
    manager, adviser = world[Role.FACILITY_MANAGER], world[Role.PATHWAY_ADVISER]
    offer = await posted(manager, "/offers", an_offer_body(world.home_id), 201)
    received = await posted(adviser, "/situations", a_situation_body(), 201)
    await propose(world, received["id"], offer["id"])
    await posted(adviser, f"/situations/{received['reference']}/hold", {"rank": 1})
    placements = (await manager.get("/api/v1/placements")).json()["items"]
    loan_id, volunteer_id = await a_proposed_loan(world)
    need = (await manager.get("/api/v1/staff-needs")).json()["items"][0]
    return {
        "offer": offer["id"],
        "situation": received["reference"],
        "placement": placements[0]["id"],
        "loan": loan_id,
        "volunteer": volunteer_id,
        "need": need["id"],
    }


A_CALL = {"direction": "made", "party": "carer", "outcome": "spoken"}
TIMES = {"kind": "available", "periods": [{"starts_at": instant(24), "ends_at": instant(30)}]}

ROUTES: list[tuple[Role, str, str, str, dict[str, Any] | None]] = [
    (Role.COORDINATOR, "GET", "offer", "/offers/{}", None),
    (Role.FACILITY_MANAGER, "POST", "offer", "/offers/{}/confirmation", None),
    (Role.FACILITY_MANAGER, "POST", "offer", "/offers/{}/capacity", {"delta": 1}),
    (Role.FACILITY_MANAGER, "POST", "offer", "/offers/{}/withdrawal", None),
    (Role.FACILITY_MANAGER, "POST", "volunteer", "/volunteers/{}/times", TIMES),
    (Role.COORDINATOR, "GET", "need", "/staff-needs/{}", None),
    (Role.FACILITY_MANAGER, "POST", "need", "/staff-needs/{}/cancellation", None),
    (Role.COORDINATOR, "GET", "situation", "/situations/{}", None),
    (Role.COORDINATOR, "GET", "situation", "/situations/{}/answers", None),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/hold", {"rank": 1}),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/closing", {"outcome": "need_gone"}),
    (Role.COORDINATOR, "GET", "situation", "/situations/{}/following", None),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/amendment", {"terms_version": 1}),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/urgency-review", {"urgency": 2}),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/level", {"level": 2, "reason": "several_partners"}),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/no-solution-statements", {"tried": ["relatives"]}),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/calls", A_CALL),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/call-backs", {"party": "carer", "due_at": instant(2)}),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/identification", None),
    (
        Role.COORDINATOR,
        "POST",
        "situation",
        "/situations/{}/referent",
        {"to_account_id": str(uuid4()), "reason": "absence"},
    ),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/referent-answer", {"accepts": True}),
    (
        Role.COORDINATOR,
        "POST",
        "situation",
        "/situations/{}/outside-hand-over",
        {"service_code": "homeless", "spoken_with": "Mme Essai", "function": "écoutante"},
    ),
    (Role.COORDINATOR, "POST", "situation", "/situations/{}/reopening", None),
    (Role.COORDINATOR, "GET", "placement", "/placements/{}", None),
    (Role.FACILITY_MANAGER, "POST", "placement", "/placements/{}/acceptance", None),
    (Role.FACILITY_MANAGER, "POST", "placement", "/placements/{}/refusal", {"refusal_reason": "group_incompatible"}),
    (Role.COORDINATOR, "POST", "placement", "/placements/{}/person-agreement", {"given_by": "person"}),
    (Role.COORDINATOR, "POST", "placement", "/placements/{}/legal-basis", {"legal_basis": "court_order"}),
    (
        Role.COORDINATOR,
        "POST",
        "placement",
        "/placements/{}/phone-acceptance",
        {"spoken_with": "Mme Essai", "function": "directrice"},
    ),
    (Role.COORDINATOR, "POST", "placement", "/placements/{}/arrival", {}),
    (Role.COORDINATOR, "GET", "loan", "/loans/{}", None),
    (Role.COORDINATOR, "POST", "loan", "/loans/{}/request", None),
    (Role.FACILITY_MANAGER, "POST", "loan", "/loans/{}/release", None),
    (Role.FACILITY_MANAGER, "POST", "loan", "/loans/{}/acceptance", None),
    (Role.FACILITY_MANAGER, "POST", "loan", "/loans/{}/decline", {}),
]


async def test_other_communitys_things_are_absent_byte_for_byte(
    app: Litestar, world: World, database: FreshDatabase
) -> None:
    async with AsyncExitStack() as clients:
        theirs = await lived_in(await a_world(app, database, clients))
    before = await world.counts()
    for role, method, kind, path, body in ROUTES:
        absent = "S-AAAA-AA" if kind == "situation" else str(uuid4())
        replies = [
            await world[role].request(method, "/api/v1" + path.format(named), json=body)
            for named in (theirs[kind], absent)
        ]
        assert [reply.status_code for reply in replies] == [404, 404], (path, [reply.text for reply in replies])
        assert replies[0].content == replies[1].content
        assert set(replies[0].headers) == set(replies[1].headers)
    assert await world.counts() == before


async def test_lists_show_nothing_of_another_community(app: Litestar, world: World, database: FreshDatabase) -> None:
    async with AsyncExitStack() as clients:
        await lived_in(await a_world(app, database, clients))
    for path in ("/offers", "/volunteers", "/staff-needs", "/situations", "/placements", "/loans", "/match-runs"):
        assert (await world[Role.COORDINATOR].get(f"/api/v1{path}")).json()["items"] == [], path
    board = (await world[Role.COORDINATOR].get("/api/v1/board")).json()
    assert [board[kind] for kind in ("offers", "situations", "staff_needs", "placements", "loans")] == [[]] * 5
    facilities = (await world[Role.COORDINATOR].get("/api/v1/facilities")).json()["items"]
    assert {line["id"] for line in facilities} == {str(world.home_id), str(world.neighbour_id)}


async def test_neighbour_is_not_told_of_a_placement_asked_of_someone_else(world: World) -> None:
    things = await lived_in(world)
    assert world.neighbour is not None
    neighbour = world.neighbour.http
    for path in (f"/placements/{things['placement']}", f"/placements/{uuid4()}"):
        assert (await neighbour.get(f"/api/v1{path}")).json()["code"] == "not-found"
    assert (await neighbour.get("/api/v1/placements")).json()["items"] == []
    accepted = await neighbour.post(f"/api/v1/placements/{things['placement']}/acceptance")
    assert (accepted.status_code, accepted.json()["code"]) == (404, "not-found")


async def test_volunteers_name_is_told_to_the_employer_alone(world: World) -> None:
    await posted(world[Role.FACILITY_MANAGER], "/volunteers", a_volunteer_body(world.home_id, world.area_id), 201)
    seen = {}
    for role in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER):
        (line,) = (await world[role].get("/api/v1/volunteers")).json()["items"]
        seen[role] = (line["full_name"], line["email"], line["commune_code"])
    told = ("Camille Essai", "camille@essai.invalid", "43157")
    assert seen[Role.FACILITY_MANAGER] == seen[Role.ON_CALL_MANAGER] == told
    assert seen[Role.COORDINATOR] == seen[Role.PATHWAY_ADVISER] == (None, None, None)
    assert world.neighbour is not None
    assert (await world.neighbour.http.get("/api/v1/volunteers")).json()["items"] == []


async def test_hidden_address_and_night_phones_are_told_to_whom_they_serve(world: World) -> None:
    async with ground(world.db, world.community_id) as tx:
        hidden = await a_facility(tx, hides_address=True, night_phone="04 71 00 00 00")
    seen = {}
    for role in (Role.COORDINATOR, Role.FACILITY_MANAGER, Role.OBSERVER):
        lines = (await world[role].get("/api/v1/facilities")).json()["items"]
        seen[role] = {line["id"]: line for line in lines}
        assert (seen[role][str(hidden)]["commune"], seen[role][str(hidden)]["commune_code"]) == (None, None)
        assert seen[role][str(world.home_id)]["commune_code"] == LE_PUY
    assert seen[Role.COORDINATOR][str(hidden)]["night_phone"] == "04 71 00 00 00"
    assert seen[Role.OBSERVER][str(hidden)]["night_phone"] is None


async def test_facilities_word_is_given_by_nobody_else(world: World) -> None:
    assert world.neighbour is not None
    offer = await posted(world[Role.FACILITY_MANAGER], "/offers", an_offer_body(world.home_id), 201)
    for path, body in (("confirmation", None), ("capacity", {"delta": 1}), ("withdrawal", None)):
        reply = await world.neighbour.http.post(f"/api/v1/offers/{offer['id']}/{path}", json=body)
        assert (reply.status_code, reply.json()["code"]) == (403, "act-forbidden")
    for path, body in (
        ("/offers", an_offer_body(world.home_id)),
        ("/volunteers", a_volunteer_body(world.home_id, world.area_id)),
        ("/staff-needs", a_need_body(world.home_id)),
    ):
        reply = await world.neighbour.http.post(f"/api/v1{path}", json=body)
        assert (reply.status_code, reply.json()["code"]) == (403, "act-forbidden")


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("/situations/{situation}", "read"),
        ("/situations/{situation}/answers", "answers"),
        ("/placements/{placement}", "placement"),
    ],
)
async def test_each_look_at_a_situation_is_kept_before_it_is_answered(world: World, path: str, purpose: str) -> None:
    things = await lived_in(world)
    before = await looks(world)
    reply = await world[Role.COORDINATOR].get("/api/v1" + path.format(**things))
    assert reply.status_code == 200
    caller = world.callers[Role.COORDINATOR].actor
    kept = (await looks(world))[len(before) :]
    assert [(look["account_id"], look["role"], look["via"], look["purpose"]) for look in kept] == [
        (caller.account_id, "coordinator", "api", purpose)
    ]


async def test_look_that_cannot_be_kept_is_not_given(world: World) -> None:
    things = await lived_in(world)
    await as_owner(world, "REVOKE INSERT ON access_log FROM entraide_app")
    for path in (f"/situations/{things['situation']}", f"/placements/{things['placement']}"):
        reply = await world[Role.COORDINATOR].get(f"/api/v1{path}")
        assert (reply.status_code, reply.json()["code"]) == (500, "internal-fault")
        assert things["situation"] not in reply.text
    assert (await world[Role.COORDINATOR].get("/api/v1/situations")).status_code == 200


async def test_list_of_situations_says_nothing_of_needs(world: World) -> None:
    await posted(world[Role.COORDINATOR], "/situations", a_situation_body(free_text="dort peu"), 201)
    (line,) = (await world[Role.COORDINATOR].get("/api/v1/situations")).json()["items"]
    assert not {"need_codes", "free_text", "commune_code", "sex"} & set(line)


async def looks(world: World) -> list[dict[str, Any]]:
    """The access journal, oldest first."""
    async with world.db.read(world.community_id) as reader:
        rows = await reader.execute(text("SELECT * FROM access_log ORDER BY id"))
        return [dict(row) for row in rows.mappings()]


async def as_owner(world: World, statement: str) -> None:
    engine = create_async_engine(world.owner_url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
