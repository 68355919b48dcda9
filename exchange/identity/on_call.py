"""Who is in office at an instant: who may follow a situation, and who is called second."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.models import Account, Membership
from exchange.kernel.actor import Role

FOLLOWING_ROLES = (Role.COORDINATOR, Role.PATHWAY_ADVISER)
SECOND = 2


async def may_follow(reader: AsyncSession, account_id: UUID | None) -> bool:
    """Whether an account may be a referent today: open, and coordinating in the transaction's community."""
    return account_id is not None and await _any(
        reader,
        Membership.account_id == account_id,
        Membership.role.in_([role.value for role in FOLLOWING_ROLES]),
    )


async def is_anybody_in_office(reader: AsyncSession, role: Role) -> bool:
    """Whether somebody holds a role in the transaction's community."""
    return await _any(reader, Membership.role == role.value)


async def is_anybody_second_on_call(reader: AsyncSession) -> bool:
    """Whether the rota names a second on call at all."""
    return await _any(reader, Membership.on_call_rank == SECOND)


async def followers(reader: AsyncSession) -> tuple[tuple[UUID, str, Role], ...]:
    """Return who may be a referent today: account, name and role, by name."""
    rows = await reader.execute(
        select(Account.id, Account.display_name, Membership.role)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.role.in_([role.value for role in FOLLOWING_ROLES]), *_in_force())
        .order_by(Account.display_name, Account.id)
    )
    found = {account_id: (account_id, name, Role(role)) for account_id, name, role in rows}
    return tuple(found.values())


async def coordinators(reader: AsyncSession) -> tuple[UUID, ...]:
    """Return the accounts of the coordinators in office, ids ascending."""
    rows = await reader.scalars(
        select(Account.id)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.role == Role.COORDINATOR.value, *_in_force())
        .distinct()
        .order_by(Account.id)
    )
    return tuple(rows)


async def _any(reader: AsyncSession, *where: ColumnElement[bool]) -> bool:
    found = await reader.scalar(
        select(Membership.id).join(Account, Account.id == Membership.account_id).where(*where, *_in_force()).limit(1)
    )
    return found is not None


def _in_force() -> tuple[ColumnElement[bool], ...]:
    # Named in the query: in the scope of sign-in, row-level security shows more than one community.
    return (
        Membership.community_id == func.current_community(),
        Membership.ended_at.is_(None),
        Account.disabled_at.is_(None),
    )
