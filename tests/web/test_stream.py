"""The live board: one rendering however many viewers, rights re-read, Redis optional."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from redis.asyncio import Redis
from structlog.testing import capture_logs

from exchange.adapters.redis_hints import RedisHints
from exchange.availability.commands import change_capacity, withdraw_offer
from exchange.board.policies import view_class_of
from exchange.identity.commands import sign_out
from exchange.kernel.actor import Role
from exchange.kernel.db import Database, Scope, now_of
from exchange.web.feed import LiveFeed, Viewer
from exchange.web.stream import messages
from tests.factories.ground import ground, no_follow_up
from tests.factories.placements import proposed
from tests.factories.situations import a_situation
from tests.servers import running_valkey
from tests.stage import free_port
from tests.web.conftest import Browser, Town

NOBODY_LISTENS = "redis://127.0.0.1:1"


class Screen:
    """What one viewer's browser received, and a page kept true by it as the script does."""

    def __init__(self, feed: LiveFeed, viewer: Viewer) -> None:
        self.viewer = viewer
        self.events: list[tuple[str, dict[str, str]]] = []
        self.is_over = False
        self._stream = messages(feed, viewer)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for chunk in self._stream:
            event = re.search(r"^event: (\w+)$", chunk.decode(), re.MULTILINE)
            data = re.search(r"^data: (.+)$", chunk.decode(), re.MULTILINE)
            if event and data:
                self.events.append((event[1], json.loads(data[1])))
        self.is_over = True

    def cards(self, word: str) -> list[str]:
        return [data["html"] for event, data in self.events if event == "card" and word in data["html"]]

    def kinds(self) -> list[str]:
        return [event for event, _ in self.events]

    async def until(self, seen: object, *, within: float = 6.0) -> float:
        """Wait until `seen()` is true and return how long it took."""
        began = time.monotonic()
        while not seen():  # type: ignore[operator]
            assert time.monotonic() - began < within, (self.kinds(), self.is_over)
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._stream.aclose()  # type: ignore[attr-defined]


@asynccontextmanager
async def watching(
    feed: LiveFeed, *browsers: Browser, since: datetime, keep_first: bool = False
) -> AsyncIterator[list[Screen]]:
    """Open one stream per browser, and close them all; forget what they caught up with unless told otherwise."""
    screens = [
        Screen(feed, Viewer(browser.actor, browser.token, view_class_of(browser.actor), since)) for browser in browsers
    ]
    try:
        for screen in screens:
            await screen.until(lambda screen=screen: screen.viewer.since is None and screen.viewer.queue.empty())
        if not keep_first:
            for screen in screens:
                screen.events.clear()
        yield screens
    finally:
        for screen in screens:
            await screen.close()


def hinting(town: Town, redis_url: str) -> tuple[Database, RedisHints]:
    """The town's database, ringing the bell after each commit as the application does."""
    hints = RedisHints(redis_url)
    return Database(engine=town.db.engine, reactions=no_follow_up, hint=hints.publish), hints


async def instant(town: Town) -> datetime:
    async with town.db.read(town.community_id) as reader:
        return now_of(reader) + timedelta(seconds=20)


async def one_place_more(db: Database, town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER].actor
    async with db.write(town.community_id) as tx:
        await change_capacity(tx, manager, town.offer_id, 1, None, now_of(tx))


async def test_a_change_is_rendered_once_for_all_the_viewers_of_a_class(town: Town, redis_url: str) -> None:
    db, hints = hinting(town, redis_url)
    feed = LiveFeed(town.db, redis_url, town.community_id)
    coordinator, adviser = town[Role.COORDINATOR], town[Role.PATHWAY_ADVISER]
    async with watching(feed, coordinator, adviser, adviser, since=await instant(town)) as screens:
        before = feed.renderings
        await one_place_more(db, town)
        for screen in screens:
            await screen.until(lambda screen=screen: screen.cards("Foyer des Tilleuls"))
        assert feed.renderings == before + 1
    await hints.close()


