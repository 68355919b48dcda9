"""One feed per community and process: one read and one rendering per change, however many viewers."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from exchange.adapters.redis_hints import listen
from exchange.board.policies import SHARED_WITH_MEMBERS, ViewClass
from exchange.board.queries import Change, LiveState, changed_since, counts_seen_by, live_state, seen_by, turned_between
from exchange.board.rules import is_turn_between
from exchange.board.views import AnyCard
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.organisations import queries as organisations
from exchange.organisations.crisis_views import CrisisView
from exchange.web.authentication import visitor_of_token
from exchange.web.cards import card_html, counts_html, crisis_html

GATHER_SECONDS: Final = 0.1
POLL_SECONDS: Final = 5.0
RIGHTS_SECONDS: Final = 4.0
OVERLAP: Final = timedelta(seconds=15)
"""Longer than any write transaction may live (10 s): a change never hides behind a later one."""

LONGEST_ABSENCE: Final = timedelta(minutes=30)
WAITING_MESSAGES: Final = 400
_FOLLOWED: Final = (ViewClass.COORDINATION, ViewClass.MEMBER)

_log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Viewer:
    """One open stream. `since`: what it has not seen yet, until its first update. None in the queue ends it.

    `crisis`: what the banner of its page says.
    """

    actor: Actor
    token: str
    view_class: ViewClass
    since: datetime | None
    crisis: CrisisView | None = None
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING_MESSAGES))
    is_open: bool = True

    def tell(self, message: bytes) -> None:
        """Hand over a message; a viewer too slow to take it is dropped, and will reconnect."""
        if self.queue.qsize() >= WAITING_MESSAGES - 1:
            self.close()
        elif self.is_open:
            self.queue.put_nowait(message)

    def close(self) -> None:
        """End the stream after what was already handed over."""
        if self.is_open:
            self.is_open = False
            self.queue.put_nowait(None)


@dataclass(frozen=True, slots=True)
class Update:
    """What one gathering found: the changes since the one before, and the messages of each class, rendered once."""

    since: datetime
    at: datetime
    zone: ZoneInfo
    changes: dict[UUID, Change]
    cards: dict[ViewClass, dict[UUID, bytes]]
    counts: dict[ViewClass, tuple[bytes, ...]]


class LiveFeed:
    """Reads what changed and hands it to every viewer of one community. Holds no database session while waiting."""

    def __init__(self, db: Database, redis_url: str, community_id: UUID) -> None:
        self._db = db
        self._redis_url = redis_url
        self._community_id = community_id
        self._viewers: set[Viewer] = set()
        self._bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._told: dict[UUID, datetime] = {}
        self._last_read: datetime | None = None
        self.renderings = 0
        """Fragments rendered since the start: a test counts them."""

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def join(self, viewer: Viewer) -> None:
        """Add a viewer; the first one starts the feed."""
        self._viewers.add(viewer)
        if not self._tasks:
            self._start()
        self._bell.set()

    def leave(self, viewer: Viewer) -> None:
        """Remove a viewer; the last one stops the feed."""
        self._viewers.discard(viewer)
        if not self._viewers:
            self._stop()

    def close(self) -> None:
        """End every stream."""
        for viewer in tuple(self._viewers):
            viewer.close()

    def _stop(self) -> None:
        """Forget everything: the next viewer starts anew."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._told = {}
        self._last_read = None

    def _start(self) -> None:
        for work in self._works():
            task = asyncio.create_task(work)
            task.add_done_callback(self._part_ended)
            self._tasks.append(task)

    def _part_ended(self, task: asyncio.Task[None]) -> None:
        """Where a part failed, leave no stream open that would say that all is well.

        Browsers come back by themselves, and the first of them starts the feed again.
        """
        if task.cancelled() or task not in self._tasks or (error := task.exception()) is None:
            return
        _log.error("feed_stopped", error=type(error).__name__, at=_line_of(error))
        self.close()
        self._viewers.clear()
        self._stop()

    def _works(self) -> Iterable[Coroutine[None, None, None]]:
        yield self._follow()
        yield self._recheck_rights()
        yield listen(self._redis_url, self._community_id, self._bell.set)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        gathered_until = 0.0
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._bell.wait()
            except TimeoutError:
                pass  # nobody rang: ask anyway, a hint may have been lost
            # After a silence the first change is shown at once; those that follow it closely are shown together.
            await asyncio.sleep(gathered_until - loop.time())
            self._bell.clear()
            try:
                await self._update()
            except (SQLAlchemyError, OSError) as away:
                _log.warning("feed_read_failed", reason=type(away).__name__)
                await asyncio.sleep(1)
            gathered_until = loop.time() + GATHER_SECONDS

    async def _update(self) -> None:
        newcomers = [viewer for viewer in self._viewers if viewer.since is not None]
        update, fresh = await self._read(min((v.since for v in newcomers if v.since is not None), default=None))
        for viewer in tuple(self._viewers):
            is_new = viewer in newcomers
            if viewer.since is not None and not is_new:
                continue
            if _is_out_of_date(update.since if viewer.since is None else viewer.since, update):
                viewer.tell(_message("reload", {}, update.at))
            else:
                self._hand_over(viewer, update, frozenset(update.changes) if is_new else fresh)
            viewer.since = None

    async def _read(self, catch_up_from: datetime | None) -> tuple[Update, frozenset[UUID]]:
        """Read once what anybody lacks; return it with the subjects that are news to all."""
        async with self._db.read(self._community_id) as reader:
            now, zone = now_of(reader), await organisations.zone(reader)
            last = self._last_read or now
            oldest = max(now - LONGEST_ABSENCE, min(last, catch_up_from or last)) - OVERLAP
            changes = await changed_since(reader, oldest)
            turned = await turned_between(reader, last, now)
            fresh = frozenset(
                subject_id
                for subject_id, change in changes.items()
                if change.changed_at >= last - OVERLAP and self._told.get(subject_id) != change.changed_at
            )
            news = fresh | turned
            wanted = news | (frozenset(changes) if catch_up_from is not None else frozenset())
            kept = {subject_id: changes[subject_id] for subject_id in wanted if subject_id in changes}
            if not wanted:
                update = Update(last, now, zone, {}, {each: {} for each in _FOLLOWED}, dict.fromkeys(_FOLLOWED, ()))
            else:
                update = self._render(await live_state(reader, wanted, now), kept, last, now, zone)
        self._last_read = now
        self._told = {known: at for known, at in self._told.items() if at >= now - 2 * OVERLAP}
        self._told.update({subject_id: changes[subject_id].changed_at for subject_id in fresh})
        return update, news

    def _render(
        self, state: LiveState, kept: dict[UUID, Change], last: datetime, now: datetime, zone: ZoneInfo
    ) -> Update:
        changes = dict(kept)
        for card in state.cards:
            changes.setdefault(card.subject_id, Change(card.subject_id, card.kind, now, frozenset()))
        return Update(
            last,
            now,
            zone,
            changes,
            {view_class: self._rendered(state.cards, view_class, now, zone) for view_class in _FOLLOWED},
            {
                view_class: tuple(
                    _message("counts", {"html": counts_html(counts_seen_by(each, view_class), now, zone)}, now)
                    for each in state.counts
                )
                for view_class in _FOLLOWED
            },
        )

    def _rendered(
        self, cards: tuple[AnyCard, ...], view_class: ViewClass, now: datetime, zone: ZoneInfo
    ) -> dict[UUID, bytes]:
        """Render each card once for all the viewers of a class; nothing for a class that nobody of follows."""
        if not any(viewer.view_class is view_class for viewer in self._viewers):
            return {}
        seen = [shown for card in cards if (shown := seen_by(card, view_class)) is not None]
        self.renderings += len(seen)
        return {card.subject_id: _message("card", {"html": card_html(card, now, zone)}, now) for card in seen}

    def _hand_over(self, viewer: Viewer, update: Update, subject_ids: frozenset[UUID]) -> None:
        cards = update.cards[viewer.view_class]
        for subject_id in subject_ids:
            message = cards.get(subject_id)
            if message is not None:
                viewer.tell(message)
            elif viewer.view_class is ViewClass.COORDINATION or _is_shared(update.changes.get(subject_id)):
                viewer.tell(_message("gone", {"id": str(subject_id)}, update.at))
        if subject_ids:
            for message in update.counts[viewer.view_class]:
                viewer.tell(message)
        if any(_concerns(viewer, update.changes.get(subject_id)) for subject_id in subject_ids):
            viewer.tell(_message("yours", {}, update.at))

    async def _recheck_rights(self) -> None:
        while True:
            await asyncio.sleep(RIGHTS_SECONDS)
            for viewer in tuple(self._viewers):
                try:
                    visitor = await visitor_of_token(self._db, viewer.token, touch=False)
                except (SQLAlchemyError, OSError) as away:
                    _log.warning("rights_unread", reason=type(away).__name__)
                    continue
                if visitor is None or visitor.actor != viewer.actor:
                    viewer.close()
                elif visitor.crisis != viewer.crisis and (now := self._last_read) is not None:
                    viewer.crisis = visitor.crisis
                    viewer.tell(_message("crisis", {"html": crisis_html(visitor.crisis, now, visitor.zone)}, now))


