"""Writing messages and their deliveries, in the transaction that found them due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.ids import new_id
from exchange.kernel.journals import OutboxRow
from exchange.notifications.models import Message
from exchange.notifications.recipients import Recipient
from exchange.notifications.rules import Notice

MAIL = "mail"
DELIVER_JOB = "notifications.deliver"


async def write_messages(
    tx: AsyncSession, fact_id: UUID, notice: Notice, subject_id: UUID, recipients: Sequence[Recipient], now: datetime
) -> tuple[UUID, ...]:
    """Insert the messages not yet written for this fact, and their deliveries in the same transaction."""
    if not recipients:
        return ()
    rows = await tx.scalars(
        insert(Message)
        .values(
            [
                {
                    "id": new_id(),
                    "fact_id": fact_id,
                    "template": notice.template,
                    "subject_id": subject_id,
                    "recipient_kind": one.kind,
                    "recipient_id": one.id,
                    "channel": MAIL,
                    "step": notice.step,
                    "state": "created",
                    "created_at": now,
                }
                for one in recipients
            ]
        )
        .on_conflict_do_nothing()
        .returning(Message.id)
    )
    new = rows.all()
    if new:
        await tx.execute(
            insert(OutboxRow).on_conflict_do_nothing(),
            [
                {
                    "id": new_id(),
                    "fact_id": fact_id,
                    "job": DELIVER_JOB,
                    "subject_id": message_id,
                    "due_at": now,
                }
                for message_id in new
            ],
        )
    return tuple(new)
