"""Levels, and saying that there is no solution to date."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.reference.following import LevelReason, SolutionTried
from exchange.situations.cards import card_of
from exchange.situations.errors import LevelOneStep
from exchange.situations.events_following import LevelChanged, NoSolutionStated
from exchange.situations.free_text import note_of
from exchange.situations.inputs_following import ChangeLevel, StateNoSolution
from exchange.situations.locks import lock_situation
from exchange.situations.models_following import LevelChange, NoSolutionStatement
from exchange.situations.moves import allow, require_side
from exchange.situations.transitions import SituationAct
from exchange.staffing.values import check_between, code_of, codes_of


async def change_level(tx: AsyncSession, actor: Actor, change: ChangeLevel, now: datetime) -> None:
    """Go one level up or down, with a reason, and keep who did it when.

    Raises `ActForbidden`, `NotFound`, `InvalidValue`, `LevelOneStep`, `IllegalTransition`.
    """
    require_side(actor, SituationAct.CHANGE_LEVEL)
    check_between(change.level, 1, 3, "level")
    reason = code_of(LevelReason, change.reason, "reason")
    note = note_of(change.note)
    situation = await lock_situation(tx, change.situation_id)
    allow(actor, situation, SituationAct.CHANGE_LEVEL)
    was = situation.level
    if abs(change.level - was) != 1:
        raise LevelOneStep(field="level", level=was)
    situation.level = change.level
    bump(situation)
    tx.add(
        LevelChange(
            situation_id=situation.id,
            at=now,
            was=was,
            level=change.level,
            reason=reason.value,
            note=note,
            account_id=actor.account_id,
        )
    )
    fact = LevelChanged(
        subject_id=situation.id,
        level=change.level,
        was=was,
        reason=reason.value,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)


async def state_no_solution(tx: AsyncSession, actor: Actor, statement: StateNoSolution, now: datetime) -> None:
    """Say « sans solution à ce jour » of a situation that stays open, with what was tried.

    Raises `ActForbidden`, `NotFound`, `InvalidValue`, `IllegalTransition`.
    """
    require_side(actor, SituationAct.STATE_NO_SOLUTION)
    tried = codes_of(SolutionTried, statement.tried, "tried", at_least=1)
    note = note_of(statement.note)
    situation = await lock_situation(tx, statement.situation_id)
    allow(actor, situation, SituationAct.STATE_NO_SOLUTION)
    codes = [code.value for code in tried]
    tx.add(NoSolutionStatement(situation_id=situation.id, at=now, tried=codes, note=note, account_id=actor.account_id))
    fact = NoSolutionStated(subject_id=situation.id, tried=",".join(codes))
    await record(tx, actor, fact, now)
