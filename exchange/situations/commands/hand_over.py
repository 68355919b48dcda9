"""One referent at any time: offered to somebody else, accepted or not, imposed only where the referent is away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.on_call import coordinators, may_follow
from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.reference.following import HandOverReason
from exchange.situations.errors import NoHandOverOffered, NotAReferent, ReferentStillThere
from exchange.situations.events_following import ReferentChanged, ReferentDeclined, ReferentOffered
from exchange.situations.inputs_following import HandOver
from exchange.situations.locks import lock_situation
from exchange.situations.models import Situation
from exchange.situations.models_following import ReferentHandOver
from exchange.situations.moves import allow, require_side
from exchange.situations.transitions import SituationAct, SituationState
from exchange.staffing.values import code_of


async def offer_hand_over(tx: AsyncSession, actor: Actor, passing: HandOver, now: datetime) -> None:
    """Ask somebody to follow a situation; until they accept, its referent stays. A newer offer replaces an older one.

    Raises `ActForbidden`, `NotFound`, `InvalidValue`, `NotAReferent`, `IllegalTransition`.
    """
    situation, reason = await _prepare(tx, actor, passing)
    await _replace_offer(tx, situation.id, now)
    tx.add(_line(actor, situation, passing.to_account_id, reason, "offered", now))
    await record(tx, actor, ReferentOffered(subject_id=situation.id, reason=reason.value), now)


async def accept_hand_over(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> None:
    """Follow a situation from now on, by whoever was asked. Raises `ActForbidden`, `NotFound`, `NoHandOverOffered`."""
    situation, offered = await _offered_to(tx, actor, situation_id)
    if not await may_follow(tx, actor.account_id):
        raise NotAReferent
    offered.state = "accepted"
    offered.settled_at = now
    await _follow(tx, actor, situation, offered.to_account_id, HandOverReason(offered.reason), now, imposed=False)


async def decline_hand_over(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> None:
    """Say that one cannot take over; the referent stays. Raises `ActForbidden`, `NotFound`, `NoHandOverOffered`."""
    situation, offered = await _offered_to(tx, actor, situation_id)
    offered.state = "declined"
    offered.settled_at = now
    await record(tx, actor, ReferentDeclined(subject_id=situation.id), now)


async def impose_hand_over(tx: AsyncSession, actor: Actor, passing: HandOver, now: datetime) -> None:
    """Name another referent where today's has left; a coordinator's act.

    Raises `ActForbidden`, `NotFound`, `InvalidValue`, `NotAReferent`, `ReferentStillThere`, `IllegalTransition`.
    """
    if actor.role is not Role.COORDINATOR:
        raise ActForbidden
    situation, reason = await _prepare(tx, actor, passing)
    if await may_follow(tx, situation.referent_account_id):
        raise ReferentStillThere
    await _replace_offer(tx, situation.id, now)
    await _impose(tx, actor, situation, passing.to_account_id, reason, now)


async def replace_absent_referent(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> bool:
    """Give a situation whose referent has left to a coordinator, the one who follows fewest; return whether it was.

    Repeatable; nothing where nobody coordinates: the alert alone speaks then. Raises `ActForbidden`, `NotFound`.
    """
    require_side(actor, SituationAct.HAND_OVER)
    situation = await lock_situation(tx, situation_id)
    if situation.state == SituationState.CLOSED or await may_follow(tx, situation.referent_account_id):
        return False
    successor = await _least_busy(tx)
    if successor is None:
        return False
    await _replace_offer(tx, situation.id, now)
    await _impose(tx, actor, situation, successor, HandOverReason.REFERENT_LEFT, now)
    return True


async def take_up_if_absent(tx: AsyncSession, actor: Actor, situation: Situation, now: datetime) -> None:
    """Follow a locked situation oneself where its referent has left, by whoever reopens it."""
    if await may_follow(tx, situation.referent_account_id) or actor.account_id is None:
        return
    if await may_follow(tx, actor.account_id):
        await _impose(tx, actor, situation, actor.account_id, HandOverReason.REFERENT_LEFT, now)


async def _prepare(tx: AsyncSession, actor: Actor, passing: HandOver) -> tuple[Situation, HandOverReason]:
    require_side(actor, SituationAct.HAND_OVER)
    reason = code_of(HandOverReason, passing.reason, "reason")
    situation = await lock_situation(tx, passing.situation_id)
    allow(actor, situation, SituationAct.HAND_OVER)
    is_same = passing.to_account_id == situation.referent_account_id
    if is_same or not await may_follow(tx, passing.to_account_id):
        raise NotAReferent(field="to_account_id")
    return situation, reason


async def _offered_to(tx: AsyncSession, actor: Actor, situation_id: UUID) -> tuple[Situation, ReferentHandOver]:
    require_side(actor, SituationAct.HAND_OVER)
    situation = await lock_situation(tx, situation_id)
    allow(actor, situation, SituationAct.HAND_OVER)
    offered = await tx.scalar(_open_offer(situation_id))
    if offered is None or offered.to_account_id != actor.account_id:
        raise NoHandOverOffered
    return situation, offered


async def _replace_offer(tx: AsyncSession, situation_id: UUID, now: datetime) -> None:
    offered = await tx.scalar(_open_offer(situation_id))
    if offered is not None:
        offered.state = "replaced"
        offered.settled_at = now
        await tx.flush()


def _open_offer(situation_id: UUID) -> Select[ReferentHandOver]:
    return select(ReferentHandOver).where(
        ReferentHandOver.situation_id == situation_id, ReferentHandOver.state == "offered"
    )


async def _impose(
    tx: AsyncSession, actor: Actor, situation: Situation, to_account_id: UUID, reason: HandOverReason, now: datetime
) -> None:
    tx.add(_line(actor, situation, to_account_id, reason, "imposed", now))
    await _follow(tx, actor, situation, to_account_id, reason, now, imposed=True)


async def _follow(
    tx: AsyncSession,
    actor: Actor,
    situation: Situation,
    to_account_id: UUID,
    reason: HandOverReason,
    now: datetime,
    *,
    imposed: bool,
) -> None:
    situation.referent_account_id = to_account_id
    bump(situation)
    fact = ReferentChanged(subject_id=situation.id, reason=reason.value, is_imposed=imposed)
    await record(tx, actor, fact, now)


def _line(
    actor: Actor, situation: Situation, to_account_id: UUID, reason: HandOverReason, state: str, now: datetime
) -> ReferentHandOver:
    return ReferentHandOver(
        situation_id=situation.id,
        from_account_id=situation.referent_account_id,
        to_account_id=to_account_id,
        reason=reason.value,
        offered_at=now,
        offered_by=actor.account_id,
        state=state,
        settled_at=None if state == "offered" else now,
    )


async def _least_busy(tx: AsyncSession) -> UUID | None:
    candidates = await coordinators(tx)
    rows = await tx.execute(
        select(Situation.referent_account_id, func.count())
        .where(Situation.state != SituationState.CLOSED.value, Situation.referent_account_id.in_(candidates))
        .group_by(Situation.referent_account_id)
    )
    followed = {row[0]: row[1] for row in rows}
    return min(candidates, key=lambda account_id: (followed.get(account_id, 0), account_id), default=None)
