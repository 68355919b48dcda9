"""One figure of the storm: what is played, at which size, against which target."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bench.storm.history import History
from bench.storm.world import World

Size = Mapping[str, int]
Play = Callable[[World, Size, int, History], Awaitable[None]]
"""Plays a figure of a size with a seed, and appends the tables concerned as they stand afterwards."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`full` is the nightly size, `tenth` that of `./run test`.

    `alone`: it kills servers, so they are its own, and durable. `worker`: it needs the background work to run.
    """

    name: str
    title: str
    target: str
    full: Size
    tenth: Size
    play: Play
    alone: bool = False
    worker: bool = False

    def size(self, tenth: bool) -> Size:
        return self.tenth if tenth else self.full
