"""What weeks refuse."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class NoWeekFollowed(DomainError):
    """The offer follows no week: there is nothing to except from."""

    code = "no-week-followed"
    status = 409
