"""What this slice refuses."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from exchange.kernel.errors import DomainError


class PlaceAlreadyHeld(DomainError):
    """No unit is left in a segment; `facts["segment"]` names the first such one."""

    code = "place-already-held"
    status = 409


class CapacityBelowUsed(DomainError):
    """Persons already count in a segment that the change would close; `facts["segment"]` names the first one."""

    code = "capacity-below-used"
    status = 409


class PlaceClosed(DomainError):
    """The house is red, or the place closed or not free yet, on the dates asked for; `facts["why"]` tells which."""

    code = "place-closed"
    status = 409


class NoWeekFollowed(DomainError):
    """The offer follows no week: there is nothing to except from."""

    code = "no-week-followed"
    status = 409


class PromisedDate(CapacityBelowUsed):
    """Persons already count on a date that the change would take away; `facts["on"]` names the first one."""

    code = "promised-date"


class RepetitionChanged(DomainError):
    """Other dates would open than those that were shown: the list is to be read again."""

    code = "repetition-changed"
    status = 409


BY_CONSTRAINT: Final[Mapping[str, type[DomainError]]] = MappingProxyType(
    {
        "ck_offer_segments_used_within_capacity": PlaceAlreadyHeld,
        "ck_offer_segments_capacity": CapacityBelowUsed,
    }
)
"""The refusal behind each constraint of this slice that a race may still reach."""
