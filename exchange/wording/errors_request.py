"""French sentences of what the ground floor and the doors refuse, and of each rule that a value may break."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "act-forbidden": ("Acte réservé à un autre rôle", "Votre rôle ne permet pas cet acte."),
    "not-found": ("Introuvable", "Cette fiche n'existe pas, ou vous n'y avez pas accès."),
    "invalid-value": ("Valeur à corriger", "La valeur de ce champ n'est pas acceptée."),
    "illegal-transition": (
        "Acte impossible à cette étape",
        "L'étape où en est cette fiche ne permet pas, ou plus, cet acte. Rien n'a été enregistré.",
    ),
    "idempotency-key-reused": (
        "Clé déjà utilisée",
        "La même clé Idempotency-Key a déjà accompagné une autre demande. Choisissez-en une nouvelle.",
    ),
    "stale-version": (
        "La fiche a changé depuis que vous l'avez ouverte",
        "Rien n'a été enregistré : relisez ce qui a changé, puis renvoyez votre réponse si elle tient toujours.",
    ),
    "version-missing": (
        "Formulaire à recharger",
        "Rien n'a été enregistré : le formulaire ne dit pas quel état de la fiche il montrait. Rouvrez la page.",
    ),
    "changed-meanwhile": (
        "Changé entre-temps",
        "Un changement enregistré un instant plus tôt rend celui-ci impossible. Rien n'a été enregistré.",
    ),
    "busy": ("Trop de demandes à la fois", "Le service n'a pas pu répondre à temps. Rien n'a été enregistré."),
    "unparsable-body": ("Demande illisible", "Le corps de la demande n'est pas le JSON attendu."),
    "unparsable-text": (
        "Texte illisible",
        "Un texte contient un caractère qu'aucun texte ne peut contenir (U+0000 ou demi-caractère).",
    ),
    "body-too-deep": ("Demande trop imbriquée", "Le corps de la demande compte trop de niveaux."),
    "body-too-large": ("Demande trop volumineuse", "Le corps de la demande dépasse un million d'octets."),
    "unknown-field": ("Champ inconnu", "Ce champ ou ce paramètre n'existe pas. Rien n'a été enregistré."),
    "route-unknown": ("Adresse inconnue", "Aucune page ni aucun service ne répond à cette adresse."),
    "method-not-allowed": ("Méthode non prévue", "Cette adresse existe, mais pas avec cette méthode."),
    "request-refused": ("Demande refusée", "La demande n'a pas pu être lue."),
    "internal-fault": (
        "Erreur de notre côté",
        "Une erreur inattendue s'est produite. Rien n'a été enregistré ; l'équipe technique en garde la trace.",
    ),
}

RULES: Final[dict[str, str]] = {
    "format": "La forme de cette valeur n'est pas celle attendue.",
    "missing": "Ce champ est obligatoire.",
    "wrong-type": "Cette valeur n'est pas du type attendu.",
    "unknown-reference": "Un identifiant de la demande ne correspond à rien.",
    "unstorable": "Une valeur de la demande dépasse ce qui peut être enregistré.",
    "too-large": "La valeur la plus grande acceptée est {most}.",
    "too-small": "La valeur la plus petite acceptée est {least}.",
    "too-short": "Ce texte est trop court : {least} caractères au moins.",
    "too-lengthy": "Ce texte est trop long : {most} caractères au plus.",
}
