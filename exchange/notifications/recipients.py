"""Who stands behind a recipient, today: people with a role in force, or the volunteer."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import PlaceOffer
from exchange.identity.models import Account, Membership
from exchange.identity.on_call import SECOND
from exchange.kernel.actor import Role
from exchange.loans.models import StaffLoan
from exchange.meetings.models import Task
from exchange.notifications.rules import About, Whom
from exchange.organisations.models import Facility
from exchange.placements.models import Placement
from exchange.situations.models import Situation
from exchange.situations.models_following import ReferentHandOver
from exchange.staffing.models import LoanVolunteer, StaffNeed, VolunteerIdentity

_MEMBERS = (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER)


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account or a volunteer; `kind` as in the table of messages."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a letter goes; never logged."""

    email: str = field(repr=False)


async def recipients_of(tx: AsyncSession, about: About, subject_id: UUID, whom: Whom) -> tuple[Recipient, ...]:
    """Return the people that a role stands for at this instant, without duplicates."""
    match whom:
        case Whom.RECEIVER:
            return await _managers(tx, await _receiving_facility(tx, about, subject_id))
        case Whom.LENDER:
            lender = select(LoanVolunteer.facility_id).join(StaffLoan, StaffLoan.volunteer_id == LoanVolunteer.id)
            return await _managers(tx, await tx.scalar(lender.where(StaffLoan.id == subject_id)))
        case Whom.HOST:
            host = select(StaffNeed.facility_id).join(StaffLoan, StaffLoan.need_id == StaffNeed.id)
            return await _managers(tx, await tx.scalar(host.where(StaffLoan.id == subject_id)))
        case Whom.REFERENT:
            return await _referent(tx, about, subject_id)
        case Whom.EXIT_REFERENT:
            exits = select(Placement.exit_referent_account_id).where(Placement.id == subject_id)
            return _one(await tx.scalar(exits)) or await _referent(tx, about, subject_id)
        case Whom.COORDINATORS:
            return await _accounts(tx, Membership.role == Role.COORDINATOR.value)
        case Whom.SECOND_ON_CALL:
            return await _second_on_call(tx, subject_id)
        case Whom.ASKED_TO_FOLLOW:
            asked = select(ReferentHandOver.to_account_id).where(
                ReferentHandOver.situation_id == subject_id, ReferentHandOver.state == "offered"
            )
            return _one(await tx.scalar(asked))
        case Whom.MEMBERS:
            return await _accounts(tx, Membership.role.in_([role.value for role in _MEMBERS]))
        case Whom.VOLUNTEER:
            volunteer_id = await tx.scalar(select(StaffLoan.volunteer_id).where(StaffLoan.id == subject_id))
            return () if volunteer_id is None else (Recipient("volunteer", volunteer_id),)
        case Whom.ASSIGNEE:
            return await _assignee(tx, await tx.get_one(Task, subject_id))


async def addressee(tx: AsyncSession, recipient: Recipient) -> Addressee | None:
    """Return where to write, or nothing where the person has left since the message was made."""
    if recipient.kind == "volunteer":
        email = await tx.scalar(select(VolunteerIdentity.email).where(VolunteerIdentity.volunteer_id == recipient.id))
    else:
        email = await tx.scalar(
            select(Account.email)
            .join(Membership, Membership.account_id == Account.id)
            .where(Account.id == recipient.id, Account.disabled_at.is_(None), Membership.ended_at.is_(None))
            .limit(1)
        )
    return None if email is None else Addressee(email)


async def _assignee(tx: AsyncSession, task: Task) -> tuple[Recipient, ...]:
    """Nobody signs in for a body: the coordinators call it."""
    if task.assignee_account_id is not None:
        return _one(task.assignee_account_id)
    if task.assignee_facility_id is not None:
        return await _managers(tx, task.assignee_facility_id)
    return await _accounts(tx, Membership.role == Role.COORDINATOR.value)


async def _receiving_facility(tx: AsyncSession, about: About, subject_id: UUID) -> UUID | None:
    offers = select(PlaceOffer.facility_id)
    if about is About.OFFER:
        return await tx.scalar(offers.where(PlaceOffer.id == subject_id))
    return await tx.scalar(
        offers.join(Placement, Placement.offer_id == PlaceOffer.id).where(Placement.id == subject_id)
    )


async def _referent(tx: AsyncSession, about: About, subject_id: UUID) -> tuple[Recipient, ...]:
    referents = select(Situation.referent_account_id)
    if about is About.SITUATION:
        return _one(await tx.scalar(referents.where(Situation.id == subject_id)))
    joined = referents.join(Placement, Placement.situation_id == Situation.id)
    return _one(await tx.scalar(joined.where(Placement.id == subject_id)))


async def _managers(tx: AsyncSession, facility_id: UUID | None) -> tuple[Recipient, ...]:
    operator = select(Facility.operator_id).where(Facility.id == facility_id).scalar_subquery()
    return await _accounts(
        tx,
        or_(
            and_(Membership.role == Role.FACILITY_MANAGER.value, Membership.facility_id == facility_id),
            and_(Membership.role == Role.ON_CALL_MANAGER.value, Membership.operator_id == operator),
        ),
    )


async def _second_on_call(tx: AsyncSession, situation_id: UUID) -> tuple[Recipient, ...]:
    """Second in the coordination's rota, and second of the operators that are asked and silent."""
    asked = (
        select(Facility.operator_id)
        .join(PlaceOffer, PlaceOffer.facility_id == Facility.id)
        .join(Placement, Placement.offer_id == PlaceOffer.id)
        .where(Placement.situation_id == situation_id, Placement.state == "held")
    )
    coordination = (Role.COORDINATOR.value, Role.PATHWAY_ADVISER.value)
    return await _accounts(
        tx,
        and_(
            Membership.on_call_rank == SECOND,
            or_(
                Membership.role.in_(coordination),
                and_(Membership.role == Role.ON_CALL_MANAGER.value, Membership.operator_id.in_(asked)),
            ),
        ),
    )


async def _accounts(tx: AsyncSession, where: ColumnElement[bool]) -> tuple[Recipient, ...]:
    rows = await tx.scalars(
        select(Account.id)
        .join(Membership, Membership.account_id == Account.id)
        .where(where, Membership.ended_at.is_(None), Account.disabled_at.is_(None))
        .distinct()
        .order_by(Account.id)
    )
    return tuple(Recipient("account", account_id) for account_id in rows)


def _one(account_id: UUID | None) -> tuple[Recipient, ...]:
    return () if account_id is None else (Recipient("account", account_id),)
