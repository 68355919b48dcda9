"""What the house asks of whoever knows the roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

UNKNOWN_MINUTES = 9_999
"""The travel time between places of which one has no known coordinates: beyond anybody's limit."""


@dataclass(frozen=True, slots=True)
class Place:
    """A commune by its INSEE code; coordinates in degrees (WGS 84), absent where the register has none."""

    code: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class TravelMatrix:
    """One-way minutes: one row per origin, one column per destination, in the order asked.

    `source` names who said so, `as_of` when; `is_estimate` is shown with every figure that is not a computed route.
    """

    minutes: tuple[tuple[int, ...], ...]
    source: str
    as_of: datetime
    is_estimate: bool


class TravelTimes(Protocol):
    """One-way minutes by road between communes. May talk to the network: never called inside a transaction."""

    async def minutes_between(
        self, origins: Sequence[Place], destinations: Sequence[Place], departure: datetime
    ) -> TravelMatrix: ...
