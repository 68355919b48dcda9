"""One process per job, with a deadline and a memory limit: an instance that goes wrong harms nobody."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MOST_MEMORY_MB = 3_000


class JobFailed(RuntimeError):
    """The process ended without an answer; the text is one French sentence."""


def run_job(task: str, deadline_seconds: float, **arguments: object) -> dict[str, Any]:
    """The answer of one task of `bench.jobs` in a fresh process; raises `JobFailed`."""
    job = {"task": task, "memory_mb": MOST_MEMORY_MB, "arguments": arguments}
    return _answer([sys.executable, "-m", "bench.child"], json.dumps(job), deadline_seconds, task)


def run_highs(matrix: Path, solver_seconds: float, deadline_seconds: float) -> dict[str, Any]:
    """HiGHS on a matrix file, killed at its deadline even where it overruns its own limit; raises `JobFailed`."""
    return _answer(
        [sys.executable, "-m", "bench.highs", str(matrix), str(solver_seconds)], "", deadline_seconds, "highs"
    )


def _answer(command: list[str], told: str, deadline_seconds: float, task: str) -> dict[str, Any]:
    try:
        done = subprocess.run(
            command, input=told, capture_output=True, text=True, cwd=ROOT, timeout=deadline_seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise JobFailed(f"{task} : arrêté après {deadline_seconds:.0f} s") from error
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["aucun message"]
        raise JobFailed(f"{task} : le processus a rendu le code {done.returncode} ({last[0]})")
    # The last line: a solver may greet on the first ones.
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
