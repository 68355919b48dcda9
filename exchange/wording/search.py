"""Where the search for proposals stands, said in one line. Instants come as text fit to be read."""

from __future__ import annotations

from collections.abc import Mapping

LANES: Mapping[str, str] = {"fast": "réponse rapide", "full": "réexamen complet"}

FAILURES: Mapping[str, str] = {
    "wall-cap": "délai dépassé",
    "memory": "mémoire insuffisante",
    "crashed": "le calcul s'est interrompu",
    "unreachable": "le calcul ne répond pas",
    "unlawful-plan": "plan contraire aux règles, écarté",
    "refused": "données contradictoires",
    "lease-passed": "le serveur de calcul s'est arrêté",
}
"""By code, without what follows its colon; any other code is a defect of the program."""


def why_failed(code: str) -> str:
    """Return why a run failed, to be read between brackets."""
    return FAILURES.get(code.partition(":")[0], "défaut du programme")


def searching(lane: str, since: str) -> str:
    return f"Recherche en cours depuis {since} ({LANES[lane]})."


def waiting(lane: str, since: str) -> str:
    return f"Recherche en attente depuis {since} ({LANES[lane]})."


def retrying(lane: str, since: str, code: str, next_try: str | None) -> str:
    again = "" if next_try is None else f" Nouvel essai à {next_try}."
    return f"La recherche échoue depuis {since} ({LANES[lane]} : {why_failed(code)}).{again}"


def stopped(lane: str, since: str, code: str, recorded: str | None, next_try: str | None) -> str:
    """`recorded`: when proposals were last found. `next_try`: where somebody has asked for one."""
    shown = "" if recorded is None else f" Les propositions affichées datent de {recorded}."
    again = "Elle reprendra au prochain changement" if next_try is None else f"Nouvel essai à {next_try}"
    return (
        f"La recherche s'est arrêtée : elle échoue depuis {since} ({LANES[lane]} : {why_failed(code)}).{shown}"
        f" {again} ; en attendant, appelez les lieux."
    )
