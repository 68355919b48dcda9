"""The faults that the storm must see: each names the figures that fail with it. See `bench.storm.planted`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plant:
    """`sql`: run by the owner on the throwaway database. What changes in the code is in `bench.storm.faults`."""

    title: str
    figures: tuple[str, ...]
    sql: tuple[str, ...] = ()


PLANTS: Final[dict[str, Plant]] = {}
