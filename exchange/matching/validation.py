"""Contradictions that make a problem meaningless, refused with the path of the key and the rule in French."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from exchange.matching.cutting import cuts_of, places_to_cut
from exchange.matching.errors import refuse
from exchange.matching.validation_people import (
    lend_caps_agree,
    need_agrees,
    organisations_agree,
    shift_ids_are_unique,
    volunteer_agrees,
)
from exchange.matching.validation_places import incompatibilities_agree, offer_agrees, situation_agrees, zones_agree
from exchange.matching.validation_rules import rule_sets_agree
from exchange.matching.validation_size import refuse_too_many_pairs
from exchange.matching.validation_terms import (
    HIGHEST_PRICE,
    Ids,
    bassin_within,
    known,
    named,
    none_negative,
    unique,
    within,
)

if TYPE_CHECKING:
    from exchange.matching.problem import Lines, Problem

LONGEST_HORIZON_DAYS = 366


def refuse_contradictions(problem: Problem) -> None:
    """Raise `ProblemInvalid` for the first contradiction met, in the order of the format's keys."""
    _calendar(problem)
    shifts = sum(len(need.shifts) for need in problem.needs)
    pieces = sum(1 + 2 * len(places_to_cut(problem, one, block)) for one in problem.situations for block in one.blocks)
    refuse_too_many_pairs(len(problem.volunteers), shifts, len(problem.offers), pieces)
    _territory(problem)
    ids = Ids(
        communes=frozenset(commune.id for commune in problem.communes),
        associations=frozenset(association.id for association in problem.associations),
        establishments=frozenset(establishment.id for establishment in problem.establishments),
        shifts=frozenset((need.id, shift.id) for need in problem.needs for shift in need.shifts),
        rules=frozenset(rules.id for rules in problem.rules),
        zones=frozenset(zone.id for zone in problem.zones),
    )
    for key in ("paperwork", "cross_bassin", "split"):
        within(getattr(problem.prices, key), 0, HIGHEST_PRICE, f"prices.{key}", "un prix")
    within(problem.prices.rebalance_percent, 0, 100, "prices.rebalance_percent", "une part")
    rule_sets_agree(problem)
    zones_agree(problem, ids)
    organisations_agree(problem, ids)
    for index, volunteer in enumerate(problem.volunteers):
        volunteer_agrees(problem, volunteer, f"volunteers[{index}]", ids)
    lend_caps_agree(problem, ids)
    for index, need in enumerate(problem.needs):
        need_agrees(problem, need, f"needs[{index}]", ids)
    shift_ids_are_unique(problem)
    for index, offer in enumerate(problem.offers):
        offer_agrees(problem, offer, f"offers[{index}]", ids)
    for index, situation in enumerate(problem.situations):
        situation_agrees(problem, situation, f"situations[{index}]", ids)
    incompatibilities_agree(problem)
    _lines(problem, problem.frozen, "frozen")
    _lines(problem, problem.previous, "previous")


def _calendar(problem: Problem) -> None:
    named(problem.id, "id")
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
    unique((commune.id for commune in problem.communes), "communes[{}].id")
    for index, commune in enumerate(problem.communes):
        bassin_within(problem, commune.bassin, f"communes[{index}].bassin")
    size = len(problem.communes)
    if len(problem.travel_min) != size:
        refuse("travel_min", f"une ligne par commune est attendue ({size}, reçu : {len(problem.travel_min)})")
    for index, row in enumerate(problem.travel_min):
        if len(row) != size:
            refuse(f"travel_min[{index}]", f"une durée par commune est attendue ({size}, reçu : {len(row)})")
        none_negative(row, f"travel_min[{index}]", "une durée de trajet")


def _lines(problem: Problem, lines: Lines, path: str) -> None:
    volunteers = {volunteer.id for volunteer in problem.volunteers}
    shifts = {shift.id for need in problem.needs for shift in need.shifts}
    offers = {offer.id for offer in problem.offers}
    situations = {situation.id: situation for situation in problem.situations}
    blocks = {situation.id: {block.id: block for block in situation.blocks} for situation in problem.situations}
    seen: dict[object, str] = {}
    for index, loan in enumerate(lines.loans):
        here = f"{path}.loans[{index}]"
        known(loan.volunteer, volunteers, f"{here}.volunteer", "volunteers")
        known(loan.shift, shifts, f"{here}.shift", "needs[].shifts")
        _first_line(seen, loan, here)
    for index, placement in enumerate(lines.placements):
        here = f"{path}.placements[{index}]"
        known(placement.situation, blocks, f"{here}.situation", "situations")
        known(placement.block, blocks[placement.situation], f"{here}.block", "situations[].blocks")
        known(placement.offer, offers, f"{here}.offer", "offers")
        if placement.segments:
            owner, block = situations[placement.situation], blocks[placement.situation][placement.block]
            if not any(placement.segments in cut for cut in cuts_of(problem, owner, block)):
                refuse(f"{here}.segments", "une partie est le début ou la fin d'un bloc qui peut être partagé")
        _first_line(seen, placement, here)


def _first_line(seen: dict[object, str], line: object, path: str) -> None:
    first = seen.setdefault(line, path)
    if first != path:
        refuse(path, f"cette ligne répète {first}")
