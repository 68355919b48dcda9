"""One accueil: the request with its codes, the yes and the no, the three yeses, the arrival."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.kernel.errors import NotFound
from exchange.placements import commands, queries
from exchange.placements.inputs import GiveYes
from exchange.placements.queries import PlacementView
from exchange.placements.rules import (
    CLAIMING,
    WHO_MAY_AGREE,
    LegalBasis,
    PersonYesFrom,
    YesParty,
    needs_exit_date,
)
from exchange.placements.stay_limits import TEMPORARY_MODES
from exchange.reference.answers import ExitSolution, RefusalReason
from exchange.reference.code_lists import LegalStatus
from exchange.situations import queries as situations
from exchange.web.choices import listed
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.placements import (
    EXIT_ALIASES,
    PROLONGATION_ALIASES,
    read_arrival,
    read_exit,
    read_legal_basis,
    read_light,
    read_phone_yes,
    read_prolongation,
    read_refusal,
)
from exchange.web.looks import REQUEST, SHEET, log_look
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest

_PAGE = "placements/placement.html"
Act = Callable[[], Awaitable[object]]


@get("/accueils/{placement_id:uuid}")
async def show_placement(
    request: WebRequest,
    placement_id: FromPath[UUID],
    db: NamedDependency[Database],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one accueil; reading its codes is journalled before the page leaves."""
    placement = await queries.placement(reader, actor, placement_id)
    context = await _context(reader, actor, placement)
    await log_look(db, actor, placement.situation_id, SHEET if actor.coordinates else REQUEST)
    return page(request, _PAGE, now, {"form": blank_form(), **context})


