"""French labels of the closed lists: one per code, the words that people read on screens, mails and documents.

`LABELS` is keyed by list, then by code, both as text: this library knows none of the rooms that own the codes.
A community may override a label; these are the defaults.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

SHOWN_POSTS: Final = 4

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class LabelUnknown(LookupError):
    """No label exists for this code: a list has grown without its wording."""


def list_of(code: Enum) -> str:
    """The list of a code, from the name of its enumeration: `NeedCode` gives `need_code`."""
    return _WORD_START.sub("_", type(code).__name__).lower()


def label(code: Enum) -> str:
    """The French label of a code of a closed list. Raises LabelUnknown."""
    try:
        return LABELS[list_of(code)][str(code.value)]
    except KeyError:
        raise LabelUnknown(f"{list_of(code)}.{code.value}") from None


def label_of(code_list: str, code: str) -> str:
    """The French label of a code given as text, as it is stored. Raises LabelUnknown."""
    try:
        return LABELS[code_list][code]
    except KeyError:
        raise LabelUnknown(f"{code_list}.{code}") from None


def posts(codes: Iterable[str], most: int = SHOWN_POSTS) -> str:
    """Posts that will do, joined by « ou »; all of them, or too many to read, by their number."""
    accepted = tuple(codes)
    if len(accepted) == len(LABELS["qualification"]):
        return "tous les postes"
    named = [label_of("qualification", code) for code in accepted]
    if len(named) <= most:
        return " ou ".join(named)
    return f"{' ou '.join(named[:2])} ou {len(named) - 2} autres postes"


_NEEDS = {
    "intellectual_disability": "Trouble du développement intellectuel",
    "autism": "Trouble du spectre de l'autisme",
    "other_neurodevelopmental": "Autre trouble du neurodéveloppement",
    "polyhandicap": "Polyhandicap",
    "motor_disability": "Handicap moteur",
    "psychic_disability": "Handicap psychique",
    "brain_injury": "Lésion cérébrale acquise, trouble cognitif",
    "hearing_disability": "Déficience auditive",
    "visual_disability": "Déficience visuelle",
    "rare_disability": "Handicap rare, surdicécité",
    "behaviour_difficulties": "Difficultés psychologiques avec troubles du comportement",
    "ageing": "Personne handicapée vieillissante",
    "child_protection": "Confié à l'aide sociale à l'enfance",
    "violence_victim": "Victime de violences",
    "carer_respite": "Aidant épuisé ou absent",
    "seizures_rescue": "Épilepsie avec traitement de secours",
    "swallowing_risk": "Fausses routes, textures adaptées",
    "runaway_risk": "Fugue ou mise en danger dehors",
    "self_harm": "Gestes contre soi",
    "violence_to_others": "Gestes contre autrui",
    "night_waking": "Nuits agitées, présence éveillée",
    "medication_help": "Aide à la prise de traitement",
    "nurse_daily": "Soins infirmiers chaque jour",
    "tube_feeding": "Alimentation par sonde ou gastrostomie",
    "respiratory_care": "Aide respiratoire, aspirations",
    "full_daily_help": "Aide complète aux gestes du quotidien",
    "hoist_transfers": "Transferts à deux ou au lève-personne",
    "adapted_communication": "Communication adaptée (signes, pictogrammes)",
    "single_room": "Chambre seule indispensable",
    "step_free_access": "Accès de plain-pied, fauteuil",
    "one_to_one": "Un professionnel pour une personne",
    "keep_together": "Ne pas séparer (fratrie, couple)",
}

_PROVISIONS = {
    "awake_night": "Nuit debout",
    "sleep_in_night": "Nuit couchée",
    "nurse_day": "Infirmier le jour",
    "nurse_reachable_night": "Infirmier joignable la nuit",
    "hoist": "Lève-personne",
    "tube_feeding_trained": "Équipe formée à l'alimentation par sonde",
    "rescue_treatment_trained": "Équipe formée au traitement de secours",
    "respiratory_trained": "Équipe formée à l'aide respiratoire",
    "sign_language": "Langue des signes",
    "crisis_trained": "Équipe formée aux situations de crise",
    "single_room": "Chambre seule",
    "twin_room": "Chambre double",
    "step_free_access": "Accès de plain-pied",
    "closed_grounds": "Lieu clos",
    "women_only": "Réservé aux femmes",
    "men_only": "Réservé aux hommes",
    "kitchen_textures": "Textures adaptées en cuisine",
    "night_arrival_possible": "Arrivée possible la nuit",
}

_CARE_MODES = {
    "boarding_full": "Jour et nuit, tous les jours",
    "boarding_week": "Internat de semaine",
    "nights_only": "Nuits seules",
    "days_only": "Journées",
    "temporary_stay": "Accueil temporaire avec hébergement",
    "temporary_day": "Accueil temporaire de jour",
    "weekend_holidays": "Week-ends et vacances",
    "sequential": "Accueil séquentiel",
    "home_support": "Intervention à domicile ou sur le lieu de vie",
    "mobile_team": "Équipe mobile",
    "family_care": "Accueil familial",
    "immediate_stay": "Accueil immédiat 24 h/24",
}

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
        "need_code": _NEEDS,
        "need_family": {
            "population": "Public",
            "framework": "Cadre",
            "vigilance": "Vigilance",
            "care": "Soins",
            "daily_help": "Aide",
            "hosting": "Accueil",
        },
        "provision": _PROVISIONS,
        "required_when": {"day": "Le jour", "night": "La nuit", "both": "Jour et nuit"},
        "care_mode": _CARE_MODES,
        "urgency": {"4": "Ce soir", "3": "Sous 48 heures", "2": "Sous 7 jours", "1": "À programmer"},
        "age_band": {
            "0-2": "0–2 ans",
            "3-5": "3–5 ans",
            "6-11": "6–11 ans",
            "12-15": "12–15 ans",
            "16-19": "16–19 ans",
            "20-29": "20–29 ans",
            "30-44": "30–44 ans",
            "45-59": "45–59 ans",
            "60+": "60 ans et plus",
        },
        "origin": {
            "community_360": "0 800 360 360",
            "child_welfare": "Aide sociale à l'enfance (ASE)",
            "mdph": "MDPH",
            "facility": "Établissement ou service",
            "carer": "Aidant ou famille",
            "person": "La personne elle-même",
            "hospital": "Hôpital ou urgences",
            "law_enforcement": "Police ou gendarmerie",
        },
        "legal_status": {
            "none": "Majeur sans mesure de protection",
            "parental_authority": "Mineur, autorité parentale",
            "curatorship": "Curatelle",
            "guardianship": "Tutelle",
            "ase_emergency": "Recueilli en urgence par l'ASE (L223-2 CASF)",
            "ase_entrusted": "Confié à l'ASE",
            "opp": "Ordonnance provisoire du parquet ou du juge (OPP)",
        },
        "refusal_reason": _REFUSALS,
        "refusal_family": _REFUSAL_FAMILIES,
        "refusal_sequel": _REFUSAL_SEQUELS,
        "asked_again": _ASKED_AGAIN,
        "loan_decline_reason": _LOAN_DECLINES,
        "shortage_reason": _SHORTAGE_REASONS,
        "shortage_impact": _SHORTAGE_IMPACTS,
        "measure_tried": _MEASURES_TRIED,
        "closing_outcome": _OUTCOMES,
        "admission_condition": _CONDITIONS,
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
