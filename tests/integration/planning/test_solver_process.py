"""The solver as a process: killed on time, restarted when it dies, never mixing up two replies."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace

import psutil
import pytest

from exchange.matching import Limits
from exchange.matching.plan_files import plan_from_json
from exchange.matching.problem import (
    Association,
    Block,
    Commune,
    Establishment,
    Lines,
    LoanLine,
    Need,
    Offer,
    Problem,
    Shift,
    Situation,
    Volunteer,
)
from exchange.planning.ports import SolveRequest, SolverStopped
from exchange.planning.solver_child import answer_to
from exchange.planning.solver_process import SolverProcess, running_solver
from exchange.planning.solver_wire import Work, packed

DAYS = 14


def easy(name: str) -> Problem:
    """One person, one place."""
    return Problem(
        id=name,
        horizon_start="2026-11-23",
        days=DAYS,
        bassins=1,
        communes=(Commune("c", 0),),
        travel_min=((5,),),
        associations=(Association("a", 0),),
        establishments=(Establishment("e", "a", 0, "c", False),),
        volunteers=(),
        lend_caps=(),
        needs=(),
        offers=(Offer("o", "e", None, (0, 99), ("p",), (1,) * 2 * DAYS, (0,) * 2 * DAYS, ()),),
        situations=(Situation(f"s-{name}", 30, "p", None, 4, None, "c", 60, (Block("b", (1,)),), (), (), 3),),
    )


def hard() -> Problem:
    """Hundreds of overlapping shifts for people who could hold any of them: far more than a second of work."""
    draw = random.Random(1)
    places = range(20)
    return Problem(
        id="hard",
        horizon_start="2026-11-23",
        days=DAYS,
        bassins=1,
        communes=tuple(Commune(f"c{at}", 0) for at in places),
        travel_min=tuple(tuple(0 if at == to else draw.randint(5, 60) for to in places) for at in places),
        associations=tuple(Association(f"a{at}", draw.randint(-50, 50)) for at in range(8)),
        establishments=tuple(Establishment(f"e{at}", f"a{at % 8}", 0, f"c{at}", False) for at in places),
        volunteers=tuple(
            Volunteer(
                id=f"v{who}",
                association=f"a{who % 8}",
                establishment=f"e{who % 20}",
                commune=f"c{draw.randrange(20)}",
                qualifications=tuple(draw.sample("abcd", 2)),
                bassins=(0,),
                availability=((0, DAYS * 1440),),
                own_shifts=(),
                week_minutes_done=(0, 0),
                max_loan_minutes=2880,
                max_travel_min=60,
                night12h_derogation=True,
                consent=True,
            )
            for who in range(120)
        ),
        lend_caps=(),
        needs=tuple(
            Need(
                f"n{need}",
                f"e{draw.randrange(20)}",
                tuple(draw.sample("abcd", 2)),
                draw.randint(1, 4),
                None,
                False,
                tuple(
                    Shift(f"n{need}s{rank}", start, start + 480, draw.randint(1, 2))
                    for rank in range(8)
                    for start in [draw.randrange(DAYS) * 1440 + draw.choice([420, 840, 1260])]
                ),
            )
            for need in range(40)
        ),
        offers=(),
        situations=(),
    )


def request(problem: Problem, *, kill_after_seconds: float = 20.0, promised_loans: int = 0) -> SolveRequest:
    return SolveRequest(problem, Limits(60.0, 60.0), promised_loans, 0, kill_after_seconds)


async def test_a_solve_is_killed_at_its_wall_cap_and_the_next_one_is_not(solver: SolverProcess) -> None:
    started = time.monotonic()
    with pytest.raises(SolverStopped, match="wall-cap"):
        await solver.solve(request(hard(), kill_after_seconds=0.7))
    assert time.monotonic() - started < 15
    assert (await solver.solve(request(easy("after")))).plan.status == "proven"


async def test_an_easy_problem_does_not_wait_for_a_hard_one(solver: SolverProcess) -> None:
    slow = asyncio.create_task(solver.solve(request(hard(), kill_after_seconds=6.0)))
    await asyncio.sleep(0)
    solution = await solver.solve(request(easy("meanwhile")))
    assert solution.plan.problem == "meanwhile"
    assert not slow.done()
    with pytest.raises(SolverStopped, match="wall-cap"):
        await slow


async def test_a_solve_that_asks_for_more_memory_than_it_may_have_ends_alone(solver: SolverProcess) -> None:
    hungry = replace(request(hard()), memory_bytes=1024**2)
    with pytest.raises(SolverStopped, match=r"memory|crashed"):
        await solver.solve(hungry)
    assert (await solver.solve(request(easy("after")))).plan.status == "proven"


async def test_replies_reach_those_who_asked(solver: SolverProcess) -> None:
    names = [f"p{number}" for number in range(6)]
    solutions = await asyncio.gather(*(solver.solve(request(easy(name))) for name in names))
    assert [solution.plan.problem for solution in solutions] == names
    assert [solution.plan.placements[0].situation for solution in solutions] == [f"s-{name}" for name in names]


async def test_a_child_that_dies_is_told_and_replaced() -> None:
    others = set(psutil.Process().children())
    async with running_solver() as solver:
        await solver.solve(request(easy("first")))
        (child,) = set(psutil.Process().children()) - others
        asking = asyncio.create_task(solver.solve(request(hard())))
        while not child.children():
            await asyncio.sleep(0.01)
        child.kill()
        killed = time.monotonic()
        with pytest.raises(SolverStopped, match="unreachable"):
            await asking
        assert time.monotonic() - killed < 5
        assert (await solver.solve(request(easy("second")))).plan.problem == "second"


async def test_a_problem_that_contradicts_itself_is_refused_with_its_key(solver: SolverProcess) -> None:
    nobody = Lines((LoanLine("v0", "n0s0"),), ())
    problem = hard()
    object.__setattr__(problem, "frozen", nobody)
    object.__setattr__(problem, "volunteers", ())
    with pytest.raises(SolverStopped, match=r"refused: frozen\.loans\[0\]\.volunteer"):
        await solver.solve(request(problem))


@pytest.mark.parametrize(("seconds", "has_ways"), [(20.0, True), (0.0, False)])
def test_what_would_suffice_goes_with_a_plan_and_never_holds_it_back(seconds: float, has_ways: bool) -> None:
    one = easy("two")
    another = replace(one.situations[0], id="other")
    short = replace(one, situations=(*one.situations, another))
    answer = answer_to(
        Work(
            id=1,
            problem=packed(short),
            deterministic_time=1.0,
            wall_seconds=5.0,
            seed=0,
            promised_loans=0,
            promised_placements=0,
            kill_after_seconds=seconds,
            niceness=0,
            memory_bytes=0,
            items_with_ways=10,
        )
    )
    plan = plan_from_json(answer.plan)
    assert len(plan.placements) == 1
    (left,) = plan.unmet
    assert bool(left.relaxations) is has_ways
