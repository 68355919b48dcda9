"""What moved since a form was drawn, one plain sentence an event: what happened, and who by their function alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from exchange.wording.labels import label_of

Facts = Mapping[str, object]

HAPPENED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "offer_published": "place publiée",
        "offer_reconfirmed": "place confirmée, rien n'a changé",
        "offer_withdrawn": "place retirée",
        "house_status_said": "couleur de la maison dite",
        "offer_closed": "place fermée jusqu'à une date",
        "offer_reopened": "place rouverte",
        "offer_lapsed": "plus confirmée, elle n'est plus proposée",
        "over_capacity_decided": "sureffectif décidé",
        "evening_asked": "question du soir posée",
        "departure_awaited": "la place attend le départ d'un adulte",
        "place_week_changed": "semaine type modifiée",
        "place_week_extended": "semaine type prolongée d'un jour",
        "places_repeated": "semaine dernière répétée",
        "place_freed": "la place attendue s'est libérée",
        "volunteer_registered": "professionnel volontaire enregistré",
        "times_stated": "horaires ajoutés",
        "times_withdrawn": "horaires retirés",
        "need_declared": "renfort demandé",
        "need_cancelled": "demande de renfort annulée",
        "need_covered": "renfort trouvé",
        "loan_proposed": "renfort proposé",
        "loan_asked": "renfort demandé aux trois parties",
        "loan_released": "temps de travail libéré par l'employeur",
        "loan_consented": "accord du professionnel reçu",
        "loan_accepted": "renfort accepté par le lieu d'accueil",
        "loan_agreed": "les trois accords sont réunis",
        "loan_declined": "ce renfort n'aura pas lieu",
        "loan_cancelled": "renfort annulé",
        "loan_expired": "pas de réponse à temps, la demande est levée",
        "loan_superseded": "une proposition plus récente le remplace",
        "situation_received": "situation enregistrée",
        "situation_check_brought_forward": "prochain point avancé par l'organisation de crise",
        "derogation_recorded": "dérogation enregistrée",
        "situation_closed": "situation close",
        "situation_linked": "situation reliée à une autre",
        "volunteer_week_changed": "semaine type corrigée",
        "volunteer_week_confirmed": "semaine type confirmée",
        "volunteer_week_extended": "semaine type prolongée dans le temps",
        "situation_checked": "point fait, une réponse est en cours",
        "situation_unanswered": "toujours sans réponse, le référent est prévenu",
        "situation_amended": "demande complétée ou corrigée",
        "urgency_reviewed": "urgence revue",
        "caller_identified": "la personne qui a appelé est identifiée",
        "level_changed": "niveau changé",
        "no_solution_stated": "sans solution à ce jour",
        "call_logged": "appel noté",
        "call_back_planned": "rappel prévu",
        "referent_offered": "relais de référent proposé",
        "referent_declined": "relais de référent décliné",
        "referent_changed": "nouveau référent",
        "duplicate_joined": "un doublon est rattaché",
        "alert_started": "personne n'a répondu à temps, le relais en cascade commence",
        "second_on_call_called": "seconde astreinte sollicitée",
        "referent_called": "référent sollicité",
        "coordinator_called": "coordination sollicitée",
        "outside_service_due": "un service extérieur est à appeler",
        "alert_repeated": "toujours personne, l'alerte se répète",
        "alert_stopped": "fin de l'alerte",
        "outside_told_by_voice": "relais pris par un service extérieur",
        "placement_proposed": "solution proposée",
        "placement_held": "option posée",
        "placement_confirmed": "accueil confirmé",
        "placement_refused": "le lieu ne peut pas accueillir",
        "hold_expired": "pas de réponse à temps, l'option est levée",
        "placement_cancelled": "accueil annulé",
        "placement_at_risk": "le renfort dont dépend la place est perdu",
        "person_admitted": "la personne est arrivée",
        "exit_planned": "sortie organisée",
        "stay_prolonged": "séjour prolongé",
        "stay_ended": "le séjour est terminé",
        "answer_superseded": "une proposition plus récente la remplace",
        "meeting_prepared": "ordre du jour modifié",
        "meeting_decided": "décision notée",
        "meeting_ended": "réunion close",
        "record_changed": "fiche projet modifiée",
    }
)
UNNAMED: Final = "mise à jour"
"""Of an event that no form needs to tell apart."""

ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "facility_manager": "direction",
        "on_call_manager": "astreinte",
        "coordinator": "coordination",
        "pathway_adviser": "conseil en parcours",
        "observer": "observation",
        "system": "Entraide",
    }
)
"""By function, never by name. A professional is absent: who said no to a mission is nobody's business."""

_LOAN: Final = "loan_"


def change_sentence(when: str, kind: str, facts: Facts, role: str) -> str:
    """Return one change as it is read: « 21 h 04 : une place de moins (astreinte) ». `when`: a local time, in words."""
    happened = _TOLD[kind](facts) if kind in _TOLD else HAPPENED.get(kind, UNNAMED)
    author = None if kind.startswith(_LOAN) else ROLES.get(role)
    return f"{when} : {happened} ({author})" if author else f"{when} : {happened}"


def _capacity(facts: Facts) -> str:
    delta = facts.get("delta")
    if not isinstance(delta, int) or not delta:
        return "nombre de places corrigé"
    count = "une place" if abs(delta) == 1 else f"{abs(delta)} places"
    return f"{count} de {'plus' if delta > 0 else 'moins'}"


def _light(facts: Facts) -> str:
    done = "fait" if facts.get("is_done") else "à refaire"
    return f"{label_of('admission_condition', str(facts['condition'])).lower()} : {done}"


def _moved(facts: Facts) -> str:
    return _MOVED.get(str(facts.get("state")), "la situation avance")


def _agreement(facts: Facts) -> str:
    return (
        "cadre de l'accueil enregistré" if facts.get("party") == "legal_basis" else "accord de la personne enregistré"
    )


def _accepted(facts: Facts) -> str:
    return "accord du lieu donné par téléphone" if facts.get("by_phone") else "le lieu peut accueillir"


_MOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "searching": "la recherche reprend",
        "held": "option posée",
        "confirmed": "accueil confirmé",
        "effective": "la personne est arrivée",
    }
)
_TOLD: Final[Mapping[str, Callable[[Facts], str]]] = MappingProxyType(
    {
        "capacity_changed": _capacity,
        "light_changed": _light,
        "situation_moved": _moved,
        "agreement_recorded": _agreement,
        "placement_accepted": _accepted,
    }
)
TOLD_KINDS: Final = frozenset(HAPPENED) | frozenset(_TOLD)
