"""The demand for a run: outbox rows of one community and lane, taken together by one run at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.ids import new_id
from exchange.kernel.journals import OutboxRow
from exchange.planning.lanes import Lane, pace_of
from exchange.planning.models import MatchRun

RETRY_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300))
"""After a run that failed; the last delay repeats: a demand is never given up."""

MOST_TAKEN = 5_000
"""What one statement can name; the rest is due still, and the next run takes it."""


@dataclass(frozen=True, slots=True)
class TakenRow:
    """One demand and the fence under which this run may settle it."""

    row_id: UUID
    fence: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run that holds its lane until `lease_until`."""

    run_id: UUID
    lane: Lane
    demand: tuple[TakenRow, ...]


async def begin_run(tx: AsyncSession, lane: Lane, now: datetime) -> Run | None:
    """Take every due demand of the lane and hold the lane; nothing where none is due or another run holds it.

    The relay's own leases do not count here: a ringing row belongs to whichever run holds the lane. A run whose lease
    has passed is marked abandoned, and its rows, still undone, are among those taken.
    """
    if not await tx.scalar(select(exists(_due(lane, now)))):
        return None
    lease_until = now + pace_of(lane).lease
    await tx.execute(
        update(MatchRun)
        .where(MatchRun.lane == lane.value, MatchRun.state == "solving", MatchRun.lease_until <= now)
        .values(state="abandoned", failed_with="lease-passed")
    )
    # The partial unique index decides between two runs that begin together: the second waits here, then leaves.
    begun = await tx.execute(
        insert(MatchRun)
        .values(id=new_id(), lane=lane.value, state="solving", lease_until=lease_until, started_at=now)
        .on_conflict_do_nothing()
        .returning(MatchRun.id)
    )
    run_id = begun.scalar_one_or_none()
    if run_id is None:
        return None
    ids = (await tx.scalars(_due(lane, now).order_by(OutboxRow.id).limit(MOST_TAKEN).with_for_update())).all()
    taken = await tx.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids))
        .values(fence=OutboxRow.fence + 1, attempts=OutboxRow.attempts + 1, lease_until=lease_until)
        .returning(OutboxRow.id, OutboxRow.fence, OutboxRow.attempts)
    )
    demand = tuple(TakenRow(*row) for row in taken)
    if not demand:
        await tx.execute(delete(MatchRun).where(MatchRun.id == run_id))
        return None
    return Run(run_id=run_id, lane=lane, demand=demand)


async def still_holds(tx: AsyncSession, run: Run) -> bool:
    """Lock the run's row and tell whether it still holds its lane: an overtaken run records nothing."""
    state = await tx.scalar(select(MatchRun.state).where(MatchRun.id == run.run_id).with_for_update())
    return state == "solving"


async def settle_demand(tx: AsyncSession, run: Run) -> None:
    """Mark done the rows that this run took and nobody took since."""
    await tx.execute(
        update(OutboxRow)
        .where(_still_held(run.demand))
        .values(done_at=func.now(), lease_until=None, failed_with=None)
        .execution_options(synchronize_session=False)
    )


async def give_demand_back(tx: AsyncSession, run: Run, code: str, now: datetime) -> None:
    """Ask again a little later for what a failed run did not do; `code` says why, on the run and on each row."""
    await tx.execute(
        update(MatchRun)
        .where(MatchRun.id == run.run_id, MatchRun.state == "solving")
        .values(state="failed", failed_with=code, recorded_at=now)
    )
    by_delay: dict[timedelta, list[TakenRow]] = defaultdict(list)
    for row in run.demand:
        by_delay[RETRY_DELAYS[min(row.attempts, len(RETRY_DELAYS)) - 1]].append(row)
    for delay, rows in by_delay.items():
        await tx.execute(
            update(OutboxRow)
            .where(_still_held(rows))
            .values(due_at=now + delay, lease_until=None, failed_with=code)
            .execution_options(synchronize_session=False)
        )


def _still_held(rows: Iterable[TakenRow]) -> ColumnElement[bool]:
    """These rows, each under the fence of this run; in one statement, for a busy day leaves hundreds."""
    pairs = [(row.row_id, row.fence) for row in rows]
    return and_(tuple_(OutboxRow.id, OutboxRow.fence).in_(pairs), OutboxRow.done_at.is_(None))


def _due(lane: Lane, now: datetime) -> Select[UUID]:
    return select(OutboxRow.id).where(
        OutboxRow.gather_key == lane.value, OutboxRow.done_at.is_(None), OutboxRow.due_at <= now
    )
