"""F1: one success a round, every other hold a clean refusal."""

from __future__ import annotations

from bench.storm.verdicts.reading import History, Judgement, Operation

MOST_ROUND_MS = 3_000


def judge(history: History) -> Judgement:
    faults: list[str] = []
    successes, clean, asked = 0, 0, 0
    for turn in range(1, history.size["rounds"] + 1):
        holds = history.acts("hold", turn=turn)
        asked += len(holds)
        won = [one for one in holds if one.outcome == "ok"]
        refused = [one for one in holds if is_clean_refusal(one)]
        successes, clean = successes + len(won), clean + len(refused)
        if len(holds) != history.size["holds"]:
            faults.append(f"Tour {turn} : {len(holds)} demandes au lieu de {history.size['holds']}.")
        if len(won) != 1:
            faults.append(f"Tour {turn} : {len(won)} réussites au lieu d’une.")
        if len(won) + len(refused) != len(holds):
            others = sorted({f"{one.status} {one.code}" for one in holds if one not in won and one not in refused})
            faults.append(f"Tour {turn} : des réponses ne sont ni l’une ni l’autre ({', '.join(others)}).")
        faults += [
            f"Tour {turn}, tranche {row['segment']} : {row['used']} comptées pour {row['claimed']} tenues."
            for row in history.rows(f"after_round_{turn}")
            if not row["used"] == row["claimed"] <= row["capacity"]
        ]
    longest = max(history.measured("round_ms"), default=0)
    deadlocks = sum(history.measured("deadlocks"))
    if deadlocks:
        faults.append(f"{deadlocks} interblocages.")
    if history.is_timed and longest >= MOST_ROUND_MS:
        faults.append(f"Un tour a duré {longest} ms.")
    measured = f"{successes} réussites en {history.size['rounds']} tours, {clean} refus nets sur {asked - successes}"
    return Judgement(f"{measured}, {deadlocks} interblocages, tour le plus long {longest} ms", tuple(faults))


def is_clean_refusal(one: Operation) -> bool:
    """A 409 told as a problem, with its code and what to do next."""
    return (
        one.status == 409 and bool(one.code) and one.told.get("problem") is True and one.told.get("next_step") is True
    )
