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
        "place-fermee": "C'est noté : la place est fermée jusqu'à cette date ; elle reste visible.",
        "place-rouverte": "C'est noté : la place est de nouveau proposée.",
        "place-attend": "C'est noté : la place se libérera quand cette personne sera accueillie ailleurs.",
        "couleur-dite": "C'est noté : la couleur du lieu est enregistrée.",
        "tout-confirme": "C'est noté : rien n'a changé dans aucun de vos lieux.",
        "sureffectif-decide": "C'est noté : le sureffectif est décidé et signé de votre nom.",
        "semaine-enregistree": "La semaine type est enregistrée. Les places s'ouvrent huit semaines à l'avance.",
        "exception-notee": "C'est noté : ces dates s'écartent de la semaine type.",
        "semaine-reprise": "Ces dates suivent de nouveau la semaine type.",
        "semaine-finie": "La semaine type n'est plus suivie. Les dates déjà ouvertes le restent.",
        "renfort-demande": "La demande de renfort est enregistrée. Les propositions arrivent ici.",
        "renfort-annule": "La demande de renfort est annulée.",
        "volontaire-ajoute": "Le professionnel volontaire est enregistré. Indiquez maintenant ses disponibilités.",
        "temps-ajoute": "Les horaires sont enregistrés.",
        "temps-retire": "L'horaire est retiré.",
        "horaires-enregistres": "La semaine type est enregistrée.",
        "absence-notee": "C'est noté : non disponible à ces dates.",
        "semaine-repetee": "La semaine dernière est répétée.",
        "situation-recue": "La situation est enregistrée. Les propositions s'affichent dès qu'elles sont prêtes.",
        "option-posee": "L'option est posée : le lieu est prévenu et doit répondre.",
        "situation-close": "La situation est close.",
        "oui-note": "Votre réponse est enregistrée : vous pouvez accueillir.",
        "non-note": "Votre réponse est enregistrée. Le référent est prévenu et cherche une autre solution.",
        "telephone-note": "L'accord donné par téléphone est enregistré.",
        "accord-note": "L'accord de la personne est enregistré.",
        "cadre-note": "Le cadre de l'accueil est enregistré.",
        "arrivee-notee": "L'arrivée est confirmée.",
        "proposition-ajoutee": "La proposition est ajoutée. Posez une option quand la personne en est d'accord.",
        "condition-notee": "C'est noté.",
        "sortie-notee": "La sortie est enregistrée.",
        "sejour-prolonge": "Le séjour est prolongé : les dates sont réservées jusqu'à la nouvelle sortie.",
        "mission-demandee": "La demande est envoyée aux trois parties.",
        "accord-conteste": "C'est noté : cet accord n'était pas le vôtre. La place est rendue et le référent prévenu.",
        "accueil-annule": "L'accueil est annulé : la place est rendue, le lieu est prévenu et la recherche reprend.",
        "depart-note": "Le départ est enregistré : les dates à venir sont de nouveau libres.",
        "mission-annulee": "Ce renfort est annulé : les personnes concernées sont prévenues.",
        "temps-libere": "Le temps de travail est libéré pour ce renfort.",
        "renfort-accepte": "Vous acceptez ce renfort.",
        "recherche-arretee": "La recherche est arrêtée. Elle reprend au prochain changement, ou dans cinq minutes.",
        "recherche-relancee": "Un nouvel essai est demandé. Il part dans les cinq minutes.",
        "crise-ouverte": "L'organisation de crise est ouverte : tous les membres sont prévenus.",
        "crise-prolongee": "L'organisation de crise est prolongée : tous les membres sont prévenus.",
        "crise-fermee": "L'organisation de crise est fermée : les délais ordinaires s'appliquent de nouveau.",
        "derogation-notee": "La dérogation est notée. La règle ordinaire reviendra d'elle-même après le dernier jour.",
        "exercice-applique": "Les lignes choisies sont devenues des situations, avec leurs propositions à retenir.",
        "exercice-rien": "Aucune ligne n'a pu être appliquée : lisez pourquoi ci-dessous, ou refaites l'exercice.",
        "renfort-decline": "Votre réponse est enregistrée.",
    }
)


def notice(code: str | None) -> str | None:
    """Return the sentence of a code; nothing for a code that does not exist."""
    return NOTICES.get(code) if code is not None else None
