"""Closing drills: « cette maison ferme ce soir », asked, read and applied by coordination."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import queries as availability
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.kernel.errors import NotFound
from exchange.organisations.queries import FacilityView
from exchange.planning.drills import commands, queries
from exchange.planning.drills.commands import LeftOut
from exchange.planning.drills.queries import DrillView
from exchange.planning.drills.told import FollowerTold, LineTold, ResidentTold, Result
from exchange.reference.code_lists import AgeBand, LegalStatus
from exchange.web.choices import all_facilities, listed, named, needs_by_family
from exchange.web.forms.drills import ALIASES, ROWS, Group, initial_drill, read_application, read_drill
from exchange.web.looks import log_look
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of
from exchange.wording.reasons import obstacle_sentence

_LIST, _FORM, _DRILL = "drills/list.html", "drills/form.html", "drills/drill.html"
LOOK: Final = "closing_drill"
LEFT_OUT: Final = {
    LeftOut.UNKNOWN: "cette ligne n'existe pas",
    LeftOut.NOTHING_FOUND: "aucune place n'a été trouvée",
    LeftOut.ALREADY_APPLIED: "déjà appliquée",
    LeftOut.GONE: "la place ou la situation a changé depuis l'exercice",
    LeftOut.COMPANION_GONE: "une personne à ne pas séparer n'a plus sa place",
}


@get("/exercices", include_in_schema=False)
async def list_drills(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """List the latest drills."""
    return page(request, _LIST, now, {"drills": await queries.drills(reader, actor)})


@get("/exercices/nouveau", include_in_schema=False)
async def show_new_drill(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Ask which house, then who lives there."""
    commands.require_drilling(actor)
    sites = await all_facilities(reader)
    chosen = _site(sites, request.query_params.get("lieu"))
    form = blank_form(**initial_drill(now, visitor_of(request).zone))
    return page(request, _FORM, now, {"form": form, **await _choices(reader, actor, now, sites, chosen)})


