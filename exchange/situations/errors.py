"""What this slice refuses."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class LinkedSituationAlreadyAnswered(DomainError):
    """Somebody already holds a place for the other person: the two can no longer be bound to one answer."""

    code = "linked-situation-already-answered"
    status = 409
