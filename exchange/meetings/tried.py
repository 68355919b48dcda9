"""What was tried for a situation: whom the community asked, and what was answered, in clear counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.placements.models import Placement
from exchange.placements.rules import CLAIMING, PlacementState


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many facilities could not host for this coded reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Tried:
    """Counts over the places that were held for a person. Told inside the coordination alone: no count is hidden."""

    asked: int = 0
    pending: int = 0
    declined: int = 0
    silent: int = 0
    called_off: int = 0
    by_phone: int = 0
    refusals: tuple[Refusals, ...] = ()


@dataclass(frozen=True, slots=True)
class AsHeld:
    """A situation as a case meeting spoke of it."""

    urgency: int
    level: int
    tried: Tried


@dataclass(frozen=True, slots=True)
class Asked:
    """One place that was held: how it ended, or stands."""

    state: PlacementState
    reason: str | None
    by_phone: bool


def tried_of(asked: Iterable[Asked]) -> Tried:
    """Count what was asked and answered; reasons by their number, then their code. Pure."""
    lines = tuple(asked)
    states = Counter(line.state for line in lines)
    reasons = Counter(line.reason for line in lines if line.reason is not None)
    return Tried(
        asked=len(lines),
        pending=sum(states[state] for state in CLAIMING),
        declined=states[PlacementState.REFUSED],
        silent=states[PlacementState.EXPIRED],
        called_off=states[PlacementState.CANCELLED],
        by_phone=sum(line.by_phone for line in lines),
        refusals=tuple(
            Refusals(reason, count) for reason, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
        ),
    )


async def tried_for(reader: AsyncSession, situation_ids: Iterable[UUID]) -> dict[UUID, Tried]:
    """Return what was tried for each situation. The caller has proven that the actor may see them."""
    wanted = set(situation_ids)
    rows = await reader.execute(
        select(Placement.situation_id, Placement.state, Placement.refusal_reason, Placement.receiver_channel).where(
            # What was only proposed asked nothing of anybody.
            Placement.situation_id.in_(wanted),
            Placement.held_until.is_not(None),
        )
    )
    found: dict[UUID, list[Asked]] = {situation_id: [] for situation_id in wanted}
    for situation_id, state, reason, channel in rows:
        found[situation_id].append(Asked(PlacementState(state), reason, channel == "phone"))
    return {situation_id: tried_of(lines) for situation_id, lines in found.items()}
