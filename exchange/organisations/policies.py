"""Who shapes a community, and whose address is told to whom."""

from __future__ import annotations

from uuid import UUID

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden

SHAPING_ROLES = frozenset({Role.SYSTEM})
"""Members, operators and areas are entered from the command line and by imports; no account may do it on a screen."""


MAY_ORDER_CRISIS = frozenset({Role.COORDINATOR})
"""The community opens and closes its crisis organisation; an authority asks for it, and orders nothing here."""


def require_ordering_crisis(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor may open, prolong and close the community's crisis organisation."""
    if actor.role not in MAY_ORDER_CRISIS:
        raise ActForbidden


def require_shaping(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor may change who belongs to the community."""
    if actor.role not in SHAPING_ROLES:
        raise ActForbidden


def may_know_address(actor: Actor, facility_id: UUID, *, hides_address: bool) -> bool:
    """Whether the commune of a facility may be told to this actor; a hidden one is told to its own people alone."""
    return not hides_address or actor.speaks_for(facility_id) or actor.role is Role.SYSTEM
