"""French sentences of what `meetings` refuses, and of the rules that its forms may break."""

from typing import Final

WORDING: Final[dict[str, tuple[str, str]]] = {
    "situation-not-at-level-three": (
        "La situation n'est pas au niveau 3",
        "Le dossier de saisine se prépare au niveau 3. Passez d'abord la situation à ce niveau, avec son motif.",
    ),
    "situation-not-on-agenda": (
        "Cette situation n'est pas à l'ordre du jour",
        "Ajoutez-la d'abord à l'ordre du jour de la réunion.",
    ),
    "gaps-not-alike": (
        "Ces situations ne se ressemblent pas assez",
        "Une fiche projet réunit des situations du même bassin, du même public, du même accueil et du même âge.",
    ),
    "referral-not-sent": (
        "Le dossier n'a pas encore été envoyé",
        "Notez d'abord la date d'envoi à la MDPH, puis son accusé de réception.",
    ),
}

RULES: Final[dict[str, str]] = {
    "one-assignee": "Choisissez une personne, un lieu ou un organisme, et un seul.",
    "one-subject": "Une tâche concerne une situation ou un lieu, pas les deux.",
    "note-required": "Dites en quelques mots de quoi il s'agit.",
    "no-link": "N'écrivez pas d'adresse internet : le lien d'un appel se transmet par l'invitation.",
    "unknown-account": "Cette personne n'a pas de rôle dans la communauté.",
    "unknown-facility": "Ce lieu n'existe pas.",
    "no-reference": "N'écrivez pas de référence : l'autorité lit cette fiche.",
    "no-gap": "Cette situation ne compte pas parmi celles qui restent sans réponse.",
    "before-sending": "Cette date est antérieure à l'envoi.",
    "before-file": "Cette date est antérieure au dossier.",
}
"""One sentence per rule of an `invalid-value`; templates over the error's facts."""
