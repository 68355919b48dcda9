"""Reading one form: each field has a French complaint, and all complaints are told together."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from hashlib import sha256
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.kernel.errors import DomainError
from exchange.kernel.periods import local_instant

Choice = TypeVar("Choice", bound=Enum)

REQUIRED: Final = "Cette réponse est nécessaire."
NOT_LISTED: Final = "Choisissez une réponse de la liste."
NOT_A_NUMBER: Final = "Écrivez un nombre entier."
NOT_A_DATE: Final = "Écrivez une date, par exemple 14/03/2026."
NOT_A_TIME: Final = "Écrivez une heure, par exemple 21:00."
IDEMPOTENCY_FIELD: Final = "idempotency_key"
VERSION_FIELD: Final = "version"
"""The version of what the form edits, as its page showed it."""

_MOST_VERSIONS: Final = 2**31 - 1
_NOT_PART_OF_THE_REQUEST: Final = frozenset({"csrf_token", IDEMPOTENCY_FIELD})


class FormRejected(Exception):
    """Some fields cannot be read; nothing was done."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("the form has mistakes")
        self.errors = errors


class VersionMissing(DomainError):
    """The page was drawn before versions, or the form comes from elsewhere: it is opened again."""

    code = "version-missing"
    status = 422


@dataclass(frozen=True, slots=True)
class FormView:
    """What a form shows: typed or initial values, and what is wrong with them."""

    values: Mapping[str, Sequence[str]]
    idempotency_key: str
    errors: Mapping[str, str] = field(default_factory=dict)
    summary: str | None = None
    changes: Sequence[str] = ()
    """What moved since the form was drawn, where that is why it was refused."""

    def value(self, name: str) -> str:
        """The single value of a field; empty where there is none."""
        values = self.values.get(name, ())
        return values[0] if values else ""

    def has(self, name: str, code: object) -> bool:
        """Whether a choice is ticked."""
        return str(code) in self.values.get(name, ())

    def error(self, name: str) -> str | None:
        return self.errors.get(name)


