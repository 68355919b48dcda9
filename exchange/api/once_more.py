"""A request whose transaction lost a race inside the database is sent through again, from routing on.

The outermost edge and no other: what a command or a dependency would try again, it would try on an old reading. The
aborted transaction left nothing, not even its Idempotency-Key, so the next attempt is a first one. Reads never get
here: `READ ONLY` transactions wait for nobody.
"""

from __future__ import annotations

import logging
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, ReceiveMessage, Scope, Send

from exchange.kernel.db import Attempt, attempting

MOST_ATTEMPTS: Final = 4
"""The first, and three more (reliability plan, section 6)."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_log = logging.getLogger(__name__)


def sent_once_more(app: ASGIApp) -> ASGIApp:
    """Return the application whose answers leave only once their transaction stands, or may not be tried again."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] in SAFE_METHODS:
            await app(scope, receive, send)
            return
        heard = _Heard(receive)
        said, outcome = await _attempt(app, scope, heard)
        for attempt in range(1, MOST_ATTEMPTS):
            if not outcome.may_be_tried_again:
                break
            _log.warning("attempt %d lost a race in the database", attempt)
            heard.rewind()
            said, outcome = await _attempt(app, scope, heard)
        for message in said:
            await send(message)

    return answer


async def _attempt(app: ASGIApp, scope: HTTPScope, heard: _Heard) -> tuple[list[Message], Attempt]:
    said: list[Message] = []

    async def keep(message: Message) -> None:
        said.append(message)

    with attempting() as outcome:
        await app({**scope, "state": dict(scope["state"])}, heard, keep)
    return said, outcome


class _Heard:
    """What came from the client, told again from the start to each attempt."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[ReceiveMessage] = []
        self._next = 0

    def rewind(self) -> None:
        self._next = 0

    async def __call__(self) -> ReceiveMessage:
        if self._next == len(self._messages):
            self._messages.append(await self._receive())
        self._next += 1
        return self._messages[self._next - 1]