@post("/exercices/{facility_id:uuid}", status_code=303)
async def ask_drill(
    request: WebRequest,
    facility_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Ask the drill; its answer comes in a few seconds."""
    commands.require_drilling(actor)
    posted = await posted_form(request)
    sites = await all_facilities(tx)
    if facility_id not in sites:
        raise NotFound
    choices = await _choices(tx, actor, now, sites, sites.get(facility_id))
    show_again(request, _FORM, posted, now, choices, ALIASES)
    asked = read_drill(posted, facility_id, choices["offer_ids"])

    async def act() -> str:
        return f"/exercices/{await commands.ask_drill(tx, actor, asked, now)}"

    return await once(tx, actor, posted, now, act)


@get("/exercices/{drill_id:uuid}", include_in_schema=False)
async def show_drill(
    request: WebRequest,
    drill_id: FromPath[UUID],
    db: NamedDependency[Database],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show what was found; looking at it is looking at the situations of its residents."""
    view = await queries.drill(reader, actor, drill_id)
    sites = await all_facilities(reader)
    for resident in view.result.residents if view.result else ():
        if resident.source is not None:
            await log_look(db, actor, resident.source, LOOK)
    left_out = _left_out(request.query_params.get("ecartes", ""))
    return page(request, _DRILL, now, {"form": blank_form(), "left_out": left_out, **_shown(view, sites)})


@post("/exercices/{drill_id:uuid}/application", status_code=303)
async def apply_drill(
    request: WebRequest,
    drill_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make the chosen lines real: situations received, places proposed, every yes still to be given."""
    posted = await posted_form(request)
    view = await queries.drill(tx, actor, drill_id)
    show_again(request, _DRILL, posted, now, {"left_out": [], **_shown(view, await all_facilities(tx))})
    chosen = read_application(posted, drill_id)

    async def act() -> str:
        applied = await commands.apply_drill(tx, actor, chosen, now)
        told = "-".join(f"{key}.{why.value}" for key, why in sorted(applied.left_out.items()))
        address = f"/exercices/{drill_id}?fait={'exercice-applique' if applied.received else 'exercice-rien'}"
        return f"{address}&ecartes={told}" if told else address

    return await once(tx, actor, posted, now, act)


def _site(sites: dict[UUID, FacilityView], asked: str | None) -> FacilityView | None:
    return next((site for site_id, site in sites.items() if str(site_id) == asked), None)


def _left_out(told: str) -> list[tuple[int, str]]:
    """What the address says was left out; anything else in it reads as nothing."""
    words = {why.value: sentence for why, sentence in LEFT_OUT.items()}
    parts = (part.partition(".") for part in told[:2_000].split("-"))
    return [(int(key), words[why]) for key, _, why in parts if why in words and key.isascii() and key.isdigit()]


async def _choices(
    reader: AsyncSession, actor: Actor, now: datetime, sites: dict[UUID, FacilityView], chosen: FacilityView | None
) -> dict[str, Any]:
    listed_offers = () if chosen is None else await availability.offers(reader, actor, now)
    offers = [one for one in listed_offers if chosen is not None and one.facility_id == chosen.id]
    return {
        "sites": named(sites),
        "site": chosen,
        "offers": offers,
        "offer_ids": {offer.id: offer for offer in offers},
        "rows": range(1, ROWS + 1),
        "age_bands": listed(AgeBand),
        "families": needs_by_family(),
        "groups": [(group.value, f"Groupe {group.value}") for group in Group],
        "legal_statuses": listed(LegalStatus),
    }


def _shown(view: DrillView, sites: dict[UUID, FacilityView]) -> dict[str, Any]:
    result = view.result
    shown: dict[str, Any] = {"drill": view.summary, "applied": view.applied, "result": result}
    if result is None:
        return shown
    names = {site_id: site.name for site_id, site in sites.items()}
    return {
        **shown,
        "residents": {one.key: one for one in result.residents},
        "hosts": _hosts(result, names),
        "unmet": _unmet(result),
        "to_apply": {line.key for line in result.lines} - view.applied.keys(),
        "short": len({one.key for one in result.unmet}),
        "followers": _followers(result, names),
        "staff_obstacles": [obstacle_sentence(code, count) for code, count in result.staff_obstacles],
        "split": {key for key, lines in _by_key(result).items() if len(lines) > 1},
    }


def _by_key(result: Result) -> dict[int, list[LineTold]]:
    lines: dict[int, list[LineTold]] = defaultdict(list)
    for line in result.lines:
        lines[line.key].append(line)
    return lines


def _hosts(result: Result, names: dict[UUID, str]) -> list[tuple[str, list[tuple[ResidentTold, LineTold]]]]:
    """Who goes where, with whom: host by host, the largest first."""
    residents = {one.key: one for one in result.residents}
    ordered = sorted(result.lines, key=lambda line: (names.get(line.facility_id, ""), line.key, line.segments))
    hosts = [
        (host, [(residents[line.key], line) for line in lines])
        for host, lines in groupby(ordered, key=lambda line: names.get(line.facility_id, ""))
    ]
    return sorted(hosts, key=lambda each: (-len(each[1]), each[0]))


def _unmet(result: Result) -> list[tuple[int, tuple[int, ...], list[str]]]:
    """Resident, segments, and what stands in the way; what stands in the way of several dates is told once."""
    alike: dict[tuple[int, tuple[tuple[str, int], ...]], list[int]] = defaultdict(list)
    for one in result.unmet:
        alike[one.key, one.obstacles] += one.segments
    return [
        (key, tuple(segments), [obstacle_sentence(code, count) for code, count in obstacles])
        for (key, obstacles), segments in alike.items()
    ]


def _followers(result: Result, names: dict[UUID, str]) -> list[tuple[str, list[FollowerTold]]]:
    ordered = sorted(result.followers, key=lambda one: (names.get(one.facility_id, ""), one.qualification, one.shifts))
    return [(host, list(ones)) for host, ones in groupby(ordered, key=lambda one: names.get(one.facility_id, ""))]
