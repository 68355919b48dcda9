"""Places: publish one in a few taps, say that nothing has changed in one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import commands, queries
from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden
from exchange.kernel.periods import tonight_at
from exchange.organisations.queries import FacilityView
from exchange.reference.answers import OverCapacityReason
from exchange.reference.code_lists import CareMode, Provision
from exchange.reference.qualifications import Qualification
from exchange.web.choices import PUBLICS, listed, named, own_facilities
from exchange.web.forms.availability import ALIASES, initial_offer, read_offer
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_FORM = "availability/offer_form.html"


@get("/places/nouvelle")
async def show_new_offer(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the place form, filled from the site's own profile."""
    sites = await own_facilities(reader, actor)
    site = chosen_site(sites, request.query_params.get("lieu"))
    form = blank_form(**initial_offer(site, now, visitor_of(request).zone))
    return page(request, _FORM, now, {"form": form, **_form_choices(sites)})


@post("/places", status_code=303)
async def publish_offer(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Publish a place."""
    posted = await posted_form(request)
    sites = await own_facilities(tx, actor)
    show_again(request, _FORM, posted, now, _form_choices(sites), ALIASES)
    offer = read_offer(posted, sites, visitor_of(request).zone)

    async def act() -> str:
        await commands.publish_offer(tx, actor, offer, now)
        return "/?fait=place-publiee"

    return await once(tx, actor, posted, now, act)


@get("/places/{offer_id:uuid}")
async def show_offer(
    request: WebRequest,
    offer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one place, with its counters date by date."""
    offer = await queries.offer(reader, actor, offer_id, now)
    shown = {
        "offer": offer,
        "is_own": actor.speaks_for(offer.facility_id),
        "attester": await queries.attester_of(reader, actor, offer_id),
        "decisions": await queries.decisions_of(reader, actor, offer_id),
        "over_reasons": listed(OverCapacityReason),
        "form": blank_form(),
    }
    return page(request, "availability/offer.html", now, shown)


@post("/places/{offer_id:uuid}/confirmation", status_code=303)
async def reconfirm_offer(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that nothing has changed."""

    async def act() -> str:
        await commands.reconfirm_offer(tx, actor, offer_id, now)
        return "/?fait=place-confirmee"

    return await once(tx, actor, await posted_form(request), now, act)


@post("/places/{offer_id:uuid}/capacite", status_code=303)
async def change_capacity(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Count one place more or one less: tonight, or on all the dates still to come."""
    posted = await posted_form(request)
    delta = int(posted.one_of("delta", ("-1", "1")))
    span = posted.one_of("portee", ("ce-soir", "tout")) if "portee" in posted.values else "tout"
    posted.done()
    segments = (tonight_at(now, visitor_of(request).zone),) if span == "ce-soir" else None

    async def act() -> str:
        await commands.change_capacity(tx, actor, offer_id, delta, segments, now)
        return "/?fait=place-corrigee"

    return await once(tx, actor, posted, now, act, edits=offer_id)


@post("/places/{offer_id:uuid}/retrait", status_code=303)
async def withdraw_offer(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take the place back."""

    async def act() -> str:
        await commands.withdraw_offer(tx, actor, offer_id, now)
        return "/?fait=place-retiree"

    return await once(tx, actor, await posted_form(request), now, act, edits=offer_id)


def chosen_site(sites: dict[UUID, FacilityView], wanted: str | None) -> FacilityView:
    """Return the site that the address names, or the first. Raises `ActForbidden` for who speaks for none."""
    if not sites:
        raise ActForbidden
    return next((site for site in sites.values() if str(site.id) == wanted), next(iter(sites.values())))


def _form_choices(sites: dict[UUID, FacilityView]) -> dict[str, object]:
    return {
        "sites": named(sites),
        "care_modes": listed(CareMode),
        "publics": PUBLICS,
        "provisions": listed(Provision),
        "qualifications": listed(Qualification),
    }
