"""Whether a role still stands at the instant of an act."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.models import Account, Membership
from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden


async def require_in_office(tx: AsyncSession, actor: Actor) -> None:
    """Raise `ActForbidden` where the actor's role has ended since they were recognised.

    A facility's word is asked of the database again, in the very transaction that keeps it, once everything is locked:
    a role may end while its word waits.
    """
    in_office = await tx.scalar(
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.id == actor.membership_id,
            Membership.account_id == actor.account_id,
            Membership.role == actor.role.value,
            Membership.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    )
    if in_office is None:
        raise ActForbidden
