"""French wording of what planning refuses."""

WORDING: dict[str, tuple[str, str]] = {
    "run-without-plan": (
        "Ce calcul n'a pas produit de propositions",
        "Ce calcul est en cours, a été interrompu ou a échoué : aucun fichier à relire. Consultez le suivant.",
    ),
}
