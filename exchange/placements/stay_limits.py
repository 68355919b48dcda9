"""How long a stay may last by its frame: which limit counts, which day it is, and how many are left. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from exchange.kernel.periods import Half, date_of, half_of
from exchange.placements.rules import LegalBasis
from exchange.reference.code_lists import CareMode


class LimitKind(StrEnum):
    """Two counters: days of one emergency admission, days of temporary care in a year."""

    EMERGENCY_ADMISSION = "emergency_admission"
    TEMPORARY_CARE = "temporary_care"


@dataclass(frozen=True, slots=True)
class Limit:
    """A duration with the article that states it; a jurist checks both before real use."""

    days: int
    article: str


LIMITS: Final = MappingProxyType(
    {
        LimitKind.EMERGENCY_ADMISSION: Limit(15, "D312-10 du code de l'action sociale et des familles"),
        LimitKind.TEMPORARY_CARE: Limit(90, "D312-8 du code de l'action sociale et des familles"),
    }
)
"""An emergency admission is under 15 days: fourteen nights, gone on the fifteenth day."""

TEMPORARY_MODES: Final = frozenset({CareMode.TEMPORARY_STAY, CareMode.TEMPORARY_DAY})
_ORIENTED: Final = frozenset({LegalBasis.CDAPH_DECISION, LegalBasis.EMERGENCY_ADMISSION})


@dataclass(frozen=True, slots=True)
class Counter:
    """One limit over one stay: `before` days were spent elsewhere this year, `first_on` is its first day."""

    kind: LimitKind
    first_on: date
    before: int = 0

    @property
    def most(self) -> int:
        return LIMITS[self.kind].days

    def day(self, on: date) -> int:
        """Which day of the limit a date is; the first one is 1 after the days before."""
        return self.before + max(0, (on - self.first_on).days) + 1

    @property
    def last_on(self) -> date:
        """The date on which the count reaches the limit."""
        return self.first_on + timedelta(days=max(0, self.most - self.before - 1))

    def left_on(self, on: date) -> int:
        """Days still possible once a date is over; 0 at the limit and beyond."""
        return max(0, self.most - self.day(on))


def counters_of(legal_basis: str | None, care_mode: str, first_on: date, before: int | None) -> tuple[Counter, ...]:
    """Return the limits that bear on a stay. Child welfare and court orders have their own, which are not counted."""
    counters = []
    if legal_basis == LegalBasis.EMERGENCY_ADMISSION:
        counters.append(Counter(LimitKind.EMERGENCY_ADMISSION, first_on))
    if care_mode in TEMPORARY_MODES and legal_basis in _ORIENTED:
        counters.append(Counter(LimitKind.TEMPORARY_CARE, first_on, before or 0))
    return tuple(counters)


def last_day_of(segments: Iterable[int]) -> date:
    """Return the date on which the person leaves: the morning after the last night, or the last day itself."""
    last = max(segments)
    return date_of(last) + timedelta(days=half_of(last) is Half.NIGHT)


def is_too_long_for_emergency(segments: Iterable[int], exit_on: date | None = None) -> bool:
    """Whether a stay passes the limit of an emergency admission: a CDAPH decision is asked for instead."""
    wanted = sorted(segments)
    counter = Counter(LimitKind.EMERGENCY_ADMISSION, date_of(wanted[0]))
    return counter.day(max(exit_on or date_of(wanted[0]), last_day_of(wanted))) > counter.most
