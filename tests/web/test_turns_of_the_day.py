"""At midnight, 05:00, 08:00 and 20:00 on the spot, what an open page tells changes though nothing happened."""

from __future__ import annotations

import asyncio
import struct
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from exchange.kernel.actor import Role
from exchange.organisations.models import Community
from exchange.web.feed import LiveFeed
from tests.factories.ground import ground
from tests.web.conftest import Town
from tests.web.test_stream import hinting, instant, one_place_more, watching

EIGHT = time(8, 0)


@pytest.fixture
def zones(tmp_path: Path) -> Iterator[Path]:
    """A folder in which Python looks for zones too."""
    known = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=(str(tmp_path), *known))
    yield tmp_path
    zoneinfo.reset_tzpath(to=known)


async def move(town: Town, zones: Path, *, eight_at: datetime) -> None:
    """Move the town to where the clocks show 08:00 at a UTC instant of whole seconds."""
    past = timedelta(hours=eight_at.hour, minutes=eight_at.minute, seconds=eight_at.second)
    offset = (timedelta(hours=EIGHT.hour) - past) // timedelta(seconds=1)
    # RFC 9636: the header with its six counts, then one local time type and its designation.
    counts = struct.pack(">4sc15x6l", b"TZif", b"\0", 0, 0, 0, 0, 1, 4)
    name = f"Essai{eight_at:%H%M%S}"
    (zones / name).write_bytes(counts + struct.pack(">lBB4s", offset, 0, 0, b"ESS\0"))
    assert eight_at.astimezone(ZoneInfo(name)).time() == EIGHT
    async with ground(town.db, town.community_id) as tx:
        await tx.execute(update(Community).values(time_zone=name))


def whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)


async def test_every_open_board_is_told_to_reload_when_the_day_turns(town: Town, redis_url: str, zones: Path) -> None:
    db, hints = hinting(town, redis_url)
    feed = LiveFeed(town.db, redis_url, town.community_id)
    async with watching(feed, town[Role.COORDINATOR], town["neighbour"], since=await instant(town)) as screens:
        eight_at = whole_seconds(datetime.now(UTC)) + timedelta(seconds=3)
        await move(town, zones, eight_at=eight_at)
        while datetime.now(UTC) <= eight_at:
            await asyncio.sleep(0.05)
        await one_place_more(db, town)
        for screen in screens:
            await screen.until(screen.kinds)
            assert screen.kinds()[0] == "reload"
    await hints.close()


@pytest.mark.parametrize(("seconds", "is_told"), [(60, True), (1, False)])
async def test_who_joins_with_a_page_made_before_the_day_turned_is_told_to_reload(
    town: Town, redis_url: str, zones: Path, seconds: int, is_told: bool
) -> None:
    now = whole_seconds(datetime.now(UTC))
    await move(town, zones, eight_at=now - timedelta(seconds=30))
    feed = LiveFeed(town.db, redis_url, town.community_id)
    since = now - timedelta(seconds=seconds)
    async with watching(feed, town[Role.COORDINATOR], since=since, keep_first=True) as (screen,):
        await screen.until(screen.kinds)
        assert ("reload" in screen.kinds()) is is_told
        assert bool(screen.cards("Foyer des Tilleuls")) is not is_told
