"""The intake as an adviser types it with a headset on: the keyboard alone, and no key more than it takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.scenarios.cast import settle
from tests.scenarios.test_in_a_browser import DESK, street
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.stage import running_stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

MOST_KEYS = 60
"""A key a second, and the situation is saved within the minute."""


class Keyboard:
    """Keys pressed on a page, counted; a field is reached with the Tab key."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)
        self.pressed += 1

    async def reach(self, selector: str) -> None:
        while not await self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert self.pressed < MOST_KEYS, f"{selector} is out of reach"
            await self.press("Tab")

    async def type(self, text: str) -> None:
        for letter in text:
            await self.press(letter)


async def test_a_situation_is_entered_with_sixty_keys_at_most(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path, chromium: str
) -> None:
    await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, street(stage, chromium) as town:
        page = await town.signed_in("adviser", DESK)
        await page.goto(f"{stage.url}/situations/nouvelle")
        keys = Keyboard(page)
        await keys.reach("input[name=urgency]")
        await keys.reach("input[name=age_band]")
        await keys.press("Space")
        for _ in range(7):
            await keys.press("ArrowRight")
        await keys.reach("select[name=commune_code]")
        await keys.type("Le Puy")
        await keys.reach("input[name=need_codes]")
        await keys.press("Space")
        await keys.reach("input[value=carer_respite]")
        await keys.press("Space")
        await keys.reach("button[name=save]")
        await keys.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"S-\w{4}-\w{2}"))
        await expect(page.get_by_text("45–59 ans")).to_be_visible()
        assert keys.pressed <= MOST_KEYS
        assert town.complaints == []
