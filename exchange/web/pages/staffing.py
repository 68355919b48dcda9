"""Shortages, volunteers and their times."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.board.queries import BoardScope, board_at, living_areas
from exchange.board.views import LoanCard
from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden
from exchange.kernel.versions import StaleVersion
from exchange.organisations.queries import FacilityView
from exchange.planning.unmet import unmet_of_need
from exchange.reference.answers import ShortageImpact, ShortageReason
from exchange.reference.posts import usual_posts
from exchange.reference.qualifications import Qualification
from exchange.staffing import commands, queries
from exchange.staffing.inputs import Period, WithdrawTimes
from exchange.web.choices import Options, communes, listed, named, own_facilities, urgencies
from exchange.web.forms.staffing import (
    NEED_ALIASES,
    TIMES_ALIASES,
    initial_need,
    read_need,
    read_times,
    read_volunteer,
)
from exchange.web.gaps import gaps_of_need
from exchange.web.pages.availability import chosen_site
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_NEED_FORM = "staffing/need_form.html"
_VOLUNTEER_FORM = "staffing/volunteer_form.html"
_TIMES = "staffing/times.html"


@get("/renforts/nouveau")
async def show_new_need(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the form of a shortage, filled for tonight."""
    sites = await own_facilities(reader, actor)
    site = chosen_site(sites, request.query_params.get("lieu"))
    form = blank_form(**initial_need(site, now, visitor_of(request).zone))
    return page(request, _NEED_FORM, now, {"form": form, **_need_choices(sites, str(site.id))})


