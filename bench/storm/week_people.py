"""Two coordinators and thirty managers: each reads what concerns them, and acts on it, over the API alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bench.storm.client import Caller
from bench.storm.history import History
from bench.storm.sockets import Sockets
from bench.storm.world import World
from exchange.identity.commands import CreateToken, create_token
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from tests.factories.ground import (
    BRIVES,
    LE_PUY,
    a_community,
    a_facility,
    a_living_area,
    actor_for,
    an_operator,
    database_of,
    founder,
    ground,
)

ZONE: Final = ZoneInfo("Europe/Paris")
ORIGIN: Final = date(2000, 1, 3)
COMMUNES: Final = (LE_PUY, BRIVES, "43268", "43040")
"""Le Puy-en-Velay, Brives-Charensac, Yssingeaux, Brioude."""
FEWEST_PLACES, MOST_PLACES = 1, 3
EVERY_THIRD: Final = 3
LINES: Final = 200
NIGHT_BEGINS: Final = time(20, 0)

OTHER_ENDS: Final[tuple[dict[str, object], ...]] = (
    {"outcome": "supported_at_home"},
    {"outcome": "with_relatives"},
    {"outcome": "hospitalised"},
    {"outcome": "need_gone", "note": "Dit par la famille."},
)


@dataclass(frozen=True, slots=True)
class Manager:
    """One house, its manager, and the share of the requests that they accept, refuse, leave without a word."""

    facility_id: UUID
    caller: Caller


@dataclass(slots=True)
class People:
    """Everybody of the week. `count` is the number of acts that changed a state."""

    http: Sockets
    community_id: UUID
    coordinators: Iterator[Caller]
    reader: Caller
    managers: tuple[Manager, ...]
    draw: random.Random
    received: int = 0
    changes: int = 0

    async def act(self, who: Caller, act: str, path: str, body: dict[str, object] | None = None) -> bool:
        """Send an act that changes a state; whether it did."""
        reply = await who.post(act, path, body, counts=True)
        done = reply is not None and reply.is_ok
        self.changes += done
        return done


async def settle(world: World, http: Sockets, history: History, houses: int, draw: random.Random) -> People:
    """Found the community; every token outlives the week."""
    db = database_of(world.database)
    community_id = await a_community(db, time_zone=ZONE.key)
    numbers = iter(range(1, houses + 3))

    async with ground(db, community_id) as tx:
        await a_living_area(tx, slug="velay", name="Velay", commune_codes=COMMUNES[:2])
        await a_living_area(tx, slug="jeune-loire", name="Jeune Loire", commune_codes=COMMUNES[2:3])
        await a_living_area(tx, slug="lafayette", name="Lafayette", commune_codes=COMMUNES[3:])

        async def token(role: Role, facility_id: UUID | None = None) -> Caller:
            actor = await actor_for(tx, role, facility_id=facility_id)
            if actor.membership_id is None:
                raise ValueError("a token stands for a membership")
            asked = CreateToken(actor.membership_id, "semaine", now_of(tx) + timedelta(days=30))
            made = await create_token(tx, founder(community_id), asked, now_of(tx))
            return Caller(http, history, made, next(numbers))

        coordinators = [await token(Role.COORDINATOR), await token(Role.PATHWAY_ADVISER)]
        operators = [await an_operator(tx, name=f"Association {number}") for number in range(1, 11)]
        managers = []
        for number, operator_id in zip(range(houses), cycle(operators), strict=False):
            facility_id = await a_facility(
                tx, operator_id=operator_id, commune_code=COMMUNES[number % len(COMMUNES)], name=f"Maison {number + 1}"
            )
            managers.append(Manager(facility_id, await token(Role.FACILITY_MANAGER, facility_id)))
    return People(http, community_id, cycle(coordinators), coordinators[0], tuple(managers), draw)


async def publish(people: People, first: date, last: date) -> None:
    """Each house offers some places for two weeks, one in three of them 24 hours a day."""
    for number, manager in enumerate(people.managers):
        is_emergency = number % EVERY_THIRD == 0
        span = {
            "first": first.isoformat(),
            "last": last.isoformat(),
            "halves": ["day", "night"],
            "capacity": people.draw.randint(FEWEST_PLACES, MOST_PLACES),
        }
        body: dict[str, object] = {
            "facility_id": str(manager.facility_id),
            "kind": "emergency_bed" if is_emergency else "ordinary",
            "care_mode": "immediate_stay" if is_emergency else "temporary_stay",
            "populations": ["intellectual_disability"],
            "provides": ["awake_night", "night_arrival_possible"],
            "ages_from": 18,
            "ages_to": 90,
            "spans": [span],
        }
        if is_emergency:
            body |= {"arrival_from": "00:00", "arrival_until": "23:59"}
        await manager.caller.post("publish", "/offers", body)


async def reconfirm(people: People) -> None:
    """Nothing has changed, says every manager of every place of theirs."""
    for manager in people.managers:
        for offer in await lines(manager.caller, "/offers"):
            if offer["facility_id"] == str(manager.facility_id):
                await manager.caller.post("reconfirm", f"/offers/{offer['id']}/confirmation")


async def call(people: People, now: datetime, count: int) -> None:
    """So many persons need tonight, or tomorrow, and perhaps the night after."""
    for _ in range(count):
        people.received += 1
        is_tonight = people.draw.random() < 0.7
        first = night_of(now) + (0 if is_tonight else 2)
        block = [first, first + 2] if people.draw.random() < 0.3 else [first]
        body = {
            "commune_code": people.draw.choice(COMMUNES),
            "age_band": people.draw.choice(["20-29", "30-44", "45-59"]),
            "need_codes": ["intellectual_disability", *people.draw.sample(["carer_respite", "night_waking"], 1)],
            "care_mode": "immediate_stay",
            "blocks": [block],
            "urgency": 4 if is_tonight else 3,
            "origin": "carer",
            "legal_status": "none",
            "max_travel_minutes": 90,
            # In a small week two persons easily look alike: the caller said that it is somebody else.
            "confirmed_distinct": True,
        }
        await next(people.coordinators).post("receive", "/situations", body)


async def hold(people: People) -> None:
    """Coordination keeps the best answer of each situation that has none; some were taken meanwhile."""
    for situation in await lines(people.reader, "/situations"):
        if situation["state"] in ("received", "searching"):
            path = f"/situations/{situation['reference']}"
            answers = (await people.reader.get(f"{path}/answers"))["answers"]
            proposed = [one["rank"] for one in answers if all(p["state"] == "proposed" for p in one["placements"])]
            if proposed:
                await people.act(next(people.coordinators), "hold", f"{path}/hold", {"rank": min(proposed)})


async def answer(people: People) -> None:
    """Each manager accepts most requests, refuses some with a reason, and leaves a few without a word."""
    for manager in people.managers:
        for one in await lines(manager.caller, "/placements"):
            if one["state"] != "held" or one["facility_id"] != str(manager.facility_id):
                continue
            path, luck = f"/placements/{one['id']}", people.draw.random()
            if luck < 0.75:
                await people.act(manager.caller, "accept", f"{path}/acceptance")
            elif luck < 0.92:
                reason = people.draw.choice(["group_incompatible", "staffing_insufficient", "arrival_impossible"])
                await people.act(manager.caller, "refuse", f"{path}/refusal", {"refusal_reason": reason})


async def agree(people: People) -> None:
    """Coordination records the person's yes and the legal basis of what was accepted."""
    for one in await lines(people.reader, "/placements"):
        if one["state"] != "accepted":
            continue
        path, who = f"/placements/{one['id']}", next(people.coordinators)
        if one["person_yes_at"] is None:
            await people.act(who, "person", f"{path}/person-agreement", {"given_by": "person"})
        if one["legal_basis_at"] is None:
            leaves_on = (day_of(max(one["segments"])) + timedelta(days=1)).isoformat()
            body: dict[str, object] = {"legal_basis": "emergency_admission", "exit_on": leaves_on}
            await people.act(who, "basis", f"{path}/legal-basis", body)


