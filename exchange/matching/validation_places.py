"""Contradictions in what a problem says of offers and situations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.matching.errors import refuse
from exchange.matching.validation_terms import (
    HIGHEST_PRICE,
    Ids,
    hours_in_order,
    known,
    named,
    none_negative,
    not_negative,
    segment_within,
    unique,
    urgency_within,
    within,
)

if TYPE_CHECKING:
    from exchange.matching.problem import Offer, Problem, Situation


def zones_agree(problem: Problem, ids: Ids) -> None:
    unique((zone.id for zone in problem.zones), "zones[{}].id")
    for index, zone in enumerate(problem.zones):
        unique(zone.communes, f"zones[{index}].communes[{{}}]")
        for position, commune in enumerate(zone.communes):
            known(commune, ids.communes, f"zones[{index}].communes[{position}]", "communes")


def offer_agrees(problem: Problem, offer: Offer, path: str, ids: Ids) -> None:
    segments = 2 * problem.days
    known(offer.establishment, ids.establishments, f"{path}.establishment", "establishments")
    if not 0 <= offer.ages[0] <= offer.ages[1]:
        refuse(f"{path}.ages", f"l'âge le plus bas vient en premier, sans âge négatif (reçu : {list(offer.ages)})")
    within(offer.scarcity_price, 0, HIGHEST_PRICE, f"{path}.scarcity_price", "un prix")
    for key, values in (("capacity", offer.capacity), ("extra_capacity", offer.extra_capacity)):
        if len(values) != segments:
            refuse(f"{path}.{key}", f"une valeur par tranche est attendue ({segments}, reçu : {len(values)})")
        none_negative(values, f"{path}.{key}", "une capacité")
    unique((str(requirement.segment) for requirement in offer.requires), path + ".requires[{}]")
    required = {requirement.segment: requirement.shifts for requirement in offer.requires}
    for segment, lines in required.items():
        here = f"{path}.requires.{segment}"
        segment_within(segment, segments, here)
        for position, (need, shift) in enumerate(lines):
            if (need, shift) not in ids.shifts:
                refuse(f"{here}[{position}]", f"le besoin « {need} » n'a pas de vacation « {shift} »")
        unique((shift for _, shift in lines), here + "[{}]")
    if offer.zone is not None:
        known(offer.zone, ids.zones, f"{path}.zone", "zones")
    hours_in_order(offer.hours, f"{path}.hours")
    unique(offer.provides, path + ".provides[{}]")
    for provision in offer.provides_at:
        here = f"{path}.provides_at.{provision.segment}"
        segment_within(provision.segment, segments, here)
        unique(provision.codes, here + "[{}]")
    for segment, extra in enumerate(offer.extra_capacity):
        if extra > 0 and not required.get(segment):
            refuse(f"{path}.requires", f"la capacité conditionnelle de la tranche {segment} n'exige aucune vacation")


def situation_agrees(problem: Problem, situation: Situation, path: str, ids: Ids) -> None:
    segments = 2 * problem.days
    not_negative(situation.age, f"{path}.age", "un âge")
    urgency_within(situation.urgency, f"{path}.urgency")
    known(situation.commune, ids.communes, f"{path}.commune", "communes")
    not_negative(situation.max_travel_min, f"{path}.max_travel_min", "une limite de trajet")
    not_negative(situation.max_places, f"{path}.max_places", "un nombre de lieux")
    if situation.together is not None:
        named(situation.together, f"{path}.together")
    for key in ("needs", "needs_by_night", "needs_by_day"):
        unique(getattr(situation, key), f"{path}.{key}[{{}}]")
    unique(situation.excluded_establishments, path + ".excluded_establishments[{}]")
    for index, establishment in enumerate(situation.excluded_establishments):
        key = f"{path}.excluded_establishments[{index}]"
        known(establishment, ids.establishments, key, "establishments")
    unique((block.id for block in situation.blocks), path + ".blocks[{}].id")
    taken: dict[int, str] = {}
    for index, block in enumerate(situation.blocks):
        hours_in_order(block.hours, f"{path}.blocks[{index}].hours")
        here = f"{path}.blocks[{index}].segments"
        if not block.segments:
            refuse(here, "un bloc compte au moins une tranche")
        for position, segment in enumerate(block.segments):
            segment_within(segment, segments, f"{here}[{position}]")
            if segment in taken:
                refuse(f"{here}[{position}]", f"la tranche {segment} est déjà demandée par {taken[segment]}")
            taken[segment] = f"{path}.blocks[{index}]"


def incompatibilities_agree(problem: Problem) -> None:
    situations = {situation.id: situation.together for situation in problem.situations}
    for index, situation in enumerate(problem.situations):
        path = f"situations[{index}].incompatible_with"
        unique(situation.incompatible_with, path + "[{}]")
        for position, other in enumerate(situation.incompatible_with):
            known(other, situations, f"{path}[{position}]", "situations")
            if other == situation.id:
                refuse(f"{path}[{position}]", "une situation n'est pas incompatible avec elle-même")
            if situation.together is not None and situations[other] == situation.together:
                rule = f"« {other} » est aussi du groupe « {situation.together} », à garder ensemble"
                refuse(f"{path}[{position}]", rule)
