"""F4: one key, one effect, one reply; and no POST route of the API without a key."""

from __future__ import annotations

from bench.storm.verdicts.reading import History, Judgement, Row


def judge(history: History) -> Judgement:
    faults: list[str] = []
    played = 0
    routes = history.rows("routes")
    for route in routes:
        path, turn = route["path"], route["turn"]
        if not route["takes_key"]:
            faults.append(f"{path} : aucune clé acceptée.")
        if history.acts("tap", turn=turn):
            played += 1
            faults += [f"{path} : {fault}" for fault in _of_one_route(history, turn)]
        elif route["makes"]:
            faults.append(f"{path} : crée quelque chose, et n’a pas été jouée.")
    if not played:
        faults.append("Aucune route n’a été jouée.")
    taps = len(history.acts("tap"))
    return Judgement(f"{played} routes jouées sur {len(routes)}, {taps} envois", tuple(faults))


def _of_one_route(history: History, turn: int) -> list[str]:
    faults = []
    (once,) = history.acts("once", turn=turn)
    (other,) = history.acts("other-body", turn=turn)
    taps = history.acts("tap", turn=turn)
    if once.outcome != "ok":
        faults.append(f"l’acte seul a été refusé ({once.status} {once.code}).")
    if len(taps) != history.size["taps"] or any(tap.outcome != "ok" for tap in taps):
        faults.append(f"des envois n’ont pas eu la réponse ({sorted({f'{tap.status} {tap.code}' for tap in taps})}).")
    if len({(tap.status, tap.told.get("body")) for tap in taps}) != 1:
        faults.append("les réponses diffèrent.")
    if sum(tap.told.get("replayed") is not True for tap in taps) != 1:
        faults.append("plus d’une réponse ne vient pas de la première.")
    before, after_once, after_taps, after_other = (
        history.rows(f"{name}_{turn}")[0] for name in ("before_once", "after_once", "after_taps", "after_other")
    )
    one_effect, effect = _growth(before, after_once), _growth(after_once, after_taps)
    if effect != one_effect:
        faults.append(f"effet {effect} au lieu de {one_effect}.")
    if (other.status, other.code) != (422, "idempotency-key-reused") or after_other != after_taps:
        faults.append(f"un autre corps sous la même clé a reçu {other.status} {other.code}.")
    return faults


def _growth(before: Row, after: Row) -> dict[str, int]:
    """How many rows were written, by journal."""
    return {name: after[name] - before[name] for name in before}
