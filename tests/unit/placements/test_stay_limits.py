"""Days 15 and 90: the cases S01, S08 and S12 of the domain lists, and the edges of both counters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from exchange.kernel.periods import Half, segment_of
from exchange.placements.stay_limits import (
    LIMITS,
    Counter,
    LimitKind,
    counters_of,
    is_too_long_for_emergency,
    last_day_of,
)

DAY_0 = date(2026, 11, 26)
EMERGENCY, TEMPORARY = LimitKind.EMERGENCY_ADMISSION, LimitKind.TEMPORARY_CARE


def nights(first: int, last: int) -> list[int]:
    """The nights N`first` to N`last` of the set, both included."""
    return [int(segment_of(DAY_0 + timedelta(days=each), Half.NIGHT)) for each in range(first, last + 1)]


def test_s01_fourteen_nights_stay_under_the_limit_of_an_emergency_admission() -> None:
    assert not is_too_long_for_emergency(nights(0, 13))
    assert Counter(EMERGENCY, DAY_0).day(last_day_of(nights(0, 13))) == 15


def test_s08_fifteen_nights_need_a_decision_instead() -> None:
    assert is_too_long_for_emergency(nights(5, 19))


def test_an_exit_said_later_than_the_nights_counts_too() -> None:
    assert not is_too_long_for_emergency(nights(0, 3), DAY_0 + timedelta(days=14))
    assert is_too_long_for_emergency(nights(0, 3), DAY_0 + timedelta(days=15))


def test_s12_eighty_four_days_already_spent_leave_six() -> None:
    first_on = DAY_0 + timedelta(days=7)
    (counter,) = counters_of("cdaph_decision", "temporary_stay", first_on, 84)
    assert counter.most - counter.before == 6
    assert (counter.day(first_on), counter.left_on(first_on)) == (85, 5)
    assert counter.last_on == first_on + timedelta(days=5)
    assert counter.day(counter.last_on) == 90
    assert last_day_of(nights(7, 17)) > counter.last_on


@pytest.mark.parametrize("before", [90, 91, 366])
def test_a_year_already_full_is_announced_on_the_first_day(before: int) -> None:
    (counter,) = counters_of("cdaph_decision", "temporary_stay", DAY_0, before)
    assert counter.last_on == DAY_0
    assert counter.left_on(DAY_0) == 0


def test_the_day_of_a_stay_never_runs_backwards_before_it_begins() -> None:
    counter = Counter(EMERGENCY, DAY_0)
    assert [counter.day(DAY_0 + timedelta(days=offset)) for offset in (-3, 0, 1, 11, 14)] == [1, 1, 2, 12, 15]


@pytest.mark.parametrize(
    ("legal_basis", "care_mode", "kinds"),
    [
        ("emergency_admission", "immediate_stay", [EMERGENCY]),
        ("emergency_admission", "temporary_stay", [EMERGENCY, TEMPORARY]),
        ("cdaph_decision", "temporary_day", [TEMPORARY]),
        ("cdaph_decision", "boarding_full", []),
        ("ase_agreement", "temporary_stay", []),
        ("court_order", "temporary_stay", []),
        (None, "temporary_stay", []),
    ],
)
def test_each_frame_has_its_counters(legal_basis: str | None, care_mode: str, kinds: list[LimitKind]) -> None:
    assert [counter.kind for counter in counters_of(legal_basis, care_mode, DAY_0, None)] == kinds


def test_each_limit_names_its_article() -> None:
    assert {kind: limit.days for kind, limit in LIMITS.items()} == {EMERGENCY: 15, TEMPORARY: 90}
    assert all("code de l'action sociale et des familles" in limit.article for limit in LIMITS.values())
