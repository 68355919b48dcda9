"""What the tests of planning stand on: a small territory, one run, and what it proposed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text, update

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.db import Database
from exchange.kernel.journals import OutboxRow
from exchange.placements.models import Placement
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.ports import Solution, SolveRequest
from exchange.planning.run import RunEnd, run_lane
from exchange.planning.solver_process import SolverProcess


@dataclass(frozen=True, slots=True)
class Territory:
    db: Database
    community_id: UUID
    facility_id: UUID

    async def due_now(self) -> None:
        """Let every demand's gathering time be over, and the pause after a failure."""
        async with self.db.write(self.community_id) as tx:
            await tx.execute(
                update(OutboxRow)
                .where(OutboxRow.gather_key.is_not(None), OutboxRow.done_at.is_(None))
                .values(due_at=text("now() - interval '1 second'"))
            )
            await tx.execute(
                update(MatchRun)
                .where(MatchRun.recorded_at.is_not(None))
                .values(
                    started_at=text("started_at - interval '1 hour'"),
                    recorded_at=text("recorded_at - interval '1 hour'"),
                )
            )


async def run(territory: Territory, lane: Lane, solver: object) -> RunEnd:
    outcome = await run_lane(territory.db, territory.community_id, lane, solver, StraightLine())  # type: ignore[arg-type]
    return outcome.end


async def proposals(territory: Territory) -> list[Placement]:
    async with territory.db.read(territory.community_id) as reader:
        return list(await reader.scalars(select(Placement).order_by(Placement.rank, Placement.id)))


@dataclass(slots=True)
class Meanwhile:
    """A real solver during whose work something happens elsewhere."""

    solver: SolverProcess
    happen: Callable[[], Awaitable[object]]

    async def solve(self, request: SolveRequest) -> Solution:
        solution = await self.solver.solve(request)
        await self.happen()
        return solution
