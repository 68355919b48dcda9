"""Volunteers, their times, and the shifts that facilities ask others to cover."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import MANAGERS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.staffing import (
    DeclareNeedBody,
    RegisterVolunteerBody,
    StaffNeedDetail,
    StaffNeedResource,
    StateTimesBody,
    VolunteerResource,
)
from exchange.api.v1.schemas.unmet import UnmetShiftResource
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.kernel.actor import Actor
from exchange.planning.unmet import unmet_of_need
from exchange.staffing import commands, queries

TAGS: Final = ["renforts"]


@get("/volunteers", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_volunteers(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[VolunteerResource]:
    """Lister les professionnels volontaires ; leur nom n'est dit qu'à leur employeur."""
    return page_of(await queries.volunteers(reader, actor, now), partial(told_as, VolunteerResource), limit, offset)


@get("/staff-needs", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_staff_needs(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[StaffNeedResource]:
    """Lister les besoins de renfort en cours, le plus urgent d'abord."""
    return page_of(await queries.needs(reader, actor), partial(told_as, StaffNeedResource), limit, offset)


@get("/staff-needs/{need_id:uuid}", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_staff_need(
    need_id: FromPath[UUID], reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> Response[StaffNeedDetail]:
    """Montrer un besoin de renfort, ses vacations, et pourquoi des postes restent sans personne."""
    view = await queries.need(reader, actor, need_id)
    detail = told_as(StaffNeedDetail, view)
    if actor.coordinates or actor.speaks_for(view.facility_id):
        unmet = await unmet_of_need(reader, actor, need_id, view.facility_id)
        detail.searched_at = unmet.searched_at if unmet else None
        detail.unmet = UnmetShiftResource.of(unmet)
    return with_etag(detail, view)


@post("/volunteers", opt=only(MANAGERS), responses=WRITE_PROBLEMS, tags=TAGS)
async def register_volunteer(
    request: AnyRequest,
    data: JSONBody[RegisterVolunteerBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Inscrire un professionnel volontaire de son établissement."""

    async def act() -> Created:
        return Created(id=await commands.register_volunteer(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


@post("/volunteers/{volunteer_id:uuid}/times", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def state_times(
    request: AnyRequest,
    volunteer_id: FromPath[UUID],
    data: JSONBody[StateTimesBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Déclarer des disponibilités, du temps de travail libéré ou des heures déjà prévues."""

    async def act() -> Done:
        require_match(tx, seen, volunteer_id)
        await commands.state_times(tx, actor, data.asked(volunteer_id), now)
        return Done(id=volunteer_id)

    return await answer_once(request, key, tx, actor, act)


@post("/staff-needs", opt=only(MANAGERS), responses=WRITE_PROBLEMS, tags=TAGS)
async def declare_staff_need(
    request: AnyRequest,
    data: JSONBody[DeclareNeedBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Demander un renfort pour une ou plusieurs vacations."""

    async def act() -> Created:
        asked = data.asked(data.facility_id, is_coupled=data.is_coupled)
        return Created(id=await commands.declare_need(tx, actor, asked, now))

    return await answer_once(request, key, tx, actor, act, 201)


@post(
    "/staff-needs/{need_id:uuid}/cancellation",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def cancel_staff_need(
    request: AnyRequest,
    need_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Annuler un besoin de renfort."""

    async def act() -> Done:
        require_match(tx, seen, need_id)
        await commands.cancel_need(tx, actor, need_id, now)
        return Done(id=need_id)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_volunteers, list_staff_needs, show_staff_need)
WRITES: Final = (register_volunteer, state_times, declare_staff_need, cancel_staff_need)
