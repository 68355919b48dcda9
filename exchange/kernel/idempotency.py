"""A second tap gets the first reply (IETF Idempotency-Key draft)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import IdempotencyKeyReused
from exchange.kernel.journals import IdempotencyRecord


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What the first request with this key was told."""

    status: int
    body: bytes


async def first_reply(
    tx: AsyncSession, account_id: UUID, key: str, request: bytes, now: datetime
) -> StoredReply | None:
    """Claim a key for this request, or return the reply already given to it.

    Inserted first in the transaction: a second tap waits here on the unique key until the first commits or fails.
    Raises `IdempotencyKeyReused` where the key came with another request.
    """
    request_hash = sha256(request).digest()
    claimed = await tx.execute(
        insert(IdempotencyRecord)
        .values(account_id=account_id, key=key, request_hash=request_hash, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord.key)
    )
    if claimed.scalar_one_or_none() is not None:
        return None
    stored = (
        await tx.execute(
            select(IdempotencyRecord).where(IdempotencyRecord.account_id == account_id, IdempotencyRecord.key == key)
        )
    ).scalar_one()
    if stored.request_hash != request_hash:
        raise IdempotencyKeyReused(field="Idempotency-Key")
    return StoredReply(status=stored.status or 200, body=stored.reply or b"")


async def keep_reply(tx: AsyncSession, account_id: UUID, key: str, status: int, body: bytes) -> None:
    """Store the reply beside the claim, in the same transaction as what it answers for."""
    await tx.execute(
        update(IdempotencyRecord)
        .where(IdempotencyRecord.account_id == account_id, IdempotencyRecord.key == key)
        .values(status=status, reply=body)
    )
