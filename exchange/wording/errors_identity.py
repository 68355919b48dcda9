"""French sentences of what `identity` refuses. None says whether an account exists."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "sign-in-required": ("Connexion nécessaire", "Connectez-vous, ou présentez un jeton d'accès valable."),
    "sign-in-refused": ("Connexion refusée", "Adresse e-mail ou mot de passe incorrect."),
    "account-already-exists": ("Compte déjà présent", "Un compte existe déjà avec cette adresse e-mail."),
    "link-no-longer-valid": (
        "Lien déjà utilisé ou dépassé",
        "Ce lien a déjà servi ou n'est plus valable. Demandez-en un nouveau à la personne qui vous l'a envoyé.",
    ),
}

RULES: Final[dict[str, str]] = {
    "role-without-account": "Aucun compte ne peut tenir ce rôle.",
    "side-of-role": (
        "Un directeur nomme son établissement, un cadre d'astreinte son organisme ; les autres rôles, aucun des deux."
    ),
    "password-length": "Le mot de passe compte entre {shortest} et 200 caractères.",
}
"""One sentence per rule of an `invalid-value`; templates over the error's facts."""
