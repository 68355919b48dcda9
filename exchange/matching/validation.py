"""Contradictions that make a problem meaningless, refused with the path of the key and the rule in French."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from exchange.matching.errors import refuse

if TYPE_CHECKING:
    from exchange.matching.problem import Lines, Need, Offer, Period, Problem, Situation, Volunteer

DAY_MINUTES = 1_440
WEEK_DAYS = 7
LONGEST_HORIZON_DAYS = 366
# Pairs to examine (volunteers × shifts, blocks × offers). A department of five bassins is about 600,000 volunteer
# pairs; far above that the prefilter alone would exceed the second in which a bad file must be refused.
MOST_PAIRS = 4_000_000


@dataclass(frozen=True, slots=True)
class _Ids:
    communes: frozenset[str]
    associations: frozenset[str]
    establishments: frozenset[str]
    shifts: frozenset[tuple[str, str]]


def refuse_contradictions(problem: Problem) -> None:
    """Raise `ProblemInvalid` for the first contradiction met, in the order of the format's keys."""
    _calendar(problem)
    _size(problem)
    _territory(problem)
    ids = _Ids(
        communes=frozenset(commune.id for commune in problem.communes),
        associations=frozenset(association.id for association in problem.associations),
        establishments=frozenset(establishment.id for establishment in problem.establishments),
        shifts=frozenset((need.id, shift.id) for need in problem.needs for shift in need.shifts),
    )
    _organisations(problem, ids)
    for index, volunteer in enumerate(problem.volunteers):
        _volunteer(problem, volunteer, f"volunteers[{index}]", ids)
    _lend_caps(problem, ids)
    for index, need in enumerate(problem.needs):
        _need(problem, need, f"needs[{index}]", ids)
    _shift_ids(problem)
    for index, offer in enumerate(problem.offers):
        _offer(problem, offer, f"offers[{index}]", ids)
    for index, situation in enumerate(problem.situations):
        _situation(problem, situation, f"situations[{index}]", ids)
    _incompatibilities(problem)
    _lines(problem, problem.frozen, "frozen")
    _lines(problem, problem.previous, "previous")


def _calendar(problem: Problem) -> None:
    _named(problem.id, "id")
    if not 1 <= problem.days <= LONGEST_HORIZON_DAYS:
        refuse("days", f"l'horizon compte de 1 à {LONGEST_HORIZON_DAYS} jours (reçu : {problem.days})")
    try:
        start = datetime.fromisoformat(problem.horizon_start)
    except ValueError:
        refuse("horizon_start", f"une date ISO est attendue (reçu : « {problem.horizon_start} »)")
    if start.isoweekday() != 1 or start.time() != time(0):
        refuse("horizon_start", f"l'horizon commence un lundi à 0 h (reçu : « {problem.horizon_start} »)")


def _territory(problem: Problem) -> None:
    if problem.bassins < 1:
        refuse("bassins", f"il faut au moins un bassin de vie (reçu : {problem.bassins})")
    _unique((commune.id for commune in problem.communes), "communes[{}].id")
    for index, commune in enumerate(problem.communes):
        _bassin(problem, commune.bassin, f"communes[{index}].bassin")
    size = len(problem.communes)
    if len(problem.travel_min) != size:
        refuse("travel_min", f"une ligne par commune est attendue ({size}, reçu : {len(problem.travel_min)})")
    for index, row in enumerate(problem.travel_min):
        if len(row) != size:
            refuse(f"travel_min[{index}]", f"une durée par commune est attendue ({size}, reçu : {len(row)})")
        _none_negative(row, f"travel_min[{index}]", "une durée de trajet")


def _organisations(problem: Problem, ids: _Ids) -> None:
    _unique((association.id for association in problem.associations), "associations[{}].id")
    _unique((establishment.id for establishment in problem.establishments), "establishments[{}].id")
    for index, establishment in enumerate(problem.establishments):
        path = f"establishments[{index}]"
        _known(establishment.association, ids.associations, f"{path}.association", "associations")
        _known(establishment.commune, ids.communes, f"{path}.commune", "communes")
        _bassin(problem, establishment.bassin, f"{path}.bassin")
    _unique((volunteer.id for volunteer in problem.volunteers), "volunteers[{}].id")
    _unique((need.id for need in problem.needs), "needs[{}].id")
    _unique((offer.id for offer in problem.offers), "offers[{}].id")
    _unique((situation.id for situation in problem.situations), "situations[{}].id")


