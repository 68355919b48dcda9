"""Explanations from files: why one situation or one need has the answer that a plan gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from exchange.matching.checker import Code, check
from exchange.matching.explain import explain_need, explain_situation
from exchange.matching.explanation import (
    ChosenVolunteer,
    FacilityVerdicts,
    Gap,
    NearMiss,
    NeedExplained,
    Opened,
    Opening,
    Reason,
    RunnerUp,
    SituationExplained,
    Usefulness,
    Verdict,
)
from exchange.matching.files import problem_from_json, problem_to_json
from exchange.matching.json_values import plain, read_document
from exchange.matching.plan_files import plan_from_json
from exchange.matching.problem import LoanLine, PlacementLine
from exchange.matching.standing import Standing, standing_of
from exchange.matching.ways import Change, Way
from exchange.planning.replay import plan_document

__all__ = [
    "Change",
    "ChosenVolunteer",
    "ExplainedFile",
    "FacilityVerdicts",
    "Gap",
    "NearMiss",
    "NeedExplained",
    "NotExplained",
    "Opening",
    "Reason",
    "RunnerUp",
    "SituationExplained",
    "Usefulness",
    "Verdict",
    "Way",
    "document_of",
    "explain_need_of_files",
    "explain_situation_of_files",
    "parameters_of",
]

EXPLANATION_FORMAT = "entraide-explanation/1"

Explained = TypeVar("Explained", SituationExplained, NeedExplained)


class NotExplained(ValueError):
    """The plan or the id cannot be explained; the text is one French sentence."""


@dataclass(frozen=True, slots=True)
class ExplainedFile(Generic[Explained]):
    """The explanation, the problem that it is about, and the date of its first segment (ISO)."""

    problem: str
    horizon_start: str
    explained: Explained


def explain_situation_of_files(problem: Path, plan: Path, situation: str) -> ExplainedFile[SituationExplained]:
    """Raises `FileRefused`, `ProblemInvalid`, or `NotExplained` (plan of another problem, unlawful, id unknown)."""
    return _explained(problem, plan, explain_situation, situation, "Aucune situation")


def explain_need_of_files(problem: Path, plan: Path, need: str) -> ExplainedFile[NeedExplained]:
    """Raises `FileRefused`, `ProblemInvalid`, or `NotExplained` (plan of another problem, unlawful, id unknown)."""
    return _explained(problem, plan, explain_need, need, "Aucun besoin de renfort")


def document_of(explained: ExplainedFile[SituationExplained] | ExplainedFile[NeedExplained]) -> dict[str, object]:
    """The explanation as JSON values: typed codes with their parameters; what is empty is left out."""
    kind = "situation" if isinstance(explained.explained, SituationExplained) else "need"
    told = _without_empty(plain(explained.explained))
    return {"format": EXPLANATION_FORMAT, "problem": explained.problem, "kind": kind, "explanation": told}


def parameters_of(part: Reason | Change | Opened | RunnerUp | Way | LoanLine | PlacementLine) -> dict[str, object]:
    """A code with its parameters, or the lines of an answer, as `exchange.wording` reads them."""
    values = plain(part)
    return dict(values) if isinstance(values, dict) else {}


def _explained(
    problem_path: Path,
    plan_path: Path,
    explain: Callable[[Standing, str], Explained | None],
    name: str,
    nothing: str,
) -> ExplainedFile[Explained]:
    problem = problem_from_json(read_document(problem_path))
    document = plan_document(plan_path)
    breaches = check(problem_to_json(problem), document)
    if any(breach.code is Code.OTHER_PROBLEM for breach in breaches):
        raise NotExplained(f"Ce plan répond à « {document['problem']} », pas à « {problem.id} ».")
    if breaches:
        codes = ", ".join(sorted({breach.code.value for breach in breaches}))
        raise NotExplained(f"Ce plan enfreint des règles ({codes}) : la commande check les détaille.")
    explained = explain(standing_of(problem, plan_from_json(document)), name)
    if explained is None:
        raise NotExplained(f"{nothing} « {name} » dans ce problème.")
    return ExplainedFile(problem.id, problem.horizon_start, explained)


def _without_empty(value: object) -> object:
    if isinstance(value, dict):
        told = {key: _without_empty(part) for key, part in value.items()}
        return {key: part for key, part in told.items() if part is not None and part != []}
    return [_without_empty(part) for part in value] if isinstance(value, list) else value
