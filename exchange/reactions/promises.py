"""What follows a promise: placements first, then loans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from exchange.kernel.record import Demand, Fact
from exchange.loans.events import (
    LoanAgreed,
    LoanAsked,
    LoanCancelled,
    LoanDeclined,
    LoanExpired,
)
from exchange.meetings import events as meetings
from exchange.organisations.events import CrisisClosed, CrisisExpired
from exchange.placements.events import (
    ExitPlanned,
    HoldExpired,
    PersonAdmitted,
    PlacementAccepted,
    PlacementAtRisk,
    PlacementCancelled,
    PlacementConfirmed,
    PlacementHeld,
    PlacementRefused,
    StayProlonged,
)
from exchange.planning.events import SearchStopped
from exchange.reactions.lines import at, fast, full, on, rivals, tell


@on(PlacementHeld)
def _held(fact: PlacementHeld, now: datetime) -> Iterable[Demand]:
    ends = at("placements.expire_hold", fact.subject_id, fact.held_until)
    follow = ends, tell(fact, now), full(fact, now), rivals(fact.offer_id, now)
    if fact.silent_at is None:
        return follow
    return *follow, at("placements.on_call_silent", fact.subject_id, fact.silent_at)


@on(PlacementAccepted, PlacementConfirmed, CrisisClosed, CrisisExpired, SearchStopped, meetings.TaskOverdue)
def _told_and_no_more(fact: Fact, now: datetime) -> Iterable[Demand]:
    return (tell(fact, now),)


@on(PlacementRefused)
def _refused(fact: PlacementRefused, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, fact.offer_id, now)


@on(HoldExpired)
def _silent(fact: HoldExpired, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, fact.offer_id, now)


@on(PlacementCancelled)
def _called_off(fact: PlacementCancelled, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, fact.offer_id, now)


def _climb(fact: Fact, situation_id: UUID, offer_id: UUID, now: datetime) -> Iterable[Demand]:
    """Refusal, silence, lost cover, withdrawn offer: one reaction follows them all."""
    ladder = at("placements.advance_ladder", situation_id, now)
    return ladder, tell(fact, now), full(fact, now), rivals(offer_id, now)


@on(PlacementAtRisk)
def _at_risk(fact: PlacementAtRisk, now: datetime) -> Iterable[Demand]:
    return tell(fact, now), fast(fact, now), full(fact, now)


@on(PersonAdmitted)
def _admitted(fact: PersonAdmitted, now: datetime) -> Iterable[Demand]:
    # Whoever stays for good frees the place that waited for their departure.
    free = (at("placements.free_departed", fact.situation_id, now),) if fact.exit_on is None else ()
    return tell(fact, now), *free, *_stay_clocks(fact)


@on(ExitPlanned)
def _exit_planned(fact: ExitPlanned, now: datetime) -> Iterable[Demand]:
    return _stay_clocks(fact)


@on(StayProlonged)
def _prolonged(fact: StayProlonged, now: datetime) -> Iterable[Demand]:
    return full(fact, now), *_stay_clocks(fact)


def _stay_clocks(fact: PersonAdmitted | ExitPlanned | StayProlonged) -> tuple[Demand, ...]:
    """The hours are the command's: a stay ends by its territory's mornings, and reactions read no table."""
    clocks = (
        ("placements.exit_soon", fact.exit_told_at),
        ("placements.emergency_limit", fact.emergency_limit_at),
        ("placements.yearly_limit", fact.yearly_limit_at),
    )
    return tuple(at(job, fact.subject_id, due_at) for job, due_at in clocks if due_at is not None)


@on(LoanAsked)
def _loan_asked(fact: LoanAsked, now: datetime) -> Iterable[Demand]:
    return at("loans.expire_request", fact.subject_id, fact.answer_by), tell(fact, now)


@on(LoanAgreed)
def _loan_agreed(fact: LoanAgreed, now: datetime) -> Iterable[Demand]:
    settle = tuple(at("placements.settle_waiting", shift_id, now) for shift_id in fact.shift_ids)
    return (*settle, tell(fact, now), full(fact, now))


@on(LoanCancelled)
def _loan_cancelled(fact: LoanCancelled, now: datetime) -> Iterable[Demand]:
    shifts = fact.shift_ids if fact.was_binding else ()
    drop = tuple(at("placements.drop_uncovered", shift_id, now) for shift_id in shifts)
    return (*drop, tell(fact, now), fast(fact, now), full(fact, now))


@on(LoanDeclined, LoanExpired)
def _loan_not_possible(fact: Fact, now: datetime) -> Iterable[Demand]:
    return tell(fact, now), fast(fact, now), full(fact, now)
