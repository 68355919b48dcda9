"""Reading single values of a form: a code of a closed list, a bounded number, an aware instant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from exchange.kernel.errors import InvalidValue

Code = TypeVar("Code", bound=StrEnum)


def code_of(codes: type[Code], value: str, field: str) -> Code:
    """Return the code that a text names. Raises `InvalidValue` (`unknown-code`)."""
    try:
        return codes(value)
    except ValueError:
        raise InvalidValue(field=field, rule="unknown-code") from None


def codes_of(codes: type[Code], values: Collection[str], field: str, *, at_least: int = 0) -> tuple[Code, ...]:
    """Return the codes that texts name, in their order.

    Raises `InvalidValue`: `too-few`, `unknown-code` or `twice`.
    """
    if len(values) < at_least:
        raise InvalidValue(field=field, rule="too-few", least=at_least)
    found = tuple(code_of(codes, value, field) for value in values)
    if len(set(found)) != len(found):
        raise InvalidValue(field=field, rule="twice")
    return found


def check_between(value: int, least: int, most: int, field: str) -> None:
    """Raise `InvalidValue` (`out-of-range`) unless `least <= value <= most`."""
    if not least <= value <= most:
        raise InvalidValue(field=field, rule="out-of-range", least=least, most=most)


def check_count(values: Sequence[object], least: int, most: int, field: str) -> None:
    """Raise `InvalidValue` (`too-few`, `too-many`) unless the list has between `least` and `most` lines."""
    if len(values) < least:
        raise InvalidValue(field=field, rule="too-few", least=least)
    if len(values) > most:
        raise InvalidValue(field=field, rule="too-many", most=most)


def check_instant(value: datetime, field: str) -> None:
    """Raise `InvalidValue` (`zone-missing`) where an instant does not say its zone."""
    if value.tzinfo is None:
        raise InvalidValue(field=field, rule="zone-missing")


def fingerprint(lines: Iterable[object]) -> str:
    """Return what tells one list of lines from another: shown with a list, and given back by whoever acts on it."""
    return sha256("\n".join(map(repr, lines)).encode()).hexdigest()[:16]
