"""Repeating the last seven days: each line with what will happen, then one tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import queries as availability
from exchange.availability.queries import OfferView
from exchange.availability.weeks import repetition as of_places
from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden
from exchange.staffing import queries as staffing
from exchange.staffing.queries import VolunteerView
from exchange.staffing.values import fingerprint
from exchange.staffing.weeks import repetition as of_times
from exchange.web.forms.fields import PostedForm
from exchange.web.posting import blank_form, once, posted_form
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest

_PLACES = "availability/repetition.html"
_TIMES = "staffing/repetition.html"
_WEEKS = tuple(str(weeks) for weeks in range(1, of_places.MOST_WEEKS + 1))


@dataclass(frozen=True, slots=True)
class RepeatedOffer:
    """One place and what would become of each of its lines."""

    offer: OfferView
    lines: tuple[of_places.RepeatedSegment, ...]
    seen: str


@get("/places/semaine-derniere")
async def show_places_repetition(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show what repeating the last seven days would do to each of one's own places."""
    if not actor.facility_ids:
        raise ActForbidden
    weeks = _asked_weeks(request)
    repeated = []
    for offer in await availability.offers(reader, actor, now):
        if actor.speaks_for(offer.facility_id):
            lines = await of_places.repetition(reader, actor, offer.id, weeks, now)
            if lines:
                repeated.append(RepeatedOffer(offer, lines, fingerprint(lines)))
    opens = sum(line.outcome is of_places.Repeat.OPENS for each in repeated for line in each.lines)
    return page(request, _PLACES, now, {"repeated": repeated, "weeks": weeks, "opens": opens, "form": blank_form()})


@post("/places/semaine-derniere", status_code=303)
async def repeat_places(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Repeat the last seven days of one's own places, as they were shown."""
    posted = await posted_form(request)
    weeks = int(posted.one_of("weeks", _WEEKS))
    wanted = _shown(posted)
    posted.done()

    async def act() -> str:
        # Ascending: offers are locked in the order of their identifiers.
        for offer_id, seen in sorted(wanted.items()):
            await of_places.repeat_week(tx, actor, of_places.RepeatWeek(offer_id, weeks, seen), now)
        return "/?fait=semaine-repetee"

    return await once(tx, actor, posted, now, act)


@get("/volontaires/{volunteer_id:uuid}/semaine-derniere")
async def show_times_repetition(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show what repeating a volunteer's last seven days would do."""
    volunteer = await _own_volunteer(reader, actor, volunteer_id, now)
    weeks = _asked_weeks(request)
    lines = await of_times.repetition(reader, actor, volunteer_id, weeks, now)
    states = sum(line.outcome is of_times.Repeat.STATES for line in lines)
    shown = {"volunteer": volunteer, "lines": lines, "weeks": weeks, "states": states, "seen": fingerprint(lines)}
    return page(request, _TIMES, now, {**shown, "form": blank_form()})


@post("/volontaires/{volunteer_id:uuid}/semaine-derniere", status_code=303)
async def repeat_times(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Repeat a volunteer's last seven days, as they were shown."""
    posted = await posted_form(request)
    weeks = int(posted.one_of("weeks", _WEEKS))
    seen = posted.text("seen", longest=16)
    posted.done()

    async def act() -> str:
        await of_times.repeat_times(tx, actor, of_times.RepeatTimes(volunteer_id, weeks, seen), now)
        return f"/volontaires/{volunteer_id}/disponibilites?fait=semaine-repetee"

    return await once(tx, actor, posted, now, act)


def _asked_weeks(request: WebRequest) -> int:
    asked = request.query_params.get("semaines", "1")
    return int(asked) if asked in _WEEKS else 1


def _shown(posted: PostedForm) -> dict[UUID, str]:
    """The places that the page listed, each with what it showed of it: `identifier:fingerprint`."""
    found: dict[UUID, str] = {}
    for value in posted.values.get("shown", ()):
        name, _, seen = value.partition(":")
        try:
            found[UUID(name)] = seen
        except ValueError:
            posted.wrong("shown", "Rechargez la page, puis confirmez.")
    if not found:
        posted.wrong("shown", "Rechargez la page, puis confirmez.")
    return found


async def _own_volunteer(reader: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> VolunteerView:
    volunteer = await staffing.volunteer(reader, actor, volunteer_id, now)
    if not actor.speaks_for(volunteer.facility_id):
        raise ActForbidden
    return volunteer


HANDLERS = (show_places_repetition, repeat_places, show_times_repetition, repeat_times)
