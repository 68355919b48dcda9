"""How long each part of a run took, for the log line that the benchmark reads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Wall milliseconds by part: `lease`, `load`, `build`, `solve` (of which `solver` in the library), `record`."""

    milliseconds: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a block under this name, its commit included where the block holds a transaction."""
        began = time.perf_counter()
        yield
        self.milliseconds[name] = round(1000 * (time.perf_counter() - began))
