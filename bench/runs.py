"""One contender on one territory, once: what it found, judged by both judges, and what it cost."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from bench.evaluator import Judgement, Placed, judge
from bench.processes import run_job
from bench.territory import Json
from exchange.matching.checker import check
from exchange.matching.json_values import read_document

# What a naive model is given, and what our full proof is compared with.
NAIVE_SECONDS = 10.0
# Above every contender's own limit: only a process that hangs meets it.
DEADLINE_SECONDS = 150.0


class Contender(Enum):
    """Who takes part, in the order of their turn."""

    OURS = "notre calcul"
    CALLS = "téléphone, ordre d'appel"
    URGENCY = "téléphone, par urgence"
    NAIVE = "CP-SAT naïf"


@dataclass(frozen=True, slots=True)
class Run:
    """Levels are those of the second judge; `breaches` those of both; `stages` seconds by name, where told."""

    contender: Contender
    seconds: float
    peak_mb: float
    judgement: Judgement
    breaches: tuple[str, ...]
    proven: bool
    plan: Json = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def coverage(self) -> tuple[int, int]:
        return self.judgement.critical, self.judgement.other

    @property
    def coverage_is_proven(self) -> bool:
        bounds = self.plan.get("bounds", {})
        return (bounds.get("critical"), bounds.get("other")) == self.coverage

    @property
    def burden_gap_percent(self) -> float:
        """How far the burden may still be from the best, as a share of itself."""
        bound: int = self.plan["bounds"]["burden"]
        return 100 * (self.judgement.burden - bound) / max(self.judgement.burden, 1)


def run_contender(contender: Contender, path: Path, naive_seconds: float = NAIVE_SECONDS) -> Run:
    """Run one contender on a problem file in a process of its own, and judge it; raises `JobFailed`."""
    return judged(contender, read_problem_document(path), _answer(contender, path, naive_seconds))


def _answer(contender: Contender, path: Path, naive_seconds: float) -> dict[str, Any]:
    match contender:
        case Contender.OURS:
            return run_job("ours", DEADLINE_SECONDS, problem=str(path))
        case Contender.CALLS:
            return run_job("chain", DEADLINE_SECONDS, problem=str(path), order="created")
        case Contender.URGENCY:
            return run_job("chain", DEADLINE_SECONDS, problem=str(path), order="urgency")
        case Contender.NAIVE:
            return run_job("naive", DEADLINE_SECONDS, problem=str(path), wall_seconds=naive_seconds)


def _placed(line: Json) -> Placed:
    """A line of a plan as the second judge reads it, the segments last where it serves a part of a block."""
    return line["situation"], line["block"], line["offer"], *line.get("segments", ())


def judged(contender: Contender, problem: Json, answer: dict[str, Any]) -> Run:
    """The answer of a job as a run; what our plan says of itself is held against the second judge too."""
    plan: Json = answer.get("plan", {})
    if plan:
        loans = [(line["volunteer"], line["shift"]) for line in plan["loans"]]
        placements = [_placed(line) for line in plan["placements"]]
    else:
        loans = [(who, shift) for who, shift in answer["loans"]]
        placements = [(who, block, offer) for who, block, offer in answer["placements"]]
    judgement = judge(problem, loans, placements)
    breaches = list(judgement.breaches)
    if plan:
        breaches += [f"{violation.code.value}:{violation.key}" for violation in check(problem, plan)]
        told = tuple(plan["levels"][level] for level in ("critical", "other", "burden"))
        counted = (judgement.critical, judgement.other, judgement.burden)
        breaches += [f"levels:{told}/{counted}"] if told != counted else []
    return Run(
        contender=contender,
        seconds=answer["seconds"],
        peak_mb=answer["peak_mb"],
        judgement=judgement,
        breaches=tuple(breaches),
        proven=plan["status"] == "proven" if plan else answer["proven"],
        plan=plan,
        stages=answer.get("stages", {}),
    )


def read_problem_document(path: Path) -> Json:
    document = read_document(path)
    if not isinstance(document, dict):
        raise ValueError(f"{path.name} : un problème est un objet JSON")
    return document
