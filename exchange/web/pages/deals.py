"""What was agreed on the phone, and a place proposed by a person: one gesture each, without any search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Actor
from exchange.planning import by_hand, phone_deals
from exchange.situations import queries
from exchange.web.choices import all_facilities
from exchange.web.forms.deals import DEAL_ALIASES, HAND_ALIASES, read_deal, read_proposal
from exchange.web.posting import once, posted_form, show_again
from exchange.web.situation_sheet import SHEET_PAGE, published_offers, sheet_of
from exchange.web.visitor import WebRequest


@post("/situations/{reference:str}/proposition", status_code=303)
async def propose_by_hand(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Propose one place without any search."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    sheet = await sheet_of(tx, actor, situation, now)
    show_again(request, SHEET_PAGE, posted, now, sheet, HAND_ALIASES)
    asked = read_proposal(posted, situation.id, await published_offers(tx, actor, now))

    async def act() -> str:
        placement_id = await by_hand.propose_by_hand(tx, actor, asked, StraightLine(), now)
        return f"/accueils/{placement_id}?fait=proposition-ajoutee"

    return await once(tx, actor, posted, now, act, edits=situation.id)


@post("/situations/{reference:str}/accord-telephone", status_code=303)
async def record_phone_deal(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Record what was agreed on the phone: hold and yes in one go, for a published place or not."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    sheet = await sheet_of(tx, actor, situation, now)
    show_again(request, SHEET_PAGE, posted, now, sheet, DEAL_ALIASES)
    deal = read_deal(posted, situation.id, await published_offers(tx, actor, now), await all_facilities(tx))

    async def act() -> str:
        recorded = await phone_deals.record_phone_deal(tx, actor, deal, StraightLine(), now)
        return f"/accueils/{recorded.placement_id}?fait=telephone-note"

    return await once(tx, actor, posted, now, act, edits=situation.id)
