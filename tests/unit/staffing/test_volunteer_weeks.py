"""What a volunteer's week says in instants, against clocks on a wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.kernel.errors import InvalidValue
from exchange.staffing.inputs import Period
from exchange.staffing.rules import TimeKind, overlaps
from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek, WeeklyHours
from exchange.staffing.weeks.rules import (
    Excepted,
    Spell,
    VolunteerWeek,
    check_away,
    check_week,
    dated,
    dates_ahead,
    runs_of,
    unrolled,
)

PARIS = ZoneInfo("Europe/Paris")
VOLUNTEER = UUID(int=1)
DAY, HOUR, QUARTER = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
A, R, O = TimeKind.AVAILABLE, TimeKind.RELEASED, TimeKind.OWN_SHIFT  # noqa: E741
NIGHT = (time(21), time(7))


def a_week(*spells: Spell, first: date = date(2020, 1, 1), last: date | None = None) -> VolunteerWeek:
    return VolunteerWeek(spells, first, last)


def every_night(kind: TimeKind = A) -> VolunteerWeek:
    return a_week(*(Spell(kind, weekday, *NIGHT) for weekday in range(7)))


def on_wall(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        (date(2026, 3, 28), 9),  # clocks go forward on the 29th
        (date(2026, 10, 24), 11),  # clocks go back on the 25th
        (date(2027, 3, 27), 9),
        (date(2027, 10, 30), 11),
        (date(2026, 12, 31), 10),
        (date(2027, 1, 3), 10),  # the Sunday that ends week 53 of 2026
        (date(2028, 2, 28), 10),
        (date(2028, 2, 29), 10),
    ],
)
def test_a_night_from_nine_to_seven_lasts_what_the_clocks_say(evening: date, hours: int) -> None:
    ((on, period),) = dated(every_night(), A, [evening], PARIS)
    assert on == evening
    assert period.ends_at - period.starts_at == hours * HOUR
    assert period.starts_at.astimezone(PARIS).time() == time(21)
    assert period.ends_at.astimezone(PARIS).time() == time(7)
    assert period.ends_at.astimezone(PARIS).date() == evening + DAY


@pytest.mark.parametrize(
    ("spell", "on", "expected"),
    [
        # From 2 h to 3 h does not exist on the 29th of March 2026: nobody is there, and nothing is stored.
        (Spell(A, 6, time(2), time(3)), date(2026, 3, 29), None),
        (Spell(A, 6, time(2, 15), time(2, 45)), date(2026, 3, 29), None),
        (Spell(A, 6, time(1, 30), time(3, 30)), date(2026, 3, 29), (on_wall(2026, 3, 29, 1, 30), HOUR)),
        # From 2 h to 3 h comes twice on the 25th of October 2026: said once, it lasts both.
        (Spell(A, 6, time(2), time(3)), date(2026, 10, 25), (datetime(2026, 10, 25, 0, tzinfo=UTC), 2 * HOUR)),
        (Spell(A, 6, time(1), time(4)), date(2026, 10, 25), (datetime(2026, 10, 24, 23, tzinfo=UTC), 4 * HOUR)),
        # A whole day, as people say it: from midnight to midnight.
        (Spell(A, 6, time(0), time(0)), date(2026, 3, 29), (on_wall(2026, 3, 29, 0), 23 * HOUR)),
        (Spell(A, 6, time(0), time(0)), date(2026, 10, 25), (on_wall(2026, 10, 25, 0), 25 * HOUR)),
    ],
)
def test_hours_that_a_clock_change_skips_or_repeats(
    spell: Spell, on: date, expected: tuple[datetime, timedelta] | None
) -> None:
    found = [period for _, period in dated(a_week(spell), A, [on], PARIS)]
    assert found == ([] if expected is None else [Period(expected[0], expected[0] + expected[1])])


def test_spells_apart_on_the_wall_stay_apart_when_clocks_change() -> None:
    week = a_week(Spell(A, 5, time(21), time(2, 30)), Spell(A, 6, time(3), time(5)))
    periods = [period for _, period in dated(week, A, [date(2026, 3, 28), date(2026, 3, 29)], PARIS)]
    assert [period.ends_at for period in periods] == [on_wall(2026, 3, 29, 3), on_wall(2026, 3, 29, 5)]
    assert not overlaps(*periods)


# No bound within the hour that comes twice: what the wall shows is then enough to know.
HOURS = st.sampled_from([0, 1, 3, 4, 6, 8, 9, 12, 16, 18, 20, 21, 23])


@st.composite
def weeks(draw: st.DrawFn) -> VolunteerWeek:
    """A week that a form could set, over some dates."""
    lines: list[WeeklyHours] = []
    for kind, weekday, starts, ends in draw(
        st.lists(st.tuples(st.sampled_from(TimeKind), st.integers(0, 6), HOURS, HOURS), min_size=1, max_size=9)
    ):
        attempt = [*lines, WeeklyHours(kind.value, weekday, time(starts), time(ends))]
        try:
            check_week(SetVolunteerWeek(VOLUNTEER, tuple(attempt), date(2026, 1, 1), None), date(2026, 1, 1))
        except InvalidValue:
            continue
        lines = attempt
    spells = tuple(Spell(TimeKind(each.kind), each.weekday, each.starts, each.ends) for each in lines)
    first = draw(st.sampled_from([date(2026, 1, 1), date(2026, 3, 27), date(2026, 10, 26), date(2027, 1, 2)]))
    last = draw(st.none() | st.integers(0, 40).map(lambda days: first + days * DAY))
    return VolunteerWeek(spells, first, last)


def shown_by_wall(week: VolunteerWeek, excepted: Excepted, kind: TimeKind, at: datetime) -> bool:
    """Whether a week holds an instant, by nothing but the wall: date, weekday, hour."""
    local = at.astimezone(PARIS)
    minutes = local.hour * 60 + local.minute

    def holds(spell: Spell, on: date, minute: int) -> bool:
        start, end = spell.starts.hour * 60, spell.ends.hour * 60
        return spell.weekday == on.isoweekday() - 1 and start <= minute < (end if end > start else end + 1440)

    return any(
        spell.kind is kind and holds(spell, on, minute)
        for on, minute in ((local.date(), minutes), (local.date() - DAY, minutes + 1440))
        for spell in week.spells
        if week.first <= on and (week.last is None or on <= week.last) and (kind, on) not in excepted
    )


@settings(max_examples=60, deadline=None)
@given(
    week=weeks(),
    begins=st.sampled_from(
        [date(2026, 3, 26), date(2026, 10, 22), date(2026, 12, 28), date(2028, 2, 26), date(2026, 6, 1)]
    ),
    away=st.frozensets(st.tuples(st.sampled_from(TimeKind), st.integers(0, 9)), max_size=6),
    by_hand=st.lists(st.tuples(st.sampled_from(TimeKind), st.integers(0, 200), st.integers(1, 14)), max_size=4),
)
def test_unrolling_equals_looking_at_the_wall_every_quarter_of_an_hour(
    week: VolunteerWeek,
    begins: date,
    away: frozenset[tuple[TimeKind, int]],
    by_hand: list[tuple[TimeKind, int, int]],
) -> None:
    dates = [begins + offset * DAY for offset in range(10)]
    excepted = frozenset((kind, begins + offset * DAY) for kind, offset in away)
    start = datetime.combine(begins, time(0), PARIS).astimezone(UTC)
    # A spell of the evening before the first date is not unrolled here: the walk begins a day later.
    fixed: dict[TimeKind, list[Period]] = {kind: [] for kind in TimeKind}
    for kind, hour, lasts in by_hand:
        fixed[kind].append(Period(start + hour * HOUR, start + (hour + lasts) * HOUR))
    found = unrolled(week, excepted, fixed, dates, LONG_AGO, PARIS)

    def told(kind: TimeKind, at: datetime) -> bool:
        by_wall = shown_by_wall(week, excepted, kind, at)
        return by_wall and not any(each.starts_at <= at < each.ends_at for each in fixed[kind])

    at, over = start + DAY, datetime.combine(begins + 10 * DAY, time(0), PARIS).astimezone(UTC)
    while at < over:
        works = told(O, at) or any(each.starts_at <= at < each.ends_at for each in fixed[O])
        expected = {R: told(R, at), O: told(O, at), A: told(A, at) and not works}
        shown = {kind: sum(each.starts_at <= at < each.ends_at for each in found[kind]) for kind in TimeKind}
        assert shown == {kind: int(is_told) for kind, is_told in expected.items()}, at.astimezone(PARIS)
        at += QUARTER


def test_nothing_that_has_begun_is_unrolled() -> None:
    now = on_wall(2026, 11, 25, 22)
    found = unrolled(every_night(), frozenset(), {}, dates_ahead(now, PARIS), now, PARIS)
    assert found[A][0].starts_at == on_wall(2026, 11, 26, 21)
    assert len(found[A]) == 55


def hours(kind: str = "available", weekday: int = 0, starts: int = 8, ends: int = 16) -> WeeklyHours:
    return WeeklyHours(kind, weekday, time(starts), time(ends))


TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("lines", "over", "field", "rule"),
    [
        ((), {}, "hours", "too-few"),
        (tuple(hours(weekday=place % 7, starts=place % 23) for place in range(43)), {}, "hours", "too-many"),
        ((hours(kind="ill"),), {}, "hours", "unknown-code"),
        ((hours(weekday=7),), {}, "hours", "out-of-range"),
        ((hours(), hours(starts=15, ends=20)), {}, "hours", "overlap"),
        ((hours(weekday=6, starts=21, ends=7), hours(weekday=0, starts=6, ends=8)), {}, "hours", "overlap"),
        ((hours(starts=8, ends=8), hours(starts=20, ends=21)), {}, "hours", "overlap"),
        ((hours(kind="own_shift", starts=8, ends=1),), {}, "hours", "too-long"),
        ((hours(),), {"last": TODAY - DAY}, "last", "ends-before-start"),
        ((hours(),), {"first": TODAY - 9 * DAY, "last": TODAY - DAY}, "last", "in-the-past"),
        ((hours(),), {"first": TODAY + 401 * DAY}, "first", "too-far"),
    ],
)
def test_a_week_that_means_nothing_is_refused_by_its_field(
    lines: tuple[WeeklyHours, ...], over: dict[str, date], field: str, rule: str
) -> None:
    dates: dict[str, date | None] = {"first": TODAY, "last": None, **over}
    with pytest.raises(InvalidValue) as refused:
        check_week(SetVolunteerWeek(VOLUNTEER, lines, **dates), TODAY)  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


def test_spells_that_touch_and_kinds_that_cross_are_one_week() -> None:
    lines = (
        hours(weekday=6, starts=21, ends=7),
        hours(weekday=0, starts=7, ends=12),
        hours(kind="own_shift", weekday=0, starts=9, ends=17),
        hours(kind="released", weekday=0, starts=9, ends=17),
        *(hours(weekday=day, starts=0, ends=0) for day in range(2, 6)),
    )
    assert len(check_week(SetVolunteerWeek(VOLUNTEER, lines, TODAY, None), TODAY).spells) == len(lines)


@pytest.mark.parametrize(
    ("first", "last", "rule"),
    [
        (TODAY, TODAY - DAY, "ends-before-start"),
        (TODAY - 5 * DAY, TODAY - DAY, "in-the-past"),
        (TODAY, TODAY + 401 * DAY, "too-far"),
    ],
)
def test_an_absence_that_means_nothing_is_refused(first: date, last: date, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_away(DatesAway(VOLUNTEER, first, last), TODAY)
    assert refused.value.facts["rule"] == rule


def test_an_absence_over_the_end_of_february_holds_each_of_its_dates() -> None:
    away = DatesAway(VOLUNTEER, date(2028, 2, 28), date(2028, 3, 1))
    assert check_away(away, date(2028, 2, 28)) == (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1))
    assert check_away(DatesAway(VOLUNTEER, TODAY - 9 * DAY, TODAY), TODAY) == (TODAY,)


def test_absences_are_told_as_runs_of_dates_that_are_alike() -> None:
    first = date(2026, 12, 30)
    excepted = frozenset((kind, first + offset * DAY) for kind in TimeKind for offset in range(4))
    excepted |= {(O, first + 4 * DAY), (O, first + 6 * DAY)}
    assert [(run.first, run.last, len(run.kinds)) for run in runs_of(excepted)] == [
        (first, date(2027, 1, 2), 3),
        (first + 4 * DAY, first + 4 * DAY, 1),
        (first + 6 * DAY, first + 6 * DAY, 1),
    ]
