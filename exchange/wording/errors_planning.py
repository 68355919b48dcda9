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
    "search-not-stopped": (
        "La recherche n'est pas arrêtée",
        "Elle continue d'elle-même : il n'y a rien à relancer.",
    ),
}
