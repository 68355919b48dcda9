"""What is said of a plan that serves blocks in two parts holds when it is tried on its lines."""

from typing import Any

import pytest

from exchange.matching.explain import explain_situation
from exchange.matching.explanation import SituationExplained
from exchange.matching.gaps import gap_of_block
from exchange.matching.obstacles import Obstacles
from exchange.matching.relaxation import ways_for_block
from tests.matching.part_search import is_lawful, levels_of_lines
from tests.matching.plans_in_place import InPlace, Placement, in_place
from tests.matching.relaxed import relaxed
from tests.matching.test_cuts_of_blocks import _two_halves
from tests.matching.tiny_problems import tiny_problem_with_cuts

Json = dict[str, Any]

SEEDS = range(25)


def _explained(at: InPlace, name: str) -> SituationExplained:
    found = explain_situation(at.standing, name)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_way_to_serve_a_block_is_lawful_once_its_changes_are_accepted(seed: int) -> None:
    at = in_place(tiny_problem_with_cuts(seed))
    for block in at.standing.unserved:
        for way in ways_for_block(at.standing, block):
            after, loans, placements = relaxed(at.problem, way)
            assert is_lawful(after, at.loans | loans, at.placements | placements)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_place_that_nothing_refuses_costs_what_its_verdict_says(seed: int) -> None:
    at = in_place(tiny_problem_with_cuts(seed))
    standing, tables = at.standing, at.standing.tables
    held: dict[tuple[Any, ...], list[Placement]] = {}
    for line in at.placements:
        held.setdefault(line[:2], []).append(line)
    for person in at.problem["situations"]:
        for facility in _explained(at, person["id"]).facilities:
            for one in facility.offers:
                for block in one.blocks:
                    lines = held.get((person["id"], block), [])
                    if one.verdict.reasons or len(lines) > 1:
                        continue
                    moved = (at.placements - {*lines}) | {(person["id"], block, one.offer)}
                    assert is_lawful(at.problem, at.loans, moved)
                    added = [
                        n - o for n, o in zip(levels_of_lines(at.problem, at.loans, moved), at.levels, strict=True)
                    ]
                    cost = one.verdict.cost
                    assert cost is not None
                    assert [cost.critical, cost.other, cost.burden] == added
    assert standing.levels == at.plan.levels
    assert tables.unserved(standing.placements) == standing.unserved


@pytest.mark.parametrize("seed", SEEDS)
def test_a_runner_up_of_a_block_in_two_parts_is_lawful(seed: int) -> None:
    at = in_place(tiny_problem_with_cuts(seed))
    for person in at.problem["situations"]:
        mine = {line for line in at.placements if line[0] == person["id"]}
        if not any(line[3:] for line in mine):
            continue
        for other in _explained(at, person["id"]).runner_ups:
            lines = {(one.situation, one.block, one.offer, *one.segments) for one in other.placements}
            moved = (at.placements - mine) | lines
            assert is_lawful(at.problem, at.loans, moved)
            assert levels_of_lines(at.problem, at.loans, moved)[:2] >= at.levels[:2]


def test_each_part_is_explained_with_its_segments() -> None:
    document = _two_halves()
    document["offers"][1]["capacity"][1] = 0
    chosen = _explained(in_place(document), "s").chosen
    assert [(one.offer, one.blocks, [part.segments for part in one.parts]) for one in chosen] == [
        ("early", ("b",), [(0, 1)]),
        ("late", ("b",), [(2,)]),
    ]


def test_the_gap_of_a_block_begun_by_an_accepted_part_is_that_of_the_rest() -> None:
    document = _two_halves()
    line = {"situation": "s", "block": "b", "offer": "early", "segments": [0]}
    at = in_place({**document, "offers": document["offers"][:1], "frozen": {"placements": [line]}})
    (block,) = at.standing.unserved
    gap = gap_of_block(at.standing, Obstacles(at.standing), block)
    assert (gap.part, gap.missing) == ("b", 2)
    assert [way.placements[0].segments for way in gap.ways] == [(1, 2)]
