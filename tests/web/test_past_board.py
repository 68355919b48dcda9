"""The board as it was at a past minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from exchange.availability.commands import withdraw_offer
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from tests.factories.ground import ZONE, a_living_area, ground
from tests.servers import FreshDatabase
from tests.shifted_clock import ShiftedClock, lay_clock
from tests.web.conftest import Town, words_of

PAST = "/tableau/passe"
ELSEWHERE = "43244"
"""Tence."""


@pytest_asyncio.fixture(loop_scope="session")
async def clock(town: Town, database: FreshDatabase) -> AsyncIterator[ShiftedClock]:
    laid = await lay_clock(database)
    yield laid
    await laid.close()


async def now_in(town: Town) -> datetime:
    async with town.db.read(town.community_id) as reader:
        return now_of(reader)


def address(at: datetime) -> str:
    local = at.astimezone(ZONE)
    return f"{PAST}?le={local.date().isoformat()}&heure={local:%H:%M}"


async def withdraw(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        manager = Actor(town.community_id, Role.FACILITY_MANAGER, Via.WEB, facility_ids=frozenset({town.home_id}))
        await withdraw_offer(tx, manager, town.offer_id, now_of(tx))


async def test_a_past_minute_shows_what_was_shown_then_and_nothing_since(town: Town, clock: ShiftedClock) -> None:
    await clock.advance(timedelta(minutes=5))
    then = await now_in(town)
    await clock.advance(timedelta(minutes=10))
    await withdraw(town)
    live = await town[Role.COORDINATOR].see("/tableau")
    past = await town[Role.COORDINATOR].see(address(then))
    card = f'id="fiche-{town.offer_id}"'
    assert card not in live
    assert card in past
    assert "data-live" not in past, "a past board never follows the present"
    assert "Il ne changera plus" in words_of(past)


async def test_the_same_minute_read_later_is_the_same_page(town: Town, clock: ShiftedClock) -> None:
    await clock.advance(timedelta(minutes=5))
    then = await now_in(town)
    await clock.advance(timedelta(minutes=1))
    readers = (town[Role.COORDINATOR], town["neighbour"], town[Role.OBSERVER])
    first = [words_of(await browser.see(address(then))) for browser in readers]
    await withdraw(town)
    async with ground(town.db, town.community_id) as tx:
        await a_living_area(tx, slug="haut", name="Haut pays", commune_codes=(ELSEWHERE,))
    await clock.advance(timedelta(minutes=20))
    assert [words_of(await browser.see(address(then))) for browser in readers] == first
    assert "Haut pays" in words_of(await town[Role.COORDINATOR].see("/tableau"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("le=2026-02-30&heure=10:00", "Indiquez une date et une heure"),
        ("le=&heure=10:00", "Indiquez une date et une heure"),
        ("le=9999-12-31&heure=23:59", "Indiquez une date et une heure"),
        ("le=0001-01-01&heure=00:00", "n'existait pas"),
        ("le=1999-12-31&heure=10:00", "n'existait pas"),
        ("le=2099-01-01&heure=10:00", "pas encore passée"),
    ],
)
async def test_a_minute_that_cannot_be_shown_is_said_so(town: Town, query: str, said: str) -> None:
    assert said in words_of(await town[Role.COORDINATOR].see(f"{PAST}?{query}", 422))


async def test_without_a_minute_the_page_asks_which(town: Town) -> None:
    assert "Choisissez une minute" in words_of(await town[Role.COORDINATOR].see(PAST))
