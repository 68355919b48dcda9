"""One plain French sentence per reason: why a line was proposed, and what stands in the way of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from exchange.wording.breaches import PASSED_OVER
from exchange.wording.labels import label_of

Reason = Mapping[str, object]


class ReasonUnknown(LookupError):
    """No sentence exists for this code: a list has grown without its wording."""


def _travel(reason: Reason) -> str:
    estimate = " environ (estimation, à vérifier selon la route)" if reason.get("is_estimate", True) else ""
    return f"À {reason['minutes']} minutes de route{estimate}."


def _qualification(reason: Reason) -> str:
    return f"Qualification demandée : {label_of('qualification', str(reason['qualification']))}."


def _part(reason: Reason) -> str:
    return f"Répond à {reason['blocks']} des {reason['of']} périodes demandées ; le reste est proposé à part."


def _in_two(reason: Reason) -> str:
    price = f", ce qui compte comme {reason['minutes']} minutes de trajet" if reason["minutes"] else ""
    return f"Une partie de la période seulement : le reste se passe dans un autre lieu{price}."


def _places(reason: Reason) -> str:
    places = reason["places"]
    return "Ce renfort ouvre une place." if places == 1 else f"Ce renfort ouvre {places} places."


def _rare(reason: Reason) -> str:
    minutes = reason["minutes"]
    return f"Place rare, comptée {minutes} minutes de trajet de plus : elle est proposée faute d'une meilleure réponse."


def _orange(reason: Reason) -> str:
    why = str(reason["reason"])
    told = f" : {label_of('status_reason', why)}" if why else ""
    return f"Ce lieu se dit à l'orange, il accueille avec précaution{told}."


WHY: Mapping[str, str | Callable[[Reason], str]] = {
    "fits_needs": "Ce lieu offre ce que les besoins demandent, sur toutes les périodes.",
    "same_living_area": "Dans le même bassin de vie.",
    "travel_minutes": _travel,
    "one_place_for_all": "Un seul lieu pour toutes les périodes demandées.",
    "part_of_answer": _part,
    "stay_in_two_places": _in_two,
    "opened_by_loan": "Place sous réserve d'un renfort : elle ouvre quand ce renfort est accordé.",
    "house_orange": _orange,
    "age_to_confirm": "Âge à confirmer avec le lieu : la tranche d'âge dépasse en partie l'âge accueilli.",
    "rare_place_spent": _rare,
    "rare_place_spared": "Une place plus rare, pas plus éloignée, reste libre pour qui n'aurait pas d'autre réponse.",
    "proposed_by_hand": "Proposée par la coordination, sans recherche.",
    "breach_accepted": lambda reason: f"Écart accepté : {PASSED_OVER[str(reason['breach'])]}.",
    "holds_qualification": _qualification,
    "free_and_rested": "Disponible sur ces horaires, repos et durées de travail respectés.",
    "internal_move": "De la même association : un mouvement interne, proposé avant tout prêt.",
    "one_person_for_all_shifts": "Une seule personne pour toutes les vacations demandées.",
    "opens_places": _places,
}
"""Why this line: codes of `exchange.planning.reasons`."""

WHY_NOT: Mapping[str, tuple[str, str]] = {
    "same-employer": ("1 professionnel du lieu même", "{count} professionnels du lieu même"),
    "permanent-staff": (
        "1 professionnel écarté : trop peu de permanents sur la vacation",
        "{count} professionnels écartés : trop peu de permanents sur la vacation",
    ),
    "qualification": ("1 professionnel sans la qualification", "{count} professionnels sans la qualification"),
    "shift-length": ("1 vacation trop longue pour la personne", "{count} vacations trop longues pour la personne"),
    "rest-own-shifts": (
        "1 professionnel sans son repos entre deux postes",
        "{count} professionnels sans leur repos entre deux postes",
    ),
    "week-minutes": (
        "1 professionnel à la durée permise cette semaine",
        "{count} professionnels à la durée permise cette semaine",
    ),
    "weekly-rest": (
        "1 professionnel sans son repos de la semaine",
        "{count} professionnels sans leur repos de la semaine",
    ),
    "days-in-row": (
        "1 professionnel qui travaillerait trop de jours de suite",
        "{count} professionnels qui travailleraient trop de jours de suite",
    ),
    "average-week": (
        "1 professionnel à la durée moyenne permise",
        "{count} professionnels à la durée moyenne permise",
    ),
    "file-not-ready": (
        "1 professionnel dont le dossier n'est pas prêt",
        "{count} professionnels dont le dossier n'est pas prêt",
    ),
    "no-consent": (
        "1 professionnel qui ne souhaite pas être sollicité",
        "{count} professionnels qui ne souhaitent pas être sollicités",
    ),
    "host-bassin": ("1 professionnel d'un autre bassin de vie", "{count} professionnels d'autres bassins de vie"),
    "travel": ("1 possibilité trop éloignée", "{count} possibilités trop éloignées"),
    "availability": ("1 professionnel non disponible", "{count} professionnels non disponibles"),
    "loan-minutes": (
        "1 professionnel au plafond d'heures qu'il a fixé",
        "{count} professionnels au plafond d'heures qu'ils ont fixé",
    ),
    "lend-cap": (
        "1 professionnel retenu par l'effectif minimum de sécurité",
        "{count} professionnels retenus par l'effectif minimum de sécurité",
    ),
    "excluded-establishment": ("1 lieu écarté à la demande", "{count} lieux écartés à la demande"),
    "care-mode": (
        "1 offre d'une autre forme d'accueil, avec ou sans hébergement",
        "{count} offres d'une autre forme d'accueil, avec ou sans hébergement",
    ),
    "age": ("1 lieu pour un autre âge", "{count} lieux pour un autre âge"),
    "profile": (
        "1 lieu qui n'offre pas ce que les besoins demandent",
        "{count} lieux qui n'offrent pas ce que les besoins demandent",
    ),
    "provision": (
        "1 lieu qui ne fournit pas ce dont la personne a besoin",
        "{count} lieux qui ne fournissent pas ce dont la personne a besoin",
    ),
    "zone": (
        "1 équipe qui n'intervient pas dans la commune",
        "{count} équipes qui n'interviennent pas dans la commune",
    ),
    "hours": ("1 offre à d'autres heures", "{count} offres à d'autres heures"),
    "capacity": ("1 lieu complet sur ces dates", "{count} lieux complets sur ces dates"),
    "max-places": ("1 lieu de trop pour cette personne", "{count} lieux de trop pour cette personne"),
    "group-not-whole": (
        "1 lieu qui ne peut recevoir tout le groupe",
        "{count} lieux qui ne peuvent recevoir tout le groupe",
    ),
    "awaits-staff": ("1 place qui attend un renfort", "{count} places qui attendent un renfort"),
    "competition": ("1 possibilité prise par une autre demande", "{count} possibilités prises par d'autres demandes"),
}
"""What stands in the way: codes of the matcher's refusals, singular and plural."""


