"""Faults of background work: a demand not written with its fact, a run without its fence, a row done before it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace as changed
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text, update

from exchange import reactions
from exchange.kernel.db import Database, Scope
from exchange.kernel.journals import OutboxRow
from exchange.kernel.record import Demand
from exchange.placements.events import PlacementAccepted
from workers import outbox_relay, outbox_row
from workers.equipment import Call

Replace = Callable[[Callable[..., Any], Callable[..., Any]], None]

_rings_of = outbox_relay.rings_of


def _nothing_asked(fact: PlacementAccepted, now: datetime) -> Iterable[Demand]:
    return ()


def _rung_twice(rows: list[tuple[UUID, UUID, str, str | None, int]]) -> list[outbox_relay.Ring]:
    """What a bell may always do: it rings at least once."""
    rings = _rings_of(rows)
    return [*rings, *(changed(ring, ring_id=f"{ring.ring_id}:again") for ring in rings)]


async def _taken_by_anybody(db: Database, row_id: UUID, fence: int) -> Call | None:
    async with db.write(None, scope=Scope.RELAY) as tx:
        row = (
            await tx.execute(
                update(OutboxRow)
                .where(OutboxRow.id == row_id)
                .values(attempts=OutboxRow.attempts + 1, lease_until=func.now() + outbox_row.RUN_LEASE)
                .returning(
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
    return Call(row_id, row.community_id, row.fact_id, row.job, row.subject_id, row.fence, row.attempts)


def patches(replace: Replace) -> dict[str, Callable[[], None]]:
    """By name of plant, what puts it in place."""

    def demand_forgotten() -> None:
        reactions.LINES[PlacementAccepted] = _nothing_asked

    def no_fence() -> None:
        replace(outbox_relay.rings_of, _rung_twice)
        replace(outbox_row._take, _taken_by_anybody)

    def done_when_rung() -> None:
        claim = outbox_relay._CLAIM.text
        done = claim.replace("fence = outbox.fence + 1", "fence = outbox.fence + 1, done_at = now()")
        setattr(outbox_relay, "_CLAIM", text(done))  # noqa: B010 : a plant, not the module's own business
        replace(outbox_row._take, _taken_by_anybody)

    return {"demand-forgotten": demand_forgotten, "no-fence": no_fence, "done-when-rung": done_when_rung}
