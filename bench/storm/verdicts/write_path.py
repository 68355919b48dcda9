"""The write path: nothing refused, and 95 of 100 answers in time, from the instant at which they were due."""

from __future__ import annotations

from bench.storm.verdicts.reading import History, Judgement, Operation

MOST_P95_MS = 60.0
ACTS = ("receive", "publish", "reconfirm", "hold", "accept", "refuse")


def judge(history: History) -> Judgement:
    asked = history.acts(*ACTS, turn=1)
    faults = [
        f"Opération {one.op}, {one.act} : {one.status} {one.code}." for one in asked if one.outcome != "ok"
    ]  # fmt: skip
    wanted = history.size["per_second"] * history.size["seconds"]
    if len(asked) != wanted:
        faults.append(f"{len(asked)} demandes au lieu de {wanted}.")
    stored = max(history.measured("situations"), default=0)
    if stored < history.size["situations"]:
        faults.append(f"{stored} situations en base au lieu de {history.size['situations']}.")
    times = sorted(_milliseconds(one) for one in asked)
    p95 = _at(times, 0.95)
    if history.is_timed and p95 >= MOST_P95_MS:
        faults.append(f"95 % en {p95:.0f} ms.")
    parts = [f"p95 {p95:.0f} ms (médiane {_at(times, 0.5):.0f}, p99 {_at(times, 0.99):.0f})"]
    by_act = {act: sorted(_milliseconds(one) for one in asked if one.act == act) for act in ACTS}
    parts += [f"{act} {_at(of_act, 0.95):.0f}" for act, of_act in by_act.items() if of_act]
    for measure in history.measures:
        if measure.name.startswith("processor_ms_"):
            each = measure.value / max(1, len(asked))
            parts.append(f"processeur {measure.name.removeprefix('processor_ms_')} {each:.1f} ms par demande")
    return Judgement(", ".join(parts), tuple(faults))


def _milliseconds(one: Operation) -> float:
    """From due to answered; without an answer, for ever."""
    due: int = one.asked["due_us"]
    return float("inf") if one.finished_at_us is None else (one.finished_at_us - due) / 1000


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(share * len(times)))] if times else float("inf")
