"""Each outbox row is rung, then taken by one run, then settled once. Standard library alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bench.storm.verdicts.reading import History


def faults(history: History) -> Iterator[str]:
    """Rows taken by two runs at once, or done more than once."""
    turns: defaultdict[str, list[str]] = defaultdict(list)
    jobs = {}
    for row in history.rows("turns"):
        turns[row["row_id"]].append(row["turn"])
        jobs[row["row_id"]] = row["job"]
    for key, told in turns.items():
        before = ""
        for turn in told:
            if turn == "taken" and before != "rung":
                yield f"{jobs[key]} {key} : pris par un passage sans avoir été sonné pour lui ({', '.join(told)})."
                break
            before = turn
        if told.count("done") > 1:
            yield f"{jobs[key]} {key} : fait {told.count('done')} fois."
