"""The crisis organisation: what is in force and why, for everybody; coordination opens, prolongs and closes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.organisations import queries as organisations
from exchange.organisations.crisis import close_crisis, open_crisis, prolong_crisis
from exchange.organisations.crisis_rules import proposed_clocks
from exchange.organisations.crisis_views import crises, open_crisis_at
from exchange.organisations.parameters import CRISIS_CLOCKS
from exchange.organisations.policies import MAY_ORDER_CRISIS
from exchange.reference.answers import CrisisRequester
from exchange.staffing.derogations import DEROGABLE, MAY_RECORD, derogations, record_derogation
from exchange.staffing.rule_figures import LAW
from exchange.web.choices import listed
from exchange.web.forms.crisis import ALIASES, check_closing, read_derogation, read_order
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of
from exchange.wording.crisis import CLOCKS, FIGURES

_PAGE: Final = "crisis/crisis.html"
USUAL_LENGTH: Final = timedelta(days=7)


@get("/crise", include_in_schema=False)
async def show_crisis(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show what is in force, the acts that opened and prolonged it, and the derogations of the law."""
    context = await _context(reader, actor, now)
    until = (now + USUAL_LENGTH).astimezone(visitor_of(request).zone)
    form = blank_form(
        until_day=until.date().isoformat(),
        until_hour="18:00",
        **{name: str(n) for name, n in context["proposed"].items()},
    )
    return page(request, _PAGE, now, {"form": form, **context})


@post("/crise", status_code=303)
async def order_crisis(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Open the crisis organisation."""
    posted = await posted_form(request)
    show_again(request, _PAGE, posted, now, await _context(tx, actor, now), ALIASES)
    order = read_order(posted, visitor_of(request).zone, await organisations.own_parameters(tx))

    async def act() -> str:
        await open_crisis(tx, actor, order, now)
        return "/crise?fait=crise-ouverte"

    return await once(tx, actor, posted, now, act)


@post("/crise/{crisis_id:uuid}/prolongation", status_code=303)
async def prolong(
    request: WebRequest,
    crisis_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Move its end to a later date, by a new act."""
    posted = await posted_form(request)
    show_again(request, _PAGE, posted, now, await _context(tx, actor, now), ALIASES)
    order = read_order(posted, visitor_of(request).zone, await organisations.own_parameters(tx))

    async def act() -> str:
        await prolong_crisis(tx, actor, crisis_id, order, now)
        return "/crise?fait=crise-prolongee"

    return await once(tx, actor, posted, now, act)


@post("/crise/{crisis_id:uuid}/fermeture", status_code=303)
async def close(
    request: WebRequest,
    crisis_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Close it before its end."""
    posted = await posted_form(request)
    show_again(request, _PAGE, posted, now, await _context(tx, actor, now), ALIASES)
    check_closing(posted)

    async def act() -> str:
        await close_crisis(tx, actor, crisis_id, now)
        return "/crise?fait=crise-fermee"

    return await once(tx, actor, posted, now, act)


@post("/crise/derogations", status_code=303)
async def derogate(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Record what a dated text derogates."""
    posted = await posted_form(request)
    context = await _context(tx, actor, now)
    show_again(request, _PAGE, posted, now, context, ALIASES)
    asked = read_derogation(posted, [code for code, _ in context["rule_sets"]])

    async def act() -> str:
        await record_derogation(tx, actor, asked, now)
        return "/crise?fait=derogation-notee"

    return await once(tx, actor, posted, now, act)


async def _context(reader: AsyncSession, actor: Actor, now: datetime) -> dict[str, Any]:
    zone = await organisations.zone(reader)
    ordinary, in_force = await organisations.own_parameters(reader), await organisations.parameters(reader)
    standing = await open_crisis_at(reader)
    codes = sorted({operator.agreement_code for operator in await organisations.operators(reader)})
    rule_sets: Sequence[tuple[str, str]] = [(LAW, "Code du travail"), *((code, f"Convention {code}") for code in codes)]
    return {
        "standing": standing,
        "past": [each for each in await crises(reader) if standing is None or each.id != standing.id],
        "clocks": [
            (name, *CLOCKS[name], getattr(ordinary, name), getattr(in_force, name), least)
            for name, (least, _) in CRISIS_CLOCKS.items()
        ],
        "proposed": dict(proposed_clocks(ordinary) if standing is None else standing.clocks),
        "may_order": actor.role in MAY_ORDER_CRISIS,
        "may_derogate": actor.role in MAY_RECORD,
        "requesters": listed(CrisisRequester),
        "derogations": await derogations(reader),
        "today": now.astimezone(zone).date(),
        "rule_sets": rule_sets,
        "rule_set_names": dict(rule_sets),
        "figures": [(name, f"{FIGURES[name]} ({least} à {most} min)") for name, (least, most) in DEROGABLE.items()],
        "figure_names": FIGURES,
    }
