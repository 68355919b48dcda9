"""Whose word an act on a placement is, and who sees which placements."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, true

from exchange.availability.models import PlaceOffer
from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.placements.models import Placement
from exchange.placements.rules import SIDES, Act, Side

RECEIVING_ROLES = frozenset({Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER})


def side_of(actor: Actor, facility_id: UUID) -> Side:
    """Return for whom the actor speaks about a placement in this facility.

    Raises `NotFound` to whoever may not know that it exists: other facilities, observers, lent professionals.
    """
    if actor.role is Role.SYSTEM:
        return Side.CLOCK
    if actor.coordinates:
        return Side.COORDINATION
    if actor.role in RECEIVING_ROLES and actor.speaks_for(facility_id):
        return Side.RECEIVER
    raise NotFound


def require_side(actor: Actor, facility_id: UUID, act: Act) -> Side:
    """Return the actor's side. Raises `ActForbidden` where the act is not that side's, `NotFound` as `side_of`."""
    side = side_of(actor, facility_id)
    if side not in SIDES[act]:
        raise ActForbidden
    return side


def require_coordination(actor: Actor, act: Act) -> Side:
    """Return the side of an act on a whole answer, which no facility does. Raises `ActForbidden`."""
    side = Side.CLOCK if actor.role is Role.SYSTEM else Side.COORDINATION
    if not (actor.coordinates or actor.role is Role.SYSTEM) or side not in SIDES[act]:
        raise ActForbidden
    return side


def visible_placements(actor: Actor) -> ColumnElement[bool]:
    """Return the filter, over placements joined to their offers.

    Coordination sees all; a facility sees what it was once asked, not the proposals that nobody took up.
    """
    if actor.coordinates or actor.role is Role.SYSTEM:
        return true()
    if actor.role in RECEIVING_ROLES and actor.facility_ids:
        return and_(PlaceOffer.facility_id.in_(actor.facility_ids), Placement.held_until.is_not(None))
    return false()
