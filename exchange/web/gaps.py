"""Why nothing was found, and what would suffice: the last run's reasons, by the dates that share them, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange.placements.queries import AnswerView
from exchange.placements.rules import CLAIMING, PlacementState
from exchange.planning.unmet import Obstacle, Shortfall, Unmet
from exchange.situations.queries import SituationView
from exchange.staffing.queries import NeedView, ShiftView
from exchange.wording.reasons import obstacle_sentence, unlock_sentence


@dataclass(frozen=True, slots=True)
class Sufficient:
    """What would suffice for these dates, or shifts: any one of `sentences`, the least asked first."""

    segments: tuple[int, ...]
    shifts: tuple[ShiftView, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Dates of a situation, or shifts of a need, that the same obstacles leave without an answer."""

    segments: tuple[int, ...]
    shifts: tuple[ShiftView, ...]
    missing: int
    obstacles: tuple[str, ...]
    unlocks: tuple[str, ...]
    sufficient: tuple[Sufficient, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What was searched for in vain, and when; `tells_ways` as in `Unmet`."""

    searched_at: datetime
    gaps: tuple[Gap, ...]
    tells_ways: bool


@dataclass(frozen=True, slots=True)
class _Short:
    """One shortfall, with the dates or the shift that it is about."""

    segments: tuple[int, ...]
    shifts: tuple[ShiftView, ...]
    missing: int
    shortfall: Shortfall


def gaps_of_situation(situation: SituationView, answers: Iterable[AnswerView], unmet: Unmet | None) -> Gaps | None:
    """Return what is still without any proposal or promise; nothing where no run has looked, or nothing is missing."""
    live = {PlacementState.PROPOSED, *CLAIMING}
    served = {
        segment
        for answer in answers
        for placement in answer.placements
        if placement.state in live
        for segment in placement.segments
    }
    wanted = {block.id: tuple(one for one in block.segments if one not in served) for block in situation.blocks}
    return _gaps(
        unmet, lambda one: _Short(segments, (), len(segments), one) if (segments := wanted.get(one.id)) else None
    )


def gaps_of_need(need: NeedView, unmet: Unmet | None) -> Gaps | None:
    """Return the shifts that still miss people and for which the last run found nobody."""
    wanted = {shift.id: shift for shift in need.shifts if shift.seats_agreed < shift.headcount}
    return _gaps(unmet, lambda one: _Short((), (shift,), one.missing, one) if (shift := wanted.get(one.id)) else None)


def _gaps(unmet: Unmet | None, short_of: Callable[[Shortfall], _Short | None]) -> Gaps | None:
    if unmet is None:
        return None
    grouped: dict[tuple[Obstacle, ...], list[_Short]] = {}
    for shortfall in unmet.shortfalls:
        if (short := short_of(shortfall)) is not None:
            grouped.setdefault(shortfall.obstacles, []).append(short)
    gaps = tuple(_gap(obstacles, shorts) for obstacles, shorts in grouped.items())
    return Gaps(unmet.searched_at, gaps, unmet.tells_ways) if gaps else None


def _gap(obstacles: tuple[Obstacle, ...], shorts: list[_Short]) -> Gap:
    segments, shifts = _of(shorts)
    unlocks = (unlock_sentence(each.code, each.count) for each in obstacles)
    return Gap(
        segments=segments,
        shifts=shifts,
        missing=sum(short.missing for short in shorts),
        obstacles=tuple(obstacle_sentence(each.code, each.count) for each in obstacles),
        unlocks=tuple(sentence for sentence in unlocks if sentence is not None),
        sufficient=_sufficient(shorts),
    )


def _sufficient(shorts: list[_Short]) -> tuple[Sufficient, ...]:
    """What suffices, in the same words, for several dates is told once for all of them."""
    alike: dict[tuple[str, ...], list[_Short]] = {}
    for short in shorts:
        if sentences := tuple(dict.fromkeys(way.sentence for way in short.shortfall.ways)):
            alike.setdefault(sentences, []).append(short)
    return tuple(Sufficient(*_of(of_it), sentences) for sentences, of_it in alike.items())


def _of(shorts: list[_Short]) -> tuple[tuple[int, ...], tuple[ShiftView, ...]]:
    segments = sorted(segment for short in shorts for segment in short.segments)
    return tuple(segments), tuple(shift for short in shorts for shift in short.shifts)
