"""The situations of a community as gaps, for the rule that sees them repeat."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.meetings.gaps import Gap
from exchange.meetings.rules import UNSOLVED
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, NeedCode
from exchange.situations.models import Situation, SituationDetails
from exchange.situations.transitions import SituationState


async def gaps_since(reader: AsyncSession, now: datetime, within: timedelta) -> tuple[Gap, ...]:
    """Return the situations received in the window, as gaps to judge."""
    return await _gaps(reader, Situation.created_at >= now - within)


async def gaps_named(reader: AsyncSession, situation_ids: Iterable[UUID]) -> tuple[Gap, ...]:
    """Return these situations as gaps to judge; unknown ones are absent."""
    return await _gaps(reader, Situation.id.in_(set(situation_ids)))


async def _gaps(reader: AsyncSession, where: ColumnElement[bool]) -> tuple[Gap, ...]:
    rows = await reader.execute(
        select(Situation, SituationDetails.need_codes)
        .join(SituationDetails, SituationDetails.situation_id == Situation.id, isouter=True)
        .where(where)
    )
    return tuple(
        Gap(
            situation_id=found.id,
            living_area_id=found.living_area_id,
            need_codes=frozenset(NeedCode(code) for code in need_codes or ()),
            care_mode=CareMode(found.care_mode),
            age_band=AgeBand(found.age_band),
            created_at=found.created_at,
            deadline_at=found.deadline_at,
            is_unsolved=SituationState(found.state) in UNSOLVED,
            outcome=None if found.outcome is None else ClosingOutcome(found.outcome),
        )
        for found, need_codes in rows
    )
