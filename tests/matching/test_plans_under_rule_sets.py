"""Plans under rule sets reach the levels of exhaustive search."""

import pytest

from exchange.matching import solve
from exchange.matching.checker import check
from exchange.matching.files import problem_from_json
from exchange.matching.plan import PlanStatus
from exchange.matching.plan_files import plan_to_json
from tests.matching.test_rules_as_data import SEEDS, least_levels
from tests.matching.tiny_problems import tiny_problem_with_rules


@pytest.mark.parametrize("seed", SEEDS)
def test_plan_under_rule_sets_reaches_the_levels_of_exhaustive_search(seed: int) -> None:
    problem = tiny_problem_with_rules(seed)
    plan = solve(problem_from_json(problem))
    assert (plan.levels.critical, plan.levels.other, plan.levels.burden) == least_levels(seed)
    assert plan.status is PlanStatus.PROVEN
    assert check(problem, plan_to_json(plan)) == []
