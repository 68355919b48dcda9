"""Why nothing was found: the last run's reasons, grouped by the dates that share them, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exchange.placements.queries import AnswerView
from exchange.placements.rules import CLAIMING, PlacementState
from exchange.planning.unmet import Obstacle, Unmet
from exchange.situations.queries import SituationView
from exchange.staffing.queries import NeedView, ShiftView
from exchange.wording.reasons import obstacle_sentence, unlock_sentence


@dataclass(frozen=True, slots=True)
class Gap:
    """Dates of a situation, or shifts of a need, that the same obstacles leave without an answer."""

    segments: tuple[int, ...]
    shifts: tuple[ShiftView, ...]
    missing: int
    obstacles: tuple[str, ...]
    unlocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What was searched for in vain, and when."""

    searched_at: datetime
    gaps: tuple[Gap, ...]


def gaps_of_situation(situation: SituationView, answers: Iterable[AnswerView], unmet: Unmet | None) -> Gaps | None:
    """Return what is still without any proposal or promise; nothing where no run has looked, or nothing is missing."""
    if unmet is None:
        return None
    live = {PlacementState.PROPOSED, *CLAIMING}
    served = {
        block
        for answer in answers
        for placement in answer.placements
        if placement.state in live
        for block in placement.block_ids
    }
    wanted = {block.id: block.segments for block in situation.blocks if block.id not in served}
    grouped: dict[tuple[Obstacle, ...], list[int]] = {}
    for shortfall in unmet.shortfalls:
        if shortfall.id in wanted:
            grouped.setdefault(shortfall.obstacles, []).extend(wanted[shortfall.id])
    gaps = tuple(
        Gap(tuple(sorted(segments)), (), len(segments), *_worded(obstacles)) for obstacles, segments in grouped.items()
    )
    return Gaps(unmet.searched_at, gaps) if gaps else None


def gaps_of_need(need: NeedView, unmet: Unmet | None) -> Gaps | None:
    """Return the shifts that still miss people and for which the last run found nobody."""
    if unmet is None:
        return None
    short: dict[UUID, ShiftView] = {shift.id: shift for shift in need.shifts if shift.seats_agreed < shift.headcount}
    grouped: dict[tuple[Obstacle, ...], list[tuple[ShiftView, int]]] = {}
    for shortfall in unmet.shortfalls:
        if shortfall.id in short:
            grouped.setdefault(shortfall.obstacles, []).append((short[shortfall.id], shortfall.missing))
    gaps = tuple(
        Gap((), tuple(shift for shift, _ in of_it), sum(missing for _, missing in of_it), *_worded(obstacles))
        for obstacles, of_it in grouped.items()
    )
    return Gaps(unmet.searched_at, gaps) if gaps else None


def _worded(obstacles: tuple[Obstacle, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    unlocks = (unlock_sentence(each.code, each.count) for each in obstacles)
    return (
        tuple(obstacle_sentence(each.code, each.count) for each in obstacles),
        tuple(sentence for sentence in unlocks if sentence is not None),
    )
