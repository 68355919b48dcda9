"""Opening, prolonging and closing a crisis organisation: by the community, at somebody's request, until a date.

It tightens clocks and nothing else: a figure of the law is changed by a dated text alone (see `staffing.derogations`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import constraint_of
from exchange.kernel.errors import NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.organisations.crisis_rules import OrderCrisis, check_order, clocks_of, proposed_clocks
from exchange.organisations.errors import CrisisAlreadyOpen, CrisisNotOpen
from exchange.organisations.events import CrisisClosed, CrisisExpired, CrisisOpened, CrisisProlonged
from exchange.organisations.models import DatedParameters
from exchange.organisations.parameters import CRISIS
from exchange.organisations.policies import require_ordering_crisis
from exchange.organisations.queries import in_force, own_parameters


async def open_crisis(tx: AsyncSession, actor: Actor, order: OrderCrisis, now: datetime) -> UUID:
    """Tighten the community's clocks from now until the date that the order tells; return the crisis.

    Raises `ActForbidden`, `InvalidValue`, `CrisisAlreadyOpen`.
    """
    require_ordering_crisis(actor)
    if await _locked(tx, actor, now) is not None:
        raise CrisisAlreadyOpen
    check_order(order, now, not_before=now)
    ordinary = await own_parameters(tx)
    clocks = clocks_of(order.clocks, proposed_clocks(ordinary), ordinary)
    crisis_id = new_id()
    await _insert(tx, actor, crisis_id, order, clocks, now)
    fact = CrisisOpened(
        subject_id=crisis_id,
        requested_by=str(order.requested_by),
        order_reference=order.order_reference.strip(),
        until=order.until,
    )
    await record(tx, actor, fact, now)
    return crisis_id


async def prolong_crisis(tx: AsyncSession, actor: Actor, crisis_id: UUID, order: OrderCrisis, now: datetime) -> None:
    """Move the end of the open crisis to a later date by a new act, which may change the clocks.

    Raises `ActForbidden`, `NotFound`, `InvalidValue`, `CrisisNotOpen`.
    """
    require_ordering_crisis(actor)
    standing = await _standing(tx, actor, crisis_id, now)
    check_order(order, now, not_before=_end_of(standing))
    clocks = clocks_of(order.clocks, standing.parameters, await own_parameters(tx))
    standing.during = Range(standing.during.lower, now)
    standing.ended_how = "prolonged"
    await tx.flush()
    await _insert(tx, actor, crisis_id, order, clocks, now)
    fact = CrisisProlonged(
        subject_id=crisis_id,
        requested_by=str(order.requested_by),
        order_reference=order.order_reference.strip(),
        until=order.until,
    )
    await record(tx, actor, fact, now)


async def close_crisis(tx: AsyncSession, actor: Actor, crisis_id: UUID, now: datetime) -> None:
    """End the open crisis now: ordinary clocks hold again. Raises `ActForbidden`, `NotFound`, `CrisisNotOpen`."""
    require_ordering_crisis(actor)
    standing = await _standing(tx, actor, crisis_id, now)
    standing.during = Range(standing.during.lower, now)
    standing.ended_how = "closed"
    standing.closed_by_account_id = actor.account_id
    await record(tx, actor, CrisisClosed(subject_id=crisis_id), now)


async def expire_crisis(tx: AsyncSession, actor: Actor, crisis_id: UUID, now: datetime) -> bool:
    """Note that a crisis came to its end, which its dates alone decided; tell whether this call noted it. Repeatable.

    Nothing where it was prolonged meanwhile, closed, or noted already.
    """
    last = (
        await tx.execute(
            select(DatedParameters)
            .where(DatedParameters.crisis_id == crisis_id, DatedParameters.community_id == actor.community_id)
            .order_by(func.lower(DatedParameters.during).desc())
            .limit(1)
            .with_for_update()
        )
    ).scalar_one_or_none()
    if last is None or last.ended_how is not None or _end_of(last) > now:
        return False
    last.ended_how = "expired"
    await record(tx, actor, CrisisExpired(subject_id=crisis_id), now)
    return True


async def _locked(tx: AsyncSession, actor: Actor, now: datetime) -> DatedParameters | None:
    found = await tx.execute(
        select(DatedParameters)
        .where(DatedParameters.community_id == actor.community_id, DatedParameters.overlay == CRISIS, in_force(now))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.scalar_one_or_none()


async def _standing(tx: AsyncSession, actor: Actor, crisis_id: UUID, now: datetime) -> DatedParameters:
    known = select(DatedParameters.id).where(
        DatedParameters.crisis_id == crisis_id, DatedParameters.community_id == actor.community_id
    )
    if await tx.scalar(known.limit(1)) is None:
        raise NotFound
    standing = await _locked(tx, actor, now)
    if standing is None or standing.crisis_id != crisis_id:
        raise CrisisNotOpen
    return standing


async def _insert(
    tx: AsyncSession, actor: Actor, crisis_id: UUID, order: OrderCrisis, clocks: dict[str, int], now: datetime
) -> None:
    tx.add(
        DatedParameters(
            overlay=CRISIS,
            during=Range(now, order.until),
            parameters=clocks,
            crisis_id=crisis_id,
            requested_by=str(order.requested_by),
            order_reference=order.order_reference.strip(),
            planned_until=order.until,
            author_account_id=actor.account_id,
            recorded_at=now,
        )
    )
    try:
        await tx.flush()
    except IntegrityError as error:
        # Two coordinators at once: both saw no crisis, the database keeps one.
        if constraint_of(error) == "ex_community_parameters_during":
            raise CrisisAlreadyOpen from error
        raise


def _end_of(row: DatedParameters) -> datetime:
    if row.during.upper is None:
        raise LookupError("a crisis has an end")
    return row.during.upper
