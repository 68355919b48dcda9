"""French sentences of what `staffing` refuses, and of the rules that its forms may break."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "seats-already-taken": (
        "Renfort déjà trouvé",
        "Toutes les places de cette vacation sont déjà prises par un renfort convenu.",
    ),
    "need-has-agreed-loans": (
        "Un renfort est déjà convenu",
        "Quelqu'un a déjà dit oui pour ce besoin. Annulez d'abord le renfort convenu.",
    ),
    "volunteer-email-already-listed": (
        "Professionnel déjà inscrit",
        "Un professionnel volontaire de cet établissement est déjà inscrit avec cette adresse e-mail.",
    ),
    "times-repetition-changed": (
        "La liste a changé",
        "Depuis l'affichage, d'autres horaires ont été indiqués ou sont passés. Relisez la liste, puis confirmez.",
    ),
    "no-volunteer-week": (
        "Aucune semaine type",
        "Cette personne n'a pas de semaine type. Indiquez d'abord ses horaires de la semaine.",
    ),
    "derogation-overlaps": (
        "Une dérogation existe déjà à ces dates",
        "Un autre texte déroge déjà à cette règle sur une partie de la période. Choisissez d'autres dates.",
    ),
}

RULES: Final[dict[str, str]] = {
    "unknown-code": "Cette valeur n'est pas dans la liste.",
    "twice": "La même valeur est donnée deux fois.",
    "too-few": "Indiquez-en au moins {least}.",
    "too-many": "Indiquez-en au plus {most}.",
    "out-of-range": "La valeur doit être comprise entre {least} et {most}.",
    "zone-missing": "L'heure doit préciser son fuseau horaire.",
    "email": "Cette adresse e-mail n'est pas valable.",
    "name": "Indiquez un nom, en 200 caractères au plus.",
    "ends-before-start": "La fin doit être après le début.",
    "too-long": "C'est trop long : {most} {unit} au plus.",
    "in-the-past": "Cette date est passée.",
    "too-far": "Cette date est trop lointaine.",
    "overlap": "Deux périodes se recouvrent.",
    "permanent-staff-untold": "Dites combien de permanents sont prévus, puisqu'il en faut un nombre minimum.",
    "not-derogable": "Aucun texte ne peut déroger à cette règle ici.",
    "derogation-too-long": "Une dérogation vaut pour {most} jours au plus ; au-delà, il faut un autre texte.",
    "nothing-there": "Rien n'était déclaré sur cette période.",
}
"""One sentence per rule of an `invalid-value`; templates over the error's facts."""
