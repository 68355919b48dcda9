"""One outbox row: taken by one run at a time, executed, settled under its fence."""

from __future__ import annotations

import asyncio
import random
import traceback
from datetime import timedelta
from typing import assert_never
from uuid import UUID

import structlog
from sqlalchemy import func, update
from sqlalchemy.exc import DBAPIError

from exchange.kernel.db import Database, Scope
from exchange.kernel.errors import DomainError
from exchange.kernel.journals import OutboxRow
from workers.equipment import Call, Equipment
from workers.jobs import JOBS
from workers.outcomes import Permanent, Retryable

RUN_SECONDS = 15.0
RUN_LEASE = timedelta(seconds=20)
"""Longer than a run may last, so that a row is rung again only once its run is over or dead."""

SCHEDULE = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""Between attempts; the last delay repeats."""

GIVE_BACK_SECONDS = 0.7
COLLISION_DELAY = timedelta(milliseconds=300)
MOST_ATTEMPTS = 30
"""About a day on the schedule; then the row is settled as failed, for people to see."""

_COLLISIONS = frozenset({"40001", "40P01", "55P03", "57014"})
"""Serialization failure, deadlock, lock timeout, statement timeout: the same work usually passes a moment later."""

_OUTAGES = ("08", "53", "57P")
"""Classes of lost connections, missing resources and server shutdowns."""

_log = structlog.get_logger(__name__)


async def run_row(equipment: Equipment, row_id: UUID, fence: int) -> bool:
    """Execute the job of a row that was rung with this fence; tell whether this call was the one that ran it.

    Rung twice, it runs once: taking the row moves its fence on.
    """
    call = await _take(equipment.db, row_id, fence)
    if call is None:
        return False
    failure: Retryable | Permanent | None
    try:
        async with asyncio.timeout(RUN_SECONDS):
            await _execute(equipment, call)
        failure = None
    except TimeoutError:
        failure = Retryable("timeout")
    except asyncio.CancelledError:
        # The worker stops: hand the row to the next one rather than let its lease run out.
        async with asyncio.timeout(GIVE_BACK_SECONDS):
            await _settle(equipment.db, call, Retryable("worker-stopped", delay=timedelta(0)))
        raise
    except (Retryable, Permanent) as told:
        failure = told
    except DomainError as refusal:
        # The state forbids it now and will forbid it later: a clock that no longer applies is a no-op in its command.
        failure = Permanent(refusal.code)
    except DBAPIError as error:
        failure = _of_database(error)
    except Exception as error:  # noqa: BLE001  # any defect: the row must come back, and somebody must read of it
        failure = Retryable(type(error).__name__)
        _log.error("job_defect", job=call.job, row=str(call.row_id), error=type(error).__name__, at=_place_of(error))
    await _settle(equipment.db, call, failure)
    return True


async def _take(db: Database, row_id: UUID, fence: int) -> Call | None:
    async with db.write(None, scope=Scope.RELAY) as tx:
        row = (
            await tx.execute(
                update(OutboxRow)
                .where(OutboxRow.id == row_id, OutboxRow.fence == fence, OutboxRow.done_at.is_(None))
                .values(
                    fence=OutboxRow.fence + 1,
                    attempts=OutboxRow.attempts + 1,
                    lease_until=func.now() + RUN_LEASE,
                )
                .returning(
                    OutboxRow.id,
                    OutboxRow.community_id,
                    OutboxRow.fact_id,
                    OutboxRow.job,
                    OutboxRow.subject_id,
                    OutboxRow.fence,
                    OutboxRow.attempts,
                )
            )
        ).one_or_none()
    if row is None:
        return None
    return Call(
        row_id=row.id,
        community_id=row.community_id,
        fact_id=row.fact_id,
        job=row.job,
        subject_id=row.subject_id,
        fence=row.fence,
        attempts=row.attempts,
    )


async def _execute(equipment: Equipment, call: Call) -> None:
    job = JOBS.get(call.job)
    if job is None:
        # During a deployment the row may be meant for a newer worker.
        raise Retryable("unknown-job", delay=timedelta(seconds=10))
    await job(equipment, call)


async def _settle(db: Database, call: Call, failure: Retryable | Permanent | None) -> None:
    async with db.write(None, scope=Scope.RELAY) as tx:
        match failure:
            case None:
                values: dict[str, object] = {"done_at": func.now(), "failed_with": None}
            case Permanent():
                values = {"done_at": func.now(), "failed_with": failure.code}
            case Retryable() if call.attempts >= MOST_ATTEMPTS:
                values = {"done_at": func.now(), "failed_with": failure.code}
            case Retryable():
                delay = failure.delay if failure.delay is not None else delay_after(call.attempts)
                values = {"due_at": func.now() + delay, "failed_with": failure.code}
            case _:
                assert_never(failure)
        settled = await tx.execute(
            update(OutboxRow)
            .where(OutboxRow.id == call.row_id, OutboxRow.fence == call.fence, OutboxRow.done_at.is_(None))
            .values(lease_until=None, **values)
            .returning(OutboxRow.id)
        )
        kept = settled.scalar_one_or_none() is not None
    if failure is not None:
        _log.warning("job_not_done", job=call.job, row=str(call.row_id), code=failure.code, attempts=call.attempts)
    if not kept:
        _log.warning("job_overtaken", job=call.job, row=str(call.row_id))


def delay_after(attempts: int) -> timedelta:
    """Return how long to wait after this many attempts: the schedule, spread by a fifth so that rows do not march."""
    planned = SCHEDULE[min(attempts, len(SCHEDULE)) - 1]
    return planned * random.uniform(0.8, 1.2)  # noqa: S311  # spread, not secrecy


def _of_database(error: DBAPIError) -> Retryable:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in _COLLISIONS:
        return Retryable(f"sqlstate-{state}", delay=COLLISION_DELAY * random.uniform(0.5, 2.0))  # noqa: S311
    if error.connection_invalidated or state.startswith(_OUTAGES) or not state:
        return Retryable(f"sqlstate-{state or 'lost'}", delay=timedelta(seconds=2))
    _log.error("job_defect", error=type(error).__name__, sqlstate=state, at=_place_of(error))
    return Retryable(f"sqlstate-{state}")


def _place_of(error: BaseException) -> str:
    """Where a defect arose: file and line, never its message, which may quote a row."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}" if ours else "?"
