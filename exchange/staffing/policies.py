"""Who may speak for a volunteer's employer, and who sees what."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.staffing.rules import TimeKind

_MEMBERS = frozenset(
    {
        Role.FACILITY_MANAGER,
        Role.ON_CALL_MANAGER,
        Role.COORDINATOR,
        Role.PATHWAY_ADVISER,
        Role.OBSERVER,
        Role.SYSTEM,
    }
)


def require_word_of(actor: Actor, facility_id: UUID) -> None:
    """Raise `ActForbidden` unless the actor gives this facility's word."""
    if not actor.speaks_for(facility_id):
        raise ActForbidden


def require_times_of(actor: Actor, volunteer_id: UUID, facility_id: UUID, kind: TimeKind) -> None:
    """Raise unless the actor may state this kind of time.

    The person states her own availability through her own link; working time and its release are the employer's.
    Raises `NotFound` to whoever may not know that this volunteer exists.
    """
    if actor.speaks_for(facility_id):
        return
    if actor.via is Via.LINK and actor.volunteer_id == volunteer_id:
        if kind is TimeKind.AVAILABLE:
            return
        raise ActForbidden
    if actor.coordinates:
        raise ActForbidden
    raise NotFound


def may_see_needs(actor: Actor) -> bool:
    """Whether the actor sees what the community's facilities ask for; a lent professional sees only her link."""
    return actor.role in _MEMBERS


def visible_volunteers(actor: Actor, facility_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the filter: coordination sees all volunteers, an employer its own, nobody else any."""
    if actor.coordinates or actor.role is Role.SYSTEM:
        return true()
    if actor.facility_ids:
        return facility_id.in_(actor.facility_ids)
    return false()


def may_see_identity(actor: Actor, facility_id: UUID) -> bool:
    """Whether the actor may read a volunteer's name: the employer alone, before consent."""
    return actor.speaks_for(facility_id)
