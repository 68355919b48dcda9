"""French labels: case meetings, tasks, project records."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "partner_body": MappingProxyType(
            {
                "mdph": "MDPH",
                "regional_health_agency": "ARS",
                "departmental_council": "Conseil départemental",
                "child_welfare": "Aide sociale à l'enfance (ASE)",
                "national_education": "Éducation nationale",
                "hospital": "Hôpital ou psychiatrie",
                "health_insurance": "Assurance maladie",
                "guardianship_service": "Service de protection juridique",
                "operator": "Organisme gestionnaire",
                "common_services": "Droit commun (115, logement, commune…)",
            }
        ),
        "agenda_reason": MappingProxyType(
            {
                "level_raised": "Niveau 2 ou 3",
                "unsolved_too_long": "Sans solution depuis trop longtemps",
                "refused_often": "Plusieurs réponses « ne peut pas accueillir »",
                "chosen": "Ajoutée par la coordination",
            }
        ),
        "meeting_decision": MappingProxyType(
            {
                "keep_searching": "Poursuivre la recherche",
                "widen_search": "Élargir les critères de recherche",
                "compose_answer": "Composer une réponse à plusieurs",
                "exceptional_place": "Ouvrir une place à titre exceptionnel",
                "add_means": "Ajouter des moyens (heures, équipement)",
                "raise_level": "Passer au niveau suivant",
                "prepare_referral": "Préparer le dossier de saisine (PAG)",
                "open_project": "Ouvrir une fiche projet",
                "meet_again": "Revoir à la prochaine réunion",
            }
        ),
        "task_action": MappingProxyType(
            {
                "follow_up": "Faire le point",
                "call_facility": "Appeler un lieu",
                "call_back": "Rappeler la personne ou son représentant",
                "obtain_agreement": "Obtenir un accord",
                "complete_information": "Compléter les informations",
                "evaluate_on_site": "Évaluer sur place",
                "find_staff": "Trouver un renfort",
                "widen_search": "Élargir la recherche",
                "secure_exit": "Préparer la sortie",
                "plan_loan_end": "Prévoir la fin d'un renfort",
                "prepare_meeting": "Préparer une réunion",
                "refer_to_mdph": "Saisir la MDPH",
                "refer_to_authority": "Saisir l'autorité",
                "other": "Autre action",
            }
        ),
        "task_drop_reason": MappingProxyType(
            {
                "no_longer_useful": "Devenue inutile",
                "replaced": "Remplacée par une autre tâche",
                "not_possible": "Impossible à faire",
                "situation_ended": "La situation est terminée",
                "said_twice": "Notée deux fois",
            }
        ),
        "age_range": MappingProxyType(
            {
                "child": "Enfants (0 à 11 ans)",
                "teenager": "Adolescents (12 à 19 ans)",
                "adult": "Adultes (20 à 59 ans)",
                "older_adult": "Adultes de 60 ans et plus",
            }
        ),
    }
)
