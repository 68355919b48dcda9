"""Travel times without a road network: the distance as the crow flies, lengthened and driven at one speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from exchange.reference.ports import UNKNOWN_MINUTES, Place, TravelMatrix

EARTH_RADIUS_METRES = 6_371_000
DETOUR_PERCENT = 130
"""A road is longer than the line: 1.2 to 1.4 times in hilly country."""

METRES_PER_MINUTE = 917
"""55 km/h, the pace of departmental roads in a mountain territory."""

START_AND_PARK_MINUTES = 5


class StraightLine:
    """An estimate, always available, labelled as such; it knows no snow, no pass, no river."""

    source = "vol d'oiseau × 1,3 à 55 km/h"

    async def minutes_between(
        self, origins: Sequence[Place], destinations: Sequence[Place], departure: datetime
    ) -> TravelMatrix:
        """Return the estimate for each pair; `UNKNOWN_MINUTES` where a coordinate is missing."""
        there = [_radians(place) for place in destinations]
        minutes = tuple(tuple(_minutes(here, place) for place in there) for here in map(_radians, origins))
        return TravelMatrix(minutes=minutes, source=self.source, as_of=departure, is_estimate=True)


_Angles = tuple[float, float, float] | None
"""Latitude, longitude and the cosine of the latitude."""


def _radians(place: Place) -> _Angles:
    if place.latitude is None or place.longitude is None:
        return None
    latitude = math.radians(place.latitude)
    return latitude, math.radians(place.longitude), math.cos(latitude)


def _minutes(one: _Angles, two: _Angles) -> int:
    if one is None or two is None:
        return UNKNOWN_MINUTES
    return START_AND_PARK_MINUTES + round(_metres(one, two) * DETOUR_PERCENT / 100 / METRES_PER_MINUTE)


def _metres(one: tuple[float, float, float], two: tuple[float, float, float]) -> float:
    """Haversine distance, exact to about half a percent on an ellipsoid."""
    half = math.sin((two[0] - one[0]) / 2) ** 2 + one[2] * two[2] * math.sin((two[1] - one[1]) / 2) ** 2
    return 2 * EARTH_RADIUS_METRES * math.asin(min(1.0, math.sqrt(half)))
