"""What the fields are called in the summary of a refused form, where they stand without their label."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FIELD_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "acknowledged_day": "Date du relais",
        "acknowledged_hour": "Heure du relais",
        "age_band": "Âge",
        "ages_from": "Âge minimum",
        "ages_to": "Âge maximum",
        "agrees": "Accord de la personne",
        "arrival_from": "Arrivée à partir de",
        "arrival_until": "Arrivée jusqu'à",
        "arrived_day": "Date d'arrivée",
        "arrived_hour": "Heure d'arrivée",
        "capacities": "Places chaque semaine",
        "capacity": "Nombre de places",
        "care_mode": "Mode d'accueil",
        "away_first": "Premier jour d'absence",
        "away_last": "Dernier jour d'absence",
        "choice": "Votre réponse",
        "commune_code": "Commune",
        "deadline_day": "Réponse nécessaire avant",
        "deadline_hour": "Heure limite",
        "email": "Adresse e-mail",
        "exit_on": "Date de sortie",
        "new_exit_on": "Nouvelle date de sortie",
        "new_person_yes_from": "Qui donne l'accord",
        "new_legal_basis": "Cadre de l'accueil",
        "solution": "Solution de sortie",
        "despite": "Pourquoi la personne arrive",
        "temporary_days_before": "Jours déjà faits cette année",
        "facility_id": "Lieu",
        "first": "Date",
        "free_text": "Ce qu'il faut savoir",
        "from_hour": "Heure de début",
        "full_name": "Prénom et nom",
        "function": "Fonction",
        "halves": "La nuit ou la journée",
        "headcount": "Nombre de personnes",
        "incompatible_references": "Ne pas accueillir avec…",
        "impact": "Sans ce renfort",
        "kind": "Type",
        "last": "Dernière date",
        "legal_basis": "Cadre de l'accueil",
        "legal_status": "Cadre juridique",
        "living_area_ids": "Bassins de vie",
        "max_loan_hours": "Heures de renfort",
        "max_places": "Nombre de lieux",
        "max_stay_nights": "Nuits au plus",
        "max_travel_minutes": "Trajet",
        "min_permanent_staff": "Permanents qu'il faut",
        "need_codes": "Besoins",
        "need_qualifications": "Qualifications du renfort",
        "no_striker": "Engagement",
        "note": "Précision",
        "origin": "Qui appelle",
        "outcome": "Issue",
        "password": "Mot de passe",
        "pattern": "Nuits ou journées",
        "permanent_staff": "Permanents prévus",
        "person_yes_from": "Qui donne l'accord",
        "populations": "Public accueilli",
        "private_note": "Note privée",
        "provides": "Ce que la place offre",
        "qualifications": "Qualifications",
        "ready_until": "Dossier prêt",
        "reason": "Motif",
        "sex": "Sexe",
        "shift_from": "Début du poste",
        "shift_until": "Fin du poste",
        "spoken_with": "Qui a parlé",
        "together_reference": "Ne pas séparer de…",
        "until_hour": "Heure de fin",
        "urgency": "Pour quand",
        "weekdays": "Jours de la semaine",
        "withdraws": "Retrait de l'accord",
    }
)


def field_name(name: str) -> str | None:
    """Return what a field is called; nothing for one that no page shows."""
    return FIELD_NAMES.get(name)
