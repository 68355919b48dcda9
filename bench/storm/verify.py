"""The separate verifier: `python -m bench.storm.verify FILE…` reads histories and recomputes every verdict.

Standard library alone, and nothing of the product nor of the players: it would find a fault that they share. Status 1
where a figure fails, 2 where a file is no history.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bench.storm.verdicts import (
    block_sets,
    clocks,
    consent,
    crashes,
    crowds,
    give_way,
    last_place,
    machine,
    nights,
    not_theirs,
    same_key,
    silent_bell,
    too_late,
    week,
    write_path,
)
from bench.storm.verdicts.reading import History, Judgement, Unreadable, read_history

JUDGES: Final[Mapping[str, Callable[[History], Judgement]]] = {
    "F1": last_place.judge,
    "F2": block_sets.judge,
    "F3": crowds.judge,
    "F4": same_key.judge,
    "F5": machine.judge,
    "F6": too_late.judge,
    "F7": nights.judge,
    "F13": not_theirs.judge,
    "F14": consent.judge,
    "F20": silent_bell.judge,
    "F24": clocks.judge,
    "F25": crashes.judge,
    "retry": give_way.judge,
    "week": week.judge,
    "write-path": write_path.judge,
}


def judge(history: History) -> Judgement:
    """Judge one history; without an end it fails, whatever it tells."""
    found = JUDGES[history.figure](history) if history.figure in JUDGES else None
    if found is None:
        return Judgement("", (f"Aucun juge ne connaît la figure {history.figure}.",))
    if not history.is_whole:
        return Judgement(found.measured, ("La figure n’a pas été jouée jusqu’au bout.", *found.faults))
    return found


def main(paths: list[str]) -> int:
    failed = 0
    for path in paths:
        try:
            history = read_history(Path(path))
        except (Unreadable, OSError, KeyError, ValueError) as error:
            sys.stdout.write(f"{path} : illisible ({error})\n")
            return 2
        found = judge(history)
        verdict = "FAIL" if found.faults else "PASS"
        sys.stdout.write(f"{history.figure}\tgraine {history.seed}\t{found.measured}\t{verdict}\n")
        for fault in found.faults:
            sys.stdout.write(f"  {fault}\n")
        failed |= bool(found.faults)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
