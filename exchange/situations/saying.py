"""Who spoke for a service: one line, a professional's name and function, nothing by which they could be rung. Pure."""

from __future__ import annotations

from exchange.kernel.errors import InvalidValue
from exchange.situations.free_text import check_free_text

LONGEST_SPOKEN: int = 120


def spoken_line(text: str, field: str) -> str:
    """Return the words on one line. Raises `InvalidValue`: `not-empty`, `too-long`, or what `check_free_text` finds."""
    line = " ".join(text.split())
    if not line:
        raise InvalidValue(field=field, rule="not-empty")
    if len(line) > LONGEST_SPOKEN:
        raise InvalidValue(field=field, rule="too-long", most=LONGEST_SPOKEN)
    check_free_text(line, field)
    return line
