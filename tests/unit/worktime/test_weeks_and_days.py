"""What a rule set may ask of weeks and of days in a row, clock changes included; the stricter of two employers."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.worktime import Average, Breach, BreachCode, Figures, WorkPeriod, breaches, stricter

PARIS = ZoneInfo("Europe/Paris")
C = BreachCode


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


def work(month: int, day: int, hour: int, minutes: int) -> WorkPeriod:
    starts_at = at(month, day, hour).astimezone(UTC)
    return WorkPeriod(starts_at, starts_at + timedelta(minutes=minutes))


def codes(own: tuple[WorkPeriod, ...], loans: tuple[WorkPeriod, ...], figures: Figures) -> list[BreachCode]:
    return [breach.code for breach in breaches(own, loans, figures)]


# Monday 2 March 2026: free from Saturday 20:00 to Sunday midnight, 28 hours.
SIX_DAYS = tuple(work(3, day, 12, 480) for day in range(2, 8))


@pytest.mark.parametrize(("asked", "found"), [(0, []), (1_680, []), (1_681, [C.WEEKLY_REST_TOO_SHORT])])
def test_a_week_keeps_its_rest_in_one_piece(asked: int, found: list[BreachCode]) -> None:
    figures = Figures(zone=PARIS, weekly_rest_minutes=asked)
    assert codes(SIX_DAYS[:-1], SIX_DAYS[-1:], figures) == found


def test_rest_of_the_next_week_is_not_that_of_this_one() -> None:
    figures = Figures(zone=PARIS, week_minutes=3_600, weekly_rest_minutes=2_100)
    sunday_night = work(3, 8, 21, 480)
    assert codes(SIX_DAYS, (sunday_night,), figures) == [C.WEEKLY_REST_TOO_SHORT]
    assert codes(SIX_DAYS, (work(3, 9, 12, 480),), figures) == []


@pytest.mark.parametrize(
    ("month", "monday", "hours"),
    [(3, 2, 28), (3, 23, 27), (10, 19, 29)],
    ids=["an ordinary week", "clocks go forward on its Sunday", "clocks go back on its Sunday"],
)
def test_the_rest_of_a_week_is_counted_in_true_hours(month: int, monday: int, hours: int) -> None:
    days = tuple(work(month, monday + day, 12, 480) for day in range(6))
    for asked, found in ((hours * 60, []), (hours * 60 + 1, [C.WEEKLY_REST_TOO_SHORT])):
        assert codes(days[:-1], days[-1:], Figures(zone=PARIS, weekly_rest_minutes=asked)) == found


@pytest.mark.parametrize(("most", "found"), [(0, []), (6, []), (5, [C.TOO_MANY_DAYS])])
def test_days_in_a_row_are_dates_on_which_work_starts(most: int, found: list[BreachCode]) -> None:
    assert codes(SIX_DAYS[:-1], SIX_DAYS[-1:], Figures(zone=PARIS, days_in_row=most)) == found


def test_a_night_belongs_to_the_date_it_starts() -> None:
    # Sunday night ends on Monday; the next work starts on Tuesday: no second day in a row.
    sunday_night = work(3, 8, 21, 480)
    figures = Figures(zone=PARIS, days_in_row=1)
    assert codes((work(3, 10, 12, 480),), (sunday_night,), figures) == []
    assert codes((work(3, 9, 18, 300),), (sunday_night,), figures) == [C.TOO_MANY_DAYS]


def test_days_in_a_row_are_told_in_days_of_1440_minutes() -> None:
    (breach,) = breaches(SIX_DAYS[:-1], SIX_DAYS[-1:], Figures(zone=PARIS, days_in_row=5))
    assert breach == Breach(C.TOO_MANY_DAYS, SIX_DAYS[-1].starts_at, 5 * 1_440, 6 * 1_440)


def test_an_average_holds_over_every_run_of_weeks_that_holds_a_loan() -> None:
    two_weeks = Figures(zone=PARIS, averages=(Average(weeks=2, week_minutes=600),))
    before, after = work(3, 3, 8, 600), work(3, 17, 8, 600)
    loan, longer = work(3, 10, 8, 600), work(3, 10, 8, 599)
    assert codes((before, after), (loan,), two_weeks) == []
    assert codes((before, work(3, 18, 8, 1), after), (longer,), two_weeks) == []
    assert codes((before, work(3, 18, 8, 2), after), (longer,), two_weeks) == [C.AVERAGE_TOO_LONG]
    assert codes((work(3, 3, 8, 601), after), (loan,), two_weeks) == [C.AVERAGE_TOO_LONG]
    assert codes((work(2, 24, 8, 900), before), (work(3, 12, 8, 60),), two_weeks) == []


def test_an_average_is_told_by_the_week_rounded_up() -> None:
    figures = Figures(zone=PARIS, averages=(Average(weeks=2, week_minutes=200),))
    loan = work(3, 10, 8, 401)
    assert breaches((), (loan,), figures) == (Breach(C.AVERAGE_TOO_LONG, loan.starts_at, 200, 201),)


def test_the_stricter_of_two_employers_holds_figure_by_figure() -> None:
    lender = Figures(
        zone=PARIS,
        has_night_derogation=True,
        longest_shift_minutes=540,
        daily_rest_minutes=540,
        night_starts_at=time(21),
        days_in_row=6,
        averages=(Average(12, 2_640),),
    )
    host = Figures(
        zone=ZoneInfo("UTC"),
        longest_derogated_night_minutes=700,
        week_minutes=2_640,
        weekly_rest_minutes=2_880,
        averages=(Average(12, 2_640), Average(4, 2_400)),
    )
    assert stricter(lender, host) == Figures(
        zone=PARIS,
        has_night_derogation=True,
        longest_shift_minutes=540,
        longest_derogated_night_minutes=700,
        night_starts_at=time(21),
        daily_rest_minutes=660,
        week_minutes=2_640,
        weekly_rest_minutes=2_880,
        days_in_row=6,
        averages=(Average(12, 2_640), Average(4, 2_400)),
    )


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
ASKING = Figures(zone=PARIS, weekly_rest_minutes=4_320, days_in_row=2, averages=(Average(2, 900), Average(1, 1_200)))


@given(own=periods, lent=periods, extra=periods)
def test_more_own_work_never_makes_weeks_and_days_lawful(
    own: list[WorkPeriod], lent: list[WorkPeriod], extra: list[WorkPeriod]
) -> None:
    before = {(breach.code, breach.starts_at) for breach in breaches(own, lent, ASKING)}
    after = {(breach.code, breach.starts_at) for breach in breaches([*own, *extra], lent, ASKING)}
    assert before <= after
