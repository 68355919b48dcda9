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
