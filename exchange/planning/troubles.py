"""Failures of a lane one after the other: when it may try again, and when it stops by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun

WORKER_STOPPED = "worker-stopped"
"""The worker was asked to stop: nothing is wrong with the problem."""

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300))
"""After each failure in a row; the last one repeats."""

MOST_FAILURES = 6
"""In a row, some twelve minutes: then the demand is settled as failed, and people are told. A new fact tries once."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """`failures` in a row since the lane last recorded anything, the first begun at `since`; `code` of the last, which
    is `run_id`."""

    run_id: UUID
    failures: int
    since: datetime
    next_try_at: datetime
    code: str

    @property
    def is_given_up(self) -> bool:
        return self.failures >= MOST_FAILURES


async def trouble_of(tx: AsyncSession, lane: Lane) -> Trouble | None:
    """Return the failures of a lane in a row, nothing where its last run was recorded.

    A run whose worker died counts: its problem may have killed it. One such run alone delays nothing.
    """
    rows = (
        await tx.execute(
            select(
                MatchRun.id,
                MatchRun.state,
                MatchRun.started_at,
                MatchRun.recorded_at,
                MatchRun.lease_until,
                MatchRun.failed_with,
            )
            .where(
                MatchRun.lane == lane.value,
                MatchRun.state.in_(("recorded", "failed", "abandoned")),
                MatchRun.failed_with.is_distinct_from(WORKER_STOPPED),
            )
            .order_by(MatchRun.started_at.desc(), MatchRun.id.desc())
            .limit(2 * MOST_FAILURES)
        )
    ).all()
    streak = []
    for row in rows:
        if row.state == "recorded":
            break
        streak.append(row)
    if not streak:
        return None
    last = streak[0]
    waits = len(streak) - (1 if last.state == "abandoned" else 0)
    delay = DELAYS[min(waits, len(DELAYS)) - 1] if waits else timedelta(0)
    return Trouble(
        run_id=last.id,
        failures=len(streak),
        since=streak[-1].started_at,
        next_try_at=(last.recorded_at or last.lease_until) + delay,
        code=last.failed_with or "",
    )
