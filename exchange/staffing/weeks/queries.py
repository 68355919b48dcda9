"""Reading a volunteer's week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.organisations import queries as organisations
from exchange.staffing.models import LoanVolunteer
from exchange.staffing.policies import visible_volunteers
from exchange.staffing.weeks.models import VolunteerPattern
from exchange.staffing.weeks.rules import AwayRun, Spell, runs_of
from exchange.staffing.weeks.unrolling import exceptions_from, week_of


@dataclass(frozen=True, slots=True)
class VolunteerWeekView:
    """`hours` by weekday and hour; `away`: dates not over on which the week does not count; `is_stale`: to confirm;
    `version`: of the volunteer."""

    volunteer_id: UUID
    hours: tuple[Spell, ...]
    first: date
    last: date | None
    away: tuple[AwayRun, ...]
    attested_at: datetime
    fresh_until: datetime
    is_stale: bool
    version: int


async def week(reader: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> VolunteerWeekView | None:
    """Return a volunteer's week, nothing where there is none. Raises `NotFound` to whoever may not know of them."""
    known = select(LoanVolunteer.version).where(LoanVolunteer.id == volunteer_id, visible_volunteers(actor))
    version = await reader.scalar(known)
    if version is None:
        raise NotFound
    row = await reader.get(VolunteerPattern, volunteer_id)
    if row is None:
        return None
    found = await week_of(reader, row)
    today = now.astimezone(await organisations.zone(reader)).date()
    return VolunteerWeekView(
        volunteer_id=volunteer_id,
        hours=found.spells,
        first=found.first,
        last=found.last,
        away=runs_of(await exceptions_from(reader, volunteer_id, today)),
        attested_at=row.attested_at,
        fresh_until=row.fresh_until,
        is_stale=row.fresh_until <= now,
        version=version,
    )
