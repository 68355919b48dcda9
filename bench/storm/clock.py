"""How long something took."""

from __future__ import annotations

import time


class Watch:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def milliseconds(self) -> int:
        return round(1000 * (time.perf_counter() - self._since))
