"""Who looked at a person's situation: committed before the body leaves, or nothing leaves."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.kernel.journals import AccessLogEntry


async def commit_look(db: Database, actor: Actor, situation_id: UUID, purpose: str) -> None:
    """Write who reads a situation, in a transaction of its own; called once the reading one is closed.

    Where it fails, so does the request: an unrecorded look must not happen.
    """
    await commit_looks(db, actor, (situation_id,), purpose)


async def commit_looks(db: Database, actor: Actor, situation_ids: Iterable[UUID], purpose: str) -> None:
    """Write who reads several situations at once, all of them or none."""
    async with db.write(actor.community_id) as tx:
        tx.add_all(
            AccessLogEntry(
                at=now_of(tx),
                account_id=actor.account_id,
                role=actor.role.value,
                via=actor.via.value,
                subject_kind="situation",
                subject_id=situation_id,
                purpose=purpose,
            )
            for situation_id in situation_ids
        )
