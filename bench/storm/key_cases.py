"""For every POST route of the API, two requests that can be granted, and the same with another body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from bench.storm.lending import LendingTown, ask_all
from bench.storm.town import Somebody, Town
from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.loans.rules import LoanParty
from exchange.placements.commands import ConfirmArrival, PhoneYes, confirm_arrival, record_phone_yes
from exchange.placements.rules import YesParty
from exchange.planning.models import MatchRun
from exchange.planning.troubles import MOST_FAILURES
from exchange.situations.models import Situation
from tests.api.bodies import a_need_body, a_situation_body, a_volunteer_body, an_offer_body, instant
from tests.factories.availability import an_offer, from_tonight, tonight
from tests.factories.placements import ALL_YESES, House, Stage, hold, say, the_placement, waiting
from tests.factories.staffing import a_need, a_volunteer

Body = Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Case:
    """Who asks, at which two addresses (the same one where something is made), with which body; `other` differs.

    A body of `None` is an empty one; `{}` says the same in other bytes.
    """

    asks: Somebody
    paths: tuple[str, str]
    body: Body = field(default_factory=dict)
    other: Body = None
    once: Body = None
    """The body of the twin, where two objects may not be the same."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Two communities: one of places, one of loans."""

    town: Town
    lending: LendingTown
    area_id: UUID

    @property
    def manager(self) -> Somebody:
        return self.town.houses[0].manager

    @property
    def facility_id(self) -> UUID:
        return self.town.houses[0].facility_id

    async def stage(self) -> Stage:
        """A fresh offer of two places that runs from tonight, seen by the factories."""
        town = self.town
        async with town.db.write(town.community_id) as tx:
            offer_id = await an_offer(tx, self.facility_id, spans=await from_tonight(tx, 2))
        return Stage(
            town.db, town.community_id, town.adviser.actor, House(self.facility_id, offer_id, self.manager.actor)
        )

    async def two(self, act: str, *yeses: YesParty, asks: Somebody, body: Body = None, other: Body = None) -> Case:
        """An act on each of two placements held tonight, to which these parties said yes."""
        stage = await self.stage()
        ids = [await self._held(stage, *yeses) for _ in range(2)]
        return self.of("placements", ids, act, asks, body, other)

    async def _held(self, stage: Stage, *yeses: YesParty) -> UUID:
        async with stage.db.read(stage.community_id) as reader:
            night = await tonight(reader)
        situation_id = await waiting(stage, blocks=((night,),))
        await hold(stage, situation_id)
        placement_id = await the_placement(stage, situation_id)
        if yeses:
            await say(stage, placement_id, *yeses)
        return placement_id

    async def two_loans(
        self, act: str, asks: Somebody, *said: LoanParty, body: Body = None, other: Body = None
    ) -> Case:
        """An act on each of two requests of the professional, with the word of these parties already given."""
        return self.of("loans", await ask_all(self.lending, 2, *said), act, asks, body, other)

    def of(self, kind: str, ids: list[UUID], act: str, asks: Somebody, body: Body = None, other: Body = None) -> Case:
        one, two = (f"/{kind}/{each}/{act}" for each in ids)
        # Without a body to vary, the same act in other bytes is another request.
        return Case(asks, (one, two), body, {} if body is None else other)


async def _offers(g: Ground, act: str, body: Body = None, other: Body = None) -> Case:
    return g.of("offers", [await g.town.offer() for _ in range(2)], act, g.manager, body, other)


async def _publish(g: Ground) -> Case:
    body, other = an_offer_body(g.facility_id), an_offer_body(g.facility_id, ages_to=59)
    return Case(g.manager, ("/offers", "/offers"), body, other)


async def _register(g: Ground) -> Case:
    once, body, other = (
        a_volunteer_body(g.facility_id, g.area_id, email=f"{name}@essai.invalid") for name in ("une", "deux", "trois")
    )
    return Case(g.manager, ("/volunteers", "/volunteers"), body, other, once)


async def _times(g: Ground) -> Case:
    lending = g.lending.lending
    async with lending.db.write(lending.community_id) as tx:
        people = [await a_volunteer(tx, lending.lender_id) for _ in range(2)]
    body, other = (_period(hours) for hours in (24 * 20, 24 * 22))
    return Case(g.lending.lender, (f"/volunteers/{people[0]}/times", f"/volunteers/{people[1]}/times"), body, other)


def _period(hours: int) -> dict[str, object]:
    return {"kind": "available", "periods": [{"starts_at": instant(hours), "ends_at": instant(hours + 6)}]}


async def _need(g: Ground) -> Case:
    body, other = (a_need_body(g.facility_id, urgency=each) for each in (3, 2))
    return Case(g.manager, ("/staff-needs", "/staff-needs"), body, other)


async def _needs(g: Ground) -> Case:
    async with g.town.db.write(g.town.community_id) as tx:
        ids = [await a_need(tx, g.facility_id) for _ in range(2)]
    return g.of("staff-needs", ids, "cancellation", g.manager)


async def _situation(g: Ground) -> Case:
    body, other = (a_situation_body(urgency=each) for each in (4, 3))
    return Case(g.town.adviser, ("/situations", "/situations"), body, other)


async def _hold(g: Ground) -> Case:
    stage = await g.stage()
    paths = [f"/situations/{await _reference(g, await waiting(stage))}/hold" for _ in range(2)]
    return Case(g.town.adviser, (paths[0], paths[1]), {"rank": 1}, {"rank": 2})


async def _closing(g: Ground) -> Case:
    one, two = (f"/situations/{call.reference}/closing" for call in await g.town.calls_for_tomorrow_night(2))
    return Case(g.town.adviser, (one, two), NOBODY_LEFT, {**NOBODY_LEFT, "outcome": "duplicate"})


