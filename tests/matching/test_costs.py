"""One sum over two levels: what it can reach, and how it orders points."""

import numpy as np
import pytest

from exchange.matching import columns, solve
from exchange.matching.files import problem_from_json
from exchange.matching.objective import Costs
from exchange.matching.plan_files import plan_to_json
from tests.matching import hand_made
from tests.matching.hand_made import volunteer
from tests.matching.oracle import best_levels
from tests.matching.tiny_problems import tiny_problem

UPPER = np.array([2, 5])
FIRST, SECOND = Costs(np.array([3, 0]), 1), Costs(np.array([4, 1]), 2)


def test_a_sum_reaches_the_most_where_prices_are_paid_in_full_and_gains_are_left() -> None:
    assert Costs(np.array([3, -2]), 1).most(UPPER) == 1 + 3 * 2


def test_the_most_of_a_joint_sum_is_told_before_it_is_made() -> None:
    joint, _ = FIRST.before(SECOND, UPPER)
    assert FIRST.most_before(SECOND, UPPER) == joint.most(UPPER)


def test_the_least_of_the_first_sum_weighs_more_than_the_most_of_the_second() -> None:
    joint, multiplier = FIRST.before(SECOND, UPPER)
    cheap, dear = np.array([0, 5]), np.array([1, 0])
    assert multiplier == SECOND.most(UPPER) + 1
    assert [joint.of(point) for point in (cheap, dear)] == [
        FIRST.of(point) * multiplier + SECOND.of(point) for point in (cheap, dear)
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kept", ["loans", "placements"])
def test_lines_of_one_kind_alone_are_kept_as_exhaustive_search_keeps_them(kept: str, seed: int) -> None:
    """The plan of before had lines of this kind alone."""
    problem = tiny_problem(seed)
    lines = plan_to_json(solve(problem_from_json({**problem, "previous": {"loans": [], "placements": []}})))
    problem["previous"] = {"loans": [], "placements": [], kept: lines[kept]}
    plan = solve(problem_from_json(problem))
    assert (plan.levels.critical, plan.levels.other, plan.levels.burden) == best_levels(problem)


def test_a_move_inside_the_association_pays_no_papers_of_another_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by single shifts: who moves lives further than who is lent, by less than papers cost."""
    monkeypatch.setattr(columns, "MOST_PATTERNS_PER_PAIR", 0)
    moves = {"association": "host", "establishment": "other-house", "internal_moves": True}
    people = [volunteer("lent"), volunteer("mover", **moves, commune="away", max_travel_min=31)]
    problem = {**hand_made.problem(), "volunteers": people, "offers": [], "situations": []}
    problem |= {"needs": problem["needs"][:1], "lend_caps": [], "prices": {"paperwork": 200, "cross_bassin": 0}}
    problem["needs"][0]["shifts"] = problem["needs"][0]["shifts"][:1]
    assert [line.volunteer for line in solve(problem_from_json(problem)).loans] == ["mover"]
