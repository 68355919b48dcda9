"""French labels: refusals, outcomes and conditions of an answer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_REFUSALS = {
    "no_place_on_dates": "Pas de place sur ces dates",
    "place_promised_elsewhere": "Place déjà promise à une autre personne",
    "staffing_insufficient": "Effectif insuffisant pour accueillir en sécurité",
    "skill_missing": "Pas de professionnel formé pour ce besoin",
    "outside_authorisation": "Hors autorisation (âge, public, mode d'accueil)",
    "premises_unsuitable": "Locaux non adaptés (accessibilité, chambre, unité ouverte)",
    "group_incompatible": "Incompatible avec le groupe accueilli",
    "safety_not_ensured": "Sécurité non assurée après évaluation",
    "admissions_suspended": "Accueils suspendus (épidémie, travaux, sinistre)",
    "agreement_missing": "Accord manquant (personne, représentant légal, ASE, juge)",
    "information_missing": "Informations indispensables manquantes",
    "exit_not_secured": "Sortie non organisée (date, solution, référent)",
    "arrival_impossible": "Arrivée impossible à cette heure",
    "other": "Autre motif",
}

_REFUSAL_FAMILIES = {
    "capacity": "Capacité",
    "means": "Moyens",
    "authorisation": "Autorisation",
    "premises": "Locaux",
    "safety": "Sécurité",
    "closure": "Fermeture",
    "agreement": "Accord",
    "information": "Information",
    "exit": "Sortie",
    "transport": "Transport",
    "other": "Autre",
}

_REFUSAL_SEQUELS = {
    "correct_offer": "L'offre est corrigée aussitôt",
    "reduce_offer": "Jusqu'à quand ? L'offre est réduite",
    "post_shortage": "Vous pouvez demander un renfort ; la place passe sous réserve de renfort",
    "search_skill": "Quel besoin ? Cette compétence est recherchée",
    "check_profile": "Le profil du lieu est vérifié",
    "correct_provisions": "Ce que la place offre est corrigé",
    "keep_private_pair": "Incompatibilité gardée en privé, revue après 30 jours",
    "name_evaluator": "Fonction de la personne qui a évalué ; la troisième fois, une réunion est demandée",
    "close_offers_until": "Toutes les offres du lieu sont fermées jusqu'à une date",
    "pause_for_agreement": "Le référent recherche l'accord ; le délai est suspendu",
    "pause_for_information": "Question choisie dans une liste ; le délai est suspendu",
    "ask_exit_plan": "Le référent organise la sortie",
    "propose_arrival": "Prochaine arrivée possible proposée",
    "require_note": "Note privée obligatoire",
}

_ASKED_AGAIN = {
    "when_offer_changes": "Quand l'offre change",
    "when_promise_falls": "Quand la promesse tombe",
    "when_covered": "Quand le renfort est trouvé",
    "after_exception": "Après une dérogation datée de l'autorité",
    "never": "Non",
    "when_lifted": "Quand l'incompatibilité est levée",
    "after_evaluation": "Après une nouvelle évaluation",
    "on_date": "À cette date",
    "when_obtained": "Quand l'accord est obtenu",
    "when_answered": "Quand la réponse est donnée",
    "when_filled": "Quand la sortie est organisée",
    "at_hour": "À cette heure",
    "any_time": "Oui",
}

_LOAN_DECLINES = {
    "not_available_then": "Pas disponible à ces dates",
    "rest_needed": "Besoin de repos",
    "too_far": "Trop loin ou sans moyen de transport",
    "hours_not_suitable": "Horaires qui ne me conviennent pas",
    "public_not_known": "Public ou gestes que je connais trop peu",
    "site_declined": "Je préfère ne pas aller dans ce lieu",
    "terms_unclear": "Conditions pas assez claires (paie, frais, assurance)",
    "pause": "Ne plus me solliciter avant une date",
    "no_reason": "Sans motif",
}

_OUTCOMES = {
    "placed_in_network": "Accueillie dans le réseau",
    "placed_off_network": "Accueillie hors réseau",
    "supported_at_home": "Soutenue à domicile",
    "with_relatives": "Accueillie par un proche",
    "usual_place_resumed": "Retour au lieu de vie habituel",
    "hospitalised": "Hospitalisée",
    "common_services": "Relais du droit commun (115, logement, école…)",
    "child_protection_relay": "Relais pris par l'ASE",
    "mdph_relay": "Relais pris par la MDPH (plan d'accompagnement global)",
    "other_community": "Relais pris par une autre communauté 360",
    "need_gone": "Besoin disparu",
    "declined_by_person": "Refus de la personne ou de son représentant",
    "unreachable": "Injoignable",
    "duplicate": "Doublon",
    "death": "Décès",
}

_CONDITIONS = {
    "legal_basis": "Cadre de l'accueil (décision CDAPH, admission directe d'urgence, accord ASE, ordonnance)",
    "agreement": "Accord de la personne ou de son représentant (ASE ou juge pour un mineur confié)",
    "facility_yes": "Oui du directeur ou du cadre d'astreinte",
    "transport": "Transport",
    "treatment": "Traitement et ordonnance",
    "liaison_sheet": "Fiche de liaison transmise",
    "belongings": "Effets et aides techniques",
    "exit_plan": "Date, solution et référent de sortie",
    "authority_told": "Autorité informée (MDPH sous un jour ouvré, parquet, ASE)",
    "stay_document": "Document individuel de prise en charge (séjour de moins de deux mois)",
}

_STATUS_REASONS = {
    "staff_shortage": "Effectif insuffisant",
    "infection": "Épidémie dans la maison",
    "works": "Travaux",
    "breakdown": "Panne (chauffage, eau, électricité, ascenseur)",
    "incident": "Incident en cours",
    "planned_closure": "Fermeture prévue",
    "full": "Complet",
    "other": "Autre raison, à demander au lieu",
}

_OVER_CAPACITY_REASONS = {
    "entrusted_child": "Enfant confié par l'ASE",
    "no_other_answer": "Aucune autre réponse sûre",
    "kept_together": "Pour ne pas séparer",
    "exit_delayed": "Départ retardé d'une autre personne",
}

_EXITS = {
    "usual_place": "Retour au lieu de vie habituel",
    "home_with_support": "Retour à domicile avec un soutien",
    "relatives": "Accueil par un proche",
    "other_stay": "Autre accueil temporaire, déjà trouvé",
    "permanent_place": "Accueil permanent, déjà trouvé",
    "common_housing": "Logement ou hébergement de droit commun",
    "authority_decision": "Lieu décidé par l'ASE ou par le juge",
}

_CRISIS_REQUESTERS = {
    "health_agency": "L'ARS",
    "departement": "Le conseil départemental",
    "prefect": "Le préfet",
    "community": "La communauté elle-même",
    "member": "Une association membre",
}

LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "refusal_reason": _REFUSALS,
        "refusal_family": _REFUSAL_FAMILIES,
        "refusal_sequel": _REFUSAL_SEQUELS,
        "asked_again": _ASKED_AGAIN,
        "loan_decline_reason": _LOAN_DECLINES,
        "closing_outcome": _OUTCOMES,
        "admission_condition": _CONDITIONS,
        "status_reason": _STATUS_REASONS,
        "over_capacity_reason": _OVER_CAPACITY_REASONS,
        "exit_solution": _EXITS,
        "crisis_requester": _CRISIS_REQUESTERS,
    }
)
