"""French sentences of what `loans` refuses, each with what to do next."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "volunteer-already-lent": (
        "Déjà en renfort ailleurs",
        "Ce professionnel est engagé ailleurs à ces heures, trajet compris. Choisissez une autre proposition.",
    ),
    "loan-outdated": (
        "Cette proposition n'est plus à jour",
        "Les disponibilités ou la demande ont changé. De nouvelles propositions arrivent dans quelques secondes.",
    ),
    "loan-too-late": (
        "Trop tard pour ce renfort",
        "La première vacation commence avant que quelqu'un puisse arriver.",
    ),
    "loan-not-asked": (
        "Renfort pas encore demandé",
        "L'établissement d'accueil ou la coordination doit d'abord demander ce renfort.",
    ),
    "loan-answer-too-late": (
        "Délai de réponse passé",
        "L'heure de réponse est passée. La coordination peut demander ce renfort à nouveau.",
    ),
    "agreement-already-given": ("Accord déjà enregistré", "Cet accord est déjà noté, avec son auteur et son heure."),
    "need-no-longer-open": (
        "Renfort déjà trouvé ou annulé",
        "Cette demande de renfort n'est plus ouverte. Merci : il n'y a rien d'autre à faire.",
    ),
    "working-time-breached": (
        "Temps de travail dépassé",
        "Ce renfort ne respecterait pas une règle du temps de travail : {sentence}",
    ),
    "lend-cap-reached": (
        "Effectif minimum de sécurité",
        "L'employeur a indiqué combien de professionnels il peut libérer ce jour-là ({cap}). Ce serait un de trop.",
    ),
}
