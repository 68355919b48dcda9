"""The live stream of the board: `/flux`, in the browser's own format for server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from exchange.board.policies import ViewClass
from exchange.identity.errors import SignInRequired
from exchange.kernel.db import Database
from exchange.kernel.errors import ActForbidden
from exchange.web.authentication import session_token
from exchange.web.feed import KEEP_ALIVE, LiveFeed, Viewer, opening
from exchange.web.opening import SECURITY_HEADERS
from exchange.web.visitor import WebRequest, visitor_of

KEEP_ALIVE_SECONDS: Final = 15.0
LONGEST_SECONDS: Final = 600.0
RETRY_MS: Final = 2000


class StreamHub:
    """The feeds of this process, one per community."""

    def __init__(self, db: Database, redis_url: str) -> None:
        self._db = db
        self._redis_url = redis_url
        self._feeds: dict[UUID, LiveFeed] = {}

    def feed_of(self, community_id: UUID) -> LiveFeed:
        """Return the feed of a community; it starts with its first viewer and stops with the last."""
        if community_id not in self._feeds:
            self._feeds[community_id] = LiveFeed(self._db, self._redis_url, community_id)
        return self._feeds[community_id]

    def close(self) -> None:
        """End every stream, so that the process can stop."""
        for feed in self._feeds.values():
            feed.close()


def hub_of(request: WebRequest, db: Database) -> StreamHub:
    """Return the process's hub, made at the first stream."""
    state = request.app.state
    if not isinstance(state.get("stream_hub"), StreamHub):
        state.stream_hub = StreamHub(db, state["settings"].redis_url)
    hub: StreamHub = state.stream_hub
    return hub


@get("/flux", include_in_schema=False)
async def follow_board(
    request: WebRequest, db: NamedDependency[Database], now: NamedDependency[datetime]
) -> Response[Any]:
    """Send what changes on the board, to whoever may see it, for ten minutes at most."""
    visitor = visitor_of(request)
    token = session_token(request.scope, secure=request.app.state["settings"].secure_cookies)
    if token is None:
        raise SignInRequired
    if visitor.view_class is ViewClass.COUNTS:
        raise ActForbidden
    since = _instant(request.headers.get("last-event-id") or request.query_params.get("depuis"), now)
    feed = hub_of(request, db).feed_of(visitor.actor.community_id)
    viewer = Viewer(visitor.actor, token, visitor.view_class, since, visitor.crisis)
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(messages(feed, viewer), media_type="text/event-stream", headers=headers)


async def messages(
    feed: LiveFeed, viewer: Viewer, *, longest: float = LONGEST_SECONDS, keep_alive: float = KEEP_ALIVE_SECONDS
) -> AsyncIterator[bytes]:
    """Yield what the viewer's feed hands over, and a comment when it is silent; end after `longest` seconds."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + longest
    feed.join(viewer)
    try:
        yield opening(RETRY_MS)
        while (left := ends - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(left, keep_alive)):
                    message = await viewer.queue.get()
            except TimeoutError:
                yield KEEP_ALIVE
                continue
            if message is None:
                return
            yield message
    finally:
        feed.leave(viewer)


def _instant(text: str | None, now: datetime) -> datetime:
    """Return from when the browser has seen nothing; a text that is no instant reads as now."""
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return now
    return now if instant.tzinfo is None else max(min(instant, now), now - timedelta(days=1))
