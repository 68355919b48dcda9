"""Who looked at which situation: written and committed before the page leaves (decision 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.kernel.journals import AccessLogEntry

SHEET: Final = "situation_sheet"
REQUEST: Final = "request_to_answer"
MEETING: Final = "case_meeting"
REFERRAL: Final = "referral_file"


async def log_look(db: Database, actor: Actor, situation_id: UUID, purpose: str) -> None:
    """Commit one line of the access log in its own transaction; the page fails where it cannot be written."""
    await log_looks(db, actor, (situation_id,), purpose)


async def log_looks(db: Database, actor: Actor, situation_ids: Iterable[UUID], purpose: str) -> None:
    """Commit one line of the access log for each situation that a page shows, all of them or none."""
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
