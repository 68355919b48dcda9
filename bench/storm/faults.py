"""What each plant changes in a running process: one function of the product replaced wherever it was imported.

The replacements are the faults that reviews let through: a check before an act without a lock, a value read before a
lock and believed after it, a rule of who may speak left out. They are kept as mutants that the storm must kill.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib import import_module
from typing import Any, Final
from uuid import UUID

from litestar.types import ASGIApp
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm import faults_of_law, faults_of_work
from exchange.api import guards, once_more
from exchange.availability import counters
from exchange.availability.errors import PlaceAlreadyHeld
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.kernel import idempotency, record
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.loans import locks as loan_locks
from exchange.loans.models import StaffLoan
from exchange.placements import policies
from exchange.placements.rules import Act, Side
from exchange.staffing.commands import lock_shifts, lock_volunteer

ROOMS: Final = ("exchange", "workers")


def replace(original: Callable[..., Any], planted: Callable[..., Any]) -> None:
    """Put `planted` in the place of `original` under every name of the product that means it."""
    found = 0
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ROOMS:
            continue
        for attribute, value in list(vars(module).items()):
            if value is original:
                setattr(module, attribute, planted)
                found += 1
    if not found:
        raise LookupError(f"{original.__qualname__} is nowhere: the plant would change nothing")


async def _offers_unlocked(tx: AsyncSession, offer_ids: Iterable[UUID]) -> dict[UUID, PlaceOffer]:
    wanted = set(offer_ids)
    await tx.flush()
    found = await tx.scalars(
        select(PlaceOffer).where(PlaceOffer.id.in_(wanted)).execution_options(populate_existing=True)
    )
    offers = {offer.id: offer for offer in found}
    if offers.keys() != wanted:
        raise NotFound
    return offers


async def _look_then_write(tx: AsyncSession, offer_id: UUID, segments: Iterable[int]) -> None:
    wanted = set(segments)
    mine = OfferSegment.offer_id == offer_id, OfferSegment.segment.in_(wanted)
    seen = (await tx.execute(select(OfferSegment.segment, OfferSegment.used, OfferSegment.capacity).where(*mine))).all()
    free = {row.segment: row.used for row in seen if row.used < row.capacity}
    if full := wanted - free.keys():
        raise PlaceAlreadyHeld(segment=min(full), offer_id=str(offer_id))
    for segment, used in free.items():
        await tx.execute(update(OfferSegment).where(mine[0], OfferSegment.segment == segment).values(used=used + 1))


async def _no_key(tx: AsyncSession, account_id: UUID, key: str, request: bytes, now: datetime) -> None:
    return None


async def _no_reply_kept(tx: AsyncSession, account_id: UUID, key: str, status: int, body: bytes) -> None:
    return None


async def _loan_read_before_the_lock(tx: AsyncSession, line: loan_locks.Line) -> loan_locks.Locked:
    """The loan as it was on entering, believed after its person and its shifts were locked."""
    loan = await tx.get_one(StaffLoan, line.loan_id)
    volunteer = await lock_volunteer(tx, line.volunteer_id)
    return loan_locks.Locked(loan, volunteer, await lock_shifts(tx, line.shift_ids))


def _anybody_receives(actor: Actor, facility_id: UUID, act: Act) -> Side:
    return Side.RECEIVER


def _any_role(*_: object) -> None:
    return None


def _never_stale(fresh_until: datetime, now: datetime) -> bool:
    return False


def _sent_once(app: ASGIApp) -> ASGIApp:
    return app


def _naive_check() -> None:
    replace(counters.lock_offers, _offers_unlocked)
    replace(counters.claim_segments, _look_then_write)


def _no_lock() -> None:
    replace(counters.lock_offers, _offers_unlocked)


def _no_retry() -> None:
    replace(once_more.sent_once_more, _sent_once)


def _stale_accepted() -> None:
    """Freshness is shown and no longer judged where a place is promised."""
    for name in ("exchange.availability.evening", "exchange.placements.commands.give_yes"):
        setattr(import_module(name), "is_stale", _never_stale)  # noqa: B010 : a plant, not the module's own business


def _sender_accepts() -> None:
    replace(guards.require_listed_role, _any_role)
    replace(policies.require_side, _anybody_receives)


def _key_ignored() -> None:
    replace(idempotency.first_reply, _no_key)
    replace(idempotency.keep_reply, _no_reply_kept)


def _consent_not_reread() -> None:
    replace(loan_locks.lock_line, _loan_read_before_the_lock)


def _history_rewritten() -> None:
    show = record.show_card

    async def show_and_rewrite(tx: AsyncSession, card: record.Card, now: datetime) -> None:
        await show(tx, card, now)
        if card.content is not None:
            last = {"card": record.encode_card(card.content), "subject": card.subject_id}
            await tx.execute(text("UPDATE cards SET card = CAST(:card AS jsonb) WHERE subject_id = :subject"), last)

    replace(show, show_and_rewrite)


PATCHES: Final[dict[str, Callable[[], None]]] = {
    "naive-check": _naive_check,
    "no-lock": _no_lock,
    "no-retry": _no_retry,
    "stale-accepted": _stale_accepted,
    "sender-accepts": _sender_accepts,
    "key-ignored": _key_ignored,
    "consent-not-reread": _consent_not_reread,
    "history-rewritten": _history_rewritten,
    **faults_of_law.patches(replace),
    **faults_of_work.patches(replace),
}
