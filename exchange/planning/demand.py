"""The demand for a run: outbox rows of one community and lane, taken together by one run at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.journals import OutboxRow
from exchange.kernel.record import record
from exchange.planning.events import SearchStopped
from exchange.planning.lanes import Lane, pace_of
from exchange.planning.models import MatchRun
from exchange.planning.troubles import MOST_FAILURES, WORKER_STOPPED, trouble_of

MOST_TAKEN = 5_000
"""What one statement can name; the rest is due still, and the next run takes it."""


@dataclass(frozen=True, slots=True)
class TakenRow:
    """One demand and the fence under which this run may settle it."""

    row_id: UUID
    fence: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run that holds its lane until `lease_until`."""

    run_id: UUID
    lane: Lane
    demand: tuple[TakenRow, ...]


async def begin_run(tx: AsyncSession, lane: Lane, now: datetime) -> Run | None:
    """Take every due demand of the lane and hold the lane; nothing where none is due or another run holds it.

    The relay's own leases do not count here: a ringing row belongs to whichever run holds the lane. A run whose lease
    has passed is marked abandoned, and its rows, still undone, are among those taken. A lane that has just failed
    waits, and what is asked of it meanwhile waits with it.
    """
    if not await tx.scalar(select(exists(_due(lane, now)))):
        return None
    lease_until = now + pace_of(lane).lease
    await tx.execute(
        update(MatchRun)
        .where(MatchRun.lane == lane.value, MatchRun.state == "solving", MatchRun.lease_until <= now)
        .values(state="abandoned", failed_with="lease-passed")
    )
    trouble = await trouble_of(tx, lane)
    if trouble is not None and now < trouble.next_try_at:
        await tx.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(_due(lane, now)))
            .values(due_at=trouble.next_try_at, lease_until=None)
            .execution_options(synchronize_session=False)
        )
        return None
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
        .returning(OutboxRow.id, OutboxRow.fence)
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


async def holds_lane(reader: AsyncSession, run: Run) -> bool:
    """Tell whether a run still holds its lane, as seen without any lock."""
    return await reader.scalar(select(MatchRun.state).where(MatchRun.id == run.run_id)) == "solving"


async def settle_demand(tx: AsyncSession, run: Run) -> None:
    """Mark done the rows that this run took and nobody took since."""
    await tx.execute(
        update(OutboxRow)
        .where(_still_held(run.demand))
        .values(done_at=func.now(), lease_until=None, failed_with=None)
        .execution_options(synchronize_session=False)
    )


async def give_demand_back(tx: AsyncSession, actor: Actor, run: Run, code: str, now: datetime) -> None:
    """Ask again later for what a failed run did not do; `code` says why, on the run and on each row.

    Later each time; after `MOST_FAILURES` in a row not at all: the rows are settled as failed and people are told.
    """
    failed = await tx.scalar(
        update(MatchRun)
        .where(MatchRun.id == run.run_id, MatchRun.state == "solving")
        .values(state="failed", failed_with=code, recorded_at=now)
        .returning(MatchRun.id)
    )
    if failed is None:
        # Cancelled, or taken over by another worker: whoever did so has seen to the demand.
        return
    values: dict[str, object] = {"lease_until": None, "failed_with": code}
    trouble = None if code == WORKER_STOPPED else await trouble_of(tx, run.lane)
    if trouble is None:
        values["due_at"] = now
    elif trouble.is_given_up:
        values["done_at"] = now
    else:
        values["due_at"] = trouble.next_try_at
    await tx.execute(
        update(OutboxRow).where(_still_held(run.demand)).values(**values).execution_options(synchronize_session=False)
    )
    if trouble is not None and trouble.failures == MOST_FAILURES:
        await record(tx, actor, SearchStopped(subject_id=run.run_id, lane=run.lane.value, code=code), now)


def _still_held(rows: Iterable[TakenRow]) -> ColumnElement[bool]:
    """These rows, each under the fence of this run; in one statement, for a busy day leaves hundreds."""
    pairs = [(row.row_id, row.fence) for row in rows]
    return and_(tuple_(OutboxRow.id, OutboxRow.fence).in_(pairs), OutboxRow.done_at.is_(None))


def _due(lane: Lane, now: datetime) -> Select[UUID]:
    return select(OutboxRow.id).where(
        OutboxRow.gather_key == lane.value, OutboxRow.done_at.is_(None), OutboxRow.due_at <= now
    )
