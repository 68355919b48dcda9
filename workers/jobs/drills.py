"""Closing drills: solved on a copy, kept, and nothing else."""

from __future__ import annotations

from exchange.planning.drills.run import run_drill
from workers.equipment import Call, Equipment


async def solve(equipment: Equipment, call: Call) -> None:
    """A drill was asked: find out what would become of the residents."""
    await run_drill(equipment.db, call.community_id, call.subject_id, equipment.solver, equipment.travel)
