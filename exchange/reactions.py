"""The one page where an event meets what follows it. Every fact of the house has its line, even when nothing follows.

A demand is an outbox row, written with the fact: a planning lane that gathers, a clock with its hour, a message to
derive. `now` is the transaction's instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from exchange.availability.events import (
    CapacityChanged,
    DepartureAwaited,
    EveningAsked,
    HouseStatusSaid,
    OfferClosed,
    OfferLapsed,
    OfferPublished,
    OfferReconfirmed,
    OfferReopened,
    OfferSaid,
    OfferWithdrawn,
    OverCapacityDecided,
    PlaceFreed,
)
from exchange.availability.weeks.events import PlacesRepeated, PlaceWeekChanged, PlaceWeekExtended
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
from exchange.meetings import events as meetings
from exchange.organisations.events import CrisisClosed, CrisisExpired, CrisisOpened, CrisisProlonged
from exchange.organisations.parameters import CommunityParameters
from exchange.placements.events import (
    AgreementRecorded,
    AnswerSuperseded,
    ExitPlanned,
    HoldExpired,
    LightChanged,
    PersonAdmitted,
    PlacementAccepted,
    PlacementAtRisk,
    PlacementCancelled,
    PlacementConfirmed,
    PlacementHeld,
    PlacementProposed,
    PlacementRefused,
    StayEnded,
    StayProlonged,
)
from exchange.planning.drills.events import DrillApplied, DrillAsked, DrillFailed, DrillSolved
from exchange.planning.events import RunCancelled, SearchAskedAgain, SearchStopped
from exchange.planning.lanes import Lane
from exchange.situations import events_following as following
from exchange.situations.events import (
    SituationCheckBroughtForward,
    SituationChecked,
    SituationClosed,
    SituationLinked,
    SituationMoved,
    SituationReceived,
    SituationUnanswered,
)
from exchange.staffing.events import (
    DerogationRecorded,
    NeedCancelled,
    NeedCovered,
    NeedDeclared,
    TimesStated,
    TimesWithdrawn,
    VolunteerRegistered,
)
from exchange.staffing.weeks.events import VolunteerWeekChanged, VolunteerWeekConfirmed, VolunteerWeekExtended

GATHERING = timedelta(seconds=CommunityParameters().gather_seconds)
"""How long a full run waits for company. Reactions read no table: a community's own figure is not consulted here."""

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


@_on(CapacityChanged, PlacesRepeated, OfferClosed, OfferReopened)
def _said_otherwise(fact: OfferSaid, now: datetime) -> Iterable[Demand]:
    again = _at("availability.ask_again", fact.subject_id, fact.fresh_until)
    return _full(fact, now), again, _rivals(fact.subject_id, now)


@_on(HouseStatusSaid)
def _colour_said(fact: HouseStatusSaid, now: datetime) -> Iterable[Demand]:
    """Red takes the house's places off the proposals at once, and gives them back by itself at its end; orange is told
    with each of them. Green where nothing else stood changes nothing.
    """
    if fact.colour == "red":
        return _full(fact, now), Demand("planning.full", fact.status_id, fact.until, gather_key="full")
    return () if fact.colour == "green" and fact.was in (None, "green") else (_full(fact, now),)


@_on(PlaceWeekChanged)
def _place_week_changed(fact: PlaceWeekChanged, now: datetime) -> Iterable[Demand]:
    clock = () if fact.extend_at is None else (_at("availability.extend_week", fact.subject_id, fact.extend_at),)
    return (_full(fact, now), *clock) if fact.raised or fact.lowered else clock


@_on(PlaceWeekExtended)
def _place_week_extended(fact: PlaceWeekExtended, now: datetime) -> Iterable[Demand]:
    again = _at("availability.extend_week", fact.subject_id, fact.extend_at)
    return (_full(fact, now), again) if fact.raised else (again,)


@_on(VolunteerWeekChanged)
def _volunteer_week_changed(fact: VolunteerWeekChanged, now: datetime) -> Iterable[Demand]:
    clock = () if fact.extend_at is None else (_at("staffing.extend_week", fact.subject_id, fact.extend_at),)
    return (_full(fact, now), *clock) if fact.stated or fact.withdrawn else clock


@_on(VolunteerWeekConfirmed)
def _volunteer_week_confirmed(fact: VolunteerWeekConfirmed, now: datetime) -> Iterable[Demand]:
    return (_full(fact, now),) if fact.was_stale else ()


@_on(VolunteerWeekExtended)
def _volunteer_week_extended(fact: VolunteerWeekExtended, now: datetime) -> Iterable[Demand]:
    again = _at("staffing.extend_week", fact.subject_id, fact.extend_at)
    return (_full(fact, now), again) if fact.stated else (again,)


@_on(StayEnded)
def _left(fact: StayEnded, now: datetime) -> Iterable[Demand]:
    return _full(fact, now), _rivals(fact.offer_id, now)


@_on(
    EveningAsked,
    OfferLapsed,
    OverCapacityDecided,
    DepartureAwaited,
    PlaceFreed,
    VolunteerRegistered,
    TimesStated,
    TimesWithdrawn,
    DerogationRecorded,
)
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
    searches = (_fast(fact, now), _full(fact, now)) if fact.state == "searching" else ()
    # What was not given back yet, or where the person still is, is found again by whoever climbs the ladder.
    follows = (_at("placements.advance_ladder", fact.subject_id, now),) if fact.was == "closed" else ()
    return (check, *searches, *follows)


@_on(SituationChecked)
def _checked(fact: SituationChecked, now: datetime) -> Iterable[Demand]:
    return (_at("situations.check", fact.subject_id, fact.next_check_at),)


