"""What no territory needs is refused within a second, before anything is built of it."""

import time
from typing import Any

import pytest

from exchange.matching import ProblemInvalid, solve
from exchange.matching.files import problem_from_json
from tests.matching import hand_made

Json = dict[str, Any]


def _crowd(volunteers: int, shifts: int) -> Json:
    problem = hand_made.problem()
    problem["volunteers"] = [hand_made.volunteer(f"v{number}") for number in range(volunteers)]
    seat = problem["needs"][0]["shifts"][0]
    problem["needs"][0]["shifts"] = [{**seat, "id": f"x{number}"} for number in range(shifts)]
    return problem


def test_a_list_without_measure_is_refused_before_it_is_read() -> None:
    problem = {**hand_made.problem(), "lend_caps": [None] * 100_001}
    with pytest.raises(ProblemInvalid, match="dépasse 100000") as refusal:
        problem_from_json(problem)
    assert refusal.value.key == "lend_caps"


@pytest.mark.parametrize(
    ("key", "parts", "inside"), [("volunteers", "needs", "shifts"), ("offers", "situations", "blocks")]
)
def test_pairs_are_counted_before_any_part_is_read(key: str, parts: str, inside: str) -> None:
    problem = {**hand_made.problem(), key: [None] * 5_000, parts: [{inside: [None] * 1_000}, None]}
    with pytest.raises(ProblemInvalid, match=r"5000 .* 1000 .* 4000000 paires") as refusal:
        problem_from_json(problem)
    assert refusal.value.key == key


@pytest.mark.parametrize(("volunteers", "shifts"), [(1_000, 1_000), (5_000, 1_000)])
def test_a_million_candidates_are_refused_within_a_second(volunteers: int, shifts: int) -> None:
    problem = _crowd(volunteers, shifts)
    started = time.process_time()
    with pytest.raises(ProblemInvalid) as refusal:
        solve(problem_from_json(problem))
    assert refusal.value.key == "volunteers"
    assert time.process_time() - started < 1.0
