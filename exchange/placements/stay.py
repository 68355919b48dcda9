"""The dates of a stay: from when a person may arrive, and from when they may leave."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import Half, current_segment, date_of, half_of
from exchange.organisations import queries as organisations
from exchange.placements.errors import ArrivalTooEarly, ExitBeforeStayEnds
from exchange.placements.locks import Locked, segments_of


def first_exit(segments: Collection[int]) -> date:
    """Return the first date on which whoever is hosted for these segments may leave.

    The day after the last night, or the last day itself where the stay ends by a day.
    """
    last = max(segments)
    return date_of(last) + timedelta(days=half_of(last) is Half.NIGHT)


async def require_begun(tx: AsyncSession, locked: Locked, now: datetime) -> None:
    """Raise `ArrivalTooEarly` before the date of the first segment, whose morning starts at 8 o'clock."""
    first_on = date_of(min(await _claimed(tx, locked)))
    if await _running_date(tx, now) < first_on:
        raise ArrivalTooEarly(first_on=first_on.isoformat(), first_day=f"{first_on:%d/%m/%Y}")


async def require_exit_date(tx: AsyncSession, locked: Locked, exit_on: date, now: datetime) -> None:
    """Raise `ExitBeforeStayEnds` or `InvalidValue` (field `exit_on`) where an exit date cannot be this stay's."""
    claimed = await _claimed(tx, locked)
    earliest, arrival_on = first_exit(claimed), max(await _running_date(tx, now), date_of(min(claimed)))
    if exit_on < earliest:
        raise ExitBeforeStayEnds(field="exit_on", earliest_on=earliest.isoformat(), earliest_day=f"{earliest:%d/%m/%Y}")
    if exit_on < arrival_on:
        raise InvalidValue(field="exit_on", rule="in-the-past")
    most = locked.offer.max_stay_nights
    if most is not None and exit_on > arrival_on + timedelta(days=most):
        raise InvalidValue(field="exit_on", rule="too-far", most=most)


async def _claimed(tx: AsyncSession, locked: Locked) -> frozenset[int]:
    placement_id = locked.placement.id
    return (await segments_of(tx, (placement_id,)))[placement_id]


async def _running_date(tx: AsyncSession, now: datetime) -> date:
    """The date of the segment that runs: before 8 o'clock the night still bears the evening's."""
    return date_of(current_segment(now, await organisations.zone(tx)))
