"""A refusal names a field that its request has: otherwise the program that reads it looks for nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from exchange.api.routes import PATH
from exchange.kernel.actor import Role
from exchange.placements.models import Placement
from tests.api.bodies import Json
from tests.api.conftest import World
from tests.api.test_bad_input import WRONG
from tests.api.test_hidden_and_audited import lived_in

SECRET = {"refusal_reason": "other"}

ACTS: list[tuple[Role, str, str, Json, str]] = [
    (Role.COORDINATOR, "placement", "/placements/{placement_id}/person-agreement", {"given_by": "ase"}, "given_by"),
    (Role.COORDINATOR, "placement", "/placements/{placement_id}/legal-basis", {"legal_basis": "x"}, "legal_basis"),
    (
        Role.COORDINATOR,
        "placement",
        "/placements/{placement_id}/phone-acceptance",
        {"spoken_with": " ", "function": "directrice"},
        "spoken_with",
    ),
    (Role.FACILITY_MANAGER, "placement", "/placements/{placement_id}/refusal", SECRET, "private_note"),
    (Role.COORDINATOR, "situation", "/situations/{reference}/hold", {"rank": 0}, "rank"),
    (
        Role.COORDINATOR,
        "situation",
        "/situations/{reference}/closing",
        {"outcome": "other_community"},
        "acknowledged_at",
    ),
    (Role.FACILITY_MANAGER, "offer", "/offers/{offer_id}/capacity", {"delta": 0}, "delta"),
    (Role.FACILITY_MANAGER, "offer", "/offers/{offer_id}/capacity", {"delta": 1, "segments": [1]}, "segments"),
]


async def described(world: World) -> Json:
    assert world.anonymous is not None
    description: Json = (await world.anonymous.get(f"{PATH}/openapi.json")).json()
    return description


def fields_of(description: Json, path: str) -> set[str]:
    """What the request of a POST may name: the fields of its body, its parameters and its headers."""
    operation = description["paths"][PATH + path]["post"]
    named = {parameter["name"] for parameter in operation.get("parameters", [])}
    schema: Any = operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return named | set(schema["properties"])


async def test_each_refusal_of_the_table_names_a_field_of_its_request(world: World) -> None:
    description = await described(world)
    for path, _, _, code, field in WRONG:
        if code != "unknown-field":
            assert re.split(r"[.\[]", field)[0] in fields_of(description, path), (path, field)


@pytest.mark.parametrize(("role", "kind", "path", "body", "field"), ACTS)
async def test_each_refused_act_names_a_field_of_its_request(
    world: World, role: Role, kind: str, path: str, body: Json, field: str
) -> None:
    things = await lived_in(world)
    reply = await world[role].post(PATH + re.sub(r"{\w+}", things[kind], path), json=body)
    assert (reply.status_code, reply.json()["field"]) == (422, field), reply.text
    assert field in fields_of(await described(world), path)


async def test_who_said_yes_on_the_phone_is_kept_on_one_line(world: World) -> None:
    things = await lived_in(world)
    reply = await world[Role.COORDINATOR].post(
        f"{PATH}/placements/{things['placement']}/phone-acceptance",
        json={"spoken_with": "Mme Essai\r\nAccord confirmé", "function": "cadre\nd'astreinte"},
    )
    assert reply.status_code == 200, reply.text
    async with world.db.read(world.community_id) as reader:
        kept = (await reader.execute(select(Placement.spoken_with, Placement.spoken_function))).one()
    assert tuple(kept) == ("Mme Essai Accord confirmé", "cadre d'astreinte")
