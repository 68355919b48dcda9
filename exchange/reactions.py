"""The one page where an event meets what follows it. Every fact of the house has its line, even when nothing follows.

A demand is an outbox row, written with the fact: a planning lane that gathers, a clock with its hour, a message to
derive. `now` is the transaction's instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from exchange.availability.events import CapacityChanged, OfferPublished, OfferReconfirmed, OfferWithdrawn
from exchange.kernel.record import Demand, Fact
from exchange.loans.events import (
    LoanAccepted,
    LoanAgreed,
    LoanAsked,
    LoanCancelled,
    LoanConsented,
    LoanDeclined,
    LoanExpired,
    LoanProposed,
    LoanReleased,
    LoanSuperseded,
)
from exchange.organisations.parameters import CommunityParameters
from exchange.placements.events import (
    AgreementRecorded,
    AnswerSuperseded,
    HoldExpired,
    PersonAdmitted,
    PlacementAccepted,
    PlacementAtRisk,
    PlacementCancelled,
    PlacementConfirmed,
    PlacementHeld,
    PlacementProposed,
    PlacementRefused,
    StayEnded,
)
from exchange.planning.events import RunCancelled, SearchAskedAgain, SearchStopped
from exchange.planning.lanes import Lane
from exchange.situations import events_following as following
from exchange.situations.events import (
    SituationChecked,
    SituationClosed,
    SituationLinked,
    SituationMoved,
    SituationReceived,
    SituationUnanswered,
)
from exchange.staffing.events import (
    NeedCancelled,
    NeedCovered,
    NeedDeclared,
    TimesStated,
    TimesWithdrawn,
    VolunteerRegistered,
)

GATHERING = timedelta(seconds=CommunityParameters().gather_seconds)
"""How long a full run waits for company. Reactions read no table: a community's own figure is not consulted here."""

EXIT_TOLD_BEFORE = timedelta(days=3)
EXIT_TOLD_AT = time(7, 0)

SomeFact = TypeVar("SomeFact", bound=Fact)
Line = Callable[[SomeFact, datetime], Iterable[Demand]]

LINES: dict[type[Fact], Callable[..., Iterable[Demand]]] = {}


class UnknownFact(LookupError):
    """A fact was recorded that this page does not know."""


def reactions(fact: Fact, now: datetime) -> Iterable[Demand]:
    """Return what a fact asks for. Raises `UnknownFact`: a forgotten line must stop the first test that meets it."""
    line = LINES.get(type(fact))
    if line is None:
        raise UnknownFact(type(fact).__name__)
    return line(fact, now)


def _on(*kinds: type[SomeFact]) -> Callable[[Line[SomeFact]], Line[SomeFact]]:
    def enter(line: Line[SomeFact]) -> Line[SomeFact]:
        for kind in kinds:
            LINES[kind] = line
        return line

    return enter


def _fast(fact: Fact, now: datetime) -> Demand:
    return Demand("planning.fast", fact.subject_id, now, gather_key="fast")


def _full(fact: Fact, now: datetime) -> Demand:
    return Demand("planning.full", fact.subject_id, now + GATHERING, gather_key="full")


def _tell(fact: Fact, now: datetime) -> Demand:
    """Messages are derived later from the event: `record` puts the fact's own id in place of this subject."""
    return Demand("notifications.fan_out", fact.subject_id, now)


def _at(job: str, subject_id: UUID, due_at: datetime) -> Demand:
    return Demand(job, subject_id, due_at)


@_on(OfferPublished)
def _published(fact: OfferPublished, now: datetime) -> Iterable[Demand]:
    return _full(fact, now), _at("availability.ask_again", fact.subject_id, fact.fresh_until)


@_on(OfferReconfirmed)
def _reconfirmed(fact: OfferReconfirmed, now: datetime) -> Iterable[Demand]:
    again = _at("availability.ask_again", fact.subject_id, fact.fresh_until)
    return (_full(fact, now), again) if fact.was_stale else (again,)


@_on(OfferWithdrawn)
def _withdrawn(fact: OfferWithdrawn, now: datetime) -> Iterable[Demand]:
    return _at("placements.drop_withdrawn", fact.subject_id, now), _full(fact, now)


@_on(CapacityChanged, VolunteerRegistered, TimesStated, TimesWithdrawn, StayEnded)
def _more_or_less_to_match(fact: Fact, now: datetime) -> Iterable[Demand]:
    return (_full(fact, now),)


@_on(NeedDeclared, SituationLinked)
def _somebody_waits(fact: Fact, now: datetime) -> Iterable[Demand]:
    return _fast(fact, now), _full(fact, now)


@_on(NeedCancelled)
def _need_cancelled(fact: NeedCancelled, now: datetime) -> Iterable[Demand]:
    return _at("loans.drop_cancelled", fact.subject_id, now), _full(fact, now)


@_on(SituationReceived)
def _received(fact: SituationReceived, now: datetime) -> Iterable[Demand]:
    return _fast(fact, now), _full(fact, now), _at("situations.check", fact.subject_id, fact.next_check_at)


@_on(SituationMoved)
def _moved(fact: SituationMoved, now: datetime) -> Iterable[Demand]:
    check = _at("situations.check", fact.subject_id, fact.next_check_at)
    return (check, _fast(fact, now), _full(fact, now)) if fact.state == "searching" else (check,)


@_on(SituationChecked)
def _checked(fact: SituationChecked, now: datetime) -> Iterable[Demand]:
    return (_at("situations.check", fact.subject_id, fact.next_check_at),)


@_on(SituationUnanswered)
def _unanswered(fact: SituationUnanswered, now: datetime) -> Iterable[Demand]:
    return _at("situations.check", fact.subject_id, fact.next_check_at), _tell(fact, now)