@dataclass(frozen=True, slots=True)
class PostedForm:
    """What the browser sent. Reading a field notes its mistake; `done` raises them all."""

    values: Mapping[str, Sequence[str]]
    errors: dict[str, str] = field(default_factory=dict)

    def request_hash(self) -> bytes:
        """What makes two submissions the same request, whatever their session."""
        kept = sorted((name, *values) for name, values in self.values.items() if name not in _NOT_PART_OF_THE_REQUEST)
        return sha256(repr(kept).encode()).digest()

    def wrong(self, name: str, complaint: str) -> None:
        """Note what is wrong with a field; its first complaint stays."""
        self.errors.setdefault(name, complaint)

    def done(self) -> None:
        """Raise `FormRejected` if any field was wrong."""
        if self.errors:
            raise FormRejected(self.errors)

    def text(self, name: str, *, longest: int, required: bool = True, paragraph: bool = False) -> str:
        """A line, or a paragraph, without control characters (PostgreSQL refuses U+0000)."""
        kept = "".join(c for c in self._one(name) if c in "\r\n\t" or unicodedata.category(c) != "Cc")
        kept = kept.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not paragraph:
            kept = kept.replace("\n", " ").replace("\t", " ")
        if required and not kept:
            self.wrong(name, REQUIRED)
        if len(kept) > longest:
            self.wrong(name, f"{longest} caractères au plus.")
        return kept

    def whole(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number between two bounds, both included."""
        raw = self._one(name).strip()
        if not raw and default is not None:
            return default
        if not raw:
            self.wrong(name, REQUIRED)
            return least
        if not raw.isascii() or not raw.removeprefix("-").isdigit() or len(raw) > 9:
            self.wrong(name, NOT_A_NUMBER)
            return least
        number = int(raw)
        if not least <= number <= most:
            self.wrong(name, f"Entre {least} et {most}.")
            return least
        return number

    def optional_whole(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number between two bounds, or nothing."""
        return self.whole(name, least=least, most=most) if self._one(name).strip() else None

    def choice(self, name: str, codes: type[Choice], default: Choice) -> Choice:
        """One code of a closed list; `default` only fills the type while the form is being refused."""
        raw = self._one(name)
        for code in codes:
            if str(code.value) == raw:
                return code
        self.wrong(name, NOT_LISTED if raw else REQUIRED)
        return default

    def optional_choice(self, name: str, codes: type[Choice]) -> Choice | None:
        """One code of a closed list, or nothing."""
        raw = self._one(name)
        found = next((code for code in codes if str(code.value) == raw), None)
        if raw and found is None:
            self.wrong(name, NOT_LISTED)
        return found

    def choices(self, name: str, codes: type[Choice], *, required: bool = True) -> tuple[Choice, ...]:
        """Some codes of a closed list, in the list's order."""
        ticked = set(self.values.get(name, ()))
        if ticked - {str(code.value) for code in codes}:
            self.wrong(name, NOT_LISTED)
        chosen = tuple(code for code in codes if str(code.value) in ticked)
        if required and not chosen:
            self.wrong(name, "Choisissez au moins une réponse.")
        return chosen

    def one_of(self, name: str, allowed: Sequence[str]) -> str:
        """One text of a short list."""
        raw = self._one(name)
        if raw not in allowed:
            self.wrong(name, NOT_LISTED if raw else REQUIRED)
            return allowed[0]
        return raw

    def identifier(self, name: str, known: Mapping[UUID, object]) -> UUID | None:
        """One of the things that the page offered."""
        raw = self._one(name)
        if not raw:
            self.wrong(name, REQUIRED)
            return None
        found = next((known_id for known_id in known if str(known_id) == raw), None)
        if found is None:
            self.wrong(name, NOT_LISTED)
        return found

    def identifiers(self, name: str, known: Mapping[UUID, object]) -> tuple[UUID, ...]:
        """Some of the things that the page offered."""
        ticked = set(self.values.get(name, ()))
        if ticked - {str(known_id) for known_id in known}:
            self.wrong(name, NOT_LISTED)
        return tuple(known_id for known_id in known if str(known_id) in ticked)

    def day(self, name: str, *, required: bool = True) -> date | None:
        """A local date, as browsers send it or as French people write it."""
        raw = self._one(name).strip()
        if not raw:
            if required:
                self.wrong(name, REQUIRED)
            return None
        parts = raw.split("/")
        try:
            if len(parts) == 3:
                return date(int(parts[2]), int(parts[1]), int(parts[0]))
            return date.fromisoformat(raw)
        except (ValueError, OverflowError):
            self.wrong(name, NOT_A_DATE)
            return None

    def hour(self, name: str, *, required: bool = True) -> time | None:
        """A local time: `21:00`, `21h`, `21 h 30`."""
        raw = self._one(name).strip().lower().replace(" ", "").replace("h", ":")
        if not raw:
            if required:
                self.wrong(name, REQUIRED)
            return None
        hours, _, rest = raw.partition(":")
        try:
            return time(int(hours), int(rest or "0"))
        except (ValueError, OverflowError):
            self.wrong(name, NOT_A_TIME)
            return None

    def instant(self, day_name: str, hour_name: str, zone: ZoneInfo) -> datetime | None:
        """A local date and time, both needed, as an instant."""
        on, at = self.day(day_name), self.hour(hour_name)
        return None if on is None or at is None else local_instant(on, at, zone)

    def has_typed(self, name: str) -> bool:
        """Whether anything was written in a field."""
        return bool(self._one(name).strip())

    def seen_version(self) -> int:
        """The version that the page showed. Raises `VersionMissing`: a form that edits something says what it saw."""
        raw = self._one(VERSION_FIELD)
        if not raw.isascii() or not raw.isdigit() or not 0 < int(raw[:11]) <= _MOST_VERSIONS:
            raise VersionMissing
        return int(raw)

    def ticked(self, name: str) -> bool:
        """Whether a single box is ticked."""
        return bool(self._one(name))

    def _one(self, name: str) -> str:
        values = self.values.get(name, ())
        return values[0] if values else ""
