"""French sentences of what `situations` refuses, and of the rules that its forms may break."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "linked-situation-already-answered": (
        "L'autre personne a déjà une réponse",
        "Une place est déjà retenue pour la personne à ne pas séparer. Libérez-la d'abord, puis reliez les deux.",
    ),
}

RULES: Final[dict[str, str]] = {
    "too-many-populations": "Choisissez au plus {most} publics.",
    "also-together": "La même personne ne peut être à la fois à accueillir ensemble et à ne pas accueillir ensemble.",
    "unknown-situation": "Cette situation n'existe pas.",
    "closed-situation": "Cette situation est close.",
    "later-than-urgency": "Cette échéance est trop tardive pour ce degré d'urgence.",
    "required": "Cette information est nécessaire pour clore ainsi.",
    "in-the-future": "Cette date n'est pas encore passée.",
    "no-nir": "N'écrivez pas de numéro de sécurité sociale : l'identité se transmet de vive voix.",
    "no-email": "N'écrivez pas d'adresse e-mail : l'identité se transmet de vive voix.",
    "no-phone": "N'écrivez pas de numéro de téléphone : l'identité se transmet de vive voix.",
}
"""One sentence per rule of an `invalid-value`; templates over the error's facts."""