@_on(SituationClosed)
def _closed(fact: SituationClosed, now: datetime) -> Iterable[Demand]:
    return _at("placements.drop_closed", fact.subject_id, now), _full(fact, now)


@_on(following.SituationAmended)
def _amended(fact: Fact, now: datetime) -> Iterable[Demand]:
    return _fast(fact, now), _full(fact, now)


@_on(following.UrgencyReviewed)
def _urgency_reviewed(fact: following.UrgencyReviewed, now: datetime) -> Iterable[Demand]:
    return _fast(fact, now), _full(fact, now), _at("situations.check", fact.subject_id, fact.next_check_at)


@_on(following.ReferentOffered, following.ReferentChanged)
def _somebody_is_to_follow(fact: Fact, now: datetime) -> Iterable[Demand]:
    return (_tell(fact, now),)


@_on(following.SecondOnCallCalled, following.ReferentCalled, following.CoordinatorCalled, following.OutsideServiceDue)
def _step_taken(fact: following.StepTaken, now: datetime) -> Iterable[Demand]:
    told = _tell(fact, now)
    if fact.next_step_at is None:
        return (told,)
    return told, _at("situations.climb_alert", fact.subject_id, fact.next_step_at)


@_on(following.AlertRepeated)
def _alert_repeated(fact: following.AlertRepeated, now: datetime) -> Iterable[Demand]:
    return _at("situations.check", fact.subject_id, fact.next_check_at), _tell(fact, now)


@_on(following.OutsideToldByVoice)
def _outside_told(fact: following.OutsideToldByVoice, now: datetime) -> Iterable[Demand]:
    return (_at("situations.check", fact.subject_id, fact.next_check_at),)


@_on(PlacementHeld)
def _held(fact: PlacementHeld, now: datetime) -> Iterable[Demand]:
    follow = _at("placements.expire_hold", fact.subject_id, fact.held_until), _tell(fact, now), _full(fact, now)
    if fact.silent_at is None:
        return follow
    return *follow, _at("placements.on_call_silent", fact.subject_id, fact.silent_at)


@_on(PlacementAccepted, PlacementConfirmed)
def _agreed_to_host(fact: Fact, now: datetime) -> Iterable[Demand]:
    return (_tell(fact, now),)


@_on(PlacementRefused)
def _refused(fact: PlacementRefused, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, now)


@_on(HoldExpired)
def _silent(fact: HoldExpired, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, now)


@_on(PlacementCancelled)
def _called_off(fact: PlacementCancelled, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, now)


def _climb(fact: Fact, situation_id: UUID, now: datetime) -> Iterable[Demand]:
    """Refusal, silence, lost cover, withdrawn offer: one reaction follows them all."""
    return _at("placements.advance_ladder", situation_id, now), _tell(fact, now), _full(fact, now)


@_on(PlacementAtRisk)
def _at_risk(fact: PlacementAtRisk, now: datetime) -> Iterable[Demand]:
    return _tell(fact, now), _fast(fact, now), _full(fact, now)


@_on(PersonAdmitted)
def _admitted(fact: PersonAdmitted, now: datetime) -> Iterable[Demand]:
    told = _tell(fact, now)
    if fact.exit_on is None:
        return (told,)
    warned_at = datetime.combine(fact.exit_on - EXIT_TOLD_BEFORE, EXIT_TOLD_AT, UTC)
    return told, _at("placements.exit_soon", fact.subject_id, max(now, warned_at))


@_on(LoanAsked)
def _loan_asked(fact: LoanAsked, now: datetime) -> Iterable[Demand]:
    return _at("loans.expire_request", fact.subject_id, fact.answer_by), _tell(fact, now)


@_on(LoanAgreed)
def _loan_agreed(fact: LoanAgreed, now: datetime) -> Iterable[Demand]:
    settle = tuple(_at("placements.settle_waiting", shift_id, now) for shift_id in fact.shift_ids)
    return (*settle, _tell(fact, now), _full(fact, now))


@_on(LoanCancelled)
def _loan_cancelled(fact: LoanCancelled, now: datetime) -> Iterable[Demand]:
    shifts = fact.shift_ids if fact.was_binding else ()
    drop = tuple(_at("placements.drop_uncovered", shift_id, now) for shift_id in shifts)
    return (*drop, _tell(fact, now), _fast(fact, now), _full(fact, now))


@_on(LoanDeclined, LoanExpired)
def _loan_not_possible(fact: Fact, now: datetime) -> Iterable[Demand]:
    return _tell(fact, now), _fast(fact, now), _full(fact, now)


@_on(SearchStopped)
def _search_stopped(fact: SearchStopped, now: datetime) -> Iterable[Demand]:
    return (_tell(fact, now),)


@_on(SearchAskedAgain)
def _asked_again(fact: SearchAskedAgain, now: datetime) -> Iterable[Demand]:
    return (_fast(fact, now) if fact.lane == Lane.FAST else _full(fact, now),)


@_on(
    NeedCovered,
    PlacementProposed,
    AgreementRecorded,
    AnswerSuperseded,
    LoanProposed,
    LoanReleased,
    LoanConsented,
    LoanAccepted,
    LoanSuperseded,
    RunCancelled,
    following.AlertStarted,
    following.AlertStopped,
    following.CallBackPlanned,
    following.CallLogged,
    following.CallerIdentified,
    following.DuplicateJoined,
    following.LevelChanged,
    following.NoSolutionStated,
    following.ReferentDeclined,
)
def _nothing_follows(fact: Fact, now: datetime) -> Iterable[Demand]:
    return ()