@post("/renforts", status_code=303)
async def declare_need(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Ask for reinforcement."""
    posted = await posted_form(request)
    sites = await own_facilities(tx, actor)
    chosen = posted.text("facility_id", longest=40, required=False)
    show_again(request, _NEED_FORM, posted, now, _need_choices(sites, chosen), NEED_ALIASES)
    need = read_need(posted, sites, now, visitor_of(request).zone)

    async def act() -> str:
        need_id = await commands.declare_need(tx, actor, need, now)
        return f"/renforts/{need_id}?fait=renfort-demande"

    return await once(tx, actor, posted, now, act)


@get("/renforts/{need_id:uuid}")
async def show_need(
    request: WebRequest,
    need_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one shortage and what is proposed for it."""
    need = await queries.need(reader, actor, need_id)
    board = await board_at(reader, actor, BoardScope(kinds=frozenset({"loan"})), None, now)
    loans = [card for card in board.cards if isinstance(card, LoanCard) and card.need_id == need_id]
    is_own = actor.speaks_for(need.facility_id)
    unmet = await unmet_of_need(reader, actor, need_id, need.facility_id) if need.state == "open" else None
    shown = {"need": need, "loans": loans, "is_own": is_own, "gaps": gaps_of_need(need, unmet)}
    return page(request, "staffing/need.html", now, {**shown, "form": blank_form()})


@post("/renforts/{need_id:uuid}/annulation", status_code=303)
async def cancel_need(
    request: WebRequest,
    need_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Stop asking."""

    async def act() -> str:
        await commands.cancel_need(tx, actor, need_id, now)
        return "/?fait=renfort-annule"

    return await once(tx, actor, await posted_form(request), now, act, edits=need_id)


@get("/volontaires")
async def show_volunteers(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """List the volunteers that this person may see."""
    if not actor.coordinates and not visitor_of(request).hosts:
        raise ActForbidden
    volunteers = await queries.volunteers(reader, actor, now)
    return page(request, "staffing/volunteers.html", now, {"volunteers": volunteers})


@get("/volontaires/nouveau")
async def show_new_volunteer(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the form of a volunteer."""
    sites = await own_facilities(reader, actor)
    site = chosen_site(sites, request.query_params.get("lieu"))
    form = blank_form(
        facility_id=str(site.id),
        commune_code=site.commune_code,
        living_area_ids=[str(site.living_area_id)] if site.living_area_id else [],
        max_travel_minutes="45",
        max_loan_hours="35",
    )
    return page(request, _VOLUNTEER_FORM, now, {"form": form, **await _volunteer_choices(reader, sites)})


@post("/volontaires", status_code=303)
async def register_volunteer(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Register an employee who agrees to be solicited."""
    posted = await posted_form(request)
    sites = await own_facilities(tx, actor)
    choices = await _volunteer_choices(tx, sites)
    show_again(request, _VOLUNTEER_FORM, posted, now, choices)
    areas = {area.id: area for area in await living_areas(tx)}
    codes = [code for code, _ in await communes(tx)]
    volunteer = read_volunteer(posted, sites, areas, codes, visitor_of(request).zone)

    async def act() -> str:
        volunteer_id = await commands.register_volunteer(tx, actor, volunteer, now)
        return f"/volontaires/{volunteer_id}/disponibilites?fait=volontaire-ajoute"

    return await once(tx, actor, posted, now, act)


@get("/volontaires/{volunteer_id:uuid}/disponibilites")
async def show_times(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show a volunteer's times, and the form that adds some."""
    volunteer = await queries.volunteer(reader, actor, volunteer_id, now)
    today = now.astimezone(visitor_of(request).zone).date().isoformat()
    form = blank_form(kind="released", first=today, from_hour="21:00", until_hour="07:00")
    is_own = actor.speaks_for(volunteer.facility_id)
    return page(request, _TIMES, now, {"volunteer": volunteer, "form": form, "is_own": is_own})


@post("/volontaires/{volunteer_id:uuid}/disponibilites", status_code=303)
async def state_times(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Add availability, released working time, or own shifts."""
    posted = await posted_form(request)
    volunteer = await queries.volunteer(tx, actor, volunteer_id, now)
    is_own = actor.speaks_for(volunteer.facility_id)
    show_again(request, _TIMES, posted, now, {"volunteer": volunteer, "is_own": is_own}, TIMES_ALIASES)
    stated = read_times(posted, volunteer_id, visitor_of(request).zone)

    async def act() -> str:
        await commands.state_times(tx, actor, stated, now)
        return f"/volontaires/{volunteer_id}/disponibilites?fait=temps-ajoute"

    return await once(tx, actor, posted, now, act, edits=volunteer_id)


@post("/volontaires/{volunteer_id:uuid}/disponibilites/retrait", status_code=303)
async def withdraw_times(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take one stated period back."""
    posted = await posted_form(request)
    volunteer = await queries.volunteer(tx, actor, volunteer_id, now)
    wanted = posted.text("time", longest=80)
    is_own = actor.speaks_for(volunteer.facility_id)
    show_again(request, _TIMES, posted, now, {"volunteer": volunteer, "is_own": is_own}, TIMES_ALIASES)
    found = next((time for time in volunteer.times if f"{time.kind}|{time.starts_at.isoformat()}" == wanted), None)

    async def act() -> str:
        if found is None:
            raise StaleVersion(volunteer_id, posted.seen_version(), volunteer.version)
        periods = (Period(found.starts_at, found.ends_at),)
        await commands.withdraw_times(tx, actor, WithdrawTimes(volunteer_id, found.kind.value, periods), now)
        return f"/volontaires/{volunteer_id}/disponibilites?fait=temps-retire"

    return await once(tx, actor, posted, now, act, edits=volunteer_id)


def _need_choices(sites: dict[UUID, FacilityView], chosen: str) -> dict[str, object]:
    """What the form offers; the posts that usually exist in the chosen site come first, or those of all of them."""
    categories = [site.category for site in sites.values() if str(site.id) == chosen]
    usual = usual_posts(categories or [site.category for site in sites.values()])
    return {
        "sites": named(sites),
        "usual": listed(usual),
        "others": listed(post for post in Qualification if post not in usual),
        "urgencies": urgencies(),
        "reasons": listed(ShortageReason),
        "impacts": listed(ShortageImpact),
    }


async def _volunteer_choices(reader: AsyncSession, sites: dict[UUID, FacilityView]) -> dict[str, object]:
    areas: Options = [(str(area.id), area.name) for area in await living_areas(reader)]
    return {
        "sites": named(sites),
        "qualifications": listed(Qualification),
        "areas": areas,
        "communes": await communes(reader),
    }
