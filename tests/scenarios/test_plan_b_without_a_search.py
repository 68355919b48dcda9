"""Refusing plan A puts plan B before the coordinator at once: no second search comes between the two."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from exchange.kernel.journals import Event, OutboxRow
from exchange.placements.models import Placement
from exchange.planning.models import MatchRun
from tests.factories.ground import PASSWORD, database_of
from tests.scenarios import acts
from tests.scenarios.cast import Cast, Houses, on_stage, settle, tomorrow_night
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.stage import Stage, eventually, running_stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@asynccontextmanager
async def at_the_board(stage: Stage, name: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in on the web, as a browser is."""
    async with httpx.AsyncClient(base_url=stage.url, timeout=30) as browser:
        token = FORM_TOKEN.search((await browser.get("/connexion")).text)
        sent = {"email": f"{name}@scenario.invalid", "password": PASSWORD, "suite": "/"}
        signed = await browser.post("/connexion", data={**sent, "csrf_token": token[1] if token else ""})
        assert signed.status_code == 303, signed.text
        yield browser


async def cards_of(browser: httpx.AsyncClient) -> AsyncIterator[str]:
    """The cards that the board's stream says, as they come."""
    async with browser.stream("GET", "/flux") as stream:
        event = ""
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: ") and event == "card":
                yield json.loads(line.removeprefix("data: "))["html"]


async def second_place(cast: Cast) -> None:
    """The home publishes a place of the same kind."""
    span = {"first": acts.today().isoformat(), "last": (acts.today() + timedelta(days=1)).isoformat()}
    await cast.home.post(
        "/offers",
        {
            "facility_id": str(cast.houses.home_id),
            "kind": "emergency_bed",
            "care_mode": "immediate_stay",
            "populations": ["intellectual_disability"],
            "provides": ["awake_night", "night_arrival_possible"],
            "ages_from": 18,
            "ages_to": 70,
            "arrival_from": "00:00",
            "arrival_until": "23:59",
            "spans": [{**span, "halves": ["day", "night"], "capacity": 1}],
        },
    )


async def two_answers(cast: Cast, reference: str) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        told = (await cast.adviser.get(f"/situations/{reference}/answers"))["answers"]
        return told if len(told) >= 2 else None

    return [each["placements"][0] for each in await eventually(look, "a plan and its backup", within_seconds=60)]


async def no_search_is_due(stage: Stage, houses: Houses) -> None:
    """Wait until what happened so far has been searched for: what comes next is the refusal's alone."""
    db = database_of(stage.database)

    async def calm() -> bool:
        async with db.read(houses.community_id) as reader:
            due = select(func.count()).where(OutboxRow.gather_key.is_not(None), OutboxRow.done_at.is_(None))
            running = select(func.count()).where(MatchRun.state == "solving")
            return not await reader.scalar(due) and not await reader.scalar(running)

    await eventually(calm, "the searches asked for so far", within_seconds=60)


async def test_refusing_plan_a_puts_plan_b_on_the_board_without_a_search(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, on_stage(stage, houses) as cast:
        await acts.publish_emergency_bed(cast)
        await second_place(cast)
        reference = await acts.call_for_help(cast, night=tomorrow_night())
        plan_a, plan_b = await two_answers(cast, reference)
        await cast.adviser.post(f"/placements/{plan_b['id']}/person-agreement", {"given_by": "person"})
        await cast.adviser.post(f"/situations/{reference}/hold", {"rank": plan_a["rank"]})
        await no_search_is_due(stage, houses)
        house = cast.host if plan_a["facility_id"] == str(houses.host_id) else cast.home
        async with at_the_board(stage, "coordinator") as browser:
            cards = cards_of(browser)
            seen = asyncio.create_task(first_held(cards, plan_b["id"]))
            await asyncio.sleep(1)  # the stream is open: what it shows from here on is news
            refused_at = time.perf_counter()
            refusal = {"refusal_reason": "staffing_insufficient"}
            await house.post(f"/placements/{plan_a['id']}/refusal", refusal)
            await asyncio.wait_for(seen, 60)
            took = time.perf_counter() - refused_at
        told = await acts.placement(cast, plan_b["id"])
        assert told["state"] == "held"
        assert await searches_between(stage, houses, plan_a["id"], plan_b["id"]) == 0
        with capsys.disabled():
            sys.stdout.write(f"\nrefus de A, puis B tenu sur le tableau : {took * 1000:.0f} ms, sans recherche\n")


async def first_held(cards: AsyncIterator[str], placement_id: str) -> None:
    """Wait for the card of plan B, held: its answer is awaited, and its time counts down."""
    async for html in cards:
        if f'id="fiche-{placement_id}"' in html and "data-until" in html:
            return


async def searches_between(stage: Stage, houses: Houses, refused: str, held: str) -> int:
    """How many runs began after the refusal and before the backup was held."""
    async with database_of(stage.database).read(houses.community_id) as reader:

        async def at(placement_id: str, kind: str) -> datetime:
            told = await reader.scalar(
                select(func.max(Event.recorded_at)).where(Event.subject_id == UUID(placement_id), Event.kind == kind)
            )
            assert told is not None
            return told

        began, ended = await at(refused, "placement_refused"), await at(held, "placement_held")
        assert began < ended
        found = await reader.scalar(
            select(func.count()).where(MatchRun.started_at > began, MatchRun.started_at < ended)
        )
        run_of_b = await reader.scalar(select(Placement.run_id).where(Placement.id == UUID(held)))
        assert run_of_b is not None, "proposed by the search that found both"
        return int(found or 0)
