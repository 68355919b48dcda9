"""What each volunteer worked in the weeks before the horizon: an average over weeks looks back that far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.periods import local_instant


def weeks_looked_at(sets: Iterable[Mapping[str, int]]) -> int:
    """Return how many weeks before the horizon the longest average of these rule sets may count."""
    return max((amounts.get("average_weeks", 1) for amounts in sets), default=1) - 1


async def past_week_minutes(
    reader: AsyncSession, zone: ZoneInfo, monday: date, weeks: int
) -> dict[UUID, tuple[int, ...]]:
    """Return, by volunteer who worked then, the minutes of each of the `weeks` weeks before `monday`, latest last.

    Own shifts less what the employer released, and loans; a shift counts in the week in which it starts.
    """
    if not weeks:
        return {}
    starts = [local_instant(monday - timedelta(weeks=ago), time(0), zone) for ago in range(weeks, -1, -1)]
    rows = await reader.execute(_WORKED, {"starts": starts, "since": starts[0], "until": starts[-1]})
    found: dict[UUID, list[int]] = defaultdict(lambda: [0] * weeks)
    for volunteer_id, week, minutes in rows:
        found[volunteer_id][week - 1] = minutes
    return {volunteer_id: tuple(minutes) for volunteer_id, minutes in found.items()}


# Counted by the database: a quarter of everybody's shifts would otherwise cross the wire at each run.
_WORKED = text(
    """
    WITH worked AS (
      SELECT volunteer_id, lower(slot) AS starts_at, upper(slot) - lower(slot) AS lasts
      FROM volunteer_times
      WHERE kind = 'own_shift' AND slot && tstzrange(:since, :until)
      UNION ALL
      SELECT own.volunteer_id, lower(own.slot), lower(own.slot * freed.slot) - upper(own.slot * freed.slot)
      FROM volunteer_times AS freed JOIN volunteer_times AS own
        ON own.volunteer_id = freed.volunteer_id AND own.kind = 'own_shift' AND own.slot && freed.slot
      WHERE freed.kind = 'released' AND own.slot && tstzrange(:since, :until)
      UNION ALL
      SELECT loan_shifts.volunteer_id, lower(shifts.slot), upper(shifts.slot) - lower(shifts.slot)
      FROM loan_shifts JOIN shifts ON shifts.id = loan_shifts.shift_id
      WHERE loan_shifts.binding AND shifts.slot && tstzrange(:since, :until)
    )
    SELECT volunteer_id, width_bucket(starts_at, CAST(:starts AS timestamptz[])) AS week,
           (extract(epoch FROM sum(lasts)) / 60)::int AS minutes
    FROM worked WHERE starts_at >= :since GROUP BY 1, 2
    """
)
