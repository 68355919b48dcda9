"""Reading what was done around a situation: levels, statements, calls, and who follows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.models import Account
from exchange.kernel.actor import Actor
from exchange.situations.models import Situation
from exchange.situations.models_following import Call, CallBack, LevelChange, NoSolutionStatement, ReferentHandOver
from exchange.situations.policies import visible_situations


@dataclass(frozen=True, slots=True)
class LevelChangeView:
    at: datetime
    was: int
    level: int
    reason: str
    note: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class StatementView:
    at: datetime
    tried: tuple[str, ...]
    note: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class CallView:
    at: datetime
    direction: str
    party: str
    outcome: str
    by: str | None
    was_on_duplicate: bool


@dataclass(frozen=True, slots=True)
class CallBackView:
    """A call to make or made. `is_overdue`: planned, and its hour has come."""

    id: UUID
    party: str
    due_at: datetime
    state: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class HandOverView:
    """One passing on of a situation; `to_account_id` says whose answer is awaited while it is offered."""

    reason: str
    state: str
    offered_at: datetime
    settled_at: datetime | None
    from_name: str | None
    to_name: str | None
    to_account_id: UUID


@dataclass(frozen=True, slots=True)
class FollowingView:
    """Everything done around a situation, each list oldest first."""

    referent: str | None
    levels: tuple[LevelChangeView, ...]
    statements: tuple[StatementView, ...]
    calls: tuple[CallView, ...]
    call_backs: tuple[CallBackView, ...]
    hand_overs: tuple[HandOverView, ...]

    @property
    def offered(self) -> HandOverView | None:
        """The passing on that waits for an answer."""
        return next((line for line in self.hand_overs if line.state == "offered"), None)


@dataclass(frozen=True, slots=True)
class DueCallBack:
    """A call whose hour has come, for the first page of those who coordinate."""

    id: UUID
    reference: str
    party: str
    due_at: datetime
    is_own: bool


async def following_of(reader: AsyncSession, situation_id: UUID, now: datetime) -> FollowingView:
    """Return what was done around a situation. The caller has proven that the actor may see it."""
    levels = await _rows(reader, LevelChange, situation_id)
    statements = await _rows(reader, NoSolutionStatement, situation_id)
    calls = await _rows(reader, Call, situation_id)
    call_backs = (
        await reader.scalars(
            select(CallBack).where(CallBack.situation_id == situation_id).order_by(CallBack.due_at, CallBack.id)
        )
    ).all()
    passed = (
        await reader.scalars(
            select(ReferentHandOver)
            .where(ReferentHandOver.situation_id == situation_id)
            .order_by(ReferentHandOver.offered_at, ReferentHandOver.id)
        )
    ).all()
    referent_id = await reader.scalar(select(Situation.referent_account_id).where(Situation.id == situation_id))
    people = {referent_id, *(line.account_id for line in levels), *(line.account_id for line in statements)}
    people |= {line.account_id for line in calls}
    people |= {each for line in passed for each in (line.from_account_id, line.to_account_id)}
    names = await _names(reader, people)
    return FollowingView(
        referent=_name(names, referent_id),
        levels=tuple(
            LevelChangeView(row.at, row.was, row.level, row.reason, row.note, _name(names, row.account_id))
            for row in levels
        ),
        statements=tuple(
            StatementView(row.at, tuple(row.tried), row.note, _name(names, row.account_id)) for row in statements
        ),
        calls=tuple(
            CallView(
                row.at,
                row.direction,
                row.party,
                row.outcome,
                _name(names, row.account_id),
                row.moved_from_id is not None,
            )
            for row in calls
        ),
        call_backs=tuple(
            CallBackView(row.id, row.party, row.due_at, row.state, row.state == "planned" and row.due_at <= now)
            for row in call_backs
        ),
        hand_overs=tuple(_hand_over(row, names) for row in passed),
    )


async def due_call_backs(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[DueCallBack, ...]:
    """Return the calls whose hour has come, one's own first, then the longest due; nothing for who sees no situation.

    One's own: planned by the actor, or about a situation that they follow.
    """
    rows = await reader.execute(
        select(CallBack, Situation.reference, Situation.referent_account_id)
        .join(Situation, Situation.id == CallBack.situation_id)
        .where(visible_situations(actor), CallBack.state == "planned", CallBack.due_at <= now)
        .order_by(CallBack.due_at, CallBack.id)
    )
    due = [
        DueCallBack(row.id, reference, row.party, row.due_at, actor.account_id in (row.planned_by, referent_id))
        for row, reference, referent_id in rows
    ]
    return tuple(sorted(due, key=lambda each: not each.is_own))


async def offered_to(reader: AsyncSession, actor: Actor) -> tuple[str, ...]:
    """Return the references of the situations that somebody asks the actor to follow."""
    rows = await reader.scalars(
        select(Situation.reference)
        .join(ReferentHandOver, ReferentHandOver.situation_id == Situation.id)
        .where(
            visible_situations(actor),
            ReferentHandOver.state == "offered",
            ReferentHandOver.to_account_id == actor.account_id,
        )
        .order_by(ReferentHandOver.offered_at)
    )
    return tuple(rows)


_Dated = TypeVar("_Dated", LevelChange, NoSolutionStatement, Call)


async def _rows(reader: AsyncSession, table: type[_Dated], situation_id: UUID) -> Sequence[_Dated]:
    found = await reader.scalars(select(table).where(table.situation_id == situation_id).order_by(table.at, table.id))
    return found.all()


def _hand_over(row: ReferentHandOver, names: Mapping[UUID, str]) -> HandOverView:
    return HandOverView(
        reason=row.reason,
        state=row.state,
        offered_at=row.offered_at,
        settled_at=row.settled_at,
        from_name=_name(names, row.from_account_id),
        to_name=_name(names, row.to_account_id),
        to_account_id=row.to_account_id,
    )


def _name(names: Mapping[UUID, str], account_id: UUID | None) -> str | None:
    return None if account_id is None else names.get(account_id)


async def _names(reader: AsyncSession, account_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = {each for each in account_ids if each is not None}
    rows = await reader.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}
