"""Which situations a rule brings to a case meeting, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.meetings.rules import agenda_reasons
from exchange.meetings.tried import Tried, tried_for
from exchange.organisations import queries as organisations
from exchange.reference.follow_up import AgendaReason
from exchange.situations import queries as situations
from exchange.situations.queries import SituationView


@dataclass(frozen=True, slots=True)
class Proposed:
    """A situation that rules bring to the agenda, with what was tried for it."""

    situation_id: UUID
    reference: str
    urgency: int
    level: int
    living_area: str | None
    waits_since: datetime
    reasons: tuple[AgendaReason, ...]
    tried: Tried


async def proposed_agenda(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[Proposed, ...]:
    """Return the open situations that a rule proposes, the one that has waited longest first; nothing to whoever does
    not coordinate."""
    clocks = await organisations.parameters(reader)
    waiting = await situations.situations(reader, actor)
    tried = await tried_for(reader, (each.id for each in waiting))
    lines = (
        _line(
            each,
            tried[each.id],
            agenda_reasons(
                each.level,
                each.state,
                each.created_at,
                tried[each.id].declined,
                now,
                unsolved_after_days=clocks.unsolved_after_days,
                case_meeting_refusals=clocks.case_meeting_refusals,
            ),
        )
        for each in waiting
    )
    return _longest_first(line for line in lines if line.reasons)


def _longest_first(lines: Iterable[Proposed]) -> tuple[Proposed, ...]:
    return tuple(sorted(lines, key=lambda line: (line.waits_since, line.situation_id)))


def _line(found: SituationView, tried: Tried, reasons: tuple[AgendaReason, ...]) -> Proposed:
    return Proposed(
        situation_id=found.id,
        reference=found.reference,
        urgency=found.urgency,
        level=found.level,
        living_area=found.living_area,
        waits_since=found.created_at,
        reasons=reasons,
        tried=tried,
    )
