"""The second judge and the product's checker share no code, and say the same of the same lines."""

import ast
from collections import Counter

import pytest

from bench.evaluator import Placed, judge
from bench.runs import Contender, judged
from bench.territory import NotJudged
from exchange.matching import solve
from exchange.matching.checker import Code, check
from exchange.matching.files import problem_from_json
from exchange.matching.plan_files import plan_to_json
from exchange.settings import PROJECT_ROOT
from tests.bench.rounds import Json, lines_of_calls, spoilt, territory
from tests.matching.hand_made import plan
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_cuts

CODES = {
    "line": Code.DUPLICATE_LINE,
    "unknown": Code.UNKNOWN_ID,
    "frozen": Code.FROZEN_LINE_ABSENT,
    "consent": Code.NO_CONSENT,
    "employer": Code.SAME_EMPLOYER,
    "qualification": Code.QUALIFICATION,
    "bassin": Code.HOST_BASSIN,
    "travel": Code.LOAN_TRAVEL,
    "availability": Code.AVAILABILITY,
    "length": Code.SHIFT_LENGTH,
    "rest": Code.REST,
    "week": Code.WEEK_MINUTES,
    "ceiling": Code.LOAN_MINUTES,
    "floor": Code.LEND_CAP,
    "headcount": Code.HEADCOUNT,
    "twice": Code.BLOCK_PLACED_TWICE,
    "split": Code.SPLIT,
    "age": Code.AGE,
    "profile": Code.PROFILE,
    "excluded": Code.EXCLUDED,
    "distance": Code.PLACEMENT_TRAVEL,
    "places": Code.MAX_PLACES,
    "capacity": Code.CAPACITY,
    "apart": Code.INCOMPATIBLE,
}
ABOUT_THE_ACCOUNT = {Code.UNMET_ABSENT, Code.UNMET_MISSING, Code.UNMET_UNFOUNDED, Code.DIGEST, Code.BOUNDS, Code.STATUS}
LEVELS = {Code.CRITICAL, Code.OTHER, Code.BURDEN}
SHAPES = ("tiny", "bassin", "two-bassins", "incompatible", "coupled", "composed")


def codes_of_the_checker(problem: Json, lines: tuple[list[tuple[str, str]], list[Placed]]) -> set[Code]:
    """What the checker says of lines whose plan tells the levels that the second judge counted."""
    judgement = judge(problem, *lines)
    counted = {"critical": judgement.critical, "other": judgement.other, "burden": judgement.burden}
    told = {**plan(problem, *lines), "levels": counted}
    found = {violation.code for violation in check(problem, told)} - ABOUT_THE_ACCOUNT
    return {Code.CAPACITY if code is Code.CONDITIONAL_CAPACITY else code for code in found}


@pytest.mark.parametrize("shape", SHAPES)
def test_both_judges_find_nothing_in_a_lawful_plan(shape: str) -> None:
    problem = territory(shape, 3)
    lines = lines_of_calls(shape, 3)
    assert judge(problem, *lines).breaches == ()
    assert codes_of_the_checker(problem, lines) == set()


def named_alike(problem: Json, lines: tuple[list[tuple[str, str]], list[Placed]]) -> set[str]:
    """The rules that both judges name; fails where they differ on a rule or on a level."""
    breaches = {breach.split(":")[0] for breach in judge(problem, *lines).breaches}
    found = codes_of_the_checker(problem, lines)
    # Of a block placed twice, neither judge can say which place counts; a move inside an association has no price of
    # fairness in later additions of the format, which the second judge does not know.
    untold = LEVELS if "twice" in breaches else {Code.BURDEN} if "employer" in breaches else set()
    assert found - untold == {CODES[breach] for breach in breaches}
    return breaches


def test_both_judges_name_the_same_rules_of_spoilt_plans_and_count_the_same_levels() -> None:
    seen: set[str] = set()
    for rank in range(54):
        shape = SHAPES[rank % len(SHAPES)]
        problem, honest = territory(shape, rank, 15 * (rank % 2)), lines_of_calls(shape, rank)
        seen |= named_alike(problem, spoilt(problem, *honest, seed=rank))
    assert seen == CODES.keys() - {"line", "unknown", "split"}


