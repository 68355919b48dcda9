"""Estimated roads: plausible on known pairs, symmetric, and honest about what is unknown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.adapters.straight_line import START_AND_PARK_MINUTES, StraightLine
from exchange.reference.ports import UNKNOWN_MINUTES, Place

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LE_PUY = Place("43157", 45.0437, 3.8850)
YSSINGEAUX = Place("43268", 45.1425, 4.1236)
BRIOUDE = Place("43040", 45.2942, 3.3847)
NOWHERE = Place("43999", None, None)


async def minutes(one: Place, two: Place) -> int:
    matrix = await StraightLine().minutes_between((one,), (two,), NOW)
    assert matrix.is_estimate
    return matrix.minutes[0][0]


@pytest.mark.parametrize(
    ("one", "two", "least", "most"),
    [(LE_PUY, YSSINGEAUX, 25, 40), (LE_PUY, BRIOUDE, 50, 80), (LE_PUY, LE_PUY, START_AND_PARK_MINUTES, 5)],
)
async def test_known_pairs_take_about_what_drivers_say(one: Place, two: Place, least: int, most: int) -> None:
    assert least <= await minutes(one, two) <= most


@pytest.mark.parametrize(("one", "two"), [(LE_PUY, NOWHERE), (NOWHERE, LE_PUY), (NOWHERE, NOWHERE)])
async def test_an_unknown_place_is_beyond_every_limit(one: Place, two: Place) -> None:
    assert await minutes(one, two) == UNKNOWN_MINUTES


places = st.builds(Place, st.just("x"), st.floats(-89, 89), st.floats(-179, 179))


@given(places, places)
async def test_the_way_there_is_the_way_back(one: Place, two: Place) -> None:
    assert await minutes(one, two) == await minutes(two, one)


async def test_rows_are_origins_and_columns_destinations() -> None:
    matrix = await StraightLine().minutes_between((LE_PUY,), (LE_PUY, BRIOUDE), NOW)
    assert len(matrix.minutes) == 1
    assert matrix.minutes[0][0] < matrix.minutes[0][1]
