"""What every POST shares: read once, act once, and show the form again with what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Response
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.board.changes import tell_changes
from exchange.kernel.actor import Actor
from exchange.kernel.idempotency import first_reply, keep_reply
from exchange.kernel.ids import new_id
from exchange.kernel.versions import StaleVersion, expect, require_all_compared
from exchange.web.forms.fields import IDEMPOTENCY_FIELD, FormView, PostedForm
from exchange.web.visitor import WebRequest

_FORM_PAGE = "form_page"
_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class FormPage:
    """The page to show again if the form is refused, and the fields that the house names otherwise."""

    template: str
    now: datetime
    posted: PostedForm
    context: Mapping[str, object]
    aliases: Mapping[str, str]


def blank_form(**initial: str | list[str]) -> FormView:
    """A form not yet sent, with its initial values and its own key."""
    values = {name: [value] if isinstance(value, str) else value for name, value in initial.items()}
    return FormView(values, str(new_id()))


async def posted_form(request: WebRequest) -> PostedForm:
    """Read the body once; files are not expected and are ignored."""
    sent = await request.form()
    values: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return PostedForm(values)


def show_again(
    request: WebRequest,
    template: str,
    posted: PostedForm,
    now: datetime,
    context: Mapping[str, object],
    aliases: Mapping[str, str] | None = None,
) -> None:
    """Remember which page to show again, should anything be refused from here on.

    The refusal itself must be raised, so that the transaction leaves nothing: the page is rendered afterwards.
    """
    request.state[_FORM_PAGE] = FormPage(template, now, posted, context, aliases or {})


def form_page_of(request: WebRequest) -> FormPage | None:
    """Return the page remembered by `show_again`."""
    page = request.state.get(_FORM_PAGE)
    return page if isinstance(page, FormPage) else None


async def once(
    tx: AsyncSession,
    actor: Actor,
    posted: PostedForm,
    now: datetime,
    act: Callable[[], Awaitable[str]],
    *,
    edits: UUID | None = None,
) -> Response[None]:
    """Act, then send the browser to a page; a second tap on the same form goes where the first went.

    `act` returns the address to go to. `edits` is the row that the form was drawn from: its version must be the one
    that the page showed. Raises what `act` raises, `IdempotencyKeyReused`, `VersionMissing`, and `StaleVersion` with
    what has changed.
    """
    key = posted.values.get(IDEMPOTENCY_FIELD, [""])[0][:_LONGEST_KEY].replace("\x00", "")
    if not key or actor.account_id is None:
        return see_other(await _seen(tx, posted, act, edits))
    account_id: UUID = actor.account_id
    earlier = await first_reply(tx, account_id, f"web:{key}", posted.request_hash(), now)
    if earlier is not None:
        return see_other(earlier.body.decode())
    address = await _seen(tx, posted, act, edits)
    await keep_reply(tx, account_id, f"web:{key}", 303, address.encode())
    return see_other(address)


async def _seen(tx: AsyncSession, posted: PostedForm, act: Callable[[], Awaitable[str]], edits: UUID | None) -> str:
    if edits is not None:
        expect(tx, edits, posted.seen_version())
    try:
        address = await act()
    except StaleVersion as stale:
        await tell_changes(tx, stale)
        raise
    require_all_compared(tx)
    return address


def see_other(address: str) -> Response[None]:
    """Send the browser to a page with GET."""
    return Redirect(address, status_code=303)
