"""French sentences of what `organisations` refuses."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "commune-unknown": ("Commune inconnue", "Aucune commune ne porte ce code INSEE."),
    "commune-in-another-living-area": (
        "Commune déjà rattachée",
        "Une de ces communes appartient déjà à un autre bassin de vie de la communauté.",
    ),
    "facility-already-listed": (
        "Établissement déjà présent",
        "Un établissement de la communauté porte déjà ce numéro FINESS.",
    ),
    "operator-already-listed": (
        "Organisme déjà présent",
        "Un organisme de la communauté porte déjà ce numéro FINESS.",
    ),
}
