"""What volunteers, times and needs must say; how stated times meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.errors import InvalidValue
from exchange.kernel.ids import new_id
from exchange.staffing.inputs import Period, RegisterVolunteer, ShiftAsked
from exchange.staffing.rules import (
    TimeKind,
    check_need,
    check_periods,
    check_volunteer,
    cut_out,
    joined,
)
from tests.factories.staffing import need_form

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FACILITY = new_id()


def shift(starts_in: timedelta, length: timedelta, headcount: int = 1, **team: int) -> ShiftAsked:
    return ShiftAsked(NOW + starts_in, NOW + starts_in + length, headcount, **team)


INVALID_NEEDS = [
    ({"qualifications_any": ()}, "qualifications_any", "too-few"),
    ({"qualifications_any": ("wizard",)}, "qualifications_any", "unknown-code"),
    ({"qualifications_any": ("nurse", "nurse")}, "qualifications_any", "twice"),
    ({"urgency": 0}, "urgency", "out-of-range"),
    ({"urgency": 5}, "urgency", "out-of-range"),
    ({"reason": "strike"}, "reason", "unknown-code"),
    ({"impact": "none"}, "impact", "unknown-code"),
    ({"shifts": ()}, "shifts", "too-few"),
    ({"shifts": tuple(shift(DAY + each * HOUR, HOUR) for each in range(63))}, "shifts", "too-many"),
    ({"shifts": (shift(DAY, timedelta(0)),)}, "shifts", "ends-before-start"),
    ({"shifts": (shift(DAY, -HOUR),)}, "shifts", "ends-before-start"),
    ({"shifts": (shift(DAY, 16 * HOUR + MINUTE),)}, "shifts", "too-long"),
    ({"shifts": (shift(-DAY - MINUTE, 8 * HOUR),)}, "shifts", "in-the-past"),
    ({"shifts": (shift(401 * DAY, 8 * HOUR),)}, "shifts", "too-far"),
    ({"shifts": (shift(DAY, 8 * HOUR, 0),)}, "shifts", "out-of-range"),
    ({"shifts": (shift(DAY, 8 * HOUR, 21),)}, "shifts", "out-of-range"),
    ({"shifts": (shift(DAY, 8 * HOUR), shift(DAY, 8 * HOUR))}, "shifts", "twice"),
    ({"shifts": (shift(DAY, 8 * HOUR, permanent_staff=-1),)}, "shifts", "out-of-range"),
    ({"shifts": (shift(DAY, 8 * HOUR, permanent_staff=51),)}, "shifts", "out-of-range"),
    ({"shifts": (shift(DAY, 8 * HOUR, permanent_staff=1, min_permanent_staff=51),)}, "shifts", "out-of-range"),
    ({"shifts": (shift(DAY, 8 * HOUR, min_permanent_staff=1),)}, "shifts", "permanent-staff-untold"),
    (
        {"shifts": (ShiftAsked(datetime(2026, 3, 6, 8), datetime(2026, 3, 6, 16)),)},  # noqa: DTZ001
        "shifts",
        "zone-missing",
    ),
]


@pytest.mark.parametrize(("over", "field", "rule"), INVALID_NEEDS)
def test_an_invalid_need_names_the_field_and_the_rule(over: dict[str, object], field: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_need(need_form(FACILITY, NOW, **over), NOW)
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


@pytest.mark.parametrize(
    "shifts",
    [
        (shift(DAY, 16 * HOUR),),
        (shift(-DAY, 8 * HOUR),),
        (shift(DAY, 8 * HOUR, permanent_staff=0), shift(DAY, 4 * HOUR, permanent_staff=50, min_permanent_staff=50)),
        (shift(DAY, 8 * HOUR, 20), shift(DAY, 4 * HOUR), shift(DAY + 8 * HOUR, 8 * HOUR)),
    ],
)
def test_shifts_at_their_limits_are_valid(shifts: tuple[ShiftAsked, ...]) -> None:
    check_need(need_form(FACILITY, NOW, shifts=shifts), NOW)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [(datetime(2026, 3, 28, 20), 17), (datetime(2026, 10, 24, 20), 15)],  # noqa: DTZ001
)
def test_the_length_of_a_night_shift_is_what_is_worked_when_clocks_change(evening: datetime, hours: int) -> None:
    """17 wall hours of the short night are 16 worked hours; 15 of the long one are 16, and a minute more is refused."""
    starts_at = evening.replace(tzinfo=PARIS)
    ends_at = (evening + hours * HOUR).replace(tzinfo=PARIS)
    now = starts_at.astimezone(UTC) - DAY
    longest = ShiftAsked(starts_at.astimezone(UTC), ends_at.astimezone(UTC))
    assert longest.ends_at - longest.starts_at == 16 * HOUR
    check_need(need_form(FACILITY, now, shifts=(longest,)), now)
    with pytest.raises(InvalidValue):
        check_need(need_form(FACILITY, now, shifts=(replace(longest, ends_at=longest.ends_at + MINUTE),)), now)


@pytest.mark.parametrize(
    ("kind", "period", "rule"),
    [
        *((kind, (DAY, timedelta(0)), "ends-before-start") for kind in TimeKind),
        *((kind, (-3 * DAY, HOUR), "in-the-past") for kind in TimeKind),
        *((kind, (401 * DAY, HOUR), "too-far") for kind in TimeKind),
        (TimeKind.AVAILABLE, (DAY, 31 * DAY + MINUTE), "too-long"),
        (TimeKind.RELEASED, (DAY, 16 * HOUR + MINUTE), "too-long"),
        (TimeKind.OWN_SHIFT, (DAY, 16 * HOUR + MINUTE), "too-long"),
    ],
)
def test_a_period_that_cannot_be_is_refused(kind: TimeKind, period: tuple[timedelta, timedelta], rule: str) -> None:
    starts_in, length = period
    with pytest.raises(InvalidValue) as refused:
        check_periods(kind, (Period(NOW + starts_in, NOW + starts_in + length),), NOW)
    assert (refused.value.field, refused.value.facts["rule"]) == ("periods", rule)


def test_a_form_may_not_contradict_itself_but_periods_may_touch() -> None:
    touching = (Period(NOW + 4 * HOUR, NOW + 8 * HOUR), Period(NOW, NOW + 4 * HOUR))
    for kind in TimeKind:
        check_periods(kind, touching, NOW)
        with pytest.raises(InvalidValue) as refused:
            check_periods(kind, (*touching, Period(NOW + 7 * HOUR, NOW + 9 * HOUR)), NOW)
        assert refused.value.facts["rule"] == "overlap"


VOLUNTEER = RegisterVolunteer(
    facility_id=FACILITY,
    commune_code="43157",
    qualifications=("nurse",),
    living_area_ids=(new_id(),),
    max_travel_minutes=45,
    max_loan_minutes=2400,
    night12h_derogation=True,
    ready_until=NOW + DAY,
    full_name="Camille Essai",
    email="camille@essai.invalid",
)


@pytest.mark.parametrize(
    ("over", "field", "rule"),
    [
        ({"qualifications": ()}, "qualifications", "too-few"),
        ({"qualifications": ("wizard",)}, "qualifications", "unknown-code"),
        ({"living_area_ids": ()}, "living_area_ids", "too-few"),
        ({"max_travel_minutes": 4}, "max_travel_minutes", "out-of-range"),
        ({"max_loan_minutes": 59}, "max_loan_minutes", "out-of-range"),
        ({"ready_until": datetime(2026, 3, 6)}, "ready_until", "zone-missing"),  # noqa: DTZ001
        ({"full_name": "  "}, "full_name", "name"),
        ({"email": "camille"}, "email", "email"),
        ({"email": "camille@essai"}, "email", "email"),
        ({"email": "camille @essai.invalid"}, "email", "email"),
        ({"email": "c@essai.invalid, d@essai.invalid"}, "email", "email"),
    ],
)
def test_an_invalid_volunteer_names_the_field_and_the_rule(over: dict[str, object], field: str, rule: str) -> None:
    check_volunteer(VOLUNTEER)
    with pytest.raises(InvalidValue) as refused:
        check_volunteer(replace(VOLUNTEER, **over))  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


HOURS = st.tuples(st.integers(0, 40), st.integers(1, 10))


def hours_of(periods: tuple[Period, ...]) -> set[int]:
    return {hour for hour in range(60) for each in periods if each.starts_at <= NOW + hour * HOUR < each.ends_at}


def a_period(start: int, length: int) -> Period:
    return Period(NOW + start * HOUR, NOW + (start + length) * HOUR)


@given(st.lists(HOURS, max_size=8))
def test_joining_keeps_every_hour_and_leaves_gaps_between_periods(drawn: list[tuple[int, int]]) -> None:
    periods = tuple(a_period(*each) for each in drawn)
    union = joined(periods)
    assert hours_of(union) == hours_of(periods)
    assert all(before.ends_at < after.starts_at for before, after in pairwise(union))


@given(st.lists(HOURS, max_size=8), st.lists(HOURS, max_size=4))
def test_cutting_out_removes_exactly_the_withdrawn_hours(
    stated: list[tuple[int, int]], withdrawn: list[tuple[int, int]]
) -> None:
    times, gaps = joined(a_period(*each) for each in stated), tuple(a_period(*each) for each in withdrawn)
    remaining = cut_out(times, gaps)
    assert hours_of(remaining) == hours_of(times) - hours_of(gaps)
    assert all(each.starts_at < each.ends_at for each in remaining)