async def arrive(people: People, now: datetime) -> None:
    """Managers see people arrive once their night has begun, and leave on the day of their exit."""
    today = now.astimezone(ZONE).date()
    for manager in people.managers:
        for one in await lines(manager.caller, "/placements"):
            path = f"/placements/{one['id']}"
            if one["state"] == "confirmed" and begins(min(one["segments"])) <= now:
                await _welcome(people, manager.caller, one, today)
            elif one["state"] == "admitted" and one["exit_on"] is not None and one["exit_on"] <= today.isoformat():
                await people.act(manager.caller, "leave", f"{path}/departure")


async def _welcome(people: People, manager: Caller, placement: dict[str, Any], today: date) -> None:
    """Two lights turn green, the others are waited for after the arrival; the exit is a day that comes."""
    path = f"/placements/{placement['id']}"
    for condition in ("transport", "treatment"):
        if condition in placement["missing"]:
            await people.act(manager, "light", f"{path}/conditions", {"condition": condition, "is_done": True})
    leaves_on = max(today, day_of(max(placement["segments"]))) + timedelta(days=1)
    body: dict[str, object] = {"exit_on": leaves_on.isoformat(), "despite": "Papiers attendus demain matin."}
    await people.act(manager, "arrive", f"{path}/arrival", body)


async def close(people: People, now: datetime) -> None:
    """Coordination closes who arrived, and who found something else: whoever waits a day and a half, one in three."""
    for situation in await lines(people.reader, "/situations"):
        path = f"/situations/{situation['reference']}/closing"
        waited = now - datetime.fromisoformat(situation["created_at"])
        if situation["state"] == "effective":
            await people.act(next(people.coordinators), "close", path, {"outcome": "placed_in_network"})
        elif waited > timedelta(hours=36) and people.draw.random() < 1 / 3:
            end = dict(people.draw.choice(OTHER_ENDS))
            if end["outcome"] == "supported_at_home":
                end["arrived_at"] = (now - timedelta(hours=2)).isoformat()
            await people.act(next(people.coordinators), "close", path, end)


async def lines(who: Caller, path: str) -> list[dict[str, Any]]:
    """A whole list, page after page."""
    found: list[dict[str, Any]] = []
    while True:
        told = await who.get(f"{path}?limit={LINES}&offset={len(found)}")
        found += told["items"]
        if len(found) >= told["total"] or not told["items"]:
            return found


def night_of(now: datetime) -> int:
    """The number of tonight's segment, until 05:00 the night that runs."""
    local = (now - timedelta(hours=5)).astimezone(ZONE)
    return 2 * (local.date() - ORIGIN).days + 1


def day_of(segment: int) -> date:
    return ORIGIN + timedelta(days=segment // 2)


def begins(night: int) -> datetime:
    return datetime.combine(day_of(night), NIGHT_BEGINS, ZONE)
