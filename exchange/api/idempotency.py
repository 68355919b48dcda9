"""A second tap gets the first reply: `Idempotency-Key` on every POST (IETF httpapi draft)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from litestar.params import HeaderParameter
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.problems import AnyRequest
from exchange.board.changes import tell_changes
from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, InvalidValue
from exchange.kernel.idempotency import first_reply, keep_reply
from exchange.kernel.versions import StaleVersion, require_all_compared

HEADER: Final = "Idempotency-Key"
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        description="Choisie par l'appelant : la même demande renvoyée reçoit la première réponse.",
    ),
]
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def answer_once(
    request: AnyRequest,
    key: str | None,
    tx: AsyncSession,
    actor: Actor,
    act: Callable[[], Awaitable[msgspec.Struct]],
    status: int = 200,
) -> Response[Any]:
    """Do an act and tell its outcome; with a key already used, tell what was told then and do nothing.

    The claim, the act and the reply live in one transaction: a refused act leaves its key free. Raises
    `IdempotencyKeyReused` where the key came with another request, `InvalidValue` for an unfit key, `StaleVersion`.
    """
    if key is None:
        return _reply(msgspec.json.encode(await _compared(tx, act)), status)
    if not _KEY.fullmatch(key):
        raise InvalidValue(field=HEADER, rule="format")
    if actor.account_id is None:
        raise ActForbidden
    asked = b"\n".join((request.method.encode(), request.scope["path"].encode(), await request.body()))
    stored = await first_reply(tx, actor.account_id, key, asked, now_of(tx))
    if stored is not None:
        return _reply(stored.body, stored.status, {"Idempotency-Replayed": "true"})
    body = msgspec.json.encode(await _compared(tx, act))
    await keep_reply(tx, actor.account_id, key, status, body)
    return _reply(body, status)


async def _compared(tx: AsyncSession, act: Callable[[], Awaitable[msgspec.Struct]]) -> msgspec.Struct:
    """Act; a version stated by the caller has been compared, and a stale one is told what has changed."""
    try:
        told = await act()
    except StaleVersion as stale:
        await tell_changes(tx, stale)
        raise
    require_all_compared(tx)
    return told


def _reply(body: bytes, status: int, headers: dict[str, str] | None = None) -> Response[Any]:
    return Response(body, status_code=status, media_type="application/json", headers=headers)