def _is_out_of_date(since: datetime, update: Update) -> bool:
    """Whether a screen true at `since` needs all its words anew: seen too long ago, or before a turn of the day."""
    return update.at - since > LONGEST_ABSENCE or is_turn_between(since, update.at, update.zone)


def _line_of(error: BaseException) -> str:
    """Where an error was raised; its text might hold what a card says."""
    raised = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(raised.filename).name}:{raised.lineno}"


def _is_shared(change: Change | None) -> bool:
    return change is not None and change.kind in SHARED_WITH_MEMBERS


def _concerns(viewer: Viewer, change: Change | None) -> bool:
    if viewer.view_class is ViewClass.COORDINATION:
        return change is not None
    return change is not None and bool(change.facility_ids & viewer.actor.facility_ids)


def _message(event: str, data: dict[str, str], at: datetime) -> bytes:
    text = json.dumps(data, ensure_ascii=False)
    return f"id: {at.isoformat()}\nevent: {event}\ndata: {text}\n\n".encode()


def opening(retry_ms: int) -> bytes:
    """The first bytes of a stream: proxies pass it on, browsers learn when to come back."""
    return f"retry: {retry_ms}\n: ouvert\n\n".encode()


KEEP_ALIVE: Final = b": toujours en ligne\n\n"
