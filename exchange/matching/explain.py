"""Reasons taken from the rules themselves, never from the solver: why a candidate is out, why a gap remains.

`explain_situation` and `explain_need` answer for one item of a plan: what was chosen and why, what else there was and
why not, what is missing and what would do.
"""

from exchange.matching.eligibility import LOAN_RULES, PLACEMENT_RULES, LoanRefusal, PlacementRefusal
from exchange.matching.explanation import (
    ChosenOffer,
    ChosenVolunteer,
    Difference,
    Grounds,
    NeedExplained,
    RunnerUp,
    SituationExplained,
)
from exchange.matching.gaps import gap_of_block, gap_of_shift
from exchange.matching.near_misses import travel_of_loan, travel_of_placement
from exchange.matching.obstacles import Obstacles
from exchange.matching.problem import Problem
from exchange.matching.runner_up import (
    MOST_RUNNERS_UP,
    MOST_SOLVES_PER_NEED,
    runners_up_of_situation,
    runners_up_of_volunteer,
)
from exchange.matching.standing import Standing
from exchange.matching.tables import tabulate
from exchange.matching.unlocking import opening_of, unlocks_of
from exchange.matching.verdicts import verdicts_on_offers, verdicts_on_volunteers
from exchange.matching.waterfall import Contention, unmet_items

__all__ = [
    "Contention",
    "explain_need",
    "explain_situation",
    "unlocks_of",
    "unmet_items",
    "why_not_loan",
    "why_not_placement",
]


def explain_situation(standing: Standing, situation: str) -> SituationExplained | None:
    """Answer for one situation; nothing where the problem has no such id."""
    tables = standing.tables
    index = next((rank for rank, one in enumerate(tables.situations) if one.id == situation), None)
    if index is None:
        return None
    obstacles = Obstacles(standing)
    runner_ups = runners_up_of_situation(standing, index)
    unmet = [block for block in standing.unserved if tables.block_situation[block] == index]
    return SituationExplained(
        situation=situation,
        chosen=_chosen_offers(standing, index, runner_ups),
        runner_ups=runner_ups,
        gaps=tuple(gap_of_block(standing, obstacles, block) for block in unmet),
        facilities=verdicts_on_offers(standing, obstacles, index),
    )


def explain_need(standing: Standing, need: str) -> NeedExplained | None:
    """Answer for one need; nothing where the problem has no such id."""
    tables = standing.tables
    index = next((rank for rank, one in enumerate(tables.needs) if one.id == need), None)
    if index is None:
        return None
    obstacles = Obstacles(standing)
    shifts = [shift for shift in range(len(tables.shifts)) if tables.shift_need[shift] == index]
    return NeedExplained(
        need=need,
        chosen=_chosen_volunteers(standing, shifts),
        gaps=tuple(gap_of_shift(standing, obstacles, shift) for shift in shifts if standing.missing(shift) > 0),
        others=verdicts_on_volunteers(standing, obstacles, shifts),
    )


def why_not_loan(problem: Problem, shift: str) -> dict[str, tuple[LoanRefusal, ...]]:
    """Every rule that refuses each volunteer for one shift, by volunteer id; empty for a candidate."""
    tables = tabulate(problem)
    column = tables.shift_index[shift]
    refused = {refusal: rule(tables)[:, column] for refusal, rule in LOAN_RULES.items()}
    return {
        volunteer.id: tuple(refusal for refusal, by_volunteer in refused.items() if by_volunteer[index])
        for index, volunteer in enumerate(tables.volunteers)
    }


def why_not_placement(problem: Problem, situation: str, block: str) -> dict[str, tuple[PlacementRefusal, ...]]:
    """Every rule that refuses each offer for one block, by offer id; empty for a candidate."""
    tables = tabulate(problem)
    row = tables.block_index[situation, block]
    refused = {refusal: rule(tables)[row] for refusal, rule in PLACEMENT_RULES.items()}
    return {
        offer.id: tuple(refusal for refusal, by_offer in refused.items() if by_offer[index])
        for index, offer in enumerate(tables.offers)
    }


def _chosen_offers(standing: Standing, situation: int, runner_ups: tuple[RunnerUp, ...]) -> tuple[ChosenOffer, ...]:
    tables = standing.tables
    served: dict[int, list[int]] = {}
    for block in tables.lines_of(situation):
        if block in standing.placements:
            served.setdefault(standing.placements[block], []).append(block)
    found = []
    for offer, blocks in sorted(served.items()):
        accepted = all(block in standing.accepted.placements for block in blocks)
        found.append(
            ChosenOffer(
                offer=tables.offers[offer].id,
                establishment=tables.offers[offer].establishment,
                blocks=tuple(tables.blocks[block].id for block in blocks),
                minutes=travel_of_placement(standing, blocks[0], offer)[0],
                opened_by=_opened_by(standing, offer, blocks),
                grounds=Grounds.ACCEPTED if accepted else _grounds(runner_ups),
                parts=tuple(standing.placement_line(block, offer) for block in blocks if block >= tables.wanted),
            )
        )
    return tuple(found)


def _opened_by(standing: Standing, offer: int, blocks: list[int]) -> tuple[str, ...]:
    at = standing.tables.offers[offer]
    segments = {segment for block in blocks for segment in standing.tables.blocks[block].segments}
    return tuple(
        sorted(
            {
                shift
                for requirement in at.requires
                if requirement.segment in segments
                and len(standing.holders[offer, requirement.segment]) > at.capacity[requirement.segment]
                for _, shift in requirement.shifts
            }
        )
    )


def _chosen_volunteers(standing: Standing, shifts: list[int]) -> tuple[ChosenVolunteer, ...]:
    taken: dict[int, list[int]] = {}
    for who, shift in sorted(standing.loans):
        if shift in shifts:
            taken.setdefault(who, []).append(shift)
    most = max(1, min(MOST_RUNNERS_UP, MOST_SOLVES_PER_NEED // max(1, len(taken))))
    found = []
    for who, mine in taken.items():
        person = standing.tables.volunteers[who]
        accepted = all((who, shift) in standing.accepted.loans for shift in mine)
        runner_ups = runners_up_of_volunteer(standing, who, mine, most)
        found.append(
            ChosenVolunteer(
                volunteer=person.id,
                association=person.association,
                shifts=tuple(standing.tables.shifts[shift].id for shift in mine),
                minutes=travel_of_loan(standing, who, mine[0])[0],
                grounds=Grounds.ACCEPTED if accepted else _grounds(runner_ups),
                runner_ups=runner_ups,
                opening=opening_of(standing, who, mine),
            )
        )
    return tuple(found)


def _grounds(runner_ups: tuple[RunnerUp, ...]) -> Grounds:
    """What the best answer without this one would cost says why this one was chosen."""
    if not runner_ups or not (runner_ups[0].loans or runner_ups[0].placements):
        return Grounds.ONLY
    cost, level = runner_ups[0].cost, Difference(0, 0, 0)
    coverage = (cost.critical, cost.other)
    if coverage > (0, 0):
        return Grounds.COVERS_MORE
    if (*coverage, cost.burden) < (0, 0, 0):
        return Grounds.BETTER_KNOWN
    return Grounds.AS_GOOD if cost == level else Grounds.ASKS_LESS
