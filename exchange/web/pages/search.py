"""Where the search for proposals stands, in one line for those who coordinate; how to stop it and start it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.organisations import queries as organisations
from exchange.planning.commands import ask_again, cancel_run
from exchange.planning.policies import MAY_ASK_AGAIN, MAY_CANCEL_RUNS
from exchange.planning.progress import LaneView, Progress, lanes
from exchange.web.posting import once, posted_form
from exchange.web.visitor import WebRequest
from exchange.web.words import clock
from exchange.wording import search

WORTH_TELLING: Final = timedelta(seconds=3)
"""A search that is over before it is read of is no news."""


@dataclass(frozen=True, slots=True)
class SearchLine:
    """One sentence; `run_id` of the run that this reader may stop, `lane` that they may start again."""

    text: str
    is_alarming: bool
    run_id: UUID | None = None
    lane: str | None = None


async def search_lines(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[SearchLine, ...]:
    """Return what is worth telling of both lanes. Raises `ActForbidden`."""
    zone = await organisations.zone(reader)
    told = [_line(lane, actor, now, zone) for lane in await lanes(reader, actor)]
    return tuple(line for line in told if line is not None)


def _line(lane: LaneView, actor: Actor, now: datetime, zone: ZoneInfo) -> SearchLine | None:
    if lane.since is None or now - lane.since < WORTH_TELLING:
        return None
    since = clock(lane.since, zone)
    code = lane.failed_with or ""
    again = None if lane.next_try_at is None else clock(lane.next_try_at, zone)
    match lane.state:
        case Progress.IDLE:
            return None
        case Progress.WAITING:
            return SearchLine(search.waiting(lane.lane, since), is_alarming=False)
        case Progress.READING | Progress.SOLVING:
            may_stop = actor.role in MAY_CANCEL_RUNS
            return SearchLine(search.searching(lane.lane, since), False, lane.run_id if may_stop else None)
        case Progress.RETRYING:
            return SearchLine(search.retrying(lane.lane, since, code, again), is_alarming=True)
        case Progress.STOPPED:
            recorded = None if lane.recorded_at is None else clock(lane.recorded_at, zone)
            may_ask = actor.role in MAY_ASK_AGAIN and again is None
            text = search.stopped(lane.lane, since, code, recorded, again)
            return SearchLine(text, is_alarming=True, lane=lane.lane if may_ask else None)
        case _:
            assert_never(lane.state)


@post("/calculs/{run_id:uuid}/arret", status_code=303)
async def stop_search(
    request: WebRequest,
    run_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Stop a run in course."""

    async def act() -> str:
        await cancel_run(tx, actor, run_id, now)
        return "/?fait=recherche-arretee"

    return await once(tx, actor, await posted_form(request), now, act)


@post("/calculs/{lane:str}/reprise", status_code=303)
async def search_again(
    request: WebRequest,
    lane: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Start a stopped search again."""

    async def act() -> str:
        await ask_again(tx, actor, lane, now)
        return "/?fait=recherche-relancee"

    return await once(tx, actor, await posted_form(request), now, act)
