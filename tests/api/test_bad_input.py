"""Bad input is told as what it is, names its field, and leaves nothing behind: never a 5xx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from exchange.kernel.actor import Role
from tests.api.bodies import Json, a_need_body, a_situation_body, a_volunteer_body, an_offer_body, instant, tomorrow
from tests.api.conftest import World

BODIES: dict[str, tuple[Role, Callable[[World], Json]]] = {
    "/offers": (Role.FACILITY_MANAGER, lambda world: an_offer_body(world.home_id)),
    "/situations": (Role.PATHWAY_ADVISER, lambda world: a_situation_body()),
    "/volunteers": (Role.FACILITY_MANAGER, lambda world: a_volunteer_body(world.home_id, world.area_id)),
    "/staff-needs": (Role.FACILITY_MANAGER, lambda world: a_need_body(world.home_id)),
}

MISSING: Any = object()
"""The field is left out."""

SPAN = {"first": tomorrow().isoformat(), "last": tomorrow().isoformat(), "halves": ["night"], "capacity": 1}
PAST_SHIFT = {"starts_at": instant(-40), "ends_at": instant(-32)}
FAR = "9999-12-31"

WRONG: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("/offers", {"couleur": "bleue"}, 400, "unknown-field", "couleur"),
    ("/offers", {"spans": [{**SPAN, "couleur": 1}]}, 400, "unknown-field", "spans[0].couleur"),
    ("/offers", {"kind": MISSING}, 422, "invalid-value", "kind"),
    ("/offers", {"kind": "palace"}, 422, "invalid-value", "kind"),
    ("/offers", {"kind": 3}, 422, "invalid-value", "kind"),
    ("/offers", {"facility_id": "lui"}, 422, "invalid-value", "facility_id"),
    ("/offers", {"ages_from": 61}, 422, "invalid-value", "ages_from"),
    ("/offers", {"ages_to": 10**30}, 422, "invalid-value", "ages_to"),
    ("/offers", {"ages_from": "18"}, 422, "invalid-value", "ages_from"),
    ("/offers", {"ages_from": -1}, 422, "invalid-value", "ages_from"),
    ("/offers", {"ages_from": 18.5}, 422, "invalid-value", "ages_from"),
    ("/offers", {"spans": []}, 422, "invalid-value", "spans"),
    ("/offers", {"spans": [{**SPAN, "capacity": 0}]}, 422, "invalid-value", "spans[0].capacity"),
    ("/offers", {"spans": [{**SPAN, "first": "hier"}]}, 422, "invalid-value", "spans[0].first"),
    ("/offers", {"spans": [{**SPAN, "first": FAR, "last": FAR}]}, 422, "invalid-value", "spans"),
    ("/offers", {"spans": [{**SPAN, "first": "0001-01-01"}]}, 422, "invalid-value", "spans"),
    ("/offers", {"spans": [SPAN, SPAN]}, 422, "invalid-value", "spans"),
    ("/offers", {"populations": ["licorne"]}, 422, "invalid-value", "populations[0]"),
    ("/offers", {"arrival_from": "25:00", "arrival_until": "26:00"}, 422, "invalid-value", "arrival_from"),
    ("/offers", {"zone_communes": ["Le Puy"]}, 422, "invalid-value", "zone_communes[0]"),
    ("/offers", {"max_stay_nights": 0}, 422, "invalid-value", "max_stay_nights"),
    ("/offers", {"kind": "conditional"}, 422, "invalid-value", "spans"),
    ("/situations", {"nom": "Dupont"}, 400, "unknown-field", "nom"),
    ("/situations", {"commune_code": "43999"}, 422, "invalid-value", "commune_code"),
    ("/situations", {"commune_code": "Le Puy"}, 422, "invalid-value", "commune_code"),
    ("/situations", {"age_band": "30"}, 422, "invalid-value", "age_band"),
    ("/situations", {"need_codes": []}, 422, "invalid-value", "need_codes"),
    ("/situations", {"need_codes": ["autism"] * 13}, 422, "invalid-value", "need_codes"),
    ("/situations", {"blocks": [[]]}, 422, "invalid-value", "blocks[0]"),
    ("/situations", {"blocks": [[0]]}, 422, "invalid-value", "blocks"),
    ("/situations", {"blocks": [[199_999]]}, 422, "invalid-value", "blocks"),
    ("/situations", {"urgency": 5}, 422, "invalid-value", "urgency"),
    ("/situations", {"sex": "x"}, 422, "invalid-value", "sex"),
    ("/situations", {"free_text": "x" * 301}, 422, "invalid-value", "free_text"),
    ("/situations", {"free_text": "appeler le 06 12 34 56 78"}, 422, "invalid-value", "free_text"),
    ("/situations", {"free_text": "marie@exemple.invalid"}, 422, "invalid-value", "free_text"),
    ("/situations", {"deadline_at": "2026-03-14T10:00:00"}, 422, "invalid-value", "deadline_at"),
    ("/situations", {"together_with": str(uuid4())}, 422, "invalid-value", "together_with"),
    ("/situations", {"excluded_facility_ids": [str(uuid4())]}, 422, "invalid-value", "excluded_facility_ids"),
    ("/volunteers", {"telephone": "06"}, 400, "unknown-field", "telephone"),
    ("/volunteers", {"email": "sans arobase"}, 422, "invalid-value", "email"),
    ("/volunteers", {"full_name": ""}, 422, "invalid-value", "full_name"),
    ("/volunteers", {"full_name": "   "}, 422, "invalid-value", "full_name"),
    ("/volunteers", {"qualifications": ["sorcier"]}, 422, "invalid-value", "qualifications[0]"),
    ("/volunteers", {"living_area_ids": [str(uuid4())]}, 422, "invalid-value", "living_area_ids"),
    ("/volunteers", {"ready_until": "demain"}, 422, "invalid-value", "ready_until"),
    ("/staff-needs", {"motif_medical": "grippe"}, 400, "unknown-field", "motif_medical"),
    ("/staff-needs", {"shifts": []}, 422, "invalid-value", "shifts"),
    ("/staff-needs", {"shifts": [{"starts_at": instant(30)}]}, 422, "invalid-value", "shifts[0].ends_at"),
    ("/staff-needs", {"shifts": [{"starts_at": instant(30), "ends_at": instant(20)}]}, 422, "invalid-value", "shifts"),
    (
        "/staff-needs",
        {"shifts": [{"starts_at": instant(-48), "ends_at": instant(-40)}]},
        422,
        "invalid-value",
        "shifts",
    ),
    (
        "/staff-needs",
        {"shifts": [{"starts_at": instant(24), "ends_at": instant(32), "min_permanent_staff": 2}]},
        422,
        "invalid-value",
        "shifts",
    ),
    (
        "/staff-needs",
        {"shifts": [{"starts_at": instant(24), "ends_at": instant(32), "permanent_staff": -1}]},
        422,
        "invalid-value",
        "shifts[0].permanent_staff",
    ),
    ("/staff-needs", {"reason": "grève"}, 422, "invalid-value", "reason"),
    ("/staff-needs", {"urgency": True}, 422, "invalid-value", "urgency"),
]


async def test_each_bad_body_names_its_field_and_saves_nothing(world: World) -> None:
    before = await world.counts()
    for path, over, status, code, field in WRONG:
        role, body = BODIES[path]
        sent = {name: value for name, value in {**body(world), **over}.items() if value is not MISSING}
        reply = await world[role].post(f"/api/v1{path}", json=sent)
        told = reply.json()
        seen = (reply.status_code, told.get("code"), told.get("field"))
        assert seen == (status, code, field), (path, over, told)
        assert reply.headers["content-type"] == "application/problem+json"
        assert told["detail"]
        assert "{" not in told["detail"], told
    assert await world.counts() == before


@pytest.mark.parametrize("path", BODIES)
async def test_valid_body_of_the_table_is_accepted(world: World, path: str) -> None:
    role, body = BODIES[path]
    assert (await world[role].post(f"/api/v1{path}", json=body(world))).status_code == 201


UNREADABLE: list[tuple[bytes, int, str]] = [
    (b"", 400, "unparsable-body"),
    (b"{", 400, "unparsable-body"),
    (b"{'kind': 1}", 400, "unparsable-body"),
    (b"\xff\xfe{}", 400, "unparsable-body"),
    (b'{"a": "\xe9"}', 400, "unparsable-body"),
    (b"[1, 2]", 422, "invalid-value"),
    (b"null", 422, "invalid-value"),
    (b'"texte"', 422, "invalid-value"),
    (b"NaN", 400, "unparsable-body"),
    (b'{"free_text": "a\\u0000b"}', 400, "unparsable-text"),
    (b'{"cl\\u0000e": 1}', 400, "unparsable-text"),
    (b'{"free_text": "\\ud800"}', 400, "unparsable-body"),
    (b"[" * 33 + b"]" * 33, 400, "body-too-deep"),
    (b"[" * 5_000 + b"]" * 5_000, 400, "body-too-deep"),
    (b'{"a":' * 200_000, 400, "body-too-deep"),
    (b'{"free_text": "' + b"x" * 1_000_001 + b'"}', 413, "body-too-large"),
]


async def test_unreadable_body_is_refused_before_anything_opens(world: World) -> None:
    before = await world.counts()
    for raw, status, code in UNREADABLE:
        reply = await world[Role.PATHWAY_ADVISER].post(
            "/api/v1/situations", content=raw, headers={"Content-Type": "application/json"}
        )
        assert (reply.status_code, reply.json()["code"]) == (status, code), (raw[:40], reply.text)
    assert await world.counts() == before


ADDRESSES: list[tuple[str, int, str]] = [
    ("/offers?couleur=bleue", 400, "unknown-field"),
    ("/offers?tx=1", 400, "unknown-field"),
    ("/offers?limit=9%00", 400, "unparsable-text"),
    ("/situations/S-%00", 400, "unparsable-text"),
    ("/situations/S-%ED%A0%80", 404, "not-found"),
    ("/situations/" + "S" * 41, 422, "invalid-value"),
    ("/situations/%27%3B%20--", 404, "not-found"),
    ("/board?at=9999-12-31T23%3A59%3A59%2B00%3A00", 422, "invalid-value"),
    ("/board?at=0001-01-01T00%3A00%3A00%2B00%3A00", 422, "invalid-value"),
    ("/board?at=0001-01-01T00%3A00%3A00%2B14%3A00", 422, "invalid-value"),
    ("/offers?offset=99999999999999999999", 422, "invalid-value"),
]


async def test_strange_address_is_refused_and_never_a_fault(world: World) -> None:
    for path, status, code in ADDRESSES:
        reply = await world[Role.COORDINATOR].get(f"/api/v1{path}")
        assert (reply.status_code, reply.json()["code"]) == (status, code), (path, reply.text)


async def test_act_without_body_accepts_none(world: World) -> None:
    address = f"/api/v1/offers/{uuid4()}/confirmation"
    manager = world[Role.FACILITY_MANAGER]
    assert (await manager.post(address)).status_code == 404
    assert (await manager.post(address, json={})).status_code == 404
    assert (await manager.post(address, json={"nuit": 1})).json()["code"] == "unknown-field"


async def test_capacity_below_what_is_used_changes_nothing(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer = (await manager.post("/api/v1/offers", json=an_offer_body(world.home_id))).json()
    before = await world.counts()
    address = f"/api/v1/offers/{offer['id']}/capacity"
    for body, field in (
        ({"delta": 0}, "delta"),
        ({"delta": 1, "segments": [1]}, "segments"),
        ({"delta": 501}, "delta"),
    ):
        reply = await manager.post(address, json=body)
        assert (reply.status_code, reply.json()["field"]) == (422, field), reply.text
    below = await manager.post(address, json={"delta": -2})
    assert (below.status_code, below.json()["code"]) == (409, "capacity-below-used")
    assert below.json()["next_step"]
    assert await world.counts() == before
