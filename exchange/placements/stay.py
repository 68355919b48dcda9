"""The dates of a stay: from when a person may arrive, and from when they may leave."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import current_segment, date_of, local_instant
from exchange.organisations import queries as organisations
from exchange.placements.errors import ArrivalTooEarly, EmergencyStayTooLong, ExitBeforeStayEnds
from exchange.placements.events import StayClocks
from exchange.placements.locks import Locked, segments_of
from exchange.placements.models import Placement
from exchange.placements.rules import LegalBasis
from exchange.placements.stay_limits import (
    LIMITS,
    Counter,
    LimitKind,
    counters_of,
    is_too_long_for_emergency,
    last_day_of,
)

TOLD_AT: Final = time(7)
"""The local hour at which what ends is announced: the day's work begins."""

EXIT_TOLD_BEFORE: Final = timedelta(days=3)


async def require_begun(tx: AsyncSession, locked: Locked, now: datetime) -> None:
    """Raise `ArrivalTooEarly` before the date of the first segment, whose morning starts at 8 o'clock."""
    first_on = date_of(min(await claimed_of(tx, locked)))
    if await _running_date(tx, now) < first_on:
        raise ArrivalTooEarly(first_on=first_on.isoformat(), first_day=f"{first_on:%d/%m/%Y}")


async def require_exit_date(tx: AsyncSession, locked: Locked, exit_on: date, now: datetime) -> None:
    """Raise `ExitBeforeStayEnds` or `InvalidValue` (field `exit_on`) where an exit date cannot be this stay's."""
    claimed = await claimed_of(tx, locked)
    earliest, arrival_on = last_day_of(claimed), max(await _running_date(tx, now), date_of(min(claimed)))
    if exit_on < earliest:
        raise ExitBeforeStayEnds(field="exit_on", earliest_on=earliest.isoformat(), earliest_day=f"{earliest:%d/%m/%Y}")
    if exit_on < arrival_on:
        raise InvalidValue(field="exit_on", rule="in-the-past")
    most = locked.offer.max_stay_nights
    if most is not None and exit_on > arrival_on + timedelta(days=most):
        raise InvalidValue(field="exit_on", rule="too-far", most=most)


async def require_short_enough(
    tx: AsyncSession, locked: Locked, legal_basis: str | None, exit_on: date | None, field: str
) -> None:
    """Raise `EmergencyStayTooLong` where an emergency admission would pass its limit: a CDAPH decision is needed."""
    if legal_basis != LegalBasis.EMERGENCY_ADMISSION:
        return
    if is_too_long_for_emergency(await claimed_of(tx, locked), exit_on):
        raise EmergencyStayTooLong(field=field, most=LIMITS[LimitKind.EMERGENCY_ADMISSION].days)


async def clocks_of(
    tx: AsyncSession, placement: Placement, care_mode: str, exit_on: date | None, now: datetime
) -> StayClocks:
    """Return when a stay's exit and its limits are announced, at a local hour of its territory; never in the past."""
    zone = await organisations.zone(tx)

    def announced(on: date) -> datetime:
        return max(now, local_instant(on, TOLD_AT, zone))

    limits = {counter.kind: announced(counter.last_on) for counter in await counters(tx, placement, care_mode)}
    return StayClocks(
        exit_told_at=None if exit_on is None else announced(exit_on - EXIT_TOLD_BEFORE),
        emergency_limit_at=limits.get(LimitKind.EMERGENCY_ADMISSION),
        yearly_limit_at=limits.get(LimitKind.TEMPORARY_CARE),
    )


async def counters(tx: AsyncSession, placement: Placement, care_mode: str) -> tuple[Counter, ...]:
    """Return the limits that bear on a stay, counted from its first date."""
    claimed = (await segments_of(tx, (placement.id,)))[placement.id]
    return counters_of(placement.legal_basis, care_mode, date_of(min(claimed)), placement.temporary_days_before)


async def claimed_of(tx: AsyncSession, locked: Locked) -> frozenset[int]:
    """Return the segments that a locked placement claims."""
    placement_id = locked.placement.id
    return (await segments_of(tx, (placement_id,)))[placement_id]


async def _running_date(tx: AsyncSession, now: datetime) -> date:
    """The date of the segment that runs: before 8 o'clock the night still bears the evening's."""
    return date_of(current_segment(now, await organisations.zone(tx)))