@_on(SituationCheckBroughtForward)
def _checked_sooner(fact: SituationCheckBroughtForward, now: datetime) -> Iterable[Demand]:
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
    ends = _at("placements.expire_hold", fact.subject_id, fact.held_until)
    follow = ends, _tell(fact, now), _full(fact, now), _rivals(fact.offer_id, now)
    if fact.silent_at is None:
        return follow
    return *follow, _at("placements.on_call_silent", fact.subject_id, fact.silent_at)


@_on(PlacementAccepted, PlacementConfirmed, CrisisClosed, CrisisExpired, SearchStopped, meetings.TaskOverdue)
def _told_and_no_more(fact: Fact, now: datetime) -> Iterable[Demand]:
    return (_tell(fact, now),)


@_on(PlacementRefused)
def _refused(fact: PlacementRefused, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, fact.offer_id, now)


@_on(HoldExpired)
def _silent(fact: HoldExpired, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, fact.offer_id, now)


@_on(PlacementCancelled)
def _called_off(fact: PlacementCancelled, now: datetime) -> Iterable[Demand]:
    return _climb(fact, fact.situation_id, fact.offer_id, now)


def _climb(fact: Fact, situation_id: UUID, offer_id: UUID, now: datetime) -> Iterable[Demand]:
    """Refusal, silence, lost cover, withdrawn offer: one reaction follows them all."""
    ladder = _at("placements.advance_ladder", situation_id, now)
    return ladder, _tell(fact, now), _full(fact, now), _rivals(offer_id, now)


def _rivals(offer_id: UUID, now: datetime) -> Demand:
    """Whoever was proposed the same place reads that it is taken, or free again."""
    return _at("placements.show_taken", offer_id, now)


@_on(PlacementAtRisk)
def _at_risk(fact: PlacementAtRisk, now: datetime) -> Iterable[Demand]:
    return _tell(fact, now), _fast(fact, now), _full(fact, now)


@_on(PersonAdmitted)
def _admitted(fact: PersonAdmitted, now: datetime) -> Iterable[Demand]:
    # Whoever stays for good frees the place that waited for their departure.
    free = (_at("placements.free_departed", fact.situation_id, now),) if fact.exit_on is None else ()
    return _tell(fact, now), *free, *_stay_clocks(fact)


@_on(ExitPlanned)
def _exit_planned(fact: ExitPlanned, now: datetime) -> Iterable[Demand]:
    return _stay_clocks(fact)


@_on(StayProlonged)
def _prolonged(fact: StayProlonged, now: datetime) -> Iterable[Demand]:
    return _full(fact, now), *_stay_clocks(fact)


def _stay_clocks(fact: PersonAdmitted | ExitPlanned | StayProlonged) -> tuple[Demand, ...]:
    """The hours are the command's: a stay ends by its territory's mornings, and reactions read no table."""
    clocks = (
        ("placements.exit_soon", fact.exit_told_at),
        ("placements.emergency_limit", fact.emergency_limit_at),
        ("placements.yearly_limit", fact.yearly_limit_at),
    )
    return tuple(_at(job, fact.subject_id, due_at) for job, due_at in clocks if due_at is not None)


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


@_on(CrisisOpened)
def _crisis_opened(fact: CrisisOpened, now: datetime) -> Iterable[Demand]:
    return _clocks_tightened(fact, fact.until, now)


@_on(CrisisProlonged)
def _crisis_prolonged(fact: CrisisProlonged, now: datetime) -> Iterable[Demand]:
    return _clocks_tightened(fact, fact.until, now)


def _clocks_tightened(fact: Fact, until: datetime, now: datetime) -> Iterable[Demand]:
    """A hold keeps the hour that was told to its facility; checks come forward; the crisis ends by itself."""
    return (
        _at("organisations.expire_crisis", fact.subject_id, until),
        _at("situations.bring_checks_forward", fact.subject_id, now),
        _tell(fact, now),
    )


@_on(meetings.TaskGiven)
def _task_given(fact: meetings.TaskGiven, now: datetime) -> Iterable[Demand]:
    return (_at("meetings.ring_task", fact.subject_id, fact.due_at),)


@_on(meetings.TaskDue)
def _task_due(fact: meetings.TaskDue, now: datetime) -> Iterable[Demand]:
    return _tell(fact, now), _at("meetings.ring_task", fact.subject_id, fact.overdue_at)


@_on(meetings.WeeklySheetAwaited)
def _sheet_awaited(fact: meetings.WeeklySheetAwaited, now: datetime) -> Iterable[Demand]:
    return (_at("meetings.make_weekly_sheet", fact.subject_id, fact.due_at),)


@_on(DrillAsked)
def _drill_asked(fact: DrillAsked, now: datetime) -> Iterable[Demand]:
    return (_at("planning.drill", fact.subject_id, now),)


@_on(SearchAskedAgain)
def _asked_again(fact: SearchAskedAgain, now: datetime) -> Iterable[Demand]:
    return (_fast(fact, now) if fact.lane == Lane.FAST else _full(fact, now),)


@_on(
    NeedCovered,
    PlacementProposed,
    AgreementRecorded,
    AnswerSuperseded,
    LightChanged,
    LoanProposed,
    LoanReleased,
    LoanConsented,
    LoanAccepted,
    LoanSuperseded,
    RunCancelled,
    *meetings.WRITTEN_DOWN,
    following.AlertStarted,
    following.AlertStopped,
    following.CallBackPlanned,
    following.CallLogged,
    following.CallerIdentified,
    following.DuplicateJoined,
    following.LevelChanged,
    following.NoSolutionStated,
    following.ReferentDeclined,
    DrillSolved,
    DrillFailed,
    DrillApplied,
)
def _nothing_follows(fact: Fact, now: datetime) -> Iterable[Demand]:
    return ()