def _volunteer(problem: Problem, volunteer: Volunteer, path: str, ids: _Ids) -> None:
    _known(volunteer.association, ids.associations, f"{path}.association", "associations")
    _known(volunteer.establishment, ids.establishments, f"{path}.establishment", "establishments")
    _known(volunteer.commune, ids.communes, f"{path}.commune", "communes")
    _unique((str(bassin) for bassin in volunteer.bassins), path + ".bassins[{}]")
    for index, bassin in enumerate(volunteer.bassins):
        _bassin(problem, bassin, f"{path}.bassins[{index}]")
    _periods(volunteer.availability, f"{path}.availability")
    _periods(volunteer.own_shifts, f"{path}.own_shifts")
    weeks = -(-problem.days // WEEK_DAYS)
    if len(volunteer.week_minutes_done) != weeks:
        received = len(volunteer.week_minutes_done)
        refuse(f"{path}.week_minutes_done", f"une valeur par semaine entamée ({weeks}, reçu : {received})")
    _none_negative(volunteer.week_minutes_done, f"{path}.week_minutes_done", "une durée travaillée")
    _not_negative(volunteer.max_loan_minutes, f"{path}.max_loan_minutes", "un plafond de prêt")
    _not_negative(volunteer.max_travel_min, f"{path}.max_travel_min", "une limite de trajet")


def _lend_caps(problem: Problem, ids: _Ids) -> None:
    seen: dict[tuple[str, int], int] = {}
    for index, cap in enumerate(problem.lend_caps):
        path = f"lend_caps[{index}]"
        _known(cap.establishment, ids.establishments, f"{path}.establishment", "establishments")
        if not 0 <= cap.day < problem.days:
            refuse(f"{path}.day", f"le jour est hors de l'horizon de {problem.days} jours (reçu : {cap.day})")
        _not_negative(cap.max_out, f"{path}.max_out", "un plafond de sorties")
        first = seen.setdefault((cap.establishment, cap.day), index)
        if first != index:
            refuse(path, f"ce plafond d'établissement et de jour est déjà donné par lend_caps[{first}]")


def _need(problem: Problem, need: Need, path: str, ids: _Ids) -> None:
    _known(need.establishment, ids.establishments, f"{path}.establishment", "establishments")
    _urgency(need.urgency, f"{path}.urgency")
    for index, shift in enumerate(need.shifts):
        here = f"{path}.shifts[{index}]"
        if shift.end <= shift.start:
            refuse(f"{here}.end", f"une vacation finit après son début ({shift.start} → {shift.end})")
        if not 0 <= shift.start < problem.days * DAY_MINUTES:
            refuse(f"{here}.start", f"une vacation commence dans l'horizon (reçu : {shift.start})")
        _not_negative(shift.headcount, f"{here}.headcount", "un effectif demandé")


def _shift_ids(problem: Problem) -> None:
    seen: dict[str, str] = {}
    for need_index, need in enumerate(problem.needs):
        for index, shift in enumerate(need.shifts):
            path = f"needs[{need_index}].shifts[{index}].id"
            _named(shift.id, path)
            first = seen.setdefault(shift.id, path)
            if first != path:
                refuse(path, f"l'identifiant « {shift.id} » est déjà celui de {first}")


def _offer(problem: Problem, offer: Offer, path: str, ids: _Ids) -> None:
    segments = 2 * problem.days
    _known(offer.establishment, ids.establishments, f"{path}.establishment", "establishments")
    if not 0 <= offer.ages[0] <= offer.ages[1]:
        refuse(f"{path}.ages", f"l'âge le plus bas vient en premier, sans âge négatif (reçu : {list(offer.ages)})")
    for key, values in (("capacity", offer.capacity), ("extra_capacity", offer.extra_capacity)):
        if len(values) != segments:
            refuse(f"{path}.{key}", f"une valeur par tranche est attendue ({segments}, reçu : {len(values)})")
        _none_negative(values, f"{path}.{key}", "une capacité")
    _unique((str(requirement.segment) for requirement in offer.requires), path + ".requires[{}]")
    required = {requirement.segment: requirement.shifts for requirement in offer.requires}
    for segment, lines in required.items():
        here = f"{path}.requires.{segment}"
        if not 0 <= segment < segments:
            refuse(here, f"la tranche est hors de l'horizon (de 0 à {segments - 1})")
        for position, (need, shift) in enumerate(lines):
            if (need, shift) not in ids.shifts:
                refuse(f"{here}[{position}]", f"le besoin « {need} » n'a pas de vacation « {shift} »")
        _unique((shift for _, shift in lines), here + "[{}]")
    for segment, extra in enumerate(offer.extra_capacity):
        if extra > 0 and not required.get(segment):
            refuse(f"{path}.requires", f"la capacité conditionnelle de la tranche {segment} n'exige aucune vacation")


def _situation(problem: Problem, situation: Situation, path: str, ids: _Ids) -> None:
    segments = 2 * problem.days
    _not_negative(situation.age, f"{path}.age", "un âge")
    _urgency(situation.urgency, f"{path}.urgency")
    _known(situation.commune, ids.communes, f"{path}.commune", "communes")
    _not_negative(situation.max_travel_min, f"{path}.max_travel_min", "une limite de trajet")
    _not_negative(situation.max_places, f"{path}.max_places", "un nombre de lieux")
    if situation.together is not None:
        _named(situation.together, f"{path}.together")
    _unique(situation.excluded_establishments, path + ".excluded_establishments[{}]")
    for index, establishment in enumerate(situation.excluded_establishments):
        key = f"{path}.excluded_establishments[{index}]"
        _known(establishment, ids.establishments, key, "establishments")
    _unique((block.id for block in situation.blocks), path + ".blocks[{}].id")
    taken: dict[int, str] = {}
    for index, block in enumerate(situation.blocks):
        here = f"{path}.blocks[{index}].segments"
        if not block.segments:
            refuse(here, "un bloc compte au moins une tranche")
        for position, segment in enumerate(block.segments):
            if not 0 <= segment < segments:
                refuse(f"{here}[{position}]", f"la tranche {segment} est hors de l'horizon (de 0 à {segments - 1})")
            if segment in taken:
                refuse(f"{here}[{position}]", f"la tranche {segment} est déjà demandée par {taken[segment]}")
            taken[segment] = f"{path}.blocks[{index}]"


def _incompatibilities(problem: Problem) -> None:
    situations = {situation.id: situation.together for situation in problem.situations}
    for index, situation in enumerate(problem.situations):
        path = f"situations[{index}].incompatible_with"
        _unique(situation.incompatible_with, path + "[{}]")
        for position, other in enumerate(situation.incompatible_with):
            _known(other, situations, f"{path}[{position}]", "situations")
            if other == situation.id:
                refuse(f"{path}[{position}]", "une situation n'est pas incompatible avec elle-même")
            if situation.together is not None and situations[other] == situation.together:
                rule = f"« {other} » est aussi du groupe « {situation.together} », à garder ensemble"
                refuse(f"{path}[{position}]", rule)


def _lines(problem: Problem, lines: Lines, path: str) -> None:
    volunteers = {volunteer.id for volunteer in problem.volunteers}
    shifts = {shift.id for need in problem.needs for shift in need.shifts}
    offers = {offer.id for offer in problem.offers}
    blocks = {situation.id: {block.id for block in situation.blocks} for situation in problem.situations}
    seen: dict[object, str] = {}
    for index, loan in enumerate(lines.loans):
        here = f"{path}.loans[{index}]"
        _known(loan.volunteer, volunteers, f"{here}.volunteer", "volunteers")
        _known(loan.shift, shifts, f"{here}.shift", "needs[].shifts")
        _first_line(seen, loan, here)
    for index, placement in enumerate(lines.placements):
        here = f"{path}.placements[{index}]"
        _known(placement.situation, blocks, f"{here}.situation", "situations")
        _known(placement.block, blocks[placement.situation], f"{here}.block", "situations[].blocks")
        _known(placement.offer, offers, f"{here}.offer", "offers")
        _first_line(seen, placement, here)


def _first_line(seen: dict[object, str], line: object, path: str) -> None:
    first = seen.setdefault(line, path)
    if first != path:
        refuse(path, f"cette ligne répète {first}")


def _size(problem: Problem) -> None:
    shifts = sum(len(need.shifts) for need in problem.needs)
    people = len(problem.volunteers)
    if people * shifts > MOST_PAIRS:
        refuse("volunteers", f"{people} volontaires × {shifts} vacations dépassent {MOST_PAIRS} paires")
    blocks = sum(len(situation.blocks) for situation in problem.situations)
    if len(problem.offers) * blocks > MOST_PAIRS:
        refuse("offers", f"{len(problem.offers)} offres × {blocks} blocs dépassent {MOST_PAIRS} paires")


def _named(value: str, path: str) -> None:
    if not value:
        refuse(path, "un identifiant n'est pas vide")


def _unique(values: Iterable[str], template: str) -> None:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        path = template.format(index)
        _named(value, path)
        first = seen.setdefault(value, index)
        if first != index:
            refuse(path, f"« {value} » est déjà donné par {template.format(first)}")


def _known(value: str, known: Container[str], path: str, where: str) -> None:
    if value not in known:
        refuse(path, f"« {value} » n'existe pas dans {where}")


def _bassin(problem: Problem, bassin: int, path: str) -> None:
    if not 0 <= bassin < problem.bassins:
        refuse(path, f"le bassin va de 0 à {problem.bassins - 1} (reçu : {bassin})")


def _urgency(urgency: int, path: str) -> None:
    if not 1 <= urgency <= 4:
        refuse(path, f"l'urgence va de 1 à 4 (reçu : {urgency})")


def _periods(periods: Sequence[Period], path: str) -> None:
    for index, (start, end) in enumerate(periods):
        if end <= start:
            refuse(f"{path}[{index}]", f"une période finit après son début ({start} → {end})")


def _not_negative(value: int, path: str, what: str) -> None:
    if value < 0:
        refuse(path, f"{what} ne peut pas être négatif (reçu : {value})")


def _none_negative(values: Sequence[int], path: str, what: str) -> None:
    if min(values, default=0) < 0:
        index = next(index for index, value in enumerate(values) if value < 0)
        refuse(f"{path}[{index}]", f"{what} ne peut pas être négative (reçu : {values[index]})")
