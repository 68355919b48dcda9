"""Accepted lines, checked one by one and together before the model is built around them.

Only one rule is left to the solver: a place that opens once a shift is covered, since loans not yet accepted may
still cover that shift.
"""

from collections import Counter
from dataclasses import dataclass

from exchange.matching import figures
from exchange.matching.eligibility import Eligibility, LoanRefusal, PlacementRefusal
from exchange.matching.errors import refuse
from exchange.matching.problem import Lines
from exchange.matching.tables import Tables

LOAN_REFUSAL_SENTENCES = {
    LoanRefusal.SAME_EMPLOYER: "la personne a pour employeur l'association d'accueil",
    LoanRefusal.QUALIFICATION: "la personne n'a aucune des qualifications demandées",
    LoanRefusal.SHIFT_LENGTH: "la vacation dépasse la durée permise à cette personne",
    LoanRefusal.REST_OWN_SHIFTS: "il manque 11 h de repos avec une vacation de la personne chez son employeur",
    LoanRefusal.WEEK_MINUTES: "la semaine de la personne dépasserait 48 h",
    LoanRefusal.CONSENT: "la personne n'accepte pas d'être sollicitée",
    LoanRefusal.BASSIN: "la personne n'accepte pas ce bassin",
    LoanRefusal.TRAVEL: "le trajet dépasse la limite de la personne",
    LoanRefusal.AVAILABILITY: "la vacation ne tient pas dans une disponibilité de la personne",
    LoanRefusal.LOAN_MINUTES: "le plafond de prêt de la personne serait dépassé",
    LoanRefusal.LEND_CAP: "l'établissement prêteur ne peut laisser partir personne ce jour-là",
}
PLACEMENT_REFUSAL_SENTENCES = {
    PlacementRefusal.EXCLUDED: "l'établissement est exclu pour cette situation",
    PlacementRefusal.AGE: "l'âge est hors de la tranche accueillie",
    PlacementRefusal.PROFILE: "le profil n'est pas accueilli",
    PlacementRefusal.TRAVEL: "le trajet dépasse la limite de la situation",
    PlacementRefusal.CAPACITY: "l'offre n'a pas de place sur toutes les tranches du bloc",
    PlacementRefusal.MAX_PLACES: "cette situation n'admet aucun lieu",
}


@dataclass(frozen=True, slots=True)
class Fixed:
    """Accepted lines as indices of `Tables`."""

    loans: frozenset[tuple[int, int]]
    placements: dict[int, int]


def accepted_lines(tables: Tables, eligibility: Eligibility) -> Fixed:
    """The frozen lines; raises `ProblemInvalid` naming the first line that breaks a rule."""
    lines = tables.problem.frozen
    loans = _loans(tables, eligibility, lines)
    placements = _placements(tables, eligibility, lines)
    return Fixed(frozenset(loans), placements)


def open_lines(tables: Tables) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """The previous lines as pairs of indices (volunteer, shift) and (block, offer)."""
    lines = tables.problem.previous
    return (
        frozenset((tables.volunteer_index[line.volunteer], tables.shift_index[line.shift]) for line in lines.loans),
        frozenset(
            (tables.block_index[line.situation, line.block], tables.offer_index[line.offer])
            for line in lines.placements
        ),
    )


def _loans(tables: Tables, eligibility: Eligibility, lines: Lines) -> list[tuple[int, int]]:
    taken: dict[int, list[int]] = {}
    week_minutes: Counter[tuple[int, int]] = Counter()
    loan_minutes: Counter[int] = Counter()
    out: Counter[tuple[str, int]] = Counter()
    seats: Counter[int] = Counter()
    caps = {(cap.establishment, cap.day): cap.max_out for cap in tables.problem.lend_caps}
    found = []
    for index, line in enumerate(lines.loans):
        key = f"frozen.loans[{index}]"
        who, shift = tables.volunteer_index[line.volunteer], tables.shift_index[line.shift]
        volunteer = tables.volunteers[who]
        refusal = eligibility.loan_refusal(who, shift)
        if refusal is not None:
            refuse(key, LOAN_REFUSAL_SENTENCES[refusal])
        if any(not rested(tables, other, shift) for other in taken.setdefault(who, [])):
            refuse(key, "il manque 11 h de repos avec un autre prêt accepté de cette personne")
        week, day = int(tables.shift_week[shift]), int(tables.shift_day[shift])
        minutes = int(tables.shift_minutes[shift])
        taken[who].append(shift)
        week_minutes[who, week] += minutes
        loan_minutes[who] += minutes
        out[volunteer.establishment, day] += 1
        seats[shift] += 1
        if volunteer.week_minutes_done[week] + week_minutes[who, week] > figures.WEEK_WORK_MINUTES:
            refuse(key, LOAN_REFUSAL_SENTENCES[LoanRefusal.WEEK_MINUTES])
        if loan_minutes[who] > volunteer.max_loan_minutes:
            refuse(key, LOAN_REFUSAL_SENTENCES[LoanRefusal.LOAN_MINUTES])
        if out[volunteer.establishment, day] > caps.get((volunteer.establishment, day), len(lines.loans)):
            refuse(key, "l'établissement prêteur laisserait partir trop de monde ce jour-là")
        if seats[shift] > tables.shifts[shift].headcount:
            refuse(key, "l'effectif demandé de la vacation serait dépassé")
        found.append((who, shift))
    return found


def _placements(tables: Tables, eligibility: Eligibility, lines: Lines) -> dict[int, int]:
    used: Counter[tuple[int, int]] = Counter()
    places: dict[int, set[int]] = {}
    present: dict[tuple[str, int], list[int]] = {}
    found: dict[int, int] = {}
    apart = incompatible_pairs(tables)
    for index, line in enumerate(lines.placements):
        key = f"frozen.placements[{index}]"
        block, offer = tables.block_index[line.situation, line.block], tables.offer_index[line.offer]
        owner = int(tables.block_situation[block])
        refusal = eligibility.placement_refusal(block, offer)
        if refusal is not None:
            refuse(key, PLACEMENT_REFUSAL_SENTENCES[refusal])
        if block in found:
            refuse(key, "ce bloc est déjà placé par une autre ligne acceptée")
        found[block] = offer
        places.setdefault(owner, set()).add(offer)
        if len(places[owner]) > tables.situations[owner].max_places:
            refuse(key, "cette situation compterait trop de lieux")
        at = tables.offers[offer]
        for segment in tables.blocks[block].segments:
            used[offer, segment] += 1
            if used[offer, segment] > at.capacity[segment] + at.extra_capacity[segment]:
                refuse(key, f"la capacité de l'offre serait dépassée sur la tranche {segment}")
            neighbours = present.setdefault((at.establishment, segment), [])
            if any((min(owner, other), max(owner, other)) in apart for other in neighbours):
                refuse(key, f"deux personnes incompatibles seraient ensemble sur la tranche {segment}")
            neighbours.append(owner)
    return found


def rested(tables: Tables, first: int, second: int) -> bool:
    """Whether 11 h separate two shifts, whichever comes first."""
    return bool(
        tables.shift_start[second] >= tables.shift_end[first] + figures.REST_MINUTES
        or tables.shift_start[first] >= tables.shift_end[second] + figures.REST_MINUTES
    )


def incompatible_pairs(tables: Tables) -> set[tuple[int, int]]:
    """Pairs of situations, smaller index first, that one establishment may not serve in the same segment."""
    index = {situation.id: position for position, situation in enumerate(tables.situations)}
    return {
        (min(index[situation.id], index[other]), max(index[situation.id], index[other]))
        for situation in tables.situations
        for other in situation.incompatible_with
    }
