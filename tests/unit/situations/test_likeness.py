"""What is deduced while the caller speaks: usual dates, the morning after, and who may be the same person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from exchange.kernel.periods import date_of, half_of
from exchange.reference.code_lists import CareMode, Urgency
from exchange.situations.likeness import (
    USUAL_CARE_MODE,
    Told,
    dates_of,
    look_alike,
    review_of_urgency_at,
    usual_blocks,
)
from exchange.situations.rules import check_blocks

PARIS = ZoneInfo("Europe/Paris")
AFTERNOON = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
BEFORE_DAWN = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("urgency", "first", "nights"),
    [
        (Urgency.TONIGHT, date(2026, 3, 5), 1),
        (Urgency.WITHIN_48_HOURS, date(2026, 3, 6), 2),
        (Urgency.WITHIN_7_DAYS, date(2026, 3, 8), 4),
        (Urgency.PLANNED, date(2026, 4, 4), 7),
    ],
)
@pytest.mark.parametrize("now", [AFTERNOON, BEFORE_DAWN])
def test_an_urgency_without_dates_is_one_block_of_nights_that_may_be_asked_for(
    urgency: Urgency, first: date, nights: int, now: datetime
) -> None:
    (block,) = usual_blocks(urgency, now, PARIS)
    check_blocks((block,), now, PARIS)
    assert {half_of(segment) for segment in block} == {"night"}
    assert (date_of(block[0]), len(block)) == (first, nights)


def test_each_urgency_has_a_usual_care_mode() -> None:
    assert set(USUAL_CARE_MODE) == set(Urgency)
    assert USUAL_CARE_MODE[Urgency.TONIGHT] is CareMode.IMMEDIATE_STAY


@pytest.mark.parametrize(
    ("set_at", "review"),
    [
        (AFTERNOON, datetime(2026, 3, 6, 7, 0, tzinfo=UTC)),
        (BEFORE_DAWN, datetime(2026, 3, 6, 7, 0, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),  # the short night
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),  # the long one
    ],
)
def test_tonight_is_reviewed_at_eight_the_next_morning_and_no_other_urgency_is(
    set_at: datetime, review: datetime
) -> None:
    assert review_of_urgency_at(4, set_at, PARIS) == review
    assert [review_of_urgency_at(urgency, set_at, PARIS) for urgency in (1, 2, 3)] == [None, None, None]


ONE = Told("43157", "velay", "6-11", frozenset({"autism", "runaway_risk"}), None, frozenset({date(2026, 3, 5)}))


@pytest.mark.parametrize(
    ("over", "alike"),
    [
        ({}, True),
        ({"commune_code": "43040"}, True),
        ({"commune_code": "43040", "living_area": "lafayette"}, False),
        ({"commune_code": "43040", "living_area": None}, False),
        ({"living_area": None}, True),
        ({"age_band": "12-15"}, False),
        ({"dates": frozenset({date(2026, 3, 6)})}, False),
        ({"dates": frozenset({date(2026, 3, 5), date(2026, 3, 6)})}, True),
        ({"sex": "female"}, True),
        ({"need_codes": frozenset({"autism"})}, True),
        ({"need_codes": frozenset({"autism", "self_harm"})}, True),
        ({"need_codes": frozenset({"autism", "self_harm", "nurse_daily", "ageing"})}, True),
        ({"need_codes": frozenset({"self_harm", "nurse_daily"})}, False),
        ({"need_codes": frozenset()}, False),
    ],
)
def test_two_tellings_are_alike_by_place_age_dates_and_half_of_the_needs(over: dict[str, object], alike: bool) -> None:
    other = replace(ONE, **over)  # type: ignore[arg-type]
    assert look_alike(ONE, other) is alike
    assert look_alike(other, ONE) is alike


def test_a_sex_said_on_both_sides_must_be_the_same() -> None:
    girl, boy = replace(ONE, sex="female"), replace(ONE, sex="male")
    assert look_alike(girl, girl)
    assert not look_alike(girl, boy)


def test_a_block_touches_the_dates_of_its_days_and_nights() -> None:
    (block,) = usual_blocks(Urgency.WITHIN_48_HOURS, AFTERNOON, PARIS)
    assert dates_of((block,)) == {date(2026, 3, 6), date(2026, 3, 7)}
