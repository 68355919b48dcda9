"""Reading referral files exactly as they were frozen, for the coordination alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.meetings.documents import thaw
from exchange.meetings.models import ReferralFile
from exchange.meetings.referral_document import ReferralDocument
from exchange.reference.answers import ClosingOutcome
from exchange.situations.inputs import CloseSituation


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """One file of a situation, and where it stands with the MDPH."""

    id: UUID
    situation_id: UUID
    as_of: datetime
    content_hash: str
    sent_at: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReferralView:
    """A file with its document."""

    line: ReferralLine
    document: ReferralDocument


async def referrals_of(reader: AsyncSession, actor: Actor, situation_id: UUID) -> tuple[ReferralLine, ...]:
    """Return the files of a situation, the latest first; none to whoever does not coordinate."""
    rows = await _files(reader, actor, ReferralFile.situation_id == situation_id)
    return tuple(_line(found) for found in rows)


async def referral(reader: AsyncSession, actor: Actor, file_id: UUID) -> ReferralView:
    """Return one file as it was frozen. Raises `NotFound`."""
    rows = await _files(reader, actor, ReferralFile.id == file_id)
    if not rows:
        raise NotFound
    return ReferralView(_line(rows[0]), thaw(rows[0].document, ReferralDocument))


async def with_acknowledgement(reader: AsyncSession, actor: Actor, closing: CloseSituation) -> CloseSituation:
    """Return a closing with the day of the MDPH's acknowledgement, as its file says it, where the MDPH takes over.

    The file's own date stands over one that is typed; without any file, what was typed is judged by `situations`.
    """
    if closing.outcome != ClosingOutcome.MDPH_RELAY:
        return closing
    said = [
        line.acknowledged_at
        for line in await referrals_of(reader, actor, closing.situation_id)
        if line.acknowledged_at is not None
    ]
    return replace(closing, acknowledged_at=max(said)) if said else closing


async def _files(reader: AsyncSession, actor: Actor, where: ColumnElement[bool]) -> list[ReferralFile]:
    if not actor.coordinates:
        return []
    rows = await reader.scalars(
        select(ReferralFile).where(where).order_by(ReferralFile.as_of.desc(), ReferralFile.id.desc())
    )
    return list(rows)


def _line(found: ReferralFile) -> ReferralLine:
    return ReferralLine(
        found.id, found.situation_id, found.as_of, found.content_hash, found.sent_at, found.acknowledged_at
    )
