"""What follows what people decide together, and the facts that ask for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange.kernel.record import Demand, Fact
from exchange.loans.events import (
    LoanAccepted,
    LoanConsented,
    LoanProposed,
    LoanReleased,
    LoanSuperseded,
)
from exchange.meetings import events as meetings
from exchange.organisations.events import CrisisOpened, CrisisProlonged
from exchange.placements.events import (
    AgreementRecorded,
    AnswerSuperseded,
    LightChanged,
    PlacementProposed,
)
from exchange.planning.drills.events import DrillApplied, DrillAsked, DrillFailed, DrillSolved
from exchange.planning.events import RunCancelled, SearchAskedAgain
from exchange.planning.lanes import Lane
from exchange.reactions.lines import at, fast, full, on, tell
from exchange.situations import events_following as following
from exchange.staffing.events import (
    NeedCovered,
)


@on(CrisisOpened)
def _crisis_opened(fact: CrisisOpened, now: datetime) -> Iterable[Demand]:
    return _clocks_tightened(fact, fact.until, now)


@on(CrisisProlonged)
def _crisis_prolonged(fact: CrisisProlonged, now: datetime) -> Iterable[Demand]:
    return _clocks_tightened(fact, fact.until, now)


def _clocks_tightened(fact: Fact, until: datetime, now: datetime) -> Iterable[Demand]:
    """A hold keeps the hour that was told to its facility; checks come forward; the crisis ends by itself."""
    return (
        at("organisations.expire_crisis", fact.subject_id, until),
        at("situations.bring_checks_forward", fact.subject_id, now),
        tell(fact, now),
    )


@on(meetings.TaskGiven)
def _task_given(fact: meetings.TaskGiven, now: datetime) -> Iterable[Demand]:
    return (at("meetings.ring_task", fact.subject_id, fact.due_at),)


@on(meetings.TaskDue)
def _task_due(fact: meetings.TaskDue, now: datetime) -> Iterable[Demand]:
    return tell(fact, now), at("meetings.ring_task", fact.subject_id, fact.overdue_at)


@on(meetings.WeeklySheetAwaited)
def _sheet_awaited(fact: meetings.WeeklySheetAwaited, now: datetime) -> Iterable[Demand]:
    return (at("meetings.make_weekly_sheet", fact.subject_id, fact.due_at),)


@on(DrillAsked)
def _drill_asked(fact: DrillAsked, now: datetime) -> Iterable[Demand]:
    return (at("planning.drill", fact.subject_id, now),)


@on(SearchAskedAgain)
def _asked_again(fact: SearchAskedAgain, now: datetime) -> Iterable[Demand]:
    return (fast(fact, now) if fact.lane == Lane.FAST else full(fact, now),)


@on(
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
