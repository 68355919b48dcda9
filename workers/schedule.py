"""What comes round by itself: the nets under the clocks of situations, evenings and weeks, and the end of the past."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, Scope, now_of
from exchange.kernel.errors import DomainError
from exchange.kernel.journals import OutboxRow
from exchange.meetings.commands.weekly import await_weekly_sheet
from exchange.notifications.evening import wind_evening
from exchange.organisations import queries as organisations
from exchange.organisations.models import Community
from exchange.situations.commands import check_situation, replace_absent_referent
from exchange.situations.models import Situation
from exchange.situations.queries import without_referent

TICK_SECONDS = 5.0
"""How often it looks whether a community's own round (`check_seconds`, a minute by default) is due."""

LATE = timedelta(seconds=30)
"""A check this late has lost its clock: the outbox rings on time or not at all."""

KEPT_AFTER_DONE = timedelta(days=7)
MOST_PURGED = 5_000

_log = structlog.get_logger(__name__)


async def come_round(db: Database) -> None:
    """Sweep each community at its own pace until cancelled; a lost database is waited for."""
    due: dict[UUID, float] = {}
    while True:
        try:
            await sweep(db, due)
        except (DBAPIError, OSError) as error:
            _log.warning("sweep_without_database", error=type(error).__name__)
        await asyncio.sleep(TICK_SECONDS)


async def sweep(db: Database, due: dict[UUID, float] | None = None) -> int:
    """Wind each community's question of the evening and its week, check the open situations that no clock came for,
    give those that nobody follows to a coordinator, and purge old outbox rows; return how many were checked.

    `due`: by community, the monotonic second of its next round, kept from one call to the next; all of them without.
    """
    due = {} if due is None else due
    async with db.write(None, scope=Scope.RELAY) as tx:
        communities = (await tx.scalars(select(Community.id))).all()
        old = (
            select(OutboxRow.id)
            .where(OutboxRow.done_at < func.now() - KEPT_AFTER_DONE, OutboxRow.failed_with.is_(None))
            .limit(MOST_PURGED)
        )
        await tx.execute(delete(OutboxRow).where(OutboxRow.id.in_(old)))
    checked = 0
    for community_id in communities:
        if due.get(community_id, 0.0) > time.monotonic():
            continue
        try:
            async with db.write(community_id) as tx:
                await wind_evening(tx, community_id, now_of(tx))
        except (DomainError, DBAPIError) as error:
            _log.error("evening_not_wound", community=str(community_id), error=type(error).__name__)
        async with db.read(community_id) as reader:
            due[community_id] = time.monotonic() + (await organisations.parameters(reader)).check_seconds
            unfollowed = await without_referent(reader)
            overdue = (
                await reader.scalars(
                    select(Situation.id)
                    .where(Situation.state != "closed", Situation.next_check_at < now_of(reader) - LATE)
                    .order_by(Situation.next_check_at, Situation.id)
                )
            ).all()
        for situation_id in overdue:
            try:
                async with db.write(community_id) as tx:
                    await check_situation(tx, Actor.system(community_id), situation_id, now_of(tx))
            except (DomainError, DBAPIError) as error:
                # One that cannot be checked waits for the next round; the others do not wait for it.
                _log.error("situation_unchecked", situation_id=str(situation_id), error=type(error).__name__)
            else:
                checked += 1
        await _give_a_referent(db, community_id, unfollowed)
        await _await_week(db, community_id)
    return checked


async def _await_week(db: Database, community_id: UUID) -> None:
    try:
        async with db.write(community_id) as tx:
            await await_weekly_sheet(tx, Actor.system(community_id), now_of(tx))
    except (DomainError, DBAPIError) as error:
        _log.error("week_not_awaited", community_id=str(community_id), error=type(error).__name__)


async def _give_a_referent(db: Database, community_id: UUID, situation_ids: tuple[UUID, ...]) -> None:
    for situation_id in situation_ids:
        try:
            async with db.write(community_id) as tx:
                await replace_absent_referent(tx, Actor.system(community_id), situation_id, now_of(tx))
        except (DomainError, DBAPIError) as error:
            _log.error("situation_unfollowed", situation_id=str(situation_id), error=type(error).__name__)
