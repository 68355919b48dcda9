"""Who receives, closes and sees situations: coordination alone, and a receiver once asked to answer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false, true

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden, NotFound


@dataclass(frozen=True, slots=True)
class Solicited:
    """Proof that a facility was asked to answer for a situation: a placement of theirs that stands.

    Built by `placements` alone, after it read that placement; this slice cannot see placements. `is_confirmed`: the
    three yeses stand, so that the facility prepares to host.
    """

    situation_id: UUID
    facility_id: UUID
    placement_id: UUID
    is_confirmed: bool = False


def require_coordination(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor works for the whole community."""
    if not actor.coordinates:
        raise ActForbidden


def require_solicited(actor: Actor, situation_id: UUID, proof: Solicited) -> None:
    """Raise `NotFound` unless the proof is about this situation and about a facility that the actor speaks for."""
    if proof.situation_id != situation_id or not actor.speaks_for(proof.facility_id):
        raise NotFound


def visible_situations(actor: Actor) -> ColumnElement[bool]:
    """Return the filter: coordination sees all; for anybody else the board's families and own placements suffice."""
    return true() if actor.coordinates or actor.role is Role.SYSTEM else false()
