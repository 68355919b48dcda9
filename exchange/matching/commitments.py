"""Lines taken one after another, each refused as soon as the lines before it leave no lawful room for it.

Serves accepted lines, which must all fit, and the plan built in order of urgency, which keeps what fits.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import combinations

from exchange.matching.eligibility import Eligibility, LoanRefusal, PlacementRefusal
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal
from exchange.matching.tables import Tables

LOAN_REFUSAL_SENTENCES = {
    LoanRefusal.SAME_EMPLOYER: "la personne a pour employeur l'association d'accueil",
    LoanRefusal.PERMANENT_STAFF: "l'établissement n'a pas assez de permanents sur cette vacation",
    LoanRefusal.QUALIFICATION: "la personne n'a aucune des qualifications demandées",
    LoanRefusal.SHIFT_LENGTH: "la vacation dépasse la durée permise à cette personne",
    LoanRefusal.REST_OWN_SHIFTS: "il manque du repos entre la vacation et celles de la personne chez son employeur",
    LoanRefusal.WEEK_MINUTES: "la semaine de la personne dépasserait sa durée permise (48 h, sauf règle plus stricte)",
    LoanRefusal.WEEKLY_REST: "la semaine de la personne n'aurait plus le repos hebdomadaire demandé",
    LoanRefusal.DAYS_IN_ROW: "la personne travaillerait trop de jours de suite",
    LoanRefusal.AVERAGE_WEEK: "la durée moyenne des semaines de la personne serait dépassée",
    LoanRefusal.FILE_NOT_READY: "le dossier de la personne n'est pas prêt à cette date",
    LoanRefusal.CONSENT: "la personne n'accepte pas d'être sollicitée",
    LoanRefusal.BASSIN: "la personne n'accepte pas ce bassin",
    LoanRefusal.TRAVEL: "le trajet dépasse la limite de la personne",
    LoanRefusal.AVAILABILITY: "la vacation ne tient pas dans une disponibilité de la personne",
    LoanRefusal.LOAN_MINUTES: "le plafond de prêt de la personne serait dépassé",
    LoanRefusal.LEND_CAP: "l'établissement prêteur ne peut laisser partir personne ce jour-là",
}
LOAN_SET_SENTENCES = {
    LoanSetRefusal.REST: "il manque du repos entre cette vacation et un autre prêt de la personne",
    LoanSetRefusal.WEEK_MINUTES: LOAN_REFUSAL_SENTENCES[LoanRefusal.WEEK_MINUTES],
    LoanSetRefusal.WEEKLY_REST: LOAN_REFUSAL_SENTENCES[LoanRefusal.WEEKLY_REST],
    LoanSetRefusal.DAYS_IN_ROW: LOAN_REFUSAL_SENTENCES[LoanRefusal.DAYS_IN_ROW],
    LoanSetRefusal.AVERAGE_WEEK: LOAN_REFUSAL_SENTENCES[LoanRefusal.AVERAGE_WEEK],
    LoanSetRefusal.LOAN_MINUTES: LOAN_REFUSAL_SENTENCES[LoanRefusal.LOAN_MINUTES],
}
PLACEMENT_REFUSAL_SENTENCES = {
    PlacementRefusal.EXCLUDED: "l'établissement est exclu pour cette situation",
    PlacementRefusal.CARE_MODE: "le bloc veut une place avec hébergement et l'offre est sans, ou l'inverse",
    PlacementRefusal.AGE: "l'âge est hors de la tranche accueillie",
    PlacementRefusal.PROFILE: "le profil n'est pas accueilli",
    PlacementRefusal.PROVISION: "l'offre ne fournit pas, sur toutes les tranches, ce dont la personne a besoin",
    PlacementRefusal.ZONE: "la commune de la situation est hors de la zone de l'offre",
    PlacementRefusal.TRAVEL: "le trajet dépasse la limite de la situation",
    PlacementRefusal.HOURS: "les heures du bloc ne tiennent pas dans celles de l'offre",
    PlacementRefusal.CAPACITY: "l'offre n'a pas de place sur toutes les tranches du bloc",
    PlacementRefusal.MAX_PLACES: "cette situation n'admet aucun lieu",
    PlacementRefusal.GROUP: "l'établissement ne peut pas recevoir tout le groupe à garder ensemble",
}


class TakenLoans:
    """Loans already taken, as indices of `Tables`."""

    def __init__(self, tables: Tables, eligibility: Eligibility) -> None:
        self._tables, self._eligibility = tables, eligibility
        self._caps = {(cap.establishment, cap.day): cap.max_out for cap in tables.problem.lend_caps}
        self._of_person: dict[int, list[int]] = defaultdict(list)
        self._leaving: Counter[tuple[str, int]] = Counter()
        self.seats: Counter[int] = Counter()
        self.lines: set[tuple[int, int]] = set()

    def objection(self, who: int, shift: int) -> str | None:
        """Why this person may not take this shift now, in French; nothing where they may."""
        tables, volunteer = self._tables, self._tables.volunteers[who]
        refusal = self._eligibility.loan_refusal(who, shift)
        if refusal is not None:
            return LOAN_REFUSAL_SENTENCES[refusal]
        together = (*self._of_person[who], shift)
        for broken, rule in LOAN_SET_RULES.items():
            if rule(tables, who, together):
                return LOAN_SET_SENTENCES[broken]
        exit_day = (volunteer.establishment, int(tables.shift_day[shift]))
        if exit_day in self._caps and self._leaving[exit_day] >= self._caps[exit_day]:
            return "l'établissement prêteur laisserait partir trop de monde ce jour-là"
        if self.seats[shift] >= tables.shifts[shift].headcount:
            return "l'effectif demandé de la vacation serait dépassé"
        return None

    def take(self, who: int, shift: int) -> None:
        self._of_person[who].append(shift)
        self._leaving[self._tables.volunteers[who].establishment, int(self._tables.shift_day[shift])] += 1
        self.seats[shift] += 1
        self.lines.add((who, shift))


class TakenPlaces:
    """Placements already taken, block or part → offer; `is_open(offer, segment)`: whether extra places are there."""

    def __init__(self, tables: Tables, eligibility: Eligibility, is_open: Callable[[int, int], bool]) -> None:
        self._tables, self._eligibility, self._is_open = tables, eligibility, is_open
        self._apart = incompatible_pairs(tables)
        self._used: Counter[tuple[int, int]] = Counter()
        self._places: dict[int, set[int]] = defaultdict(set)
        self._present: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._roofs: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.lines: dict[int, int] = {}

    def objection(self, block: int, offer: int) -> str | None:
        """Why this offer may not serve this block now, in French; nothing where it may."""
        tables, owner = self._tables, int(self._tables.block_situation[block])
        refusal = self._eligibility.placement_refusal(block, offer)
        if refusal is not None:
            return PLACEMENT_REFUSAL_SENTENCES[refusal]
        if not self.lines.keys().isdisjoint(tables.rivals(block)):
            return "ce bloc est déjà placé par une autre ligne"
        if len(self._places[owner] | {offer}) > tables.situations[owner].max_places:
            return "cette situation compterait trop de lieux"
        at = tables.offers[offer]
        for segment in tables.blocks[block].segments:
            extra = at.extra_capacity[segment] if self._is_open(offer, segment) else 0
            if self._used[offer, segment] >= at.capacity[segment] + extra:
                return f"la capacité de l'offre serait dépassée sur la tranche {segment}"
            if any(_pair(owner, other) in self._apart for other in self._present[at.establishment, segment]):
                return f"deux personnes incompatibles seraient ensemble sur la tranche {segment}"
            group = tables.situations[owner].together
            if group is not None and any(roof != at.establishment for roof in self._roofs[group, segment]):
                return f"des personnes à garder ensemble seraient séparées sur la tranche {segment}"
        return None

    def take(self, block: int, offer: int) -> None:
        owner, house = int(self._tables.block_situation[block]), self._tables.offers[offer].establishment
        group = self._tables.situations[owner].together
        self._places[owner].add(offer)
        for segment in self._tables.blocks[block].segments:
            self._used[offer, segment] += 1
            self._present[house, segment].append(owner)
            if group is not None:
                self._roofs[group, segment].append(house)
        self.lines[block] = offer

    def give_back(self, block: int) -> None:
        """Undo a line taken."""
        offer, owner = self.lines.pop(block), int(self._tables.block_situation[block])
        house, group = self._tables.offers[offer].establishment, self._tables.situations[owner].together
        self._places[owner] = {self.lines[other] for other in self._tables.lines_of(owner) if other in self.lines}
        for segment in self._tables.blocks[block].segments:
            self._used[offer, segment] -= 1
            self._present[house, segment].remove(owner)
            if group is not None:
                self._roofs[group, segment].remove(house)


def incompatible_pairs(tables: Tables) -> set[tuple[int, int]]:
    """Pairs of situations, smaller index first, that one establishment may not serve in the same segment."""
    index = {situation.id: position for position, situation in enumerate(tables.situations)}
    return {
        _pair(index[situation.id], index[other])
        for situation in tables.situations
        for other in situation.incompatible_with
    }


def sets_apart(tables: Tables) -> list[tuple[int, ...]]:
    """Sets of situations, ascending, all incompatible with one another; every incompatible pair is in one of them."""
    pairs = incompatible_pairs(tables)
    others: dict[int, set[int]] = defaultdict(set)
    for one, two in pairs:
        others[one].add(two)
        others[two].add(one)
    found: list[tuple[int, ...]] = []
    told: set[tuple[int, int]] = set()
    for one, two in sorted(pairs):
        if (one, two) in told:
            continue
        apart = [one, two]
        for person in sorted(others[one] & others[two]):
            if others[person].issuperset(apart):
                apart.append(person)
        apart.sort()
        told.update(combinations(apart, 2))
        found.append(tuple(apart))
    return found


def _pair(one: int, two: int) -> tuple[int, int]:
    return (one, two) if one < two else (two, one)
