"""What follows the life of a situation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange.kernel.record import Demand, Fact
from exchange.reactions.lines import at, fast, full, on, tell
from exchange.situations import events_following as following
from exchange.situations.events import (
    SituationCheckBroughtForward,
    SituationChecked,
    SituationClosed,
    SituationMoved,
    SituationReceived,
    SituationUnanswered,
)


@on(SituationReceived)
def _received(fact: SituationReceived, now: datetime) -> Iterable[Demand]:
    return fast(fact, now), full(fact, now), at("situations.check", fact.subject_id, fact.next_check_at)


@on(SituationMoved)
def _moved(fact: SituationMoved, now: datetime) -> Iterable[Demand]:
    check = at("situations.check", fact.subject_id, fact.next_check_at)
    searches = (fast(fact, now), full(fact, now)) if fact.state == "searching" else ()
    # What was not given back yet, or where the person still is, is found again by whoever climbs the ladder.
    follows = (at("placements.advance_ladder", fact.subject_id, now),) if fact.was == "closed" else ()
    return (check, *searches, *follows)


@on(SituationChecked)
def _checked(fact: SituationChecked, now: datetime) -> Iterable[Demand]:
    return (at("situations.check", fact.subject_id, fact.next_check_at),)


@on(SituationCheckBroughtForward)
def _checked_sooner(fact: SituationCheckBroughtForward, now: datetime) -> Iterable[Demand]:
    return (at("situations.check", fact.subject_id, fact.next_check_at),)


@on(SituationUnanswered)
def _unanswered(fact: SituationUnanswered, now: datetime) -> Iterable[Demand]:
    return at("situations.check", fact.subject_id, fact.next_check_at), tell(fact, now)


@on(SituationClosed)
def _closed(fact: SituationClosed, now: datetime) -> Iterable[Demand]:
    return at("placements.drop_closed", fact.subject_id, now), full(fact, now)


@on(following.SituationAmended)
def _amended(fact: Fact, now: datetime) -> Iterable[Demand]:
    return fast(fact, now), full(fact, now)


@on(following.UrgencyReviewed)
def _urgency_reviewed(fact: following.UrgencyReviewed, now: datetime) -> Iterable[Demand]:
    return fast(fact, now), full(fact, now), at("situations.check", fact.subject_id, fact.next_check_at)


@on(following.ReferentOffered, following.ReferentChanged)
def _somebody_is_to_follow(fact: Fact, now: datetime) -> Iterable[Demand]:
    return (tell(fact, now),)


@on(following.SecondOnCallCalled, following.ReferentCalled, following.CoordinatorCalled, following.OutsideServiceDue)
def _step_taken(fact: following.StepTaken, now: datetime) -> Iterable[Demand]:
    told = tell(fact, now)
    if fact.next_step_at is None:
        return (told,)
    return told, at("situations.climb_alert", fact.subject_id, fact.next_step_at)


@on(following.AlertRepeated)
def _alert_repeated(fact: following.AlertRepeated, now: datetime) -> Iterable[Demand]:
    return at("situations.check", fact.subject_id, fact.next_check_at), tell(fact, now)


@on(following.OutsideToldByVoice)
def _outside_told(fact: following.OutsideToldByVoice, now: datetime) -> Iterable[Demand]:
    return (at("situations.check", fact.subject_id, fact.next_check_at),)
