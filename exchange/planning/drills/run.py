"""Solving a drill: read, solve on the copy outside any transaction, keep what was found. Nothing else is written."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import select

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.kernel.record import record
from exchange.matching.errors import ProblemInvalid
from exchange.matching.files import problem_to_json
from exchange.matching.limits import Limits
from exchange.planning.drills.copy import Copy, closed_copy
from exchange.planning.drills.events import DrillFailed, DrillSolved
from exchange.planning.drills.followers import following_ground
from exchange.planning.drills.models import ClosingDrill, asked_of
from exchange.planning.drills.result import guests_of, result_of
from exchange.planning.drills.terms import AskDrill
from exchange.planning.drills.told import Result
from exchange.planning.lanes import Lane
from exchange.planning.load_ground import load_ground
from exchange.planning.ports import Solver, SolveRequest, SolverStopped
from exchange.planning.reasons import persons_resting_on
from exchange.planning.snapshot import snapshot_of
from exchange.reference.ports import TravelMatrix, TravelTimes
from exchange.situations.models import Situation

LIMITS = Limits(deterministic_time=2.0, wall_seconds=3.0)
KILL_AFTER_SECONDS = 5.0
"""Two solves within the time that a job is given."""

_log = structlog.get_logger(__name__)


async def run_drill(db: Database, community_id: UUID, drill_id: UUID, solver: Solver, travel: TravelTimes) -> bool:
    """Solve a drill that was asked, and keep its result; tell whether this call did. Repeatable.

    A solver that stops, or a problem that it refuses, leaves the drill failed with its code.
    """
    async with db.read(community_id, repeatable=True) as reader:
        drill = await reader.get(ClosingDrill, drill_id)
        if drill is None or drill.state != "asked":
            return False
        asked = asked_of(drill)
        ground = await load_ground(reader, community_id)
        rows = await reader.execute(select(Situation.id, Situation.legal_status).where(Situation.state != "closed"))
        legal_statuses = {row.id: row.legal_status for row in rows}
    matrix = await travel.minutes_between(ground.places, ground.places, ground.at)
    copy = closed_copy(ground, asked, drill_id, legal_statuses)
    try:
        digest, result = await _solved(copy, asked, drill_id, matrix, solver)
    except SolverStopped as stopped:
        return await _keep(db, community_id, drill_id, None, stopped.code)
    except ProblemInvalid as refusal:
        return await _keep(db, community_id, drill_id, None, f"refused: {refusal.key}")
    return await _keep(db, community_id, drill_id, (digest, result), None)


async def _solved(
    copy: Copy, asked: AskDrill, drill_id: UUID, matrix: TravelMatrix, solver: Solver
) -> tuple[str, Result]:
    """Place the residents, then send the staff where they go."""
    snapshot = snapshot_of(copy.ground, matrix, Lane.FAST, drill_id)
    digest = sha256(msgspec.json.encode(problem_to_json(snapshot.request.problem), order="sorted")).hexdigest()
    plan = (await solver.solve(_hurried(snapshot.request))).plan
    guests = guests_of(snapshot, copy, plan)
    guests.pop(asked.facility_id, None)
    residents = {str(one.situation.id) for one in copy.residents}
    if not guests:
        return digest, result_of(snapshot, copy, asked, plan, None)
    resting = {shift for shift, people in persons_resting_on(snapshot, plan).items() if people & residents}
    staff_ground = following_ground(copy.ground, asked, drill_id, plan, guests, resting)
    staff = snapshot_of(staff_ground, matrix, Lane.FAST, drill_id)
    staff_plan = (await solver.solve(_hurried(staff.request))).plan
    return digest, result_of(snapshot, copy, asked, plan, (staff, staff_plan))


def _hurried(request: SolveRequest) -> SolveRequest:
    return replace(request, limits=LIMITS, kill_after_seconds=KILL_AFTER_SECONDS, items_with_ways=0)


async def _keep(
    db: Database, community_id: UUID, drill_id: UUID, found: tuple[str, Result] | None, failed_with: str | None
) -> bool:
    async with db.write(community_id) as tx:
        drill = (
            await tx.execute(
                select(ClosingDrill)
                .where(ClosingDrill.id == drill_id)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        ).scalar_one()
        if drill.state != "asked":
            return False
        now, actor = now_of(tx), Actor.system(community_id)
        drill.solved_at = now
        if found is None:
            drill.state, drill.failed_with = "failed", failed_with
            await record(tx, actor, DrillFailed(subject_id=drill_id, code=failed_with or ""), now)
            _log.warning("drill_failed", drill=str(drill_id), code=failed_with)
            return True
        digest, result = found
        drill.state, drill.problem_digest, drill.result = "solved", digest, msgspec.to_builtins(result)
        fact = DrillSolved(
            subject_id=drill_id, residents=len(result.residents), unmet=len({one.key for one in result.unmet})
        )
        await record(tx, actor, fact, now)
        return True
