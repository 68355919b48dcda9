"""What a stale form is told: the journal's lines since the version that its page showed, in plain French."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.db import now_of
from exchange.kernel.versions import Change, StaleVersion, changes_since
from exchange.organisations import queries as organisations
from exchange.wording.changes import change_sentence
from exchange.wording.messages import spoken_instant


async def tell_changes(reader: AsyncSession, stale: StaleVersion) -> None:
    """Give a refusal its sentences. Commands compare versions after policies: who is refused here may read the row."""
    zone = await organisations.zone(reader)
    now = now_of(reader)
    changes = await changes_since(reader, stale.subject_id, stale.seen)
    stale.changes = tuple(_sentence(change, zone, now) for change in changes)


def _sentence(change: Change, zone: ZoneInfo, now: datetime) -> str:
    when = spoken_instant(change.at.astimezone(zone), now.astimezone(zone).date())
    return change_sentence(when, change.kind, change.facts, change.role)
