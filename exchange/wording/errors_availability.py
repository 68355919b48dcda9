"""French sentences of what `availability` refuses, and of the rules that its forms may break."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "place-already-held": (
        "Place déjà retenue",
        "Cette place vient d'être retenue pour une autre personne. Choisissez une autre proposition.",
    ),
    "capacity-below-used": (
        "Place déjà promise",
        "Une personne compte déjà sur cette place. Libérez d'abord l'accueil prévu, ou réduisez d'autres dates.",
    ),
    "place-closed": (
        "Place fermée",
        "Ce lieu a dit qu'il ne peut pas accueillir à ces dates, ou la place n'est pas encore libre.",
    ),
    "promised-date": (
        "Date déjà promise",
        "Le {on}, {used} personne(s) comptent déjà sur cette place. Libérez d'abord l'accueil prévu, ou laissez cette"
        " date ouverte.",
    ),
    "repetition-changed": (
        "La liste a changé",
        "Depuis l'affichage, d'autres dates ont été ouvertes ou sont passées. Relisez la liste, puis confirmez.",
    ),
    "no-week-followed": (
        "Aucune semaine type",
        "Cette place ne suit pas de semaine type. Indiquez d'abord la semaine.",
    ),
}

RULES: Final[dict[str, str]] = {
    "not-a-population": "Ce code ne désigne pas un public accueilli.",
    "ages": "L'âge le plus bas doit être inférieur ou égal au plus élevé, entre 0 et 120 ans.",
    "caseload-has-zone": "La zone d'intervention se donne pour une intervention sans hébergement, et pour elle seule.",
    "wall-time": "Indiquez l'heure sous la forme 18:30.",
    "both-or-none": "Indiquez les deux heures d'arrivée, ou aucune.",
    "firm-requires-nothing": "Seule une place sous réserve de renfort peut dépendre d'une vacation.",
    "conditional-names-shifts": "Une place sous réserve de renfort doit dire de quelles vacations elle dépend.",
    "other-facility": "La vacation doit être demandée par le même établissement.",
    "coupled": "Ce besoin de renfort doit être marqué comme lié à l'ouverture des places.",
    "some-half": "Choisissez le jour, la nuit, ou les deux.",
    "unknown-shift": "Cette vacation n'existe pas.",
    "shift-not-asked": "Cette vacation n'est plus demandée.",
    "zero": "Indiquez combien de places ajouter ou retirer.",
    "closing-says-why": "Une fermeture jusqu'à une date donne sa raison.",
    "never-full": "Ce lieu ne peut pas répondre « complet » : dites une autre raison, ou décidez un sureffectif.",
    "green-needs-none": "Un lieu au vert ne donne pas de raison.",
    "fourteen": "Indiquez un nombre de places pour chaque jour et chaque nuit de la semaine.",
    "some-capacity": "Indiquez au moins une place dans la semaine.",
    "conditional-has-no-week": "Une place sous réserve de renfort s'ouvre date par date, sans semaine type.",
    "not-offered": "Cette date n'est pas dans l'offre.",
}
"""One sentence per rule of an `invalid-value`; templates over the error's facts."""
