"""Who may speak for a volunteer's employer, and who sees what."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, true

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.staffing.models import LoanVolunteer, StaffNeed
from exchange.staffing.rules import OFF_THE_BOARD, TimeKind


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


def visible_volunteers(actor: Actor) -> ColumnElement[bool]:
    """Return the filter: coordination sees all volunteers, an employer its own, a professional herself."""
    if actor.coordinates or actor.role is Role.SYSTEM:
        return true()
    if actor.volunteer_id is not None:
        return LoanVolunteer.id == actor.volunteer_id
    return LoanVolunteer.facility_id.in_(actor.facility_ids)


def visible_needs(actor: Actor) -> ColumnElement[bool]:
    """Return the filter: members see what is asked, and their own facilities' past needs."""
    if actor.role is Role.LOAN_VOLUNTEER:
        return false()
    asked = StaffNeed.state.not_in([state.value for state in OFF_THE_BOARD])
    return or_(asked, StaffNeed.facility_id.in_(actor.facility_ids))


def may_see_identity(actor: Actor, facility_id: UUID) -> bool:
    """Whether the actor may read a volunteer's name: the employer alone, before consent."""
    return actor.speaks_for(facility_id)
