"""The yeses of a placement: the facility's own, by phone or not, the person's, and the legal basis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, MANAGERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.problems import WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.placements import (
    LegalBasisBody,
    PersonAgreementBody,
    PhoneAcceptanceBody,
    PlacementMoved,
)
from exchange.api.versions import IfMatch, require_match
from exchange.kernel.actor import Actor, Via
from exchange.kernel.errors import DomainError
from exchange.placements import commands
from exchange.placements.rules import YesParty

TAGS: Final = ["accueils"]
ONE: Final = "/placements/{placement_id:uuid}"
_SAID_BY: Final = "person_yes_from"
_SAID_BY_HERE: Final = "given_by"
"""Who agreed, as the house calls it and as this door's body does."""


@contextmanager
def _named_as_asked() -> Iterator[None]:
    """Name the field at fault as the body of the request does."""
    try:
        yield
    except DomainError as error:
        if error.field == _SAID_BY:
            error.field = _SAID_BY_HERE
        raise


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
    seen: IfMatch = None,
) -> Response[PlacementMoved]:
    """Dire oui pour l'établissement."""

    async def act() -> PlacementMoved:
        require_match(tx, seen, placement_id)
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
    seen: IfMatch = None,
) -> Response[PlacementMoved]:
    """Noter le oui donné au téléphone par l'établissement, et par qui."""

    async def act() -> PlacementMoved:
        require_match(tx, seen, placement_id)
        state = await commands.record_phone_yes(tx, actor, data.asked(placement_id), now)
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
    seen: IfMatch = None,
) -> Response[PlacementMoved]:
    """Noter l'accord de la personne, ou de qui la représente."""

    async def act() -> PlacementMoved:
        require_match(tx, seen, placement_id)
        yes = commands.GiveYes(placement_id, YesParty.PERSON, channel=Via.API, person_yes_from=data.given_by)
        with _named_as_asked():
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
    seen: IfMatch = None,
) -> Response[PlacementMoved]:
    """Noter la base légale de l'accueil."""

    async def act() -> PlacementMoved:
        require_match(tx, seen, placement_id)
        yes = commands.GiveYes(
            placement_id,
            YesParty.LEGAL_BASIS,
            channel=Via.API,
            legal_basis=data.legal_basis,
            exit_on=data.exit_on,
            temporary_days_before=data.temporary_days_before,
        )
        state = await commands.give_yes(tx, actor, yes, now)
        return PlacementMoved(id=placement_id, state=state)

    return await answer_once(request, key, tx, actor, act)


WRITES: Final = (accept_placement, record_phone_acceptance, record_person_agreement, record_legal_basis)
