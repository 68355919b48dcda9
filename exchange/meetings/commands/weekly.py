"""Freezing the week's sheet: on demand, and every Monday morning by a clock that asks for the next one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden
from exchange.kernel.ids import new_id
from exchange.kernel.journals import OutboxRow
from exchange.kernel.record import record
from exchange.meetings import events
from exchange.meetings.documents import freeze
from exchange.meetings.models import WeeklySheet
from exchange.meetings.policies import require_coordinator
from exchange.meetings.rules import next_weekly_sheet
from exchange.meetings.weekly_document import weekly_document
from exchange.organisations import queries as organisations

JOB = "meetings.make_weekly_sheet"


async def make_sheet(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
    """Freeze the sheet of this instant, beside the one of Monday. Raises `ActForbidden`."""
    require_coordinator(actor)
    sheet_id = None if actor.account_id is None else await _freeze(tx, actor, now, actor.account_id)
    if sheet_id is None:
        raise ActForbidden
    return sheet_id


async def make_due_sheet(tx: AsyncSession, actor: Actor, now: datetime) -> None:
    """Freeze the week's sheet, once however often the clock rings, and ask for the next one, once too."""
    await _freeze(tx, actor, now, None)
    if not await _is_awaited(tx, OutboxRow.due_at > now):
        await _ask_for_next(tx, actor, now)


async def await_weekly_sheet(tx: AsyncSession, actor: Actor, now: datetime) -> bool:
    """Ask for the next sheet where no clock runs for it; tell whether one had to be asked for.

    The net under the clock: a new community has none yet, and a row that failed for good renews nothing.
    """
    if await _is_awaited(tx):
        return False
    await _ask_for_next(tx, actor, now)
    return True


async def _is_awaited(tx: AsyncSession, *where: ColumnElement[bool]) -> bool:
    row = await tx.scalar(
        select(OutboxRow.id).where(OutboxRow.job == JOB, OutboxRow.done_at.is_(None), *where).limit(1)
    )
    return row is not None


async def _ask_for_next(tx: AsyncSession, actor: Actor, now: datetime) -> None:
    due_at = next_weekly_sheet(now, await organisations.zone(tx))
    await record(tx, actor, events.WeeklySheetAwaited(subject_id=actor.community_id, due_at=due_at), now)


async def _freeze(tx: AsyncSession, actor: Actor, now: datetime, made_by: UUID | None) -> UUID | None:
    document = await weekly_document(tx, actor, now)
    frozen = freeze(document)
    sheet_id = await tx.scalar(
        insert(WeeklySheet)
        .values(
            id=new_id(),
            as_of=now,
            week_of=document.week_of,
            made_by=made_by,
            document=frozen.text,
            content_hash=frozen.content_hash,
        )
        .on_conflict_do_nothing()
        .returning(WeeklySheet.id)
    )
    if sheet_id is not None:
        await record(tx, actor, events.WeeklySheetMade(subject_id=sheet_id, content_hash=frozen.content_hash), now)
    return sheet_id
