"""The cases of routes that make what people decide together: tasks, meetings, records, files, crises, drills, deals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bench.storm.key_cases import Case, Ground, in_days
from tests.api.bodies import instant
from tests.factories.availability import tonight
from tests.factories.meetings import aged


async def _task(g: Ground) -> Case:
    body, other = (
        {"action": "follow_up", "due_on": in_days(days).isoformat(), "assignee_body": "mdph"} for days in (3, 4)
    )
    return Case(g.town.coordinator, ("/tasks", "/tasks"), body, other)


async def _meeting(g: Ground) -> Case:
    body, other = ({"held_at": instant(hours), "bodies": ["mdph"]} for hours in (24, 48))
    return Case(g.town.coordinator, ("/case-meetings", "/case-meetings"), body, other)


async def _record(g: Ground) -> Case:
    calls = await g.town.calls_for_tomorrow_night(3)
    async with g.town.db.write(g.town.community_id) as tx:
        for call in calls:
            await aged(tx, call.id, days=20)
    once, body, other = ({"situation_ids": [str(call.id)], "missing": "Accueil de nuit au Puy"} for call in calls)
    return Case(g.town.coordinator, ("/project-records", "/project-records"), body, other, once)


async def _file(g: Ground) -> Case:
    calls = await g.town.calls_for_tomorrow_night(2)
    async with g.town.db.write(g.town.community_id) as tx:
        for call in calls:
            await aged(tx, call.id, days=9, level=3)
    one, two = (f"/situations/{call.reference}/referral-files" for call in calls)
    return Case(g.town.adviser, (one, two), None, {})


async def _crisis(g: Ground) -> Case:
    """A community has one at a time: the twin is another community's."""
    body, other = (
        {"requested_by": "health_agency", "order_reference": "message du 20 mars", "until": instant(hours)}
        for hours in (96, 120)
    )
    return Case(g.town.coordinator, ("/crises", "/crises"), body, other, twin=g.lending.coordinator)


async def _derogation(g: Ground) -> Case:
    once, body, other = (
        {
            "rule_set": "law",
            "figure": "week_minutes",
            "amount": 3600,
            "text_reference": "décret du 20 mars",
            "issued_by": "Premier ministre",
            "first_day": in_days(first).isoformat(),
            "last_day": in_days(first + 5).isoformat(),
        }
        for first in (20, 2, 10)
    )
    return Case(g.town.coordinator, ("/rule-derogations", "/rule-derogations"), body, other, once)


async def _drill(g: Ground) -> Case:
    async with g.town.db.read(g.town.community_id) as reader:
        night = await tonight(reader)
    resident = {"age_band": "30-44", "need_codes": ["intellectual_disability"]}
    body, other = (
        {
            "facility_id": str(g.facility_id),
            "first_segment": night,
            "last_segment": night,
            "headcount": [resident] * people,
        }
        for people in (1, 2)
    )
    return Case(g.town.coordinator, ("/closing-drills", "/closing-drills"), body, other)


async def _by_hand(g: Ground, act: str, said: Mapping[str, object]) -> Case:
    offers = [await g.town.offer(capacity=5) for _ in range(2)]
    calls = await g.town.calls_for_tomorrow_night(2)
    one, two = (f"/situations/{call.reference}/{act}" for call in calls)
    body, other = ({"offer_id": str(offer), **said} for offer in offers)
    return Case(g.town.adviser, (one, two), body, other)


CASES: Final[Mapping[str, Callable[[Ground], Awaitable[Case]]]] = {
    "/tasks": _task,
    "/case-meetings": _meeting,
    "/project-records": _record,
    "/situations/{reference}/referral-files": _file,
    "/crises": _crisis,
    "/rule-derogations": _derogation,
    "/closing-drills": _drill,
    "/situations/{reference}/proposals": lambda g: _by_hand(g, "proposals", {}),
    "/situations/{reference}/phone-deal": lambda g: _by_hand(
        g, "phone-deal", {"spoken_with": "Camille Essai", "function": "direction"}
    ),
}
