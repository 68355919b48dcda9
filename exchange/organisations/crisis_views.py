"""Reading crisis organisations: the one open at an instant, and all those that were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.db import now_of
from exchange.organisations.models import DatedParameters
from exchange.organisations.parameters import CRISIS
from exchange.organisations.queries import in_force


@dataclass(frozen=True, slots=True)
class CrisisAct:
    """One act: opening or prolongation. `until`: what it became; `planned_until`: what it told."""

    from_: datetime
    until: datetime
    planned_until: datetime
    requested_by: str
    order_reference: str
    author_account_id: UUID | None
    ended_how: str | None
    closed_by_account_id: UUID | None
    clocks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CrisisView:
    """One crisis organisation from its opening to its end, and its acts in order.

    `until`: the end that the latest act told while it was open, afterwards the true one; the rest is of the latest act.
    """

    id: UUID
    opened_at: datetime
    until: datetime
    requested_by: str
    order_reference: str
    clocks: Mapping[str, int]
    acts: tuple[CrisisAct, ...]


async def open_crisis_at(reader: AsyncSession, at: datetime | None = None) -> CrisisView | None:
    """Return the crisis organisation open at an instant, by default the transaction's; nothing where none was."""
    instant = now_of(reader) if at is None else at
    own = DatedParameters.community_id == func.current_community()
    open_then = select(DatedParameters.crisis_id).where(own, DatedParameters.overlay == CRISIS, in_force(instant))
    rows = await reader.scalars(
        select(DatedParameters)
        .where(
            own,
            DatedParameters.crisis_id == open_then.scalar_subquery(),
            func.lower(DatedParameters.during) <= instant,
        )
        .order_by(func.lower(DatedParameters.during))
    )
    acts = rows.all()
    return _view(acts, is_open=True) if acts else None


async def crises(reader: AsyncSession) -> tuple[CrisisView, ...]:
    """Return every crisis organisation of the community, the latest first."""
    rows = await reader.scalars(
        select(DatedParameters)
        .where(DatedParameters.community_id == func.current_community(), DatedParameters.overlay == CRISIS)
        .order_by(func.lower(DatedParameters.during))
    )
    # Crises follow each other: the acts of one are never between those of another.
    found = [_view(list(acts)) for _, acts in groupby(rows, key=lambda row: row.crisis_id)]
    return tuple(reversed(found))


def _view(rows: Sequence[DatedParameters], *, is_open: bool = False) -> CrisisView:
    acts = tuple(_act(row) for row in rows)
    crisis_id = rows[0].crisis_id
    if crisis_id is None:
        raise LookupError("an overlay of crisis names its crisis")
    return CrisisView(
        id=crisis_id,
        opened_at=acts[0].from_,
        until=acts[-1].planned_until if is_open else acts[-1].until,
        requested_by=acts[-1].requested_by,
        order_reference=acts[-1].order_reference,
        clocks=acts[-1].clocks,
        acts=acts,
    )


def _act(row: DatedParameters) -> CrisisAct:
    lower, upper = row.during.lower, row.during.upper
    if lower is None or upper is None or row.planned_until is None:
        raise LookupError("an act of crisis has two dates")
    return CrisisAct(
        from_=lower,
        until=upper,
        planned_until=row.planned_until,
        requested_by=row.requested_by or "",
        order_reference=row.order_reference or "",
        author_account_id=row.author_account_id,
        ended_how=row.ended_how,
        closed_by_account_id=row.closed_by_account_id,
        clocks=row.parameters,
    )
