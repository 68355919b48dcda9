"""What a manager says of a house or of a place besides its capacity: colours, closures, over capacity."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import commands
from exchange.availability.evening import Colour
from exchange.kernel.actor import Actor
from exchange.placements import commands as placements
from exchange.reference.answers import OverCapacityReason, StatusReason
from exchange.web.posting import once, posted_form
from exchange.web.visitor import WebRequest

LONGEST_REFERENCE = 40


@post("/lieux/{facility_id:uuid}/couleur", status_code=303)
async def say_status(
    request: WebRequest,
    facility_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say the colour of a house, in one tap, or with a reason and a date."""
    posted = await posted_form(request)
    colour = posted.choice("colour", Colour, Colour.GREEN)
    reason = posted.optional_choice("reason", StatusReason)
    until_on = posted.day("until_on", required=False)
    posted.done()
    said = commands.SayStatus(facility_id, colour.value, None if reason is None else reason.value, until_on)

    async def act() -> str:
        await commands.say_status(tx, actor, said, now)
        return "/?fait=couleur-dite"

    return await once(tx, actor, posted, now, act)


@post("/ce-soir/rien-n-a-change", status_code=303)
async def answer_evening(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that nothing has changed in any of one's houses."""

    async def act() -> str:
        await commands.reconfirm_all(tx, actor, now)
        return "/?fait=tout-confirme"

    return await once(tx, actor, await posted_form(request), now, act)


@post("/places/{offer_id:uuid}/fermeture", status_code=303)
async def close_offer(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Close a place until a date."""
    posted = await posted_form(request)
    reason = posted.choice("reason", StatusReason, StatusReason.OTHER)
    until_on = posted.day("until_on")
    posted.done()
    if until_on is None:
        raise AssertionError("a missing field is complained about before")
    closing = commands.CloseOffer(offer_id, until_on, reason.value)

    async def act() -> str:
        await commands.close_offer(tx, actor, closing, now)
        return "/?fait=place-fermee"

    return await once(tx, actor, posted, now, act, edits=offer_id)


@post("/places/{offer_id:uuid}/reouverture", status_code=303)
async def reopen_offer(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Open a closed place again."""

    async def act() -> str:
        await commands.reopen_offer(tx, actor, offer_id, now)
        return "/?fait=place-rouverte"

    return await once(tx, actor, await posted_form(request), now, act, edits=offer_id)


@post("/places/{offer_id:uuid}/sureffectif", status_code=303)
async def decide_over_capacity(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Sign places beyond capacity, on the dates ticked."""
    posted = await posted_form(request)
    ticked = posted.values.get("segments", [])
    segments = tuple(int(each) for each in ticked if each.isascii() and each.isdecimal() and len(each) < 7)
    if not segments:
        posted.wrong("segments", "Cochez au moins une date.")
    units = posted.whole("units", least=1, most=5)
    reason = posted.choice("reason", OverCapacityReason, OverCapacityReason.NO_OTHER_ANSWER)
    posted.done()
    decision = commands.DecideOverCapacity(offer_id, segments, units, reason.value)

    async def act() -> str:
        await commands.decide_over_capacity(tx, actor, decision, now)
        return f"/places/{offer_id}?fait=sureffectif-decide"

    return await once(tx, actor, posted, now, act, edits=offer_id)


@post("/places/{offer_id:uuid}/depart-attendu", status_code=303)
async def await_departure(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that the place frees when an adult is hosted elsewhere."""
    posted = await posted_form(request)
    reference = posted.text("reference", longest=LONGEST_REFERENCE).upper()
    posted.done()

    async def act() -> str:
        await placements.await_departure(tx, actor, placements.AwaitDeparture(offer_id, reference), now)
        return f"/places/{offer_id}?fait=place-attend"

    return await once(tx, actor, posted, now, act, edits=offer_id)
