"""What a week of places opens on a date, and what a counter changed by hand means. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from exchange.availability.rules import FARTHEST_DATE, MOST_CAPACITY
from exchange.availability.weeks.inputs import ExceptDays, SetWeek, SpanOfDays
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import (
    WEEK_SEGMENTS,
    WEEKS_AHEAD,
    Half,
    Segment,
    current_segment,
    date_of,
    half_of,
    segment_of,
    segments_between,
)
from exchange.reference.answers import StatusReason
from exchange.staffing.values import check_between, code_of


@dataclass(frozen=True, slots=True)
class Week:
    """`capacities`: 14 counts of persons, from Monday's day to Sunday's night, on each date of `first` to `last`.

    Both dates included; no `last` is no end.
    """

    capacities: tuple[int, ...]
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Excepted:
    """What one segment opens instead of its week: `capacity` persons, none where it is closed.

    `reason`: as it was said; none where somebody changed the counter itself.
    """

    capacity: int
    reason: StatusReason | None


@dataclass(frozen=True, slots=True)
class ExceptionRun:
    """The days, the nights, or both, of consecutive dates that differ alike from their week; both dates included."""

    first: date
    last: date
    halves: tuple[Half, ...]
    capacity: int
    reason: StatusReason | None


def check_week(form: SetWeek, now: datetime, zone: ZoneInfo) -> Week:
    """Return the week that a form sets. Raises `InvalidValue` (`capacities`, `last`)."""
    if len(form.capacities) != WEEK_SEGMENTS:
        raise InvalidValue(field="capacities", rule="fourteen")
    for capacity in form.capacities:
        check_between(capacity, 0, MOST_CAPACITY, "capacities")
    if not any(form.capacities):
        raise InvalidValue(field="capacities", rule="some-capacity")
    today = now.astimezone(zone).date()
    if form.last is not None and form.last < form.first:
        raise InvalidValue(field="last", rule="ends-before-start")
    if form.last is not None and form.last < today:
        raise InvalidValue(field="last", rule="in-the-past")
    if form.first > today + FARTHEST_DATE:
        raise InvalidValue(field="first", rule="too-far")
    return Week(tuple(form.capacities), form.first, form.last)


def check_exception(form: ExceptDays, now: datetime, zone: ZoneInfo) -> tuple[frozenset[Segment], Excepted]:
    """Return the segments that a form excepts, and what they open. Raises `InvalidValue`."""
    check_between(form.capacity, 0, MOST_CAPACITY, "capacity")
    reason = code_of(StatusReason, form.reason, "reason")
    return check_span(form.span, now, zone), Excepted(form.capacity, reason)


def check_span(span: SpanOfDays, now: datetime, zone: ZoneInfo) -> frozenset[Segment]:
    """Return the segments of a span that are not over. Raises `InvalidValue` (`halves`, `first`, `last`)."""
    current = current_segment(now, zone)
    if not span.halves:
        raise InvalidValue(field="halves", rule="some-half")
    if span.last < span.first:
        raise InvalidValue(field="last", rule="ends-before-start")
    if span.last > now.astimezone(zone).date() + FARTHEST_DATE:
        raise InvalidValue(field="last", rule="too-far")
    first = max(span.first, date_of(current))
    coming = frozenset(each for each in segments_between(first, span.last, span.halves) if each >= current)
    if not coming:
        raise InvalidValue(field="last", rule="in-the-past")
    return coming


def capacity_of(week: Week, excepted: Mapping[int, Excepted], segment: int) -> int:
    """Return how many persons a segment opens: as its exception says, else as its week says; none outside its dates."""
    if segment in excepted:
        return excepted[segment].capacity
    on = date_of(segment)
    if on < week.first or (week.last is not None and on > week.last):
        return 0
    return week.capacities[segment % WEEK_SEGMENTS]


def coming_segments(now: datetime, zone: ZoneInfo) -> range:
    """Return the segments that a week is unrolled over: from the running one, whole dates, eight weeks ahead."""
    current = current_segment(now, zone)
    return range(current, segment_of(date_of(current) + timedelta(weeks=WEEKS_AHEAD), Half.DAY))


def opened(week: Week, excepted: Mapping[int, Excepted], segments: Iterable[int]) -> dict[int, int]:
    """Return the counters that a week opens among segments, by segment; a segment without place is not opened."""
    wanted = {segment: capacity_of(week, excepted, segment) for segment in segments}
    return {segment: capacity for segment, capacity in wanted.items() if capacity}


def excepted_now(
    week: Week | None, excepted: Mapping[int, Excepted], counters: Mapping[int, int]
) -> dict[int, Excepted]:
    """Return exceptions with what counters say otherwise: somebody changed them, or entered them before any week."""
    by_hand = {
        segment: Excepted(capacity, None)
        for segment, capacity in counters.items()
        if week is None or capacity != capacity_of(week, excepted, segment)
    }
    together = {**excepted, **by_hand}
    return together if week is None else still_excepted(week, together)


def still_excepted(week: Week, excepted: Mapping[int, Excepted]) -> dict[int, Excepted]:
    """Return exceptions without the changes by hand that say what the week now says itself."""
    return {
        segment: each
        for segment, each in excepted.items()
        if each.reason is not None or each.capacity != capacity_of(week, {}, segment)
    }


def runs_of(excepted: Mapping[int, Excepted]) -> tuple[ExceptionRun, ...]:
    """Return exceptions as people say them, by first date: runs of dates that are alike, by day, by night, or both."""
    alike: defaultdict[tuple[date, date, int, StatusReason | None], list[Half]] = defaultdict(list)
    for half in Half:
        segments = [segment for segment in sorted(excepted) if half_of(segment) is half]
        for run in _runs(segments, excepted):
            each = excepted[run[0]]
            alike[date_of(run[0]), date_of(run[-1]), each.capacity, each.reason].append(half)
    return tuple(
        ExceptionRun(first, last, tuple(halves), capacity, reason)
        for (first, last, capacity, reason), halves in sorted(alike.items(), key=lambda item: (item[0][:2], item[1]))
    )


def _runs(segments: Sequence[int], excepted: Mapping[int, Excepted]) -> Iterator[list[int]]:
    if not segments:
        return
    run = [segments[0]]
    for before, after in pairwise(segments):
        if after != before + 2 or excepted[after] != excepted[before]:
            yield run
            run = []
        run.append(after)
    yield run
