"""Ending a situation with its outcome, and searching again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.inputs import CloseSituation
from exchange.situations.locks import lock_situation
from exchange.situations.models import SituationDetails
from exchange.situations.moves import move
from exchange.situations.policies import require_coordination
from exchange.situations.rules import (
    DETAILS_KEPT,
    check_closing,
)
from exchange.situations.transitions import (
    SituationAct,
    SituationState,
    after,
    closing_act,
)


async def close_situation(tx: AsyncSession, actor: Actor, closing: CloseSituation, now: datetime) -> None:
    """End a situation with its outcome; what was promised for it ends by its own acts, told by the event.

    It cannot close as hosted in the network before an arrival. Raises `ActForbidden`, `NotFound`, `InvalidValue`,
    `IllegalTransition`.
    """
    require_coordination(actor)
    situation = await lock_situation(tx, closing.situation_id)
    outcome = check_closing(closing, now)
    was = SituationState(situation.state)
    situation.state = after(was, closing_act(outcome)).value
    situation.outcome = outcome.value
    situation.closed_at = now
    situation.next_check_at = None
    situation.effective_at = situation.effective_at or closing.arrived_at
    situation.terms_version += 1
    bump(situation)
    details = await tx.get(SituationDetails, situation.id)
    if details is not None:
        details.erase_after = now + DETAILS_KEPT
        details.closing_note = closing.note or None
    fact = events.SituationClosed(
        subject_id=situation.id,
        outcome=outcome.value,
        was=was.value,
        acknowledged_at=closing.acknowledged_at,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)


async def reopen_situation(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> None:
    """Search again for a person whose situation was closed.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition` where it is open.
    """
    require_coordination(actor)
    situation = await lock_situation(tx, situation_id)
    after(SituationState(situation.state), SituationAct.REOPEN)
    details = await tx.get(SituationDetails, situation.id)
    if details is not None:
        details.erase_after = None
        details.closing_note = None
    # Outcome and state are told to the database together: its CHECK knows no step between closed and open.
    situation.outcome = None
    situation.closed_at = None
    situation.effective_at = None
    situation.terms_version += 1
    await move(tx, actor, situation, SituationAct.REOPEN, now)
