"""What people may do to a run."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.journals import OutboxRow
from exchange.kernel.record import record
from exchange.planning.errors import RunIsOver, SearchNotStopped
from exchange.planning.events import RunCancelled, SearchAskedAgain
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.policies import require_asking_again, require_cancelling_runs
from exchange.planning.troubles import trouble_of

CANCELLED_FOR = timedelta(minutes=5)
"""Before what a cancelled run was asked for comes due again: long enough to act, too short to forget anybody."""


async def cancel_run(tx: AsyncSession, actor: Actor, run_id: UUID, now: datetime) -> None:
    """Stop a run that is not over: it records nothing, and its lane is free.

    Its demand is given back, due in five minutes; whatever happens meanwhile asks for a run of its own. The worker that
    solves it notices within a second and kills the solve. Raises `ActForbidden`, `NotFound`, `RunIsOver`.
    """
    require_cancelling_runs(actor)
    # Whoever records takes the same lock: it is either recorded or cancelled.
    run = (
        await tx.execute(
            select(MatchRun)
            .where(MatchRun.id == run_id, MatchRun.community_id == actor.community_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one_or_none()
    if run is None:
        raise NotFound
    if run.state != "solving":
        raise RunIsOver
    run.state, run.recorded_at = "cancelled", now
    await tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.gather_key == run.lane,
            OutboxRow.done_at.is_(None),
            OutboxRow.lease_until == run.lease_until,
        )
        .values(due_at=now + CANCELLED_FOR, lease_until=None, fence=OutboxRow.fence + 1)
        .execution_options(synchronize_session=False)
    )
    await record(tx, actor, RunCancelled(subject_id=run.id, lane=run.lane), now)


async def ask_again(tx: AsyncSession, actor: Actor, name: str, now: datetime) -> None:
    """Ask the lane of this name, which stopped, for one more run; it keeps the pause that its last failure asks for.

    Raises `ActForbidden`, `NotFound` (no such lane), `SearchNotStopped`.
    """
    require_asking_again(actor)
    try:
        lane = Lane(name)
    except ValueError:
        raise NotFound from None
    trouble = await trouble_of(tx, lane)
    if trouble is None or not trouble.is_given_up:
        raise SearchNotStopped
    await record(tx, actor, SearchAskedAgain(subject_id=trouble.run_id, lane=lane.value), now)
