"""What a page says after an act has been done: a closed list, because an address carries only the code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NOTICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "place-publiee": "La place est publiée. Vous pourrez la confirmer d'un seul geste.",
        "place-confirmee": "C'est noté : rien n'a changé.",
        "place-corrigee": "C'est noté : le nombre de places est corrigé.",
        "place-retiree": "La place est retirée du tableau.",
        "renfort-demande": "La demande de renfort est enregistrée. Les propositions arrivent ici.",
        "renfort-annule": "La demande de renfort est annulée.",
        "volontaire-ajoute": "Le professionnel volontaire est enregistré. Indiquez maintenant ses disponibilités.",
        "temps-ajoute": "Les horaires sont enregistrés.",
        "temps-retire": "L'horaire est retiré.",
        "situation-recue": "La situation est enregistrée. Les propositions s'affichent dès qu'elles sont prêtes.",
        "option-posee": "L'option est posée : le lieu est prévenu et doit répondre.",
        "urgence-revue": "L'urgence est revue, avec une nouvelle échéance.",
        "niveau-change": "Le niveau est changé ; le motif est gardé.",
        "sans-solution-note": "« Sans solution à ce jour » est noté. La situation reste ouverte et suivie.",
        "appel-note": "L'appel est noté.",
        "rappel-prevu": "Le rappel est prévu ; en retard, il remonte sur « Ce soir ».",
        "appel-identifie": "C'est noté : la personne qui a appelé est connue. Rien de son identité n'est gardé ici.",
        "referent-nomme": "Le nouveau référent suit cette situation.",
        "relais-propose": "Le relais est proposé. Le référent reste le même jusqu'à la réponse.",
        "relais-decline": "C'est noté : le référent reste le même.",
        "relais-note": "Le relais de vive voix est noté. L'alerte s'arrête ; la situation reste ouverte.",
        "situation-rouverte": "La situation est rouverte : la recherche reprend.",
        "demande-completee": "La demande est à jour.",
        "situation-close": "La situation est close.",
        "oui-note": "Votre réponse est enregistrée : vous pouvez accueillir.",
        "non-note": "Votre réponse est enregistrée. Le référent est prévenu et cherche une autre solution.",
        "telephone-note": "L'accord donné par téléphone est enregistré.",
        "accord-note": "L'accord de la personne est enregistré.",
        "cadre-note": "Le cadre de l'accueil est enregistré.",
        "arrivee-notee": "L'arrivée est confirmée.",
        "mission-demandee": "La demande est envoyée aux trois parties.",
        "accord-conteste": "C'est noté : cet accord n'était pas le vôtre. La place est rendue et le référent prévenu.",
        "accueil-annule": "L'accueil est annulé : la place est rendue, le lieu est prévenu et la recherche reprend.",
        "depart-note": "Le départ est enregistré : les dates à venir sont de nouveau libres.",
        "mission-annulee": "Ce renfort est annulé : les personnes concernées sont prévenues.",
        "temps-libere": "Le temps de travail est libéré pour ce renfort.",
        "renfort-accepte": "Vous acceptez ce renfort.",
        "recherche-arretee": "La recherche est arrêtée. Elle reprend au prochain changement, ou dans cinq minutes.",
        "recherche-relancee": "Un nouvel essai est demandé. Il part dans les cinq minutes.",
        "renfort-decline": "Votre réponse est enregistrée.",
    }
)


def notice(code: str | None) -> str | None:
    """Return the sentence of a code; nothing for a code that does not exist."""
    return NOTICES.get(code) if code is not None else None
