"""Who is behind a cookie, a bearer token or a link. All read under `Scope.IDENTITY`: no community is known yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.credentials import hash_of
from exchange.identity.models import Account, ActionLink, ApiToken, Membership, SessionRow
from exchange.identity.rules import LONGEST_EMAIL
from exchange.kernel.actor import Actor, Role, Via
from exchange.organisations.models import Community, Facility


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    account_id: UUID
    password_hash: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: who, and what its forms must carry back."""

    actor: Actor
    account_id: UUID
    display_name: str
    csrf_token: str
    idle_until: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class MembershipView:
    """One role of an account, with what it speaks for."""

    id: UUID
    account_id: UUID
    email: str
    display_name: str
    role: Role
    community_id: UUID
    community_name: str
    operator_id: UUID | None
    facility_id: UUID | None


class LinkState(StrEnum):
    LIVE = "live"
    SPENT = "spent"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a link was cut for. Only a `live` one may act; `commands.spend_link` decides under the row's lock."""

    id: UUID
    community_id: UUID
    act: str
    subject_id: UUID
    volunteer_id: UUID | None
    account_id: UUID | None
    expires_at: datetime
    spent_at: datetime | None
    state: LinkState


async def stored_credentials(reader: AsyncSession, email: str) -> StoredCredentials | None:
    """Return what proves the account of an address; nothing for an unknown or closed one."""
    address = email.strip().lower()[: LONGEST_EMAIL + 1].replace("\x00", "")
    row = await reader.scalar(select(Account).where(Account.email == address, Account.disabled_at.is_(None)))
    return None if row is None else StoredCredentials(row.id, row.password_hash)


async def first_membership(reader: AsyncSession, account_id: UUID) -> UUID | None:
    """Return the oldest live membership of an account: the one it acts as when it has just signed in."""
    return await reader.scalar(
        select(Membership.id)
        .where(Membership.account_id == account_id, Membership.ended_at.is_(None))
        .order_by(Membership.id)
        .limit(1)
    )


async def actor_of_session(reader: AsyncSession, token: str, now: datetime, via: Via = Via.WEB) -> SignedIn | None:
    """Return who holds a session's token, while it is neither idle, over, revoked, closed nor without its role."""
    row = (
        await reader.execute(
            select(SessionRow, Account, Membership)
            .join(Account, Account.id == SessionRow.account_id)
            .join(Membership, Membership.id == SessionRow.membership_id)
            .where(
                SessionRow.token_hash == hash_of(token),
                SessionRow.revoked_at.is_(None),
                SessionRow.idle_until > now,
                SessionRow.ends_at > now,
                *_in_force(),
            )
        )
    ).one_or_none()
    if row is None:
        return None
    session, account, membership = row
    return SignedIn(
        actor=await _actor(reader, membership, via),
        account_id=account.id,
        display_name=account.display_name,
        csrf_token=session.csrf_token,
        idle_until=session.idle_until,
        ends_at=session.ends_at,
    )


async def actor_of_token(reader: AsyncSession, token: str, now: datetime, via: Via = Via.API) -> Actor | None:
    """Return who a bearer token stands for, while token, account and role are in force."""
    membership = await reader.scalar(
        select(Membership)
        .join(ApiToken, ApiToken.membership_id == Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            ApiToken.token_hash == hash_of(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.ends_at > now,
            *_in_force(),
        )
    )
    return None if membership is None else await _actor(reader, membership, via)


async def read_link(reader: AsyncSession, raw: str, now: datetime) -> LinkView | None:
    """Return what a link was cut for, spent or expired ones included; reading changes nothing."""
    row = await reader.scalar(select(ActionLink).where(ActionLink.token_hash == hash_of(raw)))
    if row is None:
        return None
    state = LinkState.LIVE if row.expires_at > now else LinkState.EXPIRED
    if row.spent_at is not None:
        state = LinkState.SPENT
    return LinkView(
        id=row.id,
        community_id=row.community_id,
        act=row.act,
        subject_id=row.subject_id,
        volunteer_id=row.volunteer_id,
        account_id=row.account_id,
        expires_at=row.expires_at,
        spent_at=row.spent_at,
        state=state,
    )


async def actor_of_link(reader: AsyncSession, link: LinkView) -> Actor | None:
    """Return who acts through a link: the professional, or the account in its oldest role of that community."""
    if link.volunteer_id is not None:
        return Actor(
            community_id=link.community_id,
            role=Role.LOAN_VOLUNTEER,
            via=Via.LINK,
            volunteer_id=link.volunteer_id,
        )
    membership = await reader.scalar(
        select(Membership)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.account_id == link.account_id,
            Membership.community_id == link.community_id,
            *_in_force(),
        )
        .order_by(Membership.id)
        .limit(1)
    )
    return None if membership is None else await _actor(reader, membership, Via.LINK)


async def display_name(reader: AsyncSession, account_id: UUID) -> str | None:
    """Return how an account is called; nothing where row-level security hides it."""
    return await reader.scalar(select(Account.display_name).where(Account.id == account_id))


async def memberships(reader: AsyncSession) -> tuple[MembershipView, ...]:
    """Return the live memberships of the transaction's community, oldest first."""
    rows = await reader.execute(
        select(Membership, Account, Community.name)
        .join(Account, Account.id == Membership.account_id)
        .join(Community, Community.id == Membership.community_id)
        .where(Membership.community_id == func.current_community(), *_in_force())
        .order_by(Membership.id)
    )
    return tuple(
        MembershipView(
            id=membership.id,
            account_id=account.id,
            email=account.email,
            display_name=account.display_name,
            role=Role(membership.role),
            community_id=membership.community_id,
            community_name=community_name,
            operator_id=membership.operator_id,
            facility_id=membership.facility_id,
        )
        for membership, account, community_name in rows
    )


def _in_force() -> tuple[ColumnElement[bool], ...]:
    return (Account.disabled_at.is_(None), Membership.ended_at.is_(None))


async def _actor(reader: AsyncSession, membership: Membership, via: Via) -> Actor:
    """Return the actor of a membership; an on-call manager speaks for every facility of the operator."""
    rows: Sequence[Row[UUID, UUID]] = ()
    speaks_for = select(Facility.id, Facility.operator_id).where(Facility.community_id == membership.community_id)
    if membership.facility_id is not None:
        rows = (await reader.execute(speaks_for.where(Facility.id == membership.facility_id))).all()
    elif membership.operator_id is not None:
        rows = (await reader.execute(speaks_for.where(Facility.operator_id == membership.operator_id))).all()
    operator_id = membership.operator_id or next((row.operator_id for row in rows), None)
    return Actor(
        community_id=membership.community_id,
        role=Role(membership.role),
        via=via,
        account_id=membership.account_id,
        membership_id=membership.id,
        operator_id=operator_id,
        facility_ids=frozenset(row.id for row in rows),
    )
