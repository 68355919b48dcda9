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
    "crisis-already-open": (
        "Une organisation de crise est déjà ouverte",
        "Prolongez-la par un nouvel acte, ou fermez-la avant d'en ouvrir une autre.",
    ),
    "crisis-not-open": (
        "Aucune organisation de crise n'est ouverte",
        "Elle a été fermée, ou elle est arrivée à sa date de fin. Ouvrez-en une nouvelle si besoin.",
    ),
}

RULES: Final[dict[str, str]] = {
    "ends-later": "La nouvelle date de fin doit être à venir, et suivre celle qui est en vigueur.",
    "crisis-too-long": "Un acte vaut pour {most} jours au plus ; il se prolonge ensuite par un nouvel acte daté.",
    "finess": "Un numéro FINESS compte neuf caractères, par exemple 430000117.",
    "time-zone": "Ce fuseau horaire n'existe pas. Écrivez par exemple Europe/Paris ou Indian/Reunion.",
    "unknown-parameter": "Ce paramètre de communauté n'existe pas.",
    "hour-of-day": "Une heure de la journée se compte en minutes depuis minuit, de 0 à 1439.",
    "positive": "Indiquez un nombre entier d'au moins 1.",
    "some-commune": "Un bassin de vie compte au moins une commune.",
}
"""One sentence per rule of an `invalid-value`; templates over the error's facts."""
