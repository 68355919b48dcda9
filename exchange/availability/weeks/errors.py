"""What weeks refuse."""

from __future__ import annotations

from exchange.availability.errors import CapacityBelowUsed
from exchange.kernel.errors import DomainError


class NoWeekFollowed(DomainError):
    """The offer follows no week: there is nothing to except from."""

    code = "no-week-followed"
    status = 409


class PromisedDate(CapacityBelowUsed):
    """Persons already count on a date that the change would take away; `facts["on"]` names the first one."""

    code = "promised-date"
