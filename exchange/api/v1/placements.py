"""What each party says of a placement: yes, no, who agreed, and that the person has arrived."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, MANAGERS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.looks import commit_look
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.placements import (
    ArrivalConfirmed,
    ConfirmArrivalBody,
    LegalBasisBody,
    PersonAgreementBody,
    PhoneAcceptanceBody,
    PlacementMoved,
    PlacementResource,
    RefusePlacementBody,
)
from exchange.api.v1.schemas.values import Done, told_as
from exchange.kernel.actor import Actor, Via
from exchange.kernel.db import Database
from exchange.placements import commands, queries
from exchange.placements.rules import YesParty

TAGS: Final = ["accueils"]
ONE: Final = "/placements/{placement_id:uuid}"


@get("/placements", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_placements(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[PlacementResource]:
    """Lister les accueils en cours que l'on peut connaître."""
    return page_of(await queries.placements(reader, actor), partial(told_as, PlacementResource), limit, offset)


@get(ONE, opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_placement(
    placement_id: FromPath[UUID], db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> PlacementResource:
    """Montrer un accueil ; la lecture est inscrite au journal des accès."""
    async with db.read(actor.community_id) as reader:
        view = await queries.placement(reader, actor, placement_id)
    await commit_look(db, actor, view.situation_id, "placement")
    return told_as(PlacementResource, view)


@post(
    ONE + "/acceptance",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def accept_placement(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[PlacementMoved]:
    """Dire oui pour l'établissement."""

    async def act() -> PlacementMoved:
        state = await commands.give_yes(
            tx, actor, commands.GiveYes(placement_id, YesParty.RECEIVER, channel=Via.API), now
        )
        return PlacementMoved(id=placement_id, state=state)

    return await answer_once(request, key, tx, actor, act)


@post(
    ONE + "/phone-acceptance",
    opt=only(COORDINATION),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def record_phone_acceptance(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[PhoneAcceptanceBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[PlacementMoved]:
    """Noter le oui donné au téléphone par l'établissement, et par qui."""

    async def act() -> PlacementMoved:
        yes = commands.PhoneYes(placement_id, data.spoken_with, data.function)
        state = await commands.record_phone_yes(tx, actor, yes, now)
        return PlacementMoved(id=placement_id, state=state)

    return await answer_once(request, key, tx, actor, act)


@post(
    ONE + "/person-agreement",
    opt=only(COORDINATION),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def record_person_agreement(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[PersonAgreementBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[PlacementMoved]:
    """Noter l'accord de la personne, ou de qui la représente."""

    async def act() -> PlacementMoved:
        yes = commands.GiveYes(placement_id, YesParty.PERSON, channel=Via.API, person_yes_from=data.given_by)
        state = await commands.give_yes(tx, actor, yes, now)
        return PlacementMoved(id=placement_id, state=state)

    return await answer_once(request, key, tx, actor, act)


@post(
    ONE + "/legal-basis",
    opt=only(COORDINATION),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def record_legal_basis(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[LegalBasisBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[PlacementMoved]:
    """Noter la base légale de l'accueil."""

    async def act() -> PlacementMoved:
        yes = commands.GiveYes(
            placement_id,
            YesParty.LEGAL_BASIS,
            channel=Via.API,
            legal_basis=data.legal_basis,
            exit_on=data.exit_on,
        )
        state = await commands.give_yes(tx, actor, yes, now)
        return PlacementMoved(id=placement_id, state=state)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/refusal", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def refuse_placement(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[RefusePlacementBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Dire non pour l'établissement, avec un motif codé."""

    async def act() -> Done:
        refusal = commands.RefusePlacement(placement_id, data.refusal_reason, data.private_note)
        await commands.refuse_placement(tx, actor, refusal, now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/arrival", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def confirm_arrival(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[ConfirmArrivalBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[ArrivalConfirmed]:
    """Confirmer que la personne est arrivée, avec sa date de sortie."""

    async def act() -> ArrivalConfirmed:
        arrival = commands.ConfirmArrival(placement_id, data.exit_on)
        exit_on = await commands.confirm_arrival(tx, actor, arrival, now)
        return ArrivalConfirmed(id=placement_id, exit_on=exit_on)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_placements, show_placement)
WRITES: Final = (
    accept_placement,
    record_phone_acceptance,
    record_person_agreement,
    record_legal_basis,
    refuse_placement,
    confirm_arrival,
)
