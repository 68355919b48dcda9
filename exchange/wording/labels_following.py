"""French labels: levels, calls, hand-overs and the overflow."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "level": {
            "1": "Niveau 1 : réponse directe",
            "2": "Niveau 2 : concertation des partenaires",
            "3": "Niveau 3 : saisine formelle (PAG)",
        },
        "level_reason": {
            "no_answer_nearby": "Aucune réponse sur le territoire",
            "several_partners": "Plusieurs partenaires à réunir",
            "repeated_refusals": "Plusieurs lieux ne peuvent pas accueillir",
            "repeated_breakdowns": "Ruptures répétées",
            "asked_by_person": "Demande de la personne ou de son représentant",
            "pag_requested": "Plan d'accompagnement global demandé",
            "answer_found": "Une réponse est trouvée",
            "raised_by_mistake": "Niveau relevé par erreur",
        },
        "solution_tried": {
            "network_searched": "Recherche dans le réseau",
            "neighbours_called": "Territoires voisins appelés",
            "home_support": "Intervention à domicile",
            "staff_loan": "Renfort recherché",
            "off_network": "Lieu hors réseau",
            "relatives": "Relais d'un proche",
            "common_services": "Droit commun (115, logement, hôpital…)",
            "partners_met": "Réunion des partenaires",
        },
        "call_direction": {"received": "Appel reçu", "made": "Appel passé"},
        "call_party": {
            "caller": "La personne qui a appelé",
            "person": "La personne concernée",
            "carer": "L'aidant ou la famille",
            "guardian": "Le représentant légal",
            "referrer": "Le professionnel qui oriente",
            "facility": "Un lieu d'accueil",
            "outside_service": "Un service extérieur",
        },
        "call_outcome": {
            "spoken": "Échange fait",
            "message_left": "Message laissé",
            "not_reached": "Injoignable",
            "wrong_number": "Numéro qui ne répond plus",
            "calls_again": "La personne rappellera",
        },
        "hand_over_reason": {
            "end_of_duty": "Fin de service",
            "absence": "Absence",
            "other_area": "Autre secteur",
            "workload": "Charge de travail",
            "knows_the_situation": "Connaît déjà la situation",
            "referent_left": "Le référent n'est plus en poste",
        },
        "escalation_step": {
            "second_on_call": "Seconde astreinte",
            "referent": "Référent",
            "coordinator": "Coordination",
            "outside_service": "Service extérieur, de vive voix",
        },
        "alert_reason": {
            "deadline_passed": "Sans réponse à l'échéance",
            "on_call_silent": "L'astreinte n'a pas répondu",
        },
        "audience": {
            "danger": "Danger immédiat",
            "violence": "Violences",
            "child": "Enfant",
            "adult": "Adulte",
            "homeless": "Sans abri",
        },
    }
)
