"""Tasks, agendas and records: what is allowed as tables, what is not as their complement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from exchange.kernel.errors import IllegalTransition, InvalidValue
from exchange.meetings import rules
from exchange.meetings.inputs import GiveTask
from exchange.meetings.rules import (
    MEETINGS,
    RECORDS,
    TASKS,
    UNSOLVED,
    MeetingAct,
    MeetingState,
    RecordAct,
    RecordState,
    TaskAct,
    TaskState,
    after,
    agenda_reasons,
    check_place,
    check_task_form,
    check_told_outside,
    check_words,
    is_overdue,
    morning_of,
    next_weekly_sheet,
    week_of,
)
from exchange.meetings.tried import Asked, Refusals, tried_of
from exchange.placements.rules import PlacementState
from exchange.reference.follow_up import AgendaReason, PartnerBody, TaskAction
from exchange.situations.transitions import SituationState

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
TASK = GiveTask("follow_up", TODAY, assignee_account_id=UUID(int=1))

ALLOWED: list[tuple[Mapping[Any, Any], Any, Any, Any]] = [
    (TASKS, TaskState.OPEN, TaskAct.COMPLETE, TaskState.DONE),
    (TASKS, TaskState.OPEN, TaskAct.DROP, TaskState.DROPPED),
    (MEETINGS, MeetingState.PLANNED, MeetingAct.PREPARE, MeetingState.PLANNED),
    (MEETINGS, MeetingState.PLANNED, MeetingAct.DECIDE, MeetingState.PLANNED),
    (MEETINGS, MeetingState.PLANNED, MeetingAct.HOLD, MeetingState.HELD),
    (MEETINGS, MeetingState.PLANNED, MeetingAct.CANCEL, MeetingState.CANCELLED),
    (RECORDS, RecordState.DRAFT, RecordAct.EDIT, RecordState.DRAFT),
    (RECORDS, RecordState.DRAFT, RecordAct.LINK, RecordState.DRAFT),
    (RECORDS, RecordState.DRAFT, RecordAct.SHARE, RecordState.SHARED),
    (RECORDS, RecordState.DRAFT, RecordAct.CLOSE, RecordState.CLOSED),
    (RECORDS, RecordState.SHARED, RecordAct.LINK, RecordState.SHARED),
    (RECORDS, RecordState.SHARED, RecordAct.ANSWER, RecordState.ANSWERED),
    (RECORDS, RecordState.SHARED, RecordAct.CLOSE, RecordState.CLOSED),
    (RECORDS, RecordState.ANSWERED, RecordAct.LINK, RecordState.ANSWERED),
    (RECORDS, RecordState.ANSWERED, RecordAct.CLOSE, RecordState.CLOSED),
]
FORBIDDEN = [
    (table, state, act)
    for table, states, acts in (
        (TASKS, TaskState, TaskAct),
        (MEETINGS, MeetingState, MeetingAct),
        (RECORDS, RecordState, RecordAct),
    )
    for state, act in product(states, acts)
    if (state, act) not in {(allowed, by) for _, allowed, by, _ in ALLOWED}
]


@pytest.mark.parametrize(("table", "state", "act", "leads_to"), ALLOWED)
def test_each_allowed_act_leads_where_it_should(table: Any, state: Any, act: Any, leads_to: Any) -> None:
    assert after(table, state, act) is leads_to


@pytest.mark.parametrize(("table", "state", "act"), FORBIDDEN)
def test_every_other_act_is_refused(table: Any, state: Any, act: Any) -> None:
    with pytest.raises(IllegalTransition):
        after(table, state, act)


def test_the_tables_hold_what_is_listed_and_nothing_else() -> None:
    assert len(ALLOWED) == len(TASKS) + len(MEETINGS) + len(RECORDS)
    assert len(FORBIDDEN) == 3 * 2 + 3 * 4 + 4 * 5 - len(ALLOWED)


def rule_of(form: GiveTask) -> tuple[str | None, object]:
    with pytest.raises(InvalidValue) as refused:
        check_task_form(form, TODAY)
    return refused.value.field, refused.value.facts["rule"]


@pytest.mark.parametrize("action", [each for each in TaskAction if each is not TaskAction.OTHER])
def test_a_task_of_the_list_says_enough_by_itself(action: TaskAction) -> None:
    check_task_form(replace(TASK, action=action.value), TODAY)


ASSIGNEES = {"assignee_account_id": UUID(int=1), "assignee_facility_id": UUID(int=2), "assignee_body": "mdph"}


@pytest.mark.parametrize("named", list(product((True, False), repeat=3)))
def test_a_task_has_exactly_one_assignee(named: tuple[bool, ...]) -> None:
    kept = {name: value if is_named else None for (name, value), is_named in zip(ASSIGNEES.items(), named, strict=True)}
    form = replace(TASK, **kept)  # type: ignore[arg-type]
    if sum(named) == 1:
        check_task_form(form, TODAY)
    else:
        assert rule_of(form) == ("assignee_account_id", "one-assignee")


@pytest.mark.parametrize(
    ("over", "field", "rule"),
    [
        ({"action": "sing"}, "action", "unknown-code"),
        ({"action": "other"}, "note", "note-required"),
        ({"action": "other", "note": "  "}, "note", "note-required"),
        ({"note": "06 12 34 56 78"}, "note", "no-phone"),
        ({"note": "https://visio.exemple.fr/a"}, "note", "no-link"),
        ({"note": "visio.exemple.fr"}, "note", "no-link"),
        ({"note": "x" * 301}, "note", "too-long"),
        ({"assignee_account_id": None, "assignee_body": "prefecture"}, "assignee_body", "unknown-code"),
        ({"situation_id": UUID(int=3), "facility_id": UUID(int=4)}, "situation_id", "one-subject"),
        ({"due_on": TODAY - timedelta(days=1)}, "due_on", "in-the-past"),
        ({"due_on": TODAY + timedelta(days=401)}, "due_on", "too-far"),
    ],
)
def test_a_task_that_breaks_a_rule_is_refused_by_field_and_rule(over: dict[str, object], field: str, rule: str) -> None:
    assert rule_of(replace(TASK, **over)) == (field, rule)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [None, "", "Maison des associations, salle 2", "par téléphone", "M. le maire n. 3"])
def test_a_place_is_a_few_words(place: str | None) -> None:
    check_place(place)


@pytest.mark.parametrize(
    "text", ["https://a.b", "HTTP://x", "www.exemple.fr", "meet.exemple.org/ab", "zoom.us/j/1", "teams://x"]
)
def test_an_address_of_the_web_is_written_nowhere(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_words(f"Réunion : {text}", "place")
    assert refused.value.facts["rule"] == "no-link"


@pytest.mark.parametrize("text", ["S-7K4Q-93", "voir s-7k4q-93.", "S-7K4Q-93, S-AAAA-AA"])
def test_a_reference_is_not_told_outside(text: str) -> None:
    check_words(text, "note")
    with pytest.raises(InvalidValue) as refused:
        check_told_outside(text, "missing")
    assert refused.value.facts["rule"] == "no-reference"


@pytest.mark.parametrize("text", ["", "Secteur du Puy, services de nuit", "10 places S-O du département"])
def test_words_for_an_authority_are_ordinary_words(text: str) -> None:
    check_told_outside(text, "missing")


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_task_is_overdue_the_day_after_its_date_and_only_while_open(state: TaskState, days: int) -> None:
    assert is_overdue(state, TODAY + timedelta(days=days), TODAY) == (state is TaskState.OPEN and days < 0)


@pytest.mark.parametrize(
    ("on", "instant"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 28, 6, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        (date(2028, 2, 29), datetime(2028, 2, 29, 6, tzinfo=UTC)),
    ],
)
def test_a_morning_is_seven_o_clock_on_the_wall_whatever_the_season(on: date, instant: datetime) -> None:
    assert morning_of(on, PARIS) == instant


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 25, 15, tzinfo=UTC), datetime(2026, 11, 30, 6, tzinfo=UTC)),
        (datetime(2026, 11, 30, 5, 59, tzinfo=UTC), datetime(2026, 11, 30, 6, tzinfo=UTC)),
        (datetime(2026, 11, 30, 6, 0, tzinfo=UTC), datetime(2026, 12, 7, 6, tzinfo=UTC)),
        (datetime(2026, 12, 28, 7, tzinfo=UTC), datetime(2027, 1, 4, 6, tzinfo=UTC)),
        (datetime(2026, 3, 23, 7, tzinfo=UTC), datetime(2026, 3, 30, 5, tzinfo=UTC)),
    ],
)
def test_the_next_sheet_is_on_the_next_monday_morning(now: datetime, due: datetime) -> None:
    assert next_weekly_sheet(now, PARIS) == due
    assert due.astimezone(PARIS).weekday() == 0


def test_a_sunday_night_belongs_to_the_week_that_ends() -> None:
    assert week_of(datetime(2026, 11, 29, 22, 59, tzinfo=UTC), PARIS) == date(2026, 11, 23)
    assert week_of(datetime(2026, 11, 29, 23, 0, tzinfo=UTC), PARIS) == date(2026, 11, 30)


def reasons(level: int, state: SituationState, days: float, refusals: int) -> tuple[AgendaReason, ...]:
    since = NOW - timedelta(days=days)
    return agenda_reasons(level, state, since, refusals, NOW, unsolved_after_days=7, case_meeting_refusals=3)


@pytest.mark.parametrize("state", SituationState)
@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("days", [0, 7, 7.1])
@pytest.mark.parametrize("refusals", [0, 2, 3, 4])
def test_each_reason_stands_by_itself_and_nobody_already_hosted_is_proposed(
    state: SituationState, level: int, days: float, refusals: int
) -> None:
    wanted = {
        AgendaReason.LEVEL_RAISED: level >= 2,
        AgendaReason.UNSOLVED_TOO_LONG: days > 7,
        AgendaReason.REFUSED_OFTEN: refusals >= 3,
    }
    is_open = state in {SituationState.RECEIVED, SituationState.SEARCHING, SituationState.HELD}
    assert reasons(level, state, days, refusals) == tuple(one for one, holds in wanted.items() if holds and is_open)


def test_what_is_unsolved_is_what_nothing_confirms() -> None:
    assert set(SituationState) - UNSOLVED == {SituationState.CONFIRMED, SituationState.EFFECTIVE, SituationState.CLOSED}
    assert rules.RAISED_LEVEL == 2


def test_what_was_tried_is_counted_by_what_became_of_it() -> None:
    asked = [
        Asked(PlacementState.REFUSED, "skill_missing", by_phone=False),
        Asked(PlacementState.REFUSED, "skill_missing", by_phone=False),
        Asked(PlacementState.REFUSED, "group_incompatible", by_phone=False),
        Asked(PlacementState.EXPIRED, None, by_phone=False),
        Asked(PlacementState.CANCELLED, None, by_phone=True),
        Asked(PlacementState.HELD, None, by_phone=False),
        Asked(PlacementState.ACCEPTED, None, by_phone=True),
    ]
    tried = tried_of(asked)
    assert (tried.asked, tried.pending, tried.declined, tried.silent, tried.called_off) == (7, 2, 3, 1, 1)
    assert tried.by_phone == 2
    assert tried.refusals == (Refusals("skill_missing", 2), Refusals("group_incompatible", 1))
    assert tried_of([]).asked == 0


def test_a_body_is_never_a_person() -> None:
    assert {body.value for body in PartnerBody} & {"person", "family", "director"} == set()
