"""Every model that a solve hands to CP-SAT, kept as it was given, with the parameters and the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from ortools.sat.python import cp_model


@dataclass(frozen=True)
class Handed:
    """`model` and `parameters` are those of OR-Tools; `objective` is the solver's own, `None` without a point."""

    model: Any
    parameters: Any
    objective: float | None
    solution: tuple[int, ...]


@contextmanager
def recorded() -> Iterator[list[Handed]]:
    """The library's solver, which still solves, and tells what it was given."""
    handed: list[Handed] = []

    class Recorder(cp_model.CpSolver):
        def solve(self, model: Any, *rest: Any) -> Any:
            status = super().solve(model, *rest)
            has_point = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
            handed.append(
                Handed(
                    model=model.proto,
                    parameters=self.parameters,
                    objective=self.objective_value if has_point else None,
                    solution=tuple(self.response_proto.solution) if has_point else (),
                )
            )
            return status

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cp_model, "CpSolver", Recorder)
        yield handed
