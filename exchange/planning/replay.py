"""Runs of the matcher from files: anyone can replay a recorded run, attach it to a report, or judge another plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exchange import matching
from exchange.matching import FileRefused, Limits, ProblemInvalid
from exchange.matching.checker import Violation, check
from exchange.matching.files import problem_from_json, problem_to_json, read_problem
from exchange.matching.json_values import read_document, write_document
from exchange.matching.plan import Levels, PlanStatus
from exchange.matching.plan_files import plan_from_json, write_plan


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What a person wants to know of a plan before opening it; `replayable` is false where the wall cap fired."""

    problem: str
    status: PlanStatus
    loans: int
    placements: int
    unmet: int
    levels: Levels
    bounds: Levels
    digest: str
    wall_seconds: float
    replayable: bool


PROBLEM_FILE = "problem.json"
PLAN_FILE = "plan.json"


@dataclass(frozen=True, slots=True)
class Replay:
    """The digests of a recorded plan and of its replay. `was_cut`: the recorded search had met its wall cap."""

    recorded: str
    replayed: str
    was_cut: bool

    @property
    def is_the_same(self) -> bool:
        return self.recorded == self.replayed


def write_run(directory: Path, problem: Mapping[str, object], plan: Mapping[str, object]) -> tuple[Path, Path]:
    """Write the two files of a run into a directory, made where absent; return their paths. Raises `FileRefused`."""
    paths = directory / PROBLEM_FILE, directory / PLAN_FILE
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileRefused(directory.name, f"le dossier ne se crée pas ({error.strerror})") from error
    for path, document in zip(paths, (problem, plan), strict=True):
        write_document(path, document)
    return paths


def replay_run(directory: Path) -> Replay:
    """Solve the problem of an exported run again, under the limits that its plan states, and compare.

    The wall cap is not taken over: it cuts a search where the machine is slow, and a replay has time. Raises
    `FileRefused`, `ProblemInvalid`, `UnlawfulPlan`.
    """
    recorded = plan_from_json(read_document(directory / PLAN_FILE))
    info = recorded.solver
    usual = Limits()
    limits = Limits(info.deterministic_limit, max(usual.wall_seconds, info.wall_limit_seconds), info.seed, info.workers)
    replayed = matching.solve(read_problem(directory / PROBLEM_FILE), limits)
    return Replay(recorded.digest, replayed.digest, info.wall_cap_reached)


def match_file(problem_path: Path, out_path: Path, limits: Limits | None = None) -> PlanSummary:
    """Solve a problem file and write the plan, with the ways of its heaviest unmet items.

    Raises `FileRefused` (unreadable, unwritable), `ProblemInvalid` (its message names the key and the rule), or
    `UnlawfulPlan` (a defect of the solver; nothing is written).
    """
    # Those who only judge a plan do without the solver's memory.
    from exchange.matching.plan_ways import with_ways
    from exchange.matching.standing import standing_of

    problem = read_problem(problem_path)
    plan = matching.solve(problem, limits)
    write_plan(out_path, with_ways(plan, standing_of(problem, plan)))
    return PlanSummary(
        problem=plan.problem,
        status=plan.status,
        loans=len(plan.loans),
        placements=len(plan.placements),
        unmet=len(plan.unmet),
        levels=plan.levels,
        bounds=plan.bounds,
        digest=plan.digest,
        wall_seconds=plan.solver.wall_seconds,
        replayable=not plan.solver.wall_cap_reached,
    )


def check_files(problem_path: Path, plan_path: Path) -> list[Violation]:
    """Every rule that a plan file breaks, empty for a lawful plan.

    The problem must be valid, else `ProblemInvalid`; a file that is not JSON raises `FileRefused`.
    """
    problem = problem_to_json(problem_from_json(read_document(problem_path)))
    return check(problem, plan_document(plan_path))


def plan_document(path: Path) -> dict[str, object]:
    """The JSON object of a plan file, not yet judged; raises `FileRefused`, or `ProblemInvalid` for anything else."""
    plan = read_document(path)
    if not isinstance(plan, dict):
        raise ProblemInvalid("(racine)", "un plan est un objet JSON")
    return plan
