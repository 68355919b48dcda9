"""French sentences of what `situations` refuses, and of the rules that its forms may break."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "linked-situation-already-answered": (
        "L'autre personne a déjà une réponse",
        "Une place est déjà retenue pour la personne à ne pas séparer. Libérez-la d'abord, puis reliez les deux.",
    ),
    "level-one-step": (
        "Un niveau à la fois",
        "La situation est au niveau {level} : elle monte ou descend d'un seul niveau à la fois.",
    ),
    "possible-duplicate": (
        "Cette personne est peut-être déjà connue",
        "Une situation ouverte lui ressemble : {references}.",
    ),
    "terms-moved": (
        "La demande a changé entre-temps",
        "Quelqu'un d'autre a complété ou corrigé cette situation depuis que vous l'avez ouverte.",
    ),
    "block-in-use": (
        "Une place est retenue sur ces dates",
        "Ces dates ne peuvent pas être retirées : une place y est gardée, ou la personne y est accueillie.",
    ),
    "not-a-referent": (
        "Cette personne ne peut pas être référente",
        "Choisissez quelqu'un de la coordination ou du conseil en parcours, en poste aujourd'hui.",
    ),
    "no-hand-over-offered": (
        "Ce relais ne vous est pas proposé",
        "Personne ne vous demande de suivre cette situation, ou une autre réponse est arrivée avant la vôtre.",
    ),
    "referent-still-there": (
        "Le référent est en poste",
        "Proposez-lui le relais : on ne remplace sans accord que quelqu'un qui n'est plus en poste.",
    ),
    "call-back-settled": (
        "Cet appel est déjà noté",
        "Cet appel prévu a déjà été passé.",
    ),
    "no-alert-runs": (
        "Aucun relais n'est attendu",
        "Quelqu'un a répondu entre-temps : aucun service extérieur n'est à appeler pour cette situation.",
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
    "call-back-or-none": "Pour un appel anonyme, dites quand rappeler, ou que le rappel est impossible.",
    "anonymous-only": "Un rappel impossible ne se dit que d'un appel anonyme.",
    "three-attempts": "Notez d'abord des appels passés sans réponse sur {least} jours différents.",
    "not-anonymous": "La personne qui a appelé est déjà identifiée.",
    "ends-outside": "La liste se termine par un service extérieur : elle ne finit jamais dans le silence.",
    "not-empty": "Écrivez qui a parlé, et sa fonction.",
    "too-old": "Cette date est trop ancienne.",
    "no-nir": "N'écrivez pas de numéro de sécurité sociale : l'identité se transmet de vive voix.",
    "no-email": "N'écrivez pas d'adresse e-mail : l'identité se transmet de vive voix.",
    "no-phone": "N'écrivez pas de numéro de téléphone : l'identité se transmet de vive voix.",
}
"""One sentence per rule of an `invalid-value`; templates over the error's facts."""