async def test_two_viewers_see_a_change_within_a_second(town: Town, redis_url: str) -> None:
    db, hints = hinting(town, redis_url)
    feed = LiveFeed(town.db, redis_url, town.community_id)
    async with (
        watching(feed, town[Role.COORDINATOR], town[Role.FACILITY_MANAGER], since=await instant(town)) as screens,
        Redis.from_url(redis_url) as client,
    ):
        await subscribed(client, town)
        await one_place_more(db, town)
        for screen in screens:
            assert await screen.until(lambda screen=screen: screen.cards("Foyer des Tilleuls")) < 1.0
    await hints.close()


async def test_without_redis_the_board_still_follows_within_six_seconds(town: Town) -> None:
    feed = LiveFeed(town.db, NOBODY_LISTENS, town.community_id)
    async with watching(feed, town[Role.COORDINATOR], since=await instant(town)) as (screen,):
        await one_place_more(town.db, town)
        await screen.until(lambda: screen.cards("Foyer des Tilleuls"), within=6.0)


async def test_redis_killed_under_open_streams_loses_no_change(
    town: Town, servers_directory: Path, tmp_path: Path
) -> None:
    sockets = servers_directory / "killed"  # a socket's path is short, pytest's folders are not
    sockets.mkdir(exist_ok=True)
    async with running_valkey(tmp_path, sockets) as valkey:
        feed = LiveFeed(town.db, valkey.url, town.community_id)
        async with watching(feed, town[Role.COORDINATOR], since=await instant(town)) as (screen,):
            async with Redis.from_url(valkey.url) as client:
                await subscribed(client, town)
            assert valkey.process is not None
            valkey.process.kill()
            await one_place_more(town.db, town)
            await screen.until(lambda: screen.cards("Foyer des Tilleuls"), within=6.0)
            assert not screen.is_over


async def test_a_revoked_session_closes_its_stream_within_five_seconds(town: Town, redis_url: str) -> None:
    feed = LiveFeed(town.db, redis_url, town.community_id)
    leaving, staying = town[Role.PATHWAY_ADVISER], town[Role.COORDINATOR]
    async with watching(feed, leaving, staying, since=await instant(town)) as (left, stayed):
        async with town.db.write(None, scope=Scope.IDENTITY) as tx:
            await sign_out(tx, leaving.token, now_of(tx))
        await left.until(lambda: left.is_over, within=5.0)
        assert not stayed.is_over
        assert feed.viewers == 1


async def test_a_stream_ends_by_itself_and_a_feed_stops_with_its_last_viewer(town: Town, redis_url: str) -> None:
    feed = LiveFeed(town.db, redis_url, town.community_id)
    browser = town[Role.COORDINATOR]
    viewer = Viewer(browser.actor, browser.token, view_class_of(browser.actor), await instant(town))
    chunks = [chunk async for chunk in messages(feed, viewer, longest=0.5, keep_alive=0.1)]
    assert chunks[0].startswith(b"retry: ")
    assert any(chunk.startswith(b":") for chunk in chunks[1:])
    assert feed.viewers == 0


async def test_a_slow_viewer_is_dropped_and_the_others_are_not(town: Town, redis_url: str) -> None:
    browser = town[Role.COORDINATOR]
    slow = Viewer(browser.actor, browser.token, view_class_of(browser.actor), None)
    for _ in range(500):
        slow.tell(b"event: card\n\n")
    assert not slow.is_open
    received = [slow.queue.get_nowait() for _ in range(slow.queue.qsize())]
    assert received[-1] is None


class Unrenderable(Exception):
    """What no part of the feed expects."""


def fails(*_: object, **__: object) -> str:
    raise Unrenderable("Camille Essai")


