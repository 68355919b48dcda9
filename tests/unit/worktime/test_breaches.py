"""Working time at its limits: lawful at the limit, a breach one minute past it, clock changes included."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.worktime import Breach, BreachCode, Figures, WorkPeriod, breaches

PARIS = ZoneInfo("Europe/Paris")
FIGURES = Figures(zone=PARIS)
C = BreachCode


def work(month: int, day: int, hour: int, minutes: int, minute: int = 0) -> WorkPeriod:
    starts_at = datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)
    return WorkPeriod(starts_at, starts_at + timedelta(minutes=minutes))


def codes(*found: Breach) -> list[BreachCode]:
    return [breach.code for breach in found]


@pytest.mark.parametrize(
    ("hour", "minutes", "has_derogation", "found"),
    [
        (8, 600, False, []),
        (8, 601, False, [C.SHIFT_TOO_LONG]),
        (8, 601, True, [C.SHIFT_TOO_LONG]),  # the derogation is for nights
        (18, 720, True, [C.SHIFT_TOO_LONG]),  # starts before 19:00
        (19, 600, False, []),
        (19, 601, False, [C.NIGHT_TOO_LONG]),
        (19, 720, True, []),
        (19, 721, True, [C.NIGHT_TOO_LONG]),
        (20, 720, True, []),
    ],
)
def test_a_day_lasts_ten_hours_and_a_derogated_night_twelve(
    hour: int, minutes: int, has_derogation: bool, found: list[BreachCode]
) -> None:
    figures = Figures(zone=PARIS, has_night_derogation=has_derogation)
    assert codes(*breaches((), (work(3, 3, hour, minutes),), figures)) == found


@pytest.mark.parametrize(
    ("gap_minutes", "found"),
    [(660, []), (659, [C.REST_TOO_SHORT]), (0, [C.REST_TOO_SHORT]), (-1, [C.SHIFTS_OVERLAP])],
)
@pytest.mark.parametrize("loan_is_first", [True, False])
@pytest.mark.parametrize("both_lent", [True, False])
def test_eleven_hours_of_rest_to_the_minute(
    gap_minutes: int, found: list[BreachCode], loan_is_first: bool, both_lent: bool
) -> None:
    first = work(3, 3, 8, 480)
    second = WorkPeriod(
        first.ends_at + timedelta(minutes=gap_minutes), first.ends_at + timedelta(minutes=gap_minutes + 480)
    )
    loan, other = (first, second) if loan_is_first else (second, first)
    own, lent = ((), (loan, other)) if both_lent else ((other,), (loan,))
    assert codes(*breaches(own, lent, FIGURES)) == found


@pytest.mark.parametrize(("own_minutes", "found"), [(480, []), (481, [C.WEEK_TOO_LONG])])
def test_a_week_of_both_employers_lasts_forty_eight_hours(own_minutes: int, found: list[BreachCode]) -> None:
    # Monday 2 March 2026: four own days of ten hours would be 40; here 3 × 10 + 10 lent + the last one.
    own = (work(3, 2, 8, 600), work(3, 3, 8, 600), work(3, 4, 8, 600), work(3, 5, 8, own_minutes))
    assert codes(*breaches(own, (work(3, 6, 8, 600),), FIGURES)) == found


def test_a_sunday_night_counts_in_the_week_in_which_it_starts() -> None:
    own = tuple(work(3, day, 8, 600) for day in (2, 3, 4, 5))
    sunday_night = work(3, 8, 21, 600)
    assert codes(*breaches(own, (sunday_night,), FIGURES)) == [C.WEEK_TOO_LONG]
    assert codes(*breaches(tuple(work(3, day, 8, 600) for day in (10, 11, 12, 13)), (sunday_night,), FIGURES)) == []


def test_the_night_on_which_clocks_go_back_is_one_hour_longer() -> None:
    # 24 October 2026, 21:00 to 07:00 on the wall: eleven true hours.
    starts_at = datetime(2026, 10, 24, 21, tzinfo=PARIS)
    night = WorkPeriod(starts_at, datetime(2026, 10, 25, 7, tzinfo=PARIS))
    assert breaches((), (night,), FIGURES) == (Breach(C.NIGHT_TOO_LONG, starts_at, 600, 660),)


def test_the_night_on_which_clocks_go_forward_steals_an_hour_of_rest() -> None:
    # 28 March 2026, 20:00, to 29 March, 07:00 on the wall: ten true hours of rest.
    evening = WorkPeriod(datetime(2026, 3, 28, 12, tzinfo=PARIS), datetime(2026, 3, 28, 20, tzinfo=PARIS))
    morning = WorkPeriod(datetime(2026, 3, 29, 7, tzinfo=PARIS), datetime(2026, 3, 29, 14, tzinfo=PARIS))
    (breach,) = breaches((evening,), (morning,), FIGURES)
    assert (breach.code, breach.found_minutes) == (C.REST_TOO_SHORT, 600)


def test_what_an_employer_planned_alone_is_not_judged() -> None:
    own = (work(3, 2, 8, 900), work(3, 2, 23, 900), *(work(3, day, 6, 800) for day in (4, 5, 6)))
    assert breaches(own, (), FIGURES) == ()
    assert breaches(own, (work(3, 20, 8, 480),), FIGURES) == ()


def test_a_period_without_zone_or_backwards_is_refused() -> None:
    at = datetime(2026, 3, 3, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match="zone"):
        WorkPeriod(at.replace(tzinfo=None), at.replace(tzinfo=None) + timedelta(hours=1))
    with pytest.raises(ValueError, match="ends after"):
        WorkPeriod(at, at)


MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

periods = st.lists(
    st.builds(
        lambda start, length: WorkPeriod(MONDAY + start * QUARTER, MONDAY + (start + length) * QUARTER),
        st.integers(0, 14 * 24 * 4),
        st.integers(1, 13 * 4),
    ),
    max_size=6,
)


@given(own=periods, lent=periods, extra=periods)
def test_more_own_work_never_makes_a_loan_lawful(
    own: list[WorkPeriod], lent: list[WorkPeriod], extra: list[WorkPeriod]
) -> None:
    before = {(breach.code, breach.starts_at) for breach in breaches(own, lent, FIGURES)}
    after = {(breach.code, breach.starts_at) for breach in breaches([*own, *extra], lent, FIGURES)}
    assert before <= after


@given(own=periods, lent=periods)
def test_a_roster_without_breach_holds_when_counted_by_hand(own: list[WorkPeriod], lent: list[WorkPeriod]) -> None:
    if breaches(own, lent, FIGURES):
        return
    assert all(period.minutes <= 600 for period in lent)
    for one, other in [*combinations(lent, 2), *((mine, loan) for mine in own for loan in lent)]:
        first, second = sorted((one, other), key=lambda period: period.starts_at)
        assert second.starts_at - first.ends_at >= timedelta(hours=11)
