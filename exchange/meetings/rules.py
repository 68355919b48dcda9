"""When a task is overdue, what brings a situation to a case meeting, and what may happen to each thing. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from exchange.kernel.errors import IllegalTransition, InvalidValue
from exchange.kernel.periods import local_instant
from exchange.meetings.inputs import GiveTask
from exchange.reference.follow_up import AgendaReason, PartnerBody, TaskAction
from exchange.situations.free_text import check_free_text
from exchange.situations.transitions import SituationState
from exchange.staffing.values import check_instant, code_of

MORNING: Final = time(7, 0)
"""When people are reminded, and when the weekly sheet is made: the local end of the quiet hours."""

FARTHEST_DAYS: Final = 400
LONGEST_PLACE: Final = 120
UNSOLVED: Final = frozenset({SituationState.RECEIVED, SituationState.SEARCHING, SituationState.HELD})
"""Nothing is confirmed yet: an option is a question, not a solution."""

RAISED_LEVEL: Final = 2


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class TaskAct(StrEnum):
    COMPLETE = "complete"
    DROP = "drop"


class MeetingState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class MeetingAct(StrEnum):
    """`prepare`: the agenda and who comes. `decide`: what is decided for one situation. `hold`: the minutes close."""

    PREPARE = "prepare"
    DECIDE = "decide"
    HOLD = "hold"
    CANCEL = "cancel"


class RecordState(StrEnum):
    """Of a project record."""

    DRAFT = "draft"
    SHARED = "shared"
    ANSWERED = "answered"
    CLOSED = "closed"


class RecordAct(StrEnum):
    """`edit`: the words. `link`: the situations. `share`: the authority reads it from now on."""

    EDIT = "edit"
    LINK = "link"
    SHARE = "share"
    ANSWER = "answer"
    CLOSE = "close"


_T, _M, _R = TaskState, MeetingState, RecordState

TASKS: Final[Mapping[tuple[TaskState, TaskAct], TaskState]] = MappingProxyType(
    {(_T.OPEN, TaskAct.COMPLETE): _T.DONE, (_T.OPEN, TaskAct.DROP): _T.DROPPED}
)
MEETINGS: Final[Mapping[tuple[MeetingState, MeetingAct], MeetingState]] = MappingProxyType(
    {
        (_M.PLANNED, MeetingAct.PREPARE): _M.PLANNED,
        (_M.PLANNED, MeetingAct.DECIDE): _M.PLANNED,
        (_M.PLANNED, MeetingAct.HOLD): _M.HELD,
        (_M.PLANNED, MeetingAct.CANCEL): _M.CANCELLED,
    }
)
RECORDS: Final[Mapping[tuple[RecordState, RecordAct], RecordState]] = MappingProxyType(
    {
        (_R.DRAFT, RecordAct.EDIT): _R.DRAFT,
        (_R.DRAFT, RecordAct.LINK): _R.DRAFT,
        (_R.DRAFT, RecordAct.SHARE): _R.SHARED,
        (_R.DRAFT, RecordAct.CLOSE): _R.CLOSED,
        # The gap may go on repeating once the authority knows of it; the words it was told stay.
        (_R.SHARED, RecordAct.LINK): _R.SHARED,
        (_R.SHARED, RecordAct.ANSWER): _R.ANSWERED,
        (_R.SHARED, RecordAct.CLOSE): _R.CLOSED,
        (_R.ANSWERED, RecordAct.LINK): _R.ANSWERED,
        (_R.ANSWERED, RecordAct.CLOSE): _R.CLOSED,
    }
)

_State = TypeVar("_State", TaskState, MeetingState, RecordState)
_Act = TypeVar("_Act", TaskAct, MeetingAct, RecordAct)


def after(table: Mapping[tuple[_State, _Act], _State], state: _State, act: _Act) -> _State:
    """Return the state that an act leads to. Raises `IllegalTransition` where the state forbids it."""
    try:
        return table[state, act]
    except KeyError:
        raise IllegalTransition(state=state.value, act=act.value) from None


def check_task_form(form: GiveTask, today: date) -> None:
    """Raise `InvalidValue` naming the field and the rule that the form breaks."""
    action = code_of(TaskAction, form.action, "action")
    check_words(form.note, "note")
    if action is TaskAction.OTHER and not (form.note or "").strip():
        raise InvalidValue(field="note", rule="note-required")
    assignees = (form.assignee_account_id, form.assignee_facility_id, form.assignee_body)
    if sum(each is not None for each in assignees) != 1:
        raise InvalidValue(field="assignee_account_id", rule="one-assignee")
    if form.assignee_body is not None:
        code_of(PartnerBody, form.assignee_body, "assignee_body")
    if form.situation_id is not None and form.facility_id is not None:
        raise InvalidValue(field="situation_id", rule="one-subject")
    if form.due_on < today:
        raise InvalidValue(field="due_on", rule="in-the-past")
    if form.due_on > today + timedelta(days=FARTHEST_DAYS):
        raise InvalidValue(field="due_on", rule="too-far")


_LINK = re.compile(r"https?:|://|\bwww\.|\b[\w-]+\.(?:fr|com|org|net|eu|us|io)\b", re.IGNORECASE)


def check_words(text: str | None, field: str) -> None:
    """Raise `InvalidValue` where a text identifies somebody or holds an address of the web.

    A link to a call opens a door to whoever reads it; it travels by the mail of the invitation.
    """
    if text is None:
        return
    check_free_text(text, field)
    if _LINK.search(text):
        raise InvalidValue(field=field, rule="no-link")


_REFERENCE = re.compile(r"\bS-[0-9A-Z]{4}-[0-9A-Z]{2}\b")


def check_told_outside(text: str, field: str) -> None:
    """Raise `InvalidValue` for words that an authority is to read: `check_words`, and no reference of a situation."""
    check_words(text, field)
    if _REFERENCE.search(text.upper()):
        raise InvalidValue(field=field, rule="no-reference")


def check_place(place: str | None) -> None:
    """Raise `InvalidValue` (field `place`) for a text too long, identifying, or holding a link."""
    check_words(place, "place")
    if place is not None and len(place) > LONGEST_PLACE:
        raise InvalidValue(field="place", rule="too-long", most=LONGEST_PLACE)


def check_held_at(held_at: datetime, now: datetime) -> None:
    """Raise `InvalidValue` (field `held_at`): no zone, or more than a year away on either side."""
    check_instant(held_at, "held_at")
    if not now - timedelta(days=FARTHEST_DAYS) <= held_at <= now + timedelta(days=FARTHEST_DAYS):
        raise InvalidValue(field="held_at", rule="too-far")


def morning_of(on: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which what is due on a local date is reminded."""
    return local_instant(on, MORNING, zone)


