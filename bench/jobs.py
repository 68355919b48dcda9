"""What a process of the benchmark may be asked to do; every answer is a JSON object, every duration in seconds."""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from bench.naive import solve_naively
from exchange import matching
from exchange.matching.explain import explain_need, explain_situation
from exchange.matching.files import problem_to_json, read_problem
from exchange.matching.generate import SHAPES, generate
from exchange.matching.phone_chain import CallOrder, phone_chain
from exchange.matching.plan import Plan, UnmetBlock, UnmetShift
from exchange.matching.plan_files import plan_from_json, plan_to_json
from exchange.matching.problem import Problem
from exchange.matching.standing import standing_of

Answer = dict[str, Any]

EXPLAINED_ITEMS = 4
BATCH_ITEM_SECONDS = 90.0


def ours(problem: str) -> Answer:
    territory = read_problem(Path(problem))
    started = time.perf_counter()
    plan = matching.solve(territory)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "plan": plan_to_json(plan), "stages": stages_of(plan)}


def stages_of(plan: Plan) -> dict[str, float]:
    """Seconds of each named stage of a solve."""
    seconds: dict[str, float] = {}
    for stage in plan.solver.stages:
        seconds[stage.name] = seconds.get(stage.name, 0.0) + stage.seconds
    return seconds


def chain(problem: str, order: str) -> Answer:
    territory = read_problem(Path(problem))
    started = time.perf_counter()
    lines = phone_chain(territory, CallOrder(order))
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "loans": [[line.volunteer, line.shift] for line in lines.loans],
        "placements": [[line.situation, line.block, line.offer] for line in lines.placements],
        "proven": False,
    }


def naive(problem: str, wall_seconds: float) -> Answer:
    document = problem_to_json(read_problem(Path(problem)))
    started = time.perf_counter()
    answer = solve_naively(document, wall_seconds)
    return {"seconds": time.perf_counter() - started, **asdict(answer)}


def matrix(problem: str, out: str) -> Answer:
    """Write the coverage matrix that our matcher minimises."""
    arrays: dict[str, Any] = {**matching.coverage_matrix_of(read_problem(Path(problem)))}
    np.savez(Path(out), **arrays)
    return {"written": True}


def explain(problem: str, plan: dict[str, Any]) -> Answer:
    """Seconds of the explanation of each of a few items left unmet, needs and situations by turns."""
    territory, told = read_problem(Path(problem)), plan_from_json(plan)
    needs = list(dict.fromkeys(item.need for item in told.unmet if isinstance(item, UnmetShift)))
    situations = list(dict.fromkeys(item.situation for item in told.unmet if isinstance(item, UnmetBlock)))
    seconds = []
    for asked, items in ((explain_need, needs), (explain_situation, situations)):
        for item in items[: EXPLAINED_ITEMS // 2]:
            started = time.perf_counter()
            asked(standing_of(territory, told), item)
            seconds.append(time.perf_counter() - started)
    return {"seconds": seconds}


def batch(seeds: list[int], bassins: int) -> Answer:
    """Solve one generated territory per seed, each in a fork of its own that is killed at its deadline."""
    shape = replace(SHAPES["bassin"], bassins=bassins)
    context = multiprocessing.get_context("fork")
    results = []
    started = time.perf_counter()
    for seed in seeds:
        mine, its = context.Pipe(duplex=False)
        process = context.Process(target=_solve_one, args=(generate(seed, shape), its))
        process.start()
        its.close()
        status, seconds = "killed", BATCH_ITEM_SECONDS
        try:
            if mine.poll(BATCH_ITEM_SECONDS):
                status, seconds = mine.recv()
        except EOFError:
            status = "failed"
        process.kill()
        process.join()
        mine.close()
        results.append({"seed": seed, "status": status, "seconds": seconds})
    return {"results": results, "seconds": time.perf_counter() - started}


def _solve_one(territory: Problem, answer: Connection) -> None:
    plan = matching.solve(territory)
    answer.send((plan.status.value, plan.solver.wall_seconds))


TASKS: dict[str, Callable[..., Answer]] = {
    "ours": ours,
    "chain": chain,
    "naive": naive,
    "matrix": matrix,
    "explain": explain,
    "batch": batch,
}
