"""The plan of a problem, exactly as the file format `entraide-plan/1` states it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exchange.matching.problem import LoanLine, PlacementLine
from exchange.matching.ways import Way


class PlanStatus(StrEnum):
    PROVEN = "proven"
    WITHIN_GAP = "within_gap"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True, order=True)
class Levels:
    """Critical before other, strictly; burden last. As `bounds`: no lawful plan does better, level by level."""

    critical: int
    other: int
    burden: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many candidates (volunteers of a seat, offers of a block) are held back first by the reason `code`."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class UnmetBlock:
    """A block that no offer serves; `missing` counts its segments."""

    situation: str
    block: str
    missing: int
    reasons: tuple[ReasonCount, ...]
    relaxations: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class UnmetShift:
    """A shift short of people; `missing` counts its empty seats."""

    need: str
    shift: str
    missing: int
    reasons: tuple[ReasonCount, ...]
    relaxations: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlock:
    """A covered shift without which some places used by the plan would close; `situations` counts who is there."""

    need: str
    shift: str
    offer: str
    segments: tuple[int, ...]
    situations: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a solve, by name, and what it took; several parts may share a name."""

    name: str
    seconds: float
    deterministic_time: float


@dataclass(frozen=True, slots=True)
class SolverInfo:
    """What replays the run; a run whose wall cap fired is not reproducible. `stages`: in the order they ran."""

    name: str
    version: str
    seed: int
    workers: int
    deterministic_limit: float
    deterministic_time: float
    wall_limit_seconds: float
    wall_seconds: float
    wall_cap_reached: bool
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines sorted by id; `digest` names them alone, so two runs that propose the same share it."""

    problem: str
    status: PlanStatus
    loans: tuple[LoanLine, ...]
    placements: tuple[PlacementLine, ...]
    levels: Levels
    bounds: Levels
    unmet: tuple[UnmetBlock | UnmetShift, ...]
    unlocks: tuple[Unlock, ...]
    solver: SolverInfo
    digest: str


def digest_of(loans: Iterable[LoanLine], placements: Iterable[PlacementLine]) -> str:
    """SHA-256, in hexadecimal, of the compact UTF-8 JSON of both sorted lists."""
    document = {
        "loans": sorted([line.volunteer, line.shift] for line in loans),
        "placements": sorted(
            [line.situation, line.block, line.offer, *([list(line.segments)] if line.segments else [])]
            for line in placements
        ),
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
