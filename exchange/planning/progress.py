"""Where the search for proposals stands, lane by lane, for those who coordinate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.journals import OutboxRow
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.policies import require_reading_runs
from exchange.planning.troubles import Trouble, trouble_of


class Progress(StrEnum):
    """What a lane is doing. `retrying`: it failed and will try again; `stopped`: it failed too often to go on alone."""

    IDLE = "idle"
    WAITING = "waiting"
    READING = "reading"
    SOLVING = "solving"
    RETRYING = "retrying"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LaneView:
    """`since`: when the state began. `recorded_at`: when proposals were last found. `failed_with`: a code."""

    lane: str
    state: Progress
    since: datetime | None
    run_id: UUID | None
    recorded_at: datetime | None
    failures: int
    next_try_at: datetime | None
    failed_with: str | None


async def lanes(reader: AsyncSession, actor: Actor) -> tuple[LaneView, ...]:
    """Return both lanes, the fast one first. Raises `ActForbidden`."""
    require_reading_runs(actor)
    return tuple([await _lane(reader, lane) for lane in Lane])


async def _lane(reader: AsyncSession, lane: Lane) -> LaneView:
    now = now_of(reader)
    running = (
        await reader.execute(
            select(MatchRun.id, MatchRun.started_at, MatchRun.snapshot_at).where(
                MatchRun.lane == lane.value, MatchRun.state == "solving", MatchRun.lease_until > now
            )
        )
    ).one_or_none()
    trouble = await trouble_of(reader, lane)
    asked = await reader.scalar(
        select(func.min(OutboxRow.due_at)).where(OutboxRow.gather_key == lane.value, OutboxRow.done_at.is_(None))
    )
    if running is not None:
        state = Progress.READING if running.snapshot_at is None else Progress.SOLVING
        since = running.started_at
    else:
        state, since = _at_rest(trouble, asked, now)
    return LaneView(
        lane=lane.value,
        state=state,
        since=since,
        run_id=None if running is None else running.id,
        recorded_at=await reader.scalar(
            select(func.max(MatchRun.recorded_at)).where(MatchRun.lane == lane.value, MatchRun.state == "recorded")
        ),
        failures=0 if trouble is None else trouble.failures,
        next_try_at=None if trouble is None or asked is None else max(asked, trouble.next_try_at),
        failed_with=None if trouble is None else trouble.code,
    )


def _at_rest(trouble: Trouble | None, asked: datetime | None, now: datetime) -> tuple[Progress, datetime | None]:
    if trouble is not None:
        return Progress.STOPPED if trouble.is_given_up else Progress.RETRYING, trouble.since
    if asked is not None and asked <= now:
        return Progress.WAITING, asked
    return Progress.IDLE, None