@pytest.mark.parametrize("part", ["card_html", "visitor_of_token"])
async def test_a_part_that_fails_ends_the_streams_and_who_comes_back_is_served(
    town: Town, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    feed = LiveFeed(town.db, NOBODY_LISTENS, town.community_id)
    here = town[Role.COORDINATOR], town[Role.FACILITY_MANAGER]

    async with watching(feed, *here, since=await instant(town)) as screens:
        with monkeypatch.context() as broken, capture_logs() as logs:
            broken.setattr(f"exchange.web.feed.{part}", fails)
            await one_place_more(town.db, town)
            for screen in screens:
                await screen.until(lambda screen=screen: screen.is_over, within=8.0)
        (told,) = [line for line in logs if line["event"] == "feed_stopped"]
        assert (feed.viewers, told["log_level"], told["error"]) == (0, "error", "Unrenderable")
        assert "Camille" not in json.dumps(told)
    async with watching(feed, *here, since=await instant(town)) as screens:
        await one_place_more(town.db, town)
        for screen in screens:
            await screen.until(lambda screen=screen: screen.cards("Foyer des Tilleuls"), within=8.0)


async def test_who_leaves_a_feed_that_failed_does_not_stop_the_one_that_follows(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = LiveFeed(town.db, NOBODY_LISTENS, town.community_id)
    browser = town[Role.COORDINATOR]
    left = Viewer(browser.actor, browser.token, view_class_of(browser.actor), await instant(town))

    with monkeypatch.context() as broken:
        broken.setattr("exchange.web.feed.card_html", fails)
        feed.join(left)
        await one_place_more(town.db, town)
        await eventually(lambda: not left.is_open)
    async with watching(feed, browser, since=await instant(town)) as (screen,):
        feed.leave(left)
        await one_place_more(town.db, town)
        await screen.until(lambda: screen.cards("Foyer des Tilleuls"), within=8.0)


async def test_members_are_never_sent_what_their_board_does_not_show(town: Town, redis_url: str) -> None:
    feed = LiveFeed(town.db, redis_url, town.community_id)
    async with watching(
        feed, town["neighbour"], town[Role.COORDINATOR], since=await instant(town) - timedelta(minutes=1)
    ) as (member, coordinator):
        async with town.db.write(town.community_id) as tx:
            received = await a_situation(tx, need_codes=("autism", "tube_feeding"))
            await proposed(tx, received.id, town.offer_id)
        await coordinator.until(lambda: coordinator.cards(f"{received.reference} →"))
        await member.until(lambda: "card" in member.kinds())
        told = json.dumps(member.events, ensure_ascii=False)
        assert received.reference not in told
        assert "Prochain point" not in told
        assert received.reference in json.dumps(coordinator.events, ensure_ascii=False)


async def test_a_withdrawn_place_leaves_every_screen(town: Town, redis_url: str) -> None:
    feed = LiveFeed(town.db, redis_url, town.community_id)
    async with watching(feed, town[Role.COORDINATOR], town["neighbour"], since=await instant(town)) as screens:
        async with ground(town.db, town.community_id) as tx:
            await withdraw_offer(tx, town[Role.FACILITY_MANAGER].actor, town.offer_id, now_of(tx))
        for screen in screens:
            await screen.until(lambda screen=screen: ("gone", {"id": str(town.offer_id)}) in screen.events)


async def test_who_comes_back_gets_what_they_missed(town: Town, redis_url: str) -> None:
    async with town.db.read(town.community_id) as reader:
        left_at = now_of(reader)
    await one_place_more(town.db, town)
    feed = LiveFeed(town.db, redis_url, town.community_id)
    async with watching(feed, town[Role.COORDINATOR], since=left_at, keep_first=True) as (screen,):
        await screen.until(lambda: screen.cards("Foyer des Tilleuls"))


async def test_who_was_away_for_long_is_told_to_reload(town: Town, redis_url: str) -> None:
    feed = LiveFeed(town.db, redis_url, town.community_id)
    long_ago = await instant(town) - timedelta(hours=3)
    async with watching(feed, town[Role.COORDINATOR], since=long_ago, keep_first=True) as (screen,):
        await screen.until(lambda: screen.kinds() == ["reload"])


@pytest.mark.parametrize("who", [Role.COORDINATOR, Role.FACILITY_MANAGER, "neighbour"])
async def test_a_board_kept_by_the_stream_equals_a_reloaded_one(town: Town, redis_url: str, who: str) -> None:
    browser = town[who]
    page = Page(await browser.see("/tableau"))
    feed = LiveFeed(town.db, redis_url, town.community_id)
    async with watching(feed, browser, since=await instant(town)) as (screen,):
        await one_place_more(town.db, town)
        # The second comes above the first, which is already on the screen: where it goes matters.
        for urgency in (2, 3):
            async with town.db.write(town.community_id) as tx:
                received = await a_situation(tx, urgency=urgency)
                await proposed(tx, received.id, town.offer_id)
            seen = f"fiche-{received.id}"
            await screen.until(lambda seen=seen: any(seen in data.get("html", "") for _, data in screen.events))
        await screen.until(lambda: screen.cards("Foyer des Tilleuls"))
        await screen.until(lambda: screen.events[-1][0] in ("counts", "yours"))
    for event, data in screen.events:
        page.swap(event, data)
    assert page == Page(await browser.see("/tableau"))


async def test_a_stream_over_http_holds_no_connection_and_does_not_hang_the_stop(town: Town) -> None:
    config = uvicorn.Config(town.app, port=free_port(), log_level="error", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    served = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    cookies = {"entraide": town[Role.COORDINATOR].token}
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{config.port}", cookies=cookies) as browser,
        browser.stream("GET", "/flux", headers={"Accept": "text/event-stream"}) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        sent = stream.aiter_text()
        assert (await anext(sent)).startswith("retry: ")
        pool = town.app.state["database"].engine.pool
        await eventually(lambda: pool.checkedout() == 0)
        server.should_exit = True
        began = time.monotonic()
        with contextlib.suppress(httpx.RemoteProtocolError):
            async for _ in sent:
                pass
        await served
        assert time.monotonic() - began < 5


async def eventually(seen: Callable[[], bool]) -> None:
    for _ in range(400):
        if seen():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("never seen")


class Page:
    """The board as its script sees it: cards by id and container, in order, and counters by id."""

    CARD = re.compile(r'<article class="card [^>]*id="(fiche-[^"]+)".*?</article>', re.DOTALL)
    LIST = re.compile(r'<div class="cards" data-cards="(\w+)" data-area="([^"]+)">(.*?)<p class="empty">', re.DOTALL)
    COUNTS = re.compile(r'<div class="counts" id="([^"]+)">.*?</div>', re.DOTALL)

    def __init__(self, html: str) -> None:
        self.lists: dict[tuple[str, str], list[str]] = {
            (found[1], found[2]): [card[0] for card in self.CARD.finditer(found[3])]
            for found in self.LIST.finditer(html)
        }
        self.counts = {found[1]: found[0] for found in self.COUNTS.finditer(html)}
        assert self.lists
        assert self.counts

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Page)
        assert self.lists == other.lists
        assert self.counts == other.counts
        return True

    __hash__ = None  # type: ignore[assignment]

    def swap(self, event: str, data: dict[str, str]) -> None:
        """Do what `live.js` does with one message."""
        if event == "card":
            card = self.CARD.search(data["html"])
            assert card is not None
            self._remove(card[1])
            kind, area, order = (attribute(card[0], name) for name in ("kind", "area", "order"))
            cards = self.lists.get((kind, area))
            if cards is not None:
                place = next((i for i, c in enumerate(cards) if attribute(c, "order") > order), len(cards))
                cards.insert(place, card[0])
        if event == "gone":
            self._remove(f"fiche-{data['id']}")
        if event == "counts":
            counters = self.COUNTS.search(data["html"])
            assert counters is not None
            self.counts[counters[1]] = counters[0]

    def _remove(self, card_id: str) -> None:
        for cards in self.lists.values():
            cards[:] = [card for card in cards if f'id="{card_id}"' not in card]


def attribute(card: str, name: str) -> str:
    found = re.search(f'data-{name}="([^"]*)"', card)
    assert found is not None
    return found[1]


async def subscribed(client: Redis, town: Town) -> None:
    """Wait until the feed listens to its bell."""
    channel = f"entraide:hints:{town.community_id}"
    for _ in range(200):
        if dict(await client.pubsub_numsub(channel)).get(channel.encode()):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the feed never subscribed")
