"""The one place that reads the machine's clock; everything else is told the time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock, for what happens outside any transaction."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        return datetime.now(UTC)
