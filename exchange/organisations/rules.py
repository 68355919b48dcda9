"""What a community, an operator or a facility must say about itself."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exchange.kernel.errors import InvalidValue

FINESS = re.compile(r"[0-9][0-9A-Z][0-9]{7}")
"""Nine characters; the second is a letter in Corsica and overseas (source: FINESS extracts)."""

OLDEST_AGE = 120
LONGEST_NAME = 200


def check_name(name: str, field: str = "name") -> None:
    """Raise `InvalidValue` unless the name says something and fits on a line."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidValue(field=field, rule="name")


def check_finess(number: str, field: str) -> None:
    """Raise `InvalidValue` unless the number has the register's form."""
    if not FINESS.fullmatch(number):
        raise InvalidValue(field=field, rule="finess")


def check_ages(ages_from: int, ages_to: int) -> None:
    """Raise `InvalidValue` unless the ages, both included, are a range."""
    if not 0 <= ages_from <= ages_to <= OLDEST_AGE:
        raise InvalidValue(field="ages_from", rule="ages")


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name. Raises `InvalidValue`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidValue(field="time_zone", rule="time-zone") from None
