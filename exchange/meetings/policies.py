"""Who prepares meetings, who has tasks, and who reads a project record."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.meetings.models import ProjectRecord, Task
from exchange.meetings.rules import RecordState

ASSIGNABLE_ROLES = frozenset(
    {Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER},
)
"""An observer looks on: nothing is asked of one by name, but of the body they come from."""

MANAGING_ROLES = frozenset({Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER})


def require_coordinator(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor is a coordinator: meetings, project records and sheets are theirs."""
    if actor.role is not Role.COORDINATOR:
        raise ActForbidden


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the filter: coordination sees all tasks, a manager their own and those of their facilities."""
    if actor.coordinates or actor.role is Role.SYSTEM:
        return true()
    if actor.role not in MANAGING_ROLES:
        return false()
    return own_tasks(actor)


def own_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the filter of what is asked of the actor, or of a facility for which the actor speaks."""
    theirs = false() if actor.account_id is None else Task.assignee_account_id == actor.account_id
    return or_(theirs, Task.assignee_facility_id.in_(actor.facility_ids))


def visible_records(actor: Actor) -> ColumnElement[bool]:
    """Return the filter: coordination sees all project records, an observer those that were shared."""
    if actor.coordinates or actor.role is Role.SYSTEM:
        return true()
    if actor.role is not Role.OBSERVER:
        return false()
    return and_(ProjectRecord.state != RecordState.DRAFT.value, ProjectRecord.shared_at.is_not(None))
