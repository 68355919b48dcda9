"""When each step of the overflow is due, and which outside service is for whom at which hour."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from exchange.kernel.errors import InvalidValue
from exchange.reference.code_lists import AgeBand, Urgency
from exchange.reference.following import Audience, EscalationStep
from exchange.situations.overflow import (
    NATIONAL_SERVICES,
    USUAL_PLAN,
    PlanLine,
    Service,
    Taken,
    audiences_of,
    check_plan,
    next_step,
    services_for,
)

E, A = EscalationStep, Audience
SINCE = datetime(2026, 3, 5, 22, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_usual_order_is_second_on_call_referent_coordinator_then_outside() -> None:
    assert [line.step for line in USUAL_PLAN] == [E.SECOND_ON_CALL, E.REFERENT, E.COORDINATOR, E.OUTSIDE_SERVICE]
    check_plan(USUAL_PLAN)


def test_a_step_is_due_after_the_one_before_by_its_wait() -> None:
    taken: dict[EscalationStep, Taken] = {}
    due = []
    while (following := next_step(USUAL_PLAN, SINCE, taken)) is not None:
        due.append(following[1] - SINCE)
        taken[following[0]] = Taken(following[1], found_somebody=True)
    assert due == [0 * MINUTE, 15 * MINUTE, 30 * MINUTE, 45 * MINUTE]


@pytest.mark.parametrize("empty", [E.SECOND_ON_CALL, E.REFERENT, E.COORDINATOR])
def test_nobody_behind_a_step_means_the_next_one_at_once(empty: EscalationStep) -> None:
    taken: dict[EscalationStep, Taken] = {}
    while (following := next_step(USUAL_PLAN, SINCE, taken)) is not None:
        taken[following[0]] = Taken(following[1], found_somebody=following[0] is not empty)
    assert taken[E.OUTSIDE_SERVICE].due_at == SINCE + 30 * MINUTE


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ((), "ends-outside"),
        ((PlanLine(E.REFERENT, 0),), "ends-outside"),
        ((PlanLine(E.OUTSIDE_SERVICE, 0), PlanLine(E.REFERENT, 0)), "ends-outside"),
        ((PlanLine(E.OUTSIDE_SERVICE, 0), PlanLine(E.OUTSIDE_SERVICE, 0)), "twice"),
        ((PlanLine(E.OUTSIDE_SERVICE, -1),), "out-of-range"),
        ((PlanLine(E.OUTSIDE_SERVICE, 1441),), "out-of-range"),
    ],
)
def test_a_plan_that_could_end_in_silence_is_refused(lines: tuple[PlanLine, ...], rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_plan(lines)
    assert (refused.value.field, refused.value.facts["rule"]) == ("steps", rule)


@pytest.mark.parametrize(
    ("age_band", "needs", "urgency", "expected"),
    [
        (AgeBand.FROM_6, (), Urgency.TONIGHT, {A.CHILD, A.DANGER}),
        (AgeBand.FROM_16, (), Urgency.TONIGHT, {A.CHILD, A.ADULT, A.DANGER, A.HOMELESS}),
        (AgeBand.FROM_30, (), Urgency.TONIGHT, {A.ADULT, A.DANGER, A.HOMELESS}),
        (AgeBand.FROM_30, (), Urgency.PLANNED, {A.ADULT}),
        (AgeBand.FROM_30, ("violence_victim",), Urgency.PLANNED, {A.ADULT, A.VIOLENCE}),
        (AgeBand.FROM_20, ("child_protection",), Urgency.PLANNED, {A.ADULT, A.CHILD}),
    ],
)
def test_services_are_looked_for_by_age_needs_and_urgency(
    age_band: AgeBand, needs: tuple[str, ...], urgency: Urgency, expected: set[Audience]
) -> None:
    assert audiences_of(age_band, needs, urgency) == expected


def test_no_situation_is_without_a_service_at_any_hour() -> None:
    for age_band in AgeBand:
        for urgency in Urgency:
            for hour in range(24):
                assert services_for(NATIONAL_SERVICES, audiences_of(age_band, (), urgency), time(hour))


@pytest.mark.parametrize(
    ("opens", "closes", "open_hours"),
    [
        (None, None, set(range(24))),
        (time(9), time(18), set(range(9, 18))),
        (time(21), time(7), {21, 22, 23, *range(7)}),
    ],
)
def test_a_service_answers_in_its_hours_midnight_included(
    opens: time | None, closes: time | None, open_hours: set[int]
) -> None:
    service = Service("x", "X", "15", frozenset({A.ADULT}), opens, closes)
    assert {hour for hour in range(24) if service.answers_at(time(hour))} == open_hours


def test_where_none_suits_every_one_that_answers_is_named() -> None:
    closed = Service("closed", "C", "1", frozenset({A.CHILD}), time(9), time(18))
    other = Service("other", "O", "2", frozenset({A.HOMELESS}))
    assert services_for((closed, other), frozenset({A.CHILD}), time(22)) == (other,)
    assert services_for((closed, other), frozenset({A.CHILD}), time(10)) == (closed,)
