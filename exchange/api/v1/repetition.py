"""Repeating what was entered by hand in the last seven days: a list first, then the act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import MANAGERS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1 import availability, staffing
from exchange.api.v1.schemas.repetition import (
    PlacesRepetition,
    RepeatedSegmentResource,
    RepeatedTimeResource,
    RepetitionBody,
    TimesRepetition,
    Weeks,
)
from exchange.api.v1.schemas.values import told_as
from exchange.availability.weeks import repetition as of_places
from exchange.kernel.actor import Actor
from exchange.staffing.values import fingerprint
from exchange.staffing.weeks import repetition as of_times


@get(
    "/offers/{offer_id:uuid}/repetition",
    opt=only(MEMBERS),
    responses=READ_PROBLEMS,
    tags=availability.TAGS,
)
async def show_places_repetition(
    offer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    weeks: Weeks = 1,
) -> PlacesRepetition:
    """Montrer ce que donnerait la répétition des sept derniers jours d'une offre."""
    return _of_places(await of_places.repetition(reader, actor, offer_id, weeks, now))


@post(
    "/offers/{offer_id:uuid}/repetition",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=availability.TAGS,
)
async def repeat_places(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[RepetitionBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[PlacesRepetition]:
    """Répéter les sept derniers jours d'une offre, comme la liste l'a montré."""

    async def act() -> PlacesRepetition:
        return _of_places(await of_places.repeat_week(tx, actor, data.of_places(offer_id), now))

    return await answer_once(request, key, tx, actor, act)


@get(
    "/volunteers/{volunteer_id:uuid}/repetition",
    opt=only(MEMBERS),
    responses=READ_PROBLEMS,
    tags=staffing.TAGS,
)
async def show_times_repetition(
    volunteer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    weeks: Weeks = 1,
) -> TimesRepetition:
    """Montrer ce que donnerait la répétition des sept derniers jours d'un professionnel volontaire."""
    return _of_times(await of_times.repetition(reader, actor, volunteer_id, weeks, now))


@post(
    "/volunteers/{volunteer_id:uuid}/repetition",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=staffing.TAGS,
)
async def repeat_times(
    request: AnyRequest,
    volunteer_id: FromPath[UUID],
    data: JSONBody[RepetitionBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[TimesRepetition]:
    """Répéter les sept derniers jours d'un professionnel volontaire, comme la liste l'a montré."""

    async def act() -> TimesRepetition:
        return _of_times(await of_times.repeat_times(tx, actor, data.of_times(volunteer_id), now))

    return await answer_once(request, key, tx, actor, act)


def _of_places(lines: Sequence[of_places.RepeatedSegment]) -> PlacesRepetition:
    return PlacesRepetition(seen=fingerprint(lines), lines=[told_as(RepeatedSegmentResource, each) for each in lines])


def _of_times(lines: Sequence[of_times.RepeatedTime]) -> TimesRepetition:
    return TimesRepetition(seen=fingerprint(lines), lines=[told_as(RepeatedTimeResource, each) for each in lines])


READS: Final = (show_places_repetition, show_times_repetition)
WRITES: Final = (repeat_places, repeat_times)