def test_both_judges_draw_the_same_line_where_a_minute_decides() -> None:
    seen: Counter[str] = Counter()
    for seed in range(400):
        problem = tiny_problem(seed)
        seen.update(named_alike(problem, spoilt(problem, [], [], seed)))
    assert min(seen[rule] for rule in ("length", "rest", "week", "ceiling", "floor", "capacity", "apart")) >= 5


@pytest.mark.parametrize("seed", range(3))
def test_both_judges_agree_with_what_our_plan_tells_of_itself(seed: int) -> None:
    problem = territory("coupled", seed, frozen_percent=30)
    found = solve(problem_from_json(problem))
    loans = [(line.volunteer, line.shift) for line in found.loans]
    judgement = judge(problem, loans, [(line.situation, line.block, line.offer) for line in found.placements])
    assert judgement.breaches == ()
    assert (judgement.critical, judgement.other) == (found.levels.critical, found.levels.other)
    assert judgement.burden == found.levels.burden


def _cut_and_known(seed: int) -> bool:
    return all("together" not in person for person in tiny_problem_with_cuts(seed)["situations"])


@pytest.mark.parametrize("seed", [*filter(_cut_and_known, range(40))])
def test_both_judges_agree_on_blocks_in_two_parts_and_on_parts_alone(seed: int) -> None:
    problem = tiny_problem_with_cuts(seed)
    found = solve(problem_from_json(problem))
    loans = [(line.volunteer, line.shift) for line in found.loans]
    placed = [(line.situation, line.block, line.offer, *line.segments) for line in found.placements]
    told = judge(problem, loans, placed)
    assert told.breaches == ()
    levels = found.levels.critical, found.levels.other, found.levels.burden
    assert (told.critical, told.other, told.burden) == levels
    answer = {"plan": plan_to_json(found), "seconds": 1.0, "peak_mb": 100}
    assert judged(Contender.OURS, problem, answer).breaches == ()
    for line in placed:
        fewer = [one for one in placed if one is not line]
        assert named_alike(problem, (loans, fewer)) == ({"split"} if line[3:] else set())


def test_lines_repeated_or_about_nothing_known_are_named_and_count_for_nothing() -> None:
    problem, (loans, placements) = territory("tiny", 1), lines_of_calls("tiny", 1)
    honest = judge(problem, loans, placements)
    odd = judge(problem, [*loans, loans[0], ("nobody", loans[0][1])], [*placements, ("nobody", "b", "o")])
    assert {breach.split(":")[0] for breach in odd.breaches} == {"line", "unknown"}
    assert (odd.critical, odd.other, odd.burden) == (honest.critical, honest.other, honest.burden)


def test_an_open_proposal_dropped_costs_what_the_contract_says() -> None:
    problem, (loans, placements) = territory("tiny", 1), lines_of_calls("tiny", 1)
    asked = {"loans": [{"volunteer": who, "shift": shift} for who, shift in loans], "placements": []}
    before = judge({**problem, "previous": asked}, loans, placements)
    after = judge({**problem, "previous": asked}, [], placements)
    assert before.burden == judge(problem, loans, placements).burden
    assert after.burden == judge(problem, [], placements).burden + 300 * len(loans)


def test_a_problem_with_an_addition_that_it_does_not_know_is_not_judged() -> None:
    problem = territory("tiny", 1)
    problem["situations"][0]["together"] = "g"
    with pytest.raises(NotJudged, match="together"):
        judge(problem, [], [])


@pytest.mark.parametrize("module", ["evaluator.py", "territory.py"])
def test_the_second_judge_imports_the_standard_library_and_itself_alone(module: str) -> None:
    tree = ast.parse((PROJECT_ROOT / "bench" / module).read_text(encoding="utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert named
    assert {name for name in named if name.startswith(("exchange", "ortools", "numpy"))} == set()
