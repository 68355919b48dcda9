"""French wording of what planning refuses."""

WORDING: dict[str, tuple[str, str]] = {
    "run-without-plan": (
        "Ce calcul n'a pas produit de propositions",
        "Ce calcul est en cours, a été interrompu ou a échoué : aucun fichier à relire. Consultez le suivant.",
    ),
    "run-is-over": (
        "Ce calcul est déjà terminé",
        "Il n'y a plus rien à arrêter : ses propositions sont sur le tableau, ou un autre calcul l'a remplacé.",
    ),
    "breach-forbidden": (
        "Ce lieu ne peut pas être proposé à cette personne",
        "Aucun motif ne permet de passer outre : {why}.",
    ),
    "breach-reason-required": (
        "Un écart à expliquer",
        "Le lieu peut dire oui en son nom, mais dites d'abord pourquoi : {why}.",
    ),
    "nothing-left-to-serve": (
        "Rien à servir",
        "Toutes les dates demandées ont déjà une réponse, ou sont commencées.",
    ),
    "search-not-stopped": (
        "La recherche n'est pas arrêtée",
        "Elle continue d'elle-même : il n'y a rien à relancer.",
    ),
    "drill-not-solved": (
        "Cet exercice n'a pas encore de réponse",
        "Le calcul est en cours, ou a échoué : rien à appliquer pour l'instant.",
    ),
    "drill-over": (
        "Cet exercice est passé",
        "Sa première nuit ou journée est passée. Refaites un exercice avec les dates d'aujourd'hui.",
    ),
}

RULES: dict[str, str] = {
    "one-or-the-other": "Choisissez une place publiée, ou un lieu qui n'en a pas publié : l'un ou l'autre.",
    "whole-group": "Des personnes à ne pas séparer se choisissent ensemble, ou pas du tout.",
}
"""What to correct, by the rule of an `invalid-value`."""
