"""Writing the week of an offer, its exceptions, and what they open ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import locked_offer
from exchange.availability.cards import card_of
from exchange.availability.counters import lock_offers
from exchange.availability.errors import NoWeekFollowed
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.availability.rules import OfferKind, OfferState
from exchange.availability.weeks.events import PlaceWeekChanged, PlaceWeekExtended
from exchange.availability.weeks.inputs import ExceptDays, ResumeWeek, SetWeek
from exchange.availability.weeks.models import PlacePattern
from exchange.availability.weeks.rules import (
    Excepted,
    check_exception,
    check_span,
    check_week,
    coming_segments,
    excepted_now,
    opened,
    still_excepted,
)
from exchange.availability.weeks.storage import (
    Moved,
    coming,
    counters_from,
    during_of,
    exceptions_from,
    move_counters,
    week_of_row,
    write_exceptions,
)
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import current_segment, next_extension
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations

__all__ = ["end_week", "except_days", "extend_week", "resume_week", "set_week"]


@dataclass(frozen=True, slots=True)
class _Followed:
    """An offer's week as it stands: stored exceptions, and those with what was changed by hand since."""

    row: PlacePattern | None
    stored: Mapping[int, Excepted]
    excepted: Mapping[int, Excepted]
    counters: Mapping[int, OfferSegment]
    zone: ZoneInfo

    @property
    def followed(self) -> PlacePattern:
        """The row. Raises `NoWeekFollowed`."""
        if self.row is None:
            raise NoWeekFollowed
        return self.row


async def set_week(tx: AsyncSession, actor: Actor, form: SetWeek, now: datetime) -> None:
    """Make an offer follow a week: its coming counters open what the week says, but for its exceptions.

    What was entered or changed by hand stays, as exceptions. Raises `NotFound`, `ActForbidden`, `IllegalTransition`
    once withdrawn, `InvalidValue`, and `PromisedDate` naming the first date on which more persons count.
    """
    offer = await locked_offer(tx, actor, form.offer_id, "set_week")
    if offer.kind == OfferKind.CONDITIONAL:
        raise InvalidValue(field="offer_id", rule="conditional-has-no-week")
    found = await _followed(tx, offer, now)
    week = check_week(form, now, found.zone)
    row = found.row or PlacePattern(offer_id=offer.id, extend_at=now)
    row.capacities, row.during = list(week.capacities), during_of(week)
    tx.add(row)
    await tx.flush()
    await _follow(tx, actor, offer, found, row, still_excepted(week, found.excepted), "set", "capacities", now)


async def except_days(tx: AsyncSession, actor: Actor, form: ExceptDays, now: datetime) -> None:
    """Open dates otherwise than the week, or close them. Raises as `set_week`, and `NoWeekFollowed`."""
    offer = await locked_offer(tx, actor, form.offer_id, "except_days")
    found = await _followed(tx, offer, now)
    row = found.followed
    segments, excepted = check_exception(form, now, found.zone)
    wanted = dict(found.excepted)
    wanted.update((segment, excepted) for segment in segments)
    await _follow(tx, actor, offer, found, row, wanted, "except", "first", now)


async def resume_week(tx: AsyncSession, actor: Actor, form: ResumeWeek, now: datetime) -> None:
    """Make dates follow the week again, changes by hand included. Raises as `except_days`."""
    offer = await locked_offer(tx, actor, form.offer_id, "resume_week")
    found = await _followed(tx, offer, now)
    row = found.followed
    segments = check_span(form.span, now, found.zone)
    wanted = {segment: each for segment, each in found.excepted.items() if segment not in segments}
    await _follow(tx, actor, offer, found, row, wanted, "resume", "first", now)


async def end_week(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> None:
    """Follow the week no longer: what is open stays open, and nothing more opens by itself.

    Raises `NotFound`, `ActForbidden`, `IllegalTransition` once withdrawn, `NoWeekFollowed`.
    """
    offer = await locked_offer(tx, actor, offer_id, "end_week")
    row = await tx.get(PlacePattern, offer_id)
    if row is None:
        raise NoWeekFollowed
    await tx.delete(row)
    bump(offer)
    await _tell(tx, actor, offer, "end", Moved(0, 0), None, now)


async def extend_week(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> None:
    """Open what a week says further ahead, as far as it is from now, however long nobody did.

    Repeatable: once done, nothing is due before the next date. Does nothing for an offer that is over or follows no
    week any more, and its clock ends there. Attests nothing.
    """
    offer = (await lock_offers(tx, (offer_id,)))[offer_id]
    found = await _followed(tx, offer, now)
    if found.row is None or offer.state != OfferState.PUBLISHED or found.row.extend_at > now:
        return
    moved = await _unroll(tx, offer, found, found.row, found.excepted, "offer_id", now)
    found.row.extend_at = next_extension(now, found.zone)
    fact = PlaceWeekExtended(
        subject_id=offer_id,
        facility_id=offer.facility_id,
        raised=moved.raised,
        extend_at=found.row.extend_at,
        cards=(await card_of(tx, offer_id),),
    )
    await record(tx, actor, fact, now)


async def _followed(tx: AsyncSession, offer: PlaceOffer, now: datetime) -> _Followed:
    zone = await organisations.zone(tx)
    current = current_segment(now, zone)
    row = await tx.get(PlacePattern, offer.id, populate_existing=True)
    stored = await exceptions_from(tx, offer.id, current)
    counters = await counters_from(tx, offer.id, current)
    counted = {segment: counter.capacity for segment, counter in counters.items()}
    excepted = excepted_now(None if row is None else week_of_row(row), stored, counted)
    return _Followed(row, stored, excepted, counters, zone)


async def _follow(
    tx: AsyncSession,
    actor: Actor,
    offer: PlaceOffer,
    found: _Followed,
    row: PlacePattern,
    excepted: Mapping[int, Excepted],
    act: str,
    field: str,
    now: datetime,
) -> None:
    """Unroll what an act leaves of a week, start its clock where none runs, and tell it."""
    moved = await _unroll(tx, offer, found, row, excepted, field, now)
    bump(offer)
    starts = row.extend_at <= now
    if starts:
        row.extend_at = next_extension(now, found.zone)
    await _tell(tx, actor, offer, act, moved, row.extend_at if starts else None, now)


async def _unroll(
    tx: AsyncSession,
    offer: PlaceOffer,
    found: _Followed,
    row: PlacePattern,
    excepted: Mapping[int, Excepted],
    field: str,
    now: datetime,
) -> Moved:
    segments = coming(coming_segments(now, found.zone), found.counters)
    moved = move_counters(tx, offer.id, found.counters, opened(week_of_row(row), excepted, segments), field)
    await write_exceptions(tx, offer.id, found.stored, excepted)
    if moved.lowered:
        offer.terms_version += 1
    await tx.flush()
    return moved


async def _tell(
    tx: AsyncSession, actor: Actor, offer: PlaceOffer, act: str, moved: Moved, extend_at: datetime | None, now: datetime
) -> None:
    fact = PlaceWeekChanged(
        subject_id=offer.id,
        facility_id=offer.facility_id,
        act=act,
        raised=moved.raised,
        lowered=moved.lowered,
        extend_at=extend_at,
        cards=(await card_of(tx, offer.id),),
    )
    await record(tx, actor, fact, now)