@post("/accueils/{placement_id:uuid}/oui", status_code=303)
async def say_yes(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """« Je peux accueillir »."""
    posted = await _opened(request, tx, actor, placement_id, now)
    yes = GiveYes(placement_id, YesParty.RECEIVER, actor.via)
    act = partial(commands.give_yes, tx, actor, yes, now)
    return await _answer(tx, actor, posted, now, placement_id, "oui-note", act)


@post("/accueils/{placement_id:uuid}/non", status_code=303)
async def say_no(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """« Je ne peux pas accueillir », with its reason."""
    posted = await _opened(request, tx, actor, placement_id, now)
    refusal = read_refusal(posted, placement_id)
    act = partial(commands.refuse_placement, tx, actor, refusal, now)
    return await _answer(tx, actor, posted, now, placement_id, "non-note", act)


@post("/accueils/{placement_id:uuid}/oui-telephone", status_code=303)
async def record_phone_yes(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """« Accord donné par téléphone »: who spoke, and as what."""
    posted = await _opened(request, tx, actor, placement_id, now)
    yes = read_phone_yes(posted, placement_id)
    act = partial(commands.record_phone_yes, tx, actor, yes, now)
    return await _answer(tx, actor, posted, now, placement_id, "telephone-note", act)


@post("/accueils/{placement_id:uuid}/accord", status_code=303)
async def record_person_yes(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Record the yes of the person, or of who decides for them."""
    posted = await _opened(request, tx, actor, placement_id, now)
    said_by = posted.choice("person_yes_from", PersonYesFrom, PersonYesFrom.PERSON)
    posted.done()
    yes = GiveYes(placement_id, YesParty.PERSON, actor.via, person_yes_from=said_by.value)
    act = partial(commands.give_yes, tx, actor, yes, now)
    return await _answer(tx, actor, posted, now, placement_id, "accord-note", act)


@post("/accueils/{placement_id:uuid}/cadre", status_code=303)
async def record_legal_basis(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Record in which frame the person is hosted."""
    posted = await _opened(request, tx, actor, placement_id, now)
    yes = read_legal_basis(posted, placement_id, actor.via)
    act = partial(commands.give_yes, tx, actor, yes, now)
    return await _answer(tx, actor, posted, now, placement_id, "cadre-note", act)


@post("/accueils/{placement_id:uuid}/arrivee", status_code=303)
async def confirm_arrival(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that the person is there."""
    posted = await _opened(request, tx, actor, placement_id, now)
    arrival = read_arrival(posted, placement_id)
    act = partial(commands.confirm_arrival, tx, actor, arrival, now)
    return await _answer(tx, actor, posted, now, placement_id, "arrivee-notee", act)


@post("/accueils/{placement_id:uuid}/conditions", status_code=303)
async def change_light(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that one condition of the arrival is done, or not yet."""
    posted = await _opened(request, tx, actor, placement_id, now)
    change = read_light(posted, placement_id)
    act = partial(commands.change_light, tx, actor, change, now)
    return await _answer(tx, actor, posted, now, placement_id, "condition-notee", act)


@post("/accueils/{placement_id:uuid}/sortie", status_code=303)
async def plan_exit(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say when and to where the person leaves."""
    posted = await _opened(request, tx, actor, placement_id, now, EXIT_ALIASES)
    plan = read_exit(posted, placement_id)
    act = partial(commands.plan_exit, tx, actor, plan, now)
    return await _answer(tx, actor, posted, now, placement_id, "sortie-notee", act)


@post("/accueils/{placement_id:uuid}/prolongation", status_code=303)
async def prolong_stay(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep the person longer, with the yeses asked again."""
    posted = await _opened(request, tx, actor, placement_id, now, PROLONGATION_ALIASES)
    longer = read_prolongation(posted, placement_id)
    act = partial(commands.prolong_stay, tx, actor, longer, now)
    return await _answer(tx, actor, posted, now, placement_id, "sejour-prolonge", act)


@post("/accueils/{placement_id:uuid}/contestation", status_code=303)
async def contest_phone_yes(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that the yes recorded by phone was not the site's."""
    posted = await _opened(request, tx, actor, placement_id, now)
    act = partial(commands.contest_phone_yes, tx, actor, placement_id, now)
    return await _answer(tx, actor, posted, now, placement_id, "accord-conteste", act)


@post("/accueils/{placement_id:uuid}/annulation", status_code=303)
async def cancel_placement(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Give a promised place back, for coordination."""
    posted = await _opened(request, tx, actor, placement_id, now)
    act = partial(commands.cancel_placement, tx, actor, placement_id, now)
    return await _answer(tx, actor, posted, now, placement_id, "accueil-annule", act)


@post("/accueils/{placement_id:uuid}/depart", status_code=303)
async def end_stay(
    request: WebRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that the person has left."""
    posted = await _opened(request, tx, actor, placement_id, now)
    act = partial(commands.end_stay, tx, actor, placement_id, now)
    return await _answer(tx, actor, posted, now, placement_id, "depart-note", act)


async def _opened(
    request: WebRequest,
    tx: AsyncSession,
    actor: Actor,
    placement_id: UUID,
    now: datetime,
    aliases: Mapping[str, str] | None = None,
) -> PostedForm:
    posted = await posted_form(request)
    placement = await queries.placement(tx, actor, placement_id)
    show_again(request, _PAGE, posted, now, await _context(tx, actor, placement), aliases or {"reason": "reason"})
    return posted


async def _answer(
    tx: AsyncSession, actor: Actor, posted: PostedForm, now: datetime, placement_id: UUID, done: str, command: Act
) -> Response[Any]:
    async def act() -> str:
        await command()
        return f"/accueils/{placement_id}?fait={done}"

    return await once(tx, actor, posted, now, act, edits=placement_id)


async def _context(reader: AsyncSession, actor: Actor, placement: PlacementView) -> dict[str, object]:
    who_may_agree = WHO_MAY_AGREE[LegalStatus(placement.legal_status)]
    return {
        "placement": placement,
        "receives": actor.speaks_for(placement.facility_id),
        "coordinates": actor.coordinates,
        "person": await _person(reader, actor, placement),
        "reasons_against": listed(RefusalReason),
        "needs_exit": needs_exit_date(placement.offer_kind, placement.care_mode, placement.max_stay_nights),
        "person_yes_from": [code.value for code in PersonYesFrom if code in who_may_agree],
        "exit_solutions": listed(ExitSolution),
        "temporary_modes": sorted(mode.value for mode in TEMPORARY_MODES),
        "legal_bases": [code.value for code in LegalBasis],
    }


async def _person(reader: AsyncSession, actor: Actor, placement: PlacementView) -> object | None:
    """Return what may be told of the person: all for coordination, the codes for who is asked, nothing afterwards."""
    if actor.coordinates:
        return await situations.situation(reader, actor, placement.situation_id)
    if placement.state not in CLAIMING:
        return None
    try:
        proof = await queries.solicited(reader, actor, placement.id)
    except NotFound:
        return None
    return await situations.situation_for_receiver(reader, actor, placement.situation_id, proof)
