"""Statistical secrecy (small-cell suppression): a small count could point at one person or one site."""

from __future__ import annotations

SMALLEST_TOLD_COUNT = 5
"""Below it a count could point at one person or one site; the project's own choice of statistical secrecy."""


def suppressed(count: int) -> int | None:
    """Return a count that may leave the community, or None for one to four; zero is told."""
    return None if 0 < count < SMALLEST_TOLD_COUNT else count
