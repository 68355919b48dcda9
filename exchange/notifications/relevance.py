"""Whether a message still means something at the moment of sending: what it speaks of may have moved on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import PlaceOffer
from exchange.loans.models import StaffLoan
from exchange.loans.rules import BINDING, LoanState
from exchange.meetings.models import Task
from exchange.notifications.evening import sites_to_answer
from exchange.notifications.letters import ABOUT_SITUATIONS
from exchange.organisations.crisis_views import open_crisis_at
from exchange.placements.models import Placement
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.troubles import trouble_of
from exchange.situations.models import Situation

_PLACEMENT_STATES: dict[str, frozenset[str]] = {
    "stay_requested": frozenset({"held"}),
    "stay_accepted": frozenset({"accepted", "confirmed", "admitted"}),
    "stay_declined_next": frozenset({"refused"}),
    "stay_silent_next": frozenset({"expired"}),
    "stay_confirmed": frozenset({"confirmed", "admitted"}),
    "arrival_seen": frozenset({"admitted", "ended"}),
    "stay_called_off": frozenset({"cancelled"}),
    "stay_at_risk": frozenset({"admitted"}),
    "exit_not_ready": frozenset({"admitted"}),
    "emergency_limit": frozenset({"admitted"}),
    "yearly_limit": frozenset({"admitted"}),
}
_OVER = frozenset({LoanState.DECLINED, LoanState.EXPIRED, LoanState.CANCELLED})


class TemplateUnknown(LookupError):
    """A template that nobody said when to send: it must not leave by mistake."""


async def is_relevant(tx: AsyncSession, template: str, subject_id: UUID, now: datetime) -> bool:
    """Return whether to send. Raises `TemplateUnknown`."""
    if template in _PLACEMENT_STATES:
        state = await tx.scalar(select(Placement.state).where(Placement.id == subject_id))
        return state in _PLACEMENT_STATES[template]
    if template == "places_to_confirm":
        offer = await tx.get(PlaceOffer, subject_id)
        return offer is not None and offer.state == "published" and offer.fresh_until <= now
    if template == "evening_question":
        return bool(await sites_to_answer(tx, subject_id, now))
    if template in ("task_due", "task_overdue"):
        return await tx.scalar(select(Task.state).where(Task.id == subject_id)) == "open"
    if template in ABOUT_SITUATIONS:
        return await _about_situation(tx, template, subject_id)
    if template == "search_stopped":
        return await _still_stopped(tx, subject_id)
    if template in ("crisis_opened", "crisis_prolonged", "crisis_ended"):
        standing = await open_crisis_at(tx)
        is_open = standing is not None and standing.id == subject_id
        return is_open is (template != "crisis_ended")
    return _loan_is_relevant(template, await tx.get(StaffLoan, subject_id), now)


async def _about_situation(tx: AsyncSession, template: str, situation_id: UUID) -> bool:
    situation = await tx.get_one(Situation, situation_id)
    match template:
        case "still_unanswered":
            return situation.state in ("received", "searching")
        case "escalated" | "outside_to_call":
            return situation.alert_since is not None
        case _:
            return situation.state != "closed"


async def _still_stopped(tx: AsyncSession, run_id: UUID) -> bool:
    run = await tx.get_one(MatchRun, run_id)
    trouble = await trouble_of(tx, Lane(run.lane))
    return trouble is not None and trouble.is_given_up


def _loan_is_relevant(template: str, loan: StaffLoan | None, now: datetime) -> bool:
    if loan is None:
        return False
    waits = loan.state == LoanState.PROPOSED and loan.answer_by is not None and loan.answer_by > now
    match template:
        case "loan_offered":
            return waits and loan.consented_at is None
        case "release_requested":
            return waits and loan.released_at is None
        case "loan_to_accept":
            return waits and loan.accepted_at is None
        case "loan_confirmed":
            return loan.state in BINDING
        case "loan_called_off" | "loan_not_possible":
            return loan.state in _OVER
        case _:
            raise TemplateUnknown(template)
