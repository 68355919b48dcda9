"""A page left open over a turn of the day takes its new words by itself, and lets people finish what they write."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.scenarios import acts
from tests.scenarios.cast import on_stage, settle
from tests.scenarios.test_in_a_browser import DESK, street
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.stage import running_stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

RELOAD = "retry: 300\n\nevent: reload\ndata: {}\n\n"
YOURS = "retry: 300\n\nevent: yours\ndata: {}\n\n"


async def turn_of_the_day(page: Page, message: str = RELOAD) -> asyncio.Event:
    """Have the next stream of a page say the message once the event is set; later streams are the server's own."""
    turned = asyncio.Event()

    async def stream(route: Route) -> None:
        await turned.wait()
        await route.fulfill(body=message, content_type="text/event-stream")

    await page.route("**/flux?*", stream, times=1)
    return turned


async def test_a_turn_of_the_day_reloads_a_page_but_not_under_what_somebody_writes(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path, chromium: str
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, street(stage, chromium) as town:
        async with on_stage(stage, houses) as cast:
            reference = await acts.call_for_help(cast)
        adviser = await town.signed_in("adviser", DESK)
        turned = await turn_of_the_day(adviser)
        await adviser.goto(f"{stage.url}/situations/{reference}")
        await adviser.get_by_text("Clore cette situation").click()
        note = adviser.get_by_role("textbox", name="Précision (facultatif)", exact=True).last
        await note.fill("Dit par le cadre de garde")
        async with adviser.expect_request("**/flux?*"):  # the browser comes back once it has read the message
            turned.set()
        await adviser.get_by_role("heading", level=1).click()
        await expect(note).to_have_value("Dit par le cadre de garde")
        await note.fill("")
        async with adviser.expect_navigation():
            await adviser.get_by_role("heading", level=1).click()

        board = await town.signed_in("coordinator", DESK)
        turned = await turn_of_the_day(board)
        await board.goto(f"{stage.url}/tableau")
        async with board.expect_navigation():
            turned.set()
        await expect(board.get_by_text(reference).first).to_be_visible()
        assert town.complaints == []


async def test_news_that_come_under_what_somebody_reads_are_announced_and_wait(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path, chromium: str
) -> None:
    await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, street(stage, chromium) as town:
        adviser = await town.signed_in("adviser", DESK)
        turned = await turn_of_the_day(adviser, YOURS)
        await adviser.goto(stage.url)
        board = adviser.get_by_role("link", name="Tableau par bassin")
        await board.focus()
        turned.set()
        news = adviser.get_by_text("Du nouveau est arrivé.")
        await expect(news).to_be_visible()
        await expect(board).to_be_focused()
        await adviser.get_by_role("link", name="Actualiser cette page").click()
        await expect(news).to_have_count(0)
        await expect(adviser.get_by_role("heading", level=1)).to_have_text("Ce soir")
        assert town.complaints == []
