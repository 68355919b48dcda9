"""French labels: posts, shortages and who may replace whom."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SHORTAGE_REASONS = {
    "unplanned_absence": "Absence imprévue",
    "planned_absence": "Absence prévue non remplacée",
    "vacant_post": "Poste vacant",
    "extra_activity": "Activité supplémentaire (accueil en plus, un pour un)",
    "exceptional_event": "Événement exceptionnel (épidémie, intempérie, sinistre)",
    "resource_site_support": "Soutien durable d'un lieu ressource",
}

_SHORTAGE_IMPACTS = {
    "unit_unsafe": "Sécurité non assurée sans ce poste",
    "places_closed": "Des places ferment ou n'ouvrent pas",
    "service_reduced": "Accompagnement réduit",
    "comfort": "Appui souhaité",
}

_MEASURES_TRIED = {
    "internal_mobility": "Mobilité interne",
    "schedule_changed": "Planning modifié",
    "extra_hours": "Heures en plus acceptées",
    "internal_pool": "Pool interne",
    "fixed_term_contract": "CDD",
    "temporary_agency": "Intérim",
}

_QUALIFICATIONS = {
    "nurse": "Infirmier (IDE)",
    "nursing_assistant": "Aide-soignant (AS)",
    "childcare_assistant": "Auxiliaire de puériculture (AP)",
    "care_support_worker": "Accompagnant éducatif et social (AES)",
    "special_educator": "Éducateur spécialisé (ES)",
    "youth_worker": "Moniteur-éducateur (ME)",
    "early_childhood_educator": "Éducateur de jeunes enfants (EJE)",
    "social_worker": "Assistant de service social",
    "social_economy_adviser": "Conseiller en économie sociale et familiale (CESF)",
    "family_worker": "Technicien de l'intervention sociale et familiale (TISF)",
    "home_care_worker": "Aide à domicile diplômée",
    "night_supervisor": "Surveillant de nuit qualifié, nuit debout",
    "sleep_in_educator": "Éducateur en nuit couchée",
    "house_keeper": "Maître ou maîtresse de maison",
    "workshop_instructor": "Moniteur d'atelier",
    "technical_educator": "Éducateur technique spécialisé (ETS)",
    "psychologist": "Psychologue",
    "rehabilitation_professional": "Psychomotricien, ergothérapeute, kinésithérapeute, orthophoniste",
    "cook": "Cuisinier",
    "service_agent": "Agent de service",
    "driver_escort": "Accompagnateur de transport",
    "unit_manager": "Chef de service",
}

_REPLACEMENT_CONDITIONS = {
    "no_entrusted_care": "aucun soin confié hors présence de l'infirmier, et infirmier joignable",
    "not_for_care": "hors soins",
    "night_only": "la nuit seulement",
    "in_pair": "faisant fonction, en binôme",
    "under_seven": "enfants de moins de sept ans",
    "adults_only": "adultes seulement",
    "knows_public": "connaissant le public",
    "knows_site": "connaissant le lieu",
    "childcare_nurse": "titulaire du diplôme de puéricultrice",
    "rights_access_only": "pour l'accès aux droits seulement",
    "agreed_by_host": "avec l'accord du lieu d'accueil",
    "home_speciality": "spécialité domicile",
    "simple_tasks": "tâches simples, sans diplôme",
    "rescue_trained_never_alone": "formé aux secours, jamais seul",
    "machine_safety": "savoir-faire et sécurité machines",
    "food_hygiene": "formé à l'hygiène alimentaire",
    "driving_licence": "titulaire du permis B",
    "no_on_call_no_signature": "coordinateur, sans astreinte ni signature",
}

LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "shortage_reason": _SHORTAGE_REASONS,
        "shortage_impact": _SHORTAGE_IMPACTS,
        "measure_tried": _MEASURES_TRIED,
        "qualification": _QUALIFICATIONS,
        "replacement_condition": _REPLACEMENT_CONDITIONS,
        "standing": {
            "admitted": "Admis sans condition",
            "conditional": "Admis sous condition",
            "never": "Non admis",
        },
    }
)

SHORT_QUALIFICATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nurse": "infirmier",
        "nursing_assistant": "aide-soignant",
        "childcare_assistant": "aux. puér.",
        "care_support_worker": "AES",
        "special_educator": "éduc. spé.",
        "youth_worker": "moniteur-éduc",
        "early_childhood_educator": "EJE",
        "social_worker": "assist. social",
        "social_economy_adviser": "CESF",
        "family_worker": "TISF",
        "home_care_worker": "aide à dom.",
        "night_supervisor": "surv. de nuit",
        "sleep_in_educator": "éduc. nuit",
        "house_keeper": "maison",
        "workshop_instructor": "monit. atelier",
        "technical_educator": "ETS",
        "psychologist": "psychologue",
        "rehabilitation_professional": "rééducateur",
        "cook": "cuisinier",
        "service_agent": "agent service",
        "driver_escort": "accompagnateur",
        "unit_manager": "chef service",
    }
)
"""For SMS: at most 14 characters of the basic GSM alphabet."""