async def _reference(g: Ground, situation_id: UUID) -> str:
    async with g.town.db.read(g.town.community_id) as reader:
        found = await reader.scalar(select(Situation.reference).where(Situation.id == situation_id))
    return str(found)


async def _departure(g: Ground) -> Case:
    case = await g.two("departure", *ALL_YESES, asks=g.manager)
    async with g.town.db.write(g.town.community_id) as tx:
        for path in case.paths:
            arrival = ConfirmArrival(UUID(path.split("/")[2]), now_of(tx).date() + timedelta(days=3))
            await confirm_arrival(tx, g.manager.actor, arrival, now_of(tx))
    return case


async def _arrival(g: Ground) -> Case:
    days = [(datetime.now(UTC).date() + timedelta(days=each)).isoformat() for each in (3, 4)]
    return await g.two("arrival", *ALL_YESES, asks=g.manager, body={"exit_on": days[0]}, other={"exit_on": days[1]})


async def _contestation(g: Ground) -> Case:
    case = await g.two("contestation", asks=g.manager)
    async with g.town.db.write(g.town.community_id) as tx:
        for path in case.paths:
            said = PhoneYes(UUID(path.split("/")[2]), "Camille Essai", "direction")
            await record_phone_yes(tx, g.town.adviser.actor, said, now_of(tx))
    return case


async def _ask(g: Ground) -> Case:
    return g.of("loans", await ask_all(g.lending, 2, asked=False), "request", g.lending.coordinator)


async def _run(g: Ground) -> Case:
    """Two runs that are solving, one a lane."""
    async with g.town.db.write(g.town.community_id) as tx:
        now = now_of(tx)
        ids = [new_id(), new_id()]
        for run_id, lane in zip(ids, ("fast", "full"), strict=True):
            until = now + timedelta(minutes=5)
            tx.add(MatchRun(id=run_id, lane=lane, state="solving", started_at=now, lease_until=until))
    return g.of("match-runs", ids, "cancellation", g.town.coordinator)


async def _retry(g: Ground) -> Case:
    """Both lanes have given up."""
    lending = g.lending.lending
    async with lending.db.write(lending.community_id) as tx:
        now = now_of(tx)
        for lane in ("fast", "full"):
            for each in range(MOST_FAILURES):
                began = now - timedelta(hours=MOST_FAILURES - each)
                tx.add(MatchRun(lane=lane, state="failed", started_at=began, recorded_at=began, lease_until=began,
                                failed_with="solver-crashed"))  # fmt: skip
    return Case(g.lending.coordinator, ("/match-lanes/fast/retry", "/match-lanes/full/retry"), None, {})


NOBODY_LEFT: Final = {"outcome": "unreachable", "note": "trois appels sans réponse"}
SAID: Final = {"given_by": "person"}, {"given_by": "guardian"}
BASIS: Final = {"legal_basis": "emergency_admission"}, {"legal_basis": "cdaph_decision"}
SPOKEN: Final = {"spoken_with": "Camille Essai", "function": "direction"}
REFUSED: Final = {"refusal_reason": "other", "private_note": "complet"}
NO: Final[tuple[Body, Body]] = {"reason": "too_far"}, {"reason": "pause"}

CASES: Final[Mapping[str, Callable[[Ground], Awaitable[Case]]]] = {
    "/offers": _publish,
    "/offers/{offer_id}/confirmation": lambda g: _offers(g, "confirmation"),
    "/offers/{offer_id}/capacity": lambda g: _offers(g, "capacity", {"delta": 1}, {"delta": 2}),
    "/offers/{offer_id}/withdrawal": lambda g: _offers(g, "withdrawal"),
    "/volunteers": _register,
    "/volunteers/{volunteer_id}/times": _times,
    "/staff-needs": _need,
    "/staff-needs/{need_id}/cancellation": _needs,
    "/situations": _situation,
    "/situations/{reference}/hold": _hold,
    "/situations/{reference}/closing": _closing,
    "/placements/{placement_id}/refusal": lambda g: g.two(
        "refusal", asks=g.manager, body=REFUSED, other={**REFUSED, "private_note": None}
    ),
    "/placements/{placement_id}/arrival": _arrival,
    "/placements/{placement_id}/departure": _departure,
    "/placements/{placement_id}/cancellation": lambda g: g.two("cancellation", asks=g.town.adviser),
    "/placements/{placement_id}/contestation": _contestation,
    "/placements/{placement_id}/acceptance": lambda g: g.two("acceptance", asks=g.manager),
    "/placements/{placement_id}/phone-acceptance": lambda g: g.two(
        "phone-acceptance", asks=g.town.adviser, body=SPOKEN, other={**SPOKEN, "function": "astreinte"}
    ),
    "/placements/{placement_id}/person-agreement": lambda g: g.two(
        "person-agreement", asks=g.town.adviser, body=SAID[0], other=SAID[1]
    ),
    "/placements/{placement_id}/legal-basis": lambda g: g.two(
        "legal-basis", asks=g.town.adviser, body=BASIS[0], other=BASIS[1]
    ),
    "/loans/{loan_id}/request": _ask,
    "/loans/{loan_id}/release": lambda g: g.two_loans("release", g.lending.lender),
    "/loans/{loan_id}/acceptance": lambda g: g.two_loans("acceptance", g.lending.host),
    "/loans/{loan_id}/decline": lambda g: g.two_loans("decline", g.lending.host, body=NO[0], other=NO[1]),
    "/loans/{loan_id}/cancellation": lambda g: g.two_loans("cancellation", g.lending.coordinator),
    "/match-runs/{run_id}/cancellation": _run,
    "/match-lanes/{lane}/retry": _retry,
}
"""By the route's path in the OpenAPI description, without the prefix."""
