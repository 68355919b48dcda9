"""What a person proposes without any search, and what two people agreed on the phone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.adapters.straight_line import StraightLine
from exchange.api.guards import COORDINATION, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.problems import WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.deals import PhoneDealBody, ProposeByHandBody
from exchange.api.v1.schemas.placements import PlacementMoved
from exchange.api.v1.schemas.values import Created
from exchange.api.versions import IfMatch, require_match
from exchange.kernel.actor import Actor
from exchange.planning.by_hand import propose_by_hand
from exchange.planning.phone_deals import record_phone_deal
from exchange.situations import queries

TAGS: Final = ["situations"]
Reference = Annotated[str, PathParameter(description="Référence dictée, par exemple S-7K4Q-93", max_length=40)]


@post("/situations/{reference:str}/proposals", opt=only(COORDINATION), responses=WRITE_PROBLEMS, tags=TAGS)
async def propose_placement(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[ProposeByHandBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Created]:
    """Proposer soi-même une place publiée, sans recherche ; un écart se dit avec son motif."""

    async def act() -> Created:
        view = await queries.situation_by_reference(tx, actor, reference)
        require_match(tx, seen, view.id)
        return Created(id=await propose_by_hand(tx, actor, data.asked(view.id), StraightLine(), now))

    return await answer_once(request, key, tx, actor, act, 201)


@post("/situations/{reference:str}/phone-deal", opt=only(COORDINATION), responses=WRITE_PROBLEMS, tags=TAGS)
async def record_deal(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[PhoneDealBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[PlacementMoved]:
    """Noter un accueil convenu au téléphone, même pour une place qui n'était pas publiée."""

    async def act() -> PlacementMoved:
        view = await queries.situation_by_reference(tx, actor, reference)
        require_match(tx, seen, view.id)
        recorded = await record_phone_deal(tx, actor, data.asked(view.id), StraightLine(), now)
        return PlacementMoved(id=recorded.placement_id, state=recorded.state)

    return await answer_once(request, key, tx, actor, act, 201)


WRITES: Final = (propose_placement, record_deal)
