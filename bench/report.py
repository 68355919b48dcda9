"""The numbers behind the table, as JSON, with what is needed to compare two runs."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from bench.contest import Arena
from bench.figures import Figure
from exchange.matching.json_values import write_document


def write_numbers(
    path: Path, ground: Iterable[Arena], figures: Iterable[Figure], points: Iterable[tuple[int, float]]
) -> None:
    """Write every figure, every run and the machine they come from."""
    write_document(
        path,
        {
            "format": "entraide-bench/1",
            "machine": {
                "cores": os.cpu_count(),
                "python": platform.python_version(),
                **{name: version(name) for name in ("ortools", "highspy", "numpy")},
            },
            "figures": [
                {
                    "name": figure.name,
                    "value": figure.value,
                    "threshold": figure.threshold,
                    "sense": figure.sense.value,
                    "unit": figure.unit,
                    "verdict": figure.verdict.value,
                    "note": figure.note,
                }
                for figure in figures
            ],
            "scaling": [{"bassins": count, "seconds": seconds} for count, seconds in points],
            "territories": [_territory(place) for place in ground],
        },
    )


def _territory(place: Arena) -> dict[str, object]:
    return {
        "name": place.name,
        "failures": place.failures,
        "highs": [
            {"seconds": peer.seconds, "peak_mb": peer.peak_mb, "optimum": list(peer.optimum or ())}
            for peer in place.peers
        ],
        "runs": [
            {
                "contender": contender.name.lower(),
                "seconds": run.seconds,
                "peak_mb": run.peak_mb,
                "levels": [run.judgement.critical, run.judgement.other, run.judgement.burden],
                "bounds": run.plan.get("bounds"),
                "proven": run.proven,
                "breaches": list(run.breaches),
                "stages": run.stages,
                "digest": run.plan.get("digest"),
            }
            for contender, runs in place.runs.items()
            for run in runs
        ],
    }