UNLOCKS: Mapping[str, tuple[str, str]] = {
    "awaits-staff": (
        "Couvrir le renfort attendu pourrait ouvrir cette place.",
        "Couvrir les renforts attendus pourrait ouvrir {count} places.",
    ),
    "max-places": (
        "Accepter un lieu de plus pourrait suffire.",
        "Accepter un lieu de plus pourrait suffire.",
    ),
    "travel": (
        "Accepter un trajet plus long pourrait ouvrir une possibilité.",
        "Accepter un trajet plus long pourrait ouvrir {count} possibilités.",
    ),
}
"""What somebody could decide, by obstacle; « pourrait », since another rule may stand behind the first."""


def reason_sentence(reason: Reason) -> str:
    """Return the sentence of one typed reason. Raises `ReasonUnknown`."""
    wording = WHY.get(str(reason.get("code")))
    if wording is None:
        raise ReasonUnknown(str(reason.get("code")))
    return wording if isinstance(wording, str) else wording(reason)


def _short_travel(reason: Reason) -> str:
    hours, rest = divmod(int(str(reason["minutes"])), 60)
    told = f"{rest} min" if not hours else f"{hours} h {rest:02}" if rest else f"{hours} h"
    return f"à {told} (estimation)" if reason.get("is_estimate", True) else f"à {told} de route"


RESERVES: Mapping[str, str] = {
    "opened_by_loan": "sous réserve d'un renfort",
    "breach_accepted": "avec un écart accepté",
    "age_to_confirm": "âge à confirmer avec le lieu",
    "house_orange": "lieu à l'orange",
}
"""Whoever reads one sentence must not miss them: they come first."""

IN_SHORT: Mapping[str, str | Callable[[Reason], str]] = {
    "internal_move": "mouvement interne",
    "proposed_by_hand": "proposée par la coordination",
    "travel_minutes": _short_travel,
    "same_living_area": "même bassin",
    "one_place_for_all": "un seul lieu pour toutes les dates",
    "stay_in_two_places": "séjour en deux lieux",
    "part_of_answer": lambda reason: f"pour {reason['blocks']} des {reason['of']} périodes",
    "rare_place_spent": "place rare",
    "rare_place_spared": "une place plus rare reste libre",
    "holds_qualification": lambda reason: label_of("qualification", str(reason["qualification"])),
    "one_person_for_all_shifts": "une seule personne pour toutes les vacations",
    "opens_places": lambda reason: "ouvre une place" if reason["places"] == 1 else f"ouvre {reason['places']} places",
}
"""What tells a proposal from another, in this order; what is true of all of them stays behind « Détails »."""


def telling_sentence(reasons: Iterable[Reason]) -> str:
    """Return the one sentence of a proposal: its reserves, then what tells it from the others; empty without reasons.

    « À 18 min (estimation), même bassin, un seul lieu pour toutes les dates. » Raises `ReasonUnknown`.
    """
    given = {str(reason.get("code")): reason for reason in reasons}
    if unknown := given.keys() - WHY.keys():
        raise ReasonUnknown(min(unknown))
    reserves = " et ".join(worded for code, worded in RESERVES.items() if code in given)
    telling = ", ".join(
        worded if isinstance(worded, str) else worded(given[code]) for code, worded in IN_SHORT.items() if code in given
    )
    told = " ; ".join(part for part in (reserves, telling) if part)
    if told:
        return f"{told[0].upper()}{told[1:]}."
    return reason_sentence(next(iter(given.values()))) if given else ""


def reason_sentences(reasons: list[dict[str, object]] | tuple[Reason, ...]) -> tuple[str, ...]:
    """Return the sentences of a line's reasons, in their order; two that read the same are told once."""
    return tuple(dict.fromkeys(reason_sentence(reason) for reason in reasons))


def obstacle_sentence(code: str, count: int) -> str:
    """Return what holds `count` candidates back. Raises `ReasonUnknown`."""
    wording = WHY_NOT.get(code)
    if wording is None:
        raise ReasonUnknown(code)
    return wording[0] if count == 1 else wording[1].format(count=count)


def unlock_sentence(code: str, count: int) -> str | None:
    """Return what could lift an obstacle, where it is somebody's to decide."""
    wording = UNLOCKS.get(code)
    if wording is None:
        return None
    return wording[0] if count == 1 else wording[1].format(count=count)
