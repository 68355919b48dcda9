"""When several situations lack the same thing, and when they only look alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.meetings.gaps import UNANSWERED_OUTCOMES, Gap, kind_of, repeated_gaps
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, NeedCode
from exchange.reference.follow_up import AGE_RANGES, AgeRange

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
WITHIN = timedelta(days=180)
VELAY, LAFAYETTE = UUID(int=101), UUID(int=102)


def a_gap(number: int, **over: object) -> Gap:
    gap = Gap(
        situation_id=UUID(int=number),
        living_area_id=VELAY,
        need_codes=frozenset({NeedCode.AUTISM, NeedCode.RUNAWAY_RISK}),
        care_mode=CareMode.TEMPORARY_STAY,
        age_band=AgeBand.FROM_6,
        created_at=NOW - timedelta(days=10 + number),
        deadline_at=NOW - timedelta(days=1),
        is_unsolved=True,
        outcome=None,
    )
    return replace(gap, **over)  # type: ignore[arg-type]


def found(*gaps: Gap, least: int = 3) -> list[tuple[int, ...]]:
    return [
        tuple(each.int for each in one.situation_ids) for one in repeated_gaps(gaps, NOW, least=least, within=WITHIN)
    ]


def test_three_alike_are_a_gap_and_two_are_not() -> None:
    assert found(a_gap(1), a_gap(2), a_gap(3)) == [(3, 2, 1)]
    assert found(a_gap(1), a_gap(2)) == []


@pytest.mark.parametrize(
    "over",
    [
        {"living_area_id": LAFAYETTE},
        {"living_area_id": None},
        {"care_mode": CareMode.DAYS_ONLY},
        {"need_codes": frozenset({NeedCode.POLYHANDICAP})},
        {"need_codes": frozenset({NeedCode.AUTISM, NeedCode.INTELLECTUAL_DISABILITY})},
        {"age_band": AgeBand.FROM_12},
        {"need_codes": frozenset()},
        {"need_codes": frozenset({NeedCode.RUNAWAY_RISK})},
        {"created_at": NOW - timedelta(days=181)},
        {"deadline_at": NOW + timedelta(hours=1)},
        {"is_unsolved": False},
    ],
)
def test_what_differs_or_is_no_gap_does_not_count(over: dict[str, object]) -> None:
    assert found(a_gap(1), a_gap(2), a_gap(3, **over)) == []


@pytest.mark.parametrize(
    "over", [{"age_band": AgeBand.FROM_3}, {"need_codes": frozenset({NeedCode.AUTISM, NeedCode.SINGLE_ROOM})}]
)
def test_bands_of_one_range_and_needs_beside_the_public_are_alike(over: dict[str, object]) -> None:
    assert found(a_gap(1), a_gap(2), a_gap(3, **over)) == [(3, 2, 1)]


@pytest.mark.parametrize("outcome", ClosingOutcome)
def test_a_closed_situation_counts_where_the_community_had_no_answer(outcome: ClosingOutcome) -> None:
    counts = outcome in UNANSWERED_OUTCOMES
    closed = a_gap(3, is_unsolved=False, outcome=outcome)
    assert found(a_gap(1), a_gap(2), closed) == ([(3, 2, 1)] if counts else [])


def test_an_outcome_added_one_day_counts_as_answered() -> None:
    assert set(ClosingOutcome) - UNANSWERED_OUTCOMES == {
        ClosingOutcome.PLACED_IN_NETWORK,
        ClosingOutcome.SUPPORTED_AT_HOME,
        ClosingOutcome.USUAL_PLACE_RESUMED,
        ClosingOutcome.NEED_GONE,
        ClosingOutcome.DECLINED_BY_PERSON,
        ClosingOutcome.UNREACHABLE,
        ClosingOutcome.DUPLICATE,
        ClosingOutcome.DEATH,
    }


def test_every_age_band_has_its_range() -> None:
    assert set(AGE_RANGES) == set(AgeBand)
    assert set(AGE_RANGES.values()) == set(AgeRange)


def test_the_most_frequent_gap_comes_first_with_its_first_day_and_what_is_still_open() -> None:
    many = [a_gap(number) for number in (1, 2, 3)]
    more = [a_gap(number, living_area_id=LAFAYETTE) for number in (4, 5, 6)]
    closed = a_gap(7, living_area_id=LAFAYETTE, is_unsolved=False, outcome=ClosingOutcome.HOSPITALISED)
    first, second = repeated_gaps([*many, *more, closed], NOW, least=3, within=WITHIN)
    assert (first.kind.living_area_id, len(first.situation_ids), first.still_open) == (LAFAYETTE, 4, 3)
    assert first.since == closed.created_at
    assert second.kind.living_area_id == VELAY


@given(st.integers(min_value=0, max_value=9), st.integers(min_value=1, max_value=9), st.randoms())
def test_the_order_of_the_situations_changes_nothing(how_many: int, least: int, shuffler: object) -> None:
    gaps = [a_gap(number, age_band=AgeBand.FROM_6 if number % 2 else AgeBand.FROM_20) for number in range(how_many)]
    mixed = gaps[:]
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    told = repeated_gaps(gaps, NOW, least=least, within=WITHIN)
    assert repeated_gaps(mixed, NOW, least=least, within=WITHIN) == told
    assert all(len(one.situation_ids) >= least for one in told)
    assert sum(len(one.situation_ids) for one in told) <= how_many


def test_a_situation_on_its_deadline_is_a_gap() -> None:
    assert kind_of(a_gap(1, deadline_at=NOW), NOW, WITHIN) is not None
