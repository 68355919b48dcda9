"""The referral file: frozen once, sent, acknowledged. Nothing that it says is ever rewritten."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import IllegalTransition, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.meetings import events
from exchange.meetings.documents import freeze
from exchange.meetings.errors import ReferralNotSent, SituationNotAtLevelThree
from exchange.meetings.models import ReferralFile
from exchange.meetings.referral_document import referral_document
from exchange.situations import queries as situations
from exchange.situations.locks import lock_situation
from exchange.situations.policies import require_coordination
from exchange.situations.transitions import SituationState
from exchange.staffing.values import check_instant

REFERRAL_LEVEL = 3


async def freeze_referral(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> UUID:
    """Freeze the proof of what was tried for an open situation at level 3, as of now.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition` once closed, `SituationNotAtLevelThree`.
    """
    require_coordination(actor)
    # Nothing that is promised for the person moves while the file is read: every act on a placement locks this first.
    await lock_situation(tx, situation_id)
    situation = await situations.situation(tx, actor, situation_id)
    if situation.state is SituationState.CLOSED:
        raise IllegalTransition(state=situation.state.value, act="freeze_referral")
    if situation.level < REFERRAL_LEVEL:
        raise SituationNotAtLevelThree(level=situation.level)
    frozen = freeze(await referral_document(tx, actor, situation, now))
    made = ReferralFile(
        id=new_id(),
        situation_id=situation_id,
        as_of=now,
        made_by=actor.account_id,
        document=frozen.text,
        content_hash=frozen.content_hash,
    )
    tx.add(made)
    fact = events.ReferralFrozen(subject_id=made.id, situation_id=situation_id, content_hash=frozen.content_hash)
    await record(tx, actor, fact, now)
    return made.id


async def send_referral(tx: AsyncSession, actor: Actor, file_id: UUID, sent_at: datetime, now: datetime) -> None:
    """Note when the MDPH was sent the file. Raises `ActForbidden`, `NotFound`, `IllegalTransition`, `InvalidValue`."""
    found = await _locked(tx, actor, file_id)
    if found.sent_at is not None:
        raise IllegalTransition(state="sent", act="send")
    _check_said(sent_at, "at", now)
    if sent_at < found.as_of.replace(second=0, microsecond=0):
        raise InvalidValue(field="at", rule="before-file")
    found.sent_at = sent_at
    fact = events.FormalReferralSent(subject_id=found.id, situation_id=found.situation_id, sent_at=sent_at)
    await record(tx, actor, fact, now)


async def acknowledge_referral(
    tx: AsyncSession, actor: Actor, file_id: UUID, acknowledged_at: datetime, now: datetime
) -> None:
    """Note when the MDPH said that it has the file, by which the situation may be closed as taken over.

    Raises `ActForbidden`, `NotFound`, `ReferralNotSent`, `IllegalTransition`, `InvalidValue`.
    """
    found = await _locked(tx, actor, file_id)
    if found.sent_at is None:
        raise ReferralNotSent
    if found.acknowledged_at is not None:
        raise IllegalTransition(state="acknowledged", act="acknowledge")
    _check_said(acknowledged_at, "at", now)
    if acknowledged_at < found.sent_at:
        raise InvalidValue(field="at", rule="before-sending")
    found.acknowledged_at = acknowledged_at
    fact = events.FormalReferralAcknowledged(
        subject_id=found.id, situation_id=found.situation_id, acknowledged_at=acknowledged_at
    )
    await record(tx, actor, fact, now)


def _check_said(at: datetime, field: str, now: datetime) -> None:
    check_instant(at, field)
    if at > now:
        raise InvalidValue(field=field, rule="in-the-future")


async def _locked(tx: AsyncSession, actor: Actor, file_id: UUID) -> ReferralFile:
    require_coordination(actor)
    found = await tx.scalar(
        select(ReferralFile)
        .where(ReferralFile.id == file_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