def is_overdue(state: TaskState, due_on: date, today: date) -> bool:
    """Whether an open task's date is over: the day itself is still there to do it."""
    return state is TaskState.OPEN and due_on < today


def week_of(now: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the local week."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday())


def next_weekly_sheet(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next Monday morning after `now`."""
    monday = week_of(now, zone)
    due = morning_of(monday, zone)
    return due if now < due else morning_of(monday + timedelta(days=7), zone)


def agenda_reasons(
    level: int,
    state: SituationState,
    waits_since: datetime,
    refusals: int,
    now: datetime,
    *,
    unsolved_after_days: int,
    case_meeting_refusals: int,
) -> tuple[AgendaReason, ...]:
    """Return why an open situation is proposed to a case meeting; nothing where no rule asks for it.

    `refusals`: how many facilities said that they cannot host. A person already hosted is proposed for no rule.
    """
    if state not in UNSOLVED:
        return ()
    reasons = []
    if level >= RAISED_LEVEL:
        reasons.append(AgendaReason.LEVEL_RAISED)
    if now - waits_since > timedelta(days=unsolved_after_days):
        reasons.append(AgendaReason.UNSOLVED_TOO_LONG)
    if refusals >= case_meeting_refusals:
        reasons.append(AgendaReason.REFUSED_OFTEN)
    return tuple(reasons)
