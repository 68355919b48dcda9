"""What planning asks of the outside: somebody to solve a problem without holding the event loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from exchange.matching.limits import Limits
from exchange.matching.plan import Plan
from exchange.matching.problem import PlacementLine, Problem


@dataclass(frozen=True, slots=True)
class SolveRequest:
    """One problem and how long it may take.

    The first `promised_loans` and `promised_placements` lines of `problem.frozen` are promises made to people; the
    others are open proposals that this run leaves alone as long as they stay lawful. `kill_after_seconds` is the wall
    clock at which the child is killed, whatever it is doing. `niceness`: as the kernel counts it, 0 to 19.
    `memory_bytes`: the address space of the solve, the loaded libraries included; a department peaked at a third of a
    gigabyte. `items_with_ways`: the unmet items, the heaviest first, for which the plan also tells what would suffice.
    """

    problem: Problem
    limits: Limits
    promised_loans: int
    promised_placements: int
    kill_after_seconds: float
    niceness: int = 0
    memory_bytes: int = 2 * 1024**3
    items_with_ways: int = 0


@dataclass(frozen=True, slots=True)
class Solution:
    """A checked plan, its document, and the next best offers of each block.

    `loosened_document`: the problem really solved, where promises that today's rules would refuse were taken off what
    was sent.
    `backups`: rank (2 or 3) and line, for blocks that some other offer could serve with what the plan leaves free.
    """

    plan: Plan
    loosened_document: Mapping[str, object] | None
    plan_document: Mapping[str, object]
    backups: tuple[tuple[int, PlacementLine], ...]


class SolverStopped(Exception):
    """No plan came back. `code`: `wall-cap`, `memory`, `crashed`, `unlawful-plan`, `refused: <key>`, `unreachable`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Solver(Protocol):
    """A plan for a problem, computed elsewhere. Raises `SolverStopped`."""

    async def solve(self, request: SolveRequest) -> Solution: ...
