"""« Fiches projet »: gaps that repeat, worded for the authority, and read by it without any reference."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.meetings.commands import project_records
from exchange.meetings.inputs import OpenRecord
from exchange.meetings.queries import project_records as queries
from exchange.web.follow_up import situation_named
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.meetings import LONGEST_NOTE
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest

_LIST = "meetings/project_records.html"
_ONE = "meetings/project_record.html"
_MOST_SITUATIONS = 200


@get("/fiches-projet")
async def show_records(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the project records that the actor may read, and the gaps that call for one."""
    if not (actor.coordinates or actor.role is Role.OBSERVER):
        raise ActForbidden
    context = {
        "form": blank_form(),
        "records": await queries.records(reader, actor),
        "proposed": await queries.proposed_records(reader, actor, now),
        "may_write": actor.role is Role.COORDINATOR,
    }
    return page(request, _LIST, now, context)


@post("/fiches-projet", status_code=303)
async def open_record(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Open the record of a gap that repeats."""
    posted = await posted_form(request)
    situation_ids = tuple(dict.fromkeys(_identifiers(posted)))
    posted.done()

    async def act() -> str:
        record_id = await project_records.open_record(tx, actor, OpenRecord(situation_ids), now)
        return f"/fiches-projet/{record_id}?fait=fiche-ouverte"

    return await once(tx, actor, posted, now, act)


@get("/fiches-projet/{record_id:uuid}")
async def show_record(
    request: WebRequest,
    record_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one record."""
    context = await _record(reader, actor, record_id)
    form = blank_form(missing=context["record"].missing or "")
    return page(request, _ONE, now, {"form": form, **context})


@post("/fiches-projet/{record_id:uuid}/texte", status_code=303)
async def edit_record(
    request: WebRequest,
    record_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Word what is missing."""
    posted = await posted_form(request)
    show_again(request, _ONE, posted, now, await _record(tx, actor, record_id))
    missing = posted.text("missing", longest=LONGEST_NOTE, paragraph=True)
    posted.done()
    act = partial(project_records.edit_record, tx, actor, record_id, missing, now)
    return await once(tx, actor, posted, now, _and_return(record_id, act, "fiche-modifiee"), edits=record_id)


@post("/fiches-projet/{record_id:uuid}/situations", status_code=303)
async def link_situation(
    request: WebRequest,
    record_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Link one more situation by its reference."""
    posted = await posted_form(request)
    show_again(request, _ONE, posted, now, await _record(tx, actor, record_id), {"situation_ids": "reference"})
    reference = posted.text("reference", longest=40)
    posted.done()

    async def act() -> None:
        situation_id = await situation_named(tx, actor, reference)
        await project_records.link_situations(tx, actor, record_id, (situation_id,), now)

    return await once(tx, actor, posted, now, _and_return(record_id, act, "fiche-modifiee"), edits=record_id)


@post("/fiches-projet/{record_id:uuid}/transmission", status_code=303)
async def share_record(
    request: WebRequest,
    record_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Send the record to the authority."""
    posted = await posted_form(request)
    show_again(request, _ONE, posted, now, await _record(tx, actor, record_id))
    act = partial(project_records.share_record, tx, actor, record_id, now)
    return await once(tx, actor, posted, now, _and_return(record_id, act, "fiche-transmise"), edits=record_id)


@post("/fiches-projet/{record_id:uuid}/reponse", status_code=303)
async def answer_record(
    request: WebRequest,
    record_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Write down the authority's answer."""
    posted = await posted_form(request)
    show_again(request, _ONE, posted, now, await _record(tx, actor, record_id))
    answer = posted.text("answer", longest=LONGEST_NOTE, paragraph=True)
    posted.done()
    act = partial(project_records.answer_record, tx, actor, record_id, answer, now)
    return await once(tx, actor, posted, now, _and_return(record_id, act, "fiche-modifiee"), edits=record_id)


@post("/fiches-projet/{record_id:uuid}/cloture", status_code=303)
async def close_record(
    request: WebRequest,
    record_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Put the record away."""
    act = partial(project_records.close_record, tx, actor, record_id, now)
    return await once(
        tx, actor, await posted_form(request), now, _and_return(record_id, act, "fiche-close"), edits=record_id
    )


def _and_return(record_id: UUID, act: Callable[[], Awaitable[None]], notice: str) -> Callable[[], Awaitable[str]]:
    async def and_say() -> str:
        await act()
        return f"/fiches-projet/{record_id}?fait={notice}"

    return and_say


async def _record(reader: AsyncSession, actor: Actor, record_id: UUID) -> dict[str, Any]:
    record = await queries.project_record(reader, actor, record_id)
    return {"record": record, "may_write": actor.role is Role.COORDINATOR}


def _identifiers(posted: PostedForm) -> list[UUID]:
    try:
        return [UUID(raw) for raw in posted.values.get("situation_ids", ())[:_MOST_SITUATIONS]]
    except ValueError:
        posted.wrong("situation_ids", "Cette situation n'existe pas.")
        return []
