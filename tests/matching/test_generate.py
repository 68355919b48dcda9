"""Generated territories: the same everywhere, valid, and as large and as difficult as their shape says."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from exchange.cli import main
from exchange.matching import Problem
from exchange.matching.checker import check
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json, problem_to_json, read_problem
from exchange.matching.generate import SHAPES, generate, generate_named, with_accepted_lines
from exchange.matching.json_values import document_text
from exchange.matching.phone_chain import CallOrder, phone_chain
from exchange.matching.tables import tabulate
from exchange.settings import PROJECT_ROOT
from tests.matching.hand_made import plan

SEEDS = (0, 1, 7)


def text_of(problem: Problem) -> str:
    return document_text(problem_to_json(problem))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_shape_gives_a_valid_file_that_reads_back_the_same(shape: str, seed: int) -> None:
    made = generate_named(seed, shape)
    assert problem_from_json(json.loads(text_of(made))) == made


@pytest.mark.parametrize("shape", SHAPES)
def test_same_seed_gives_the_same_bytes_and_another_seed_another_territory(shape: str) -> None:
    assert text_of(generate_named(4, shape)) == text_of(generate_named(4, shape))
    assert text_of(generate_named(4, shape)) != text_of(generate_named(5, shape))


@pytest.mark.parametrize(
    ("shape", "digest"), [("tiny", "a4eb15f432922f3b"), ("bassin", "0338db7c64abae62"), ("chains", "f8621dec033f4df9")]
)
def test_bytes_are_those_published_whatever_the_version_of_python(shape: str, digest: str) -> None:
    assert hashlib.sha256(text_of(generate_named(1, shape)).encode()).hexdigest()[:16] == digest


@pytest.mark.parametrize("shape", SHAPES)
def test_every_thing_of_a_shape_is_there_in_the_number_that_it_states(shape: str) -> None:
    stated, made = SHAPES[shape], generate_named(2, shape)
    chained = stated.chains * 6
    assert (made.days, made.bassins) == (stated.days, stated.bassins)
    assert len(made.associations) == stated.bassins * stated.associations
    assert len(made.establishments) == stated.bassins * stated.establishments
    assert len(made.offers) == stated.bassins * stated.offers + chained
    assert len(made.volunteers) == stated.bassins * stated.volunteers + chained
    assert len(made.needs) == stated.bassins * stated.needs + chained
    assert len(made.situations) == stated.bassins * stated.situations + chained


def sizes_of_a_bassin(seed: int) -> tuple[int, int, int]:
    """Candidate loans, candidate placements, and variables of a model with one per candidate, pair and item."""
    tables = tabulate(generate_named(seed, "bassin"))
    eligibility = examine(tables)
    loans, placements = np.argwhere(eligibility.loans == 0), np.argwhere(eligibility.placements == 0)
    pairs = {(who, int(tables.shift_need[shift])) for who, shift in loans}
    places = {(int(tables.block_situation[block]), offer) for block, offer in placements}
    items = len(tables.shifts) + len(tables.blocks) + len(tables.situations)
    return len(loans), len(placements), len(loans) + len(placements) + len(pairs) + len(places) + items


def test_a_bassin_is_as_large_as_the_documented_one() -> None:
    sizes = np.array([sizes_of_a_bassin(seed) for seed in range(12)])
    loans, placements, variables = sizes.mean(axis=0)
    assert 1_400 <= loans <= 1_650
    assert 450 <= placements <= 600
    assert 3_400 <= variables <= 4_000
    assert sizes.min(axis=0).tolist() >= [1_000, 350, 3_000]


def test_shapes_push_the_difficulty_that_they_name() -> None:
    ordinary = generate_named(3, "bassin")

    def shifts(problem: Problem) -> int:
        return max(len(need.shifts) for need in problem.needs)

    def coupled(problem: Problem) -> int:
        return sum(any(offer.extra_capacity) for offer in problem.offers)

    def apart(problem: Problem) -> int:
        return sum(bool(one.incompatible_with) for one in problem.situations)

    def blocks(problem: Problem) -> int:
        return min(len(one.blocks) for one in problem.situations)

    def crossing(problem: Problem) -> int:
        return sum(len(one.bassins) > 1 for one in problem.volunteers)

    def candidates(problem: Problem) -> int:
        return int(np.count_nonzero(examine(tabulate(problem)).loans == 0))

    assert shifts(generate_named(3, "long-needs")) > 14 > shifts(ordinary)
    assert coupled(generate_named(3, "coupled")) > 2 * coupled(ordinary)
    assert apart(generate_named(3, "incompatible")) > 3 * apart(ordinary)
    assert blocks(generate_named(3, "composed")) == 3
    assert min(one.max_places for one in generate_named(3, "composed").situations) == 2
    assert crossing(ordinary) == 0
    assert crossing(generate_named(3, "two-bassins")) > 150
    assert 100 < crossing(generate_named(3, "department")) < 300
    assert candidates(generate_named(3, "dense")) > 1.3 * candidates(ordinary)


def test_hours_are_those_of_real_shifts() -> None:
    made = generate_named(6, "bassin")
    shifts = [shift for need in made.needs for shift in need.shifts]
    lengths = {shift.end - shift.start for shift in shifts}
    assert lengths == {450, 480, 600, 720}
    assert all(shift.start % 1440 >= 19 * 60 for shift in shifts if shift.end - shift.start == 720)
    assert all(
        done == sum(end - start for start, end in one.own_shifts if start // 10080 == week)
        for one in made.volunteers
        for week, done in enumerate(one.week_minutes_done)
    )


def plan_of_calls(problem: Problem, order: CallOrder) -> tuple[dict[str, Any], dict[str, Any]]:
    document = problem_to_json(problem)
    lines = phone_chain(problem, order)
    loans = [(line.volunteer, line.shift) for line in lines.loans]
    placements = [(line.situation, line.block, line.offer) for line in lines.placements]
    return document, plan(document, loans, placements)


@pytest.mark.parametrize("order", CallOrder)
@pytest.mark.parametrize("shape", ["tiny", "bassin", "two-bassins", "incompatible", "coupled", "composed"])
def test_a_round_of_calls_breaks_no_rule(shape: str, order: CallOrder) -> None:
    document, found = plan_of_calls(generate_named(5, shape), order)
    assert found["loans"]
    assert found["placements"]
    assert check(document, found) == []


def test_the_most_urgent_are_better_served_when_they_are_called_first() -> None:
    by_call, by_urgency = (
        sum(plan_of_calls(generate_named(seed, "bassin"), order)[1]["levels"]["critical"] for seed in range(6))
        for order in (CallOrder.CREATED, CallOrder.URGENCY)
    )
    assert by_urgency < by_call


def test_in_a_chain_calls_leave_one_request_of_each_without_an_answer_that_exists() -> None:
    made = generate_named(1, "chains")
    lines = phone_chain(made, CallOrder.CREATED)
    chained = [line for line in lines.loans if "chain" in line.shift]
    housed = [line for line in lines.placements if "chain" in line.situation]
    assert (len(chained), len(housed)) == (8 * 5, 8 * 5)
    first_answers = {
        (f"v-chain{chain:02d}-{rank}", f"n-chain{chain:02d}-{rank}-00") for chain in range(8) for rank in range(6)
    }
    tables = tabulate(made)
    eligible = examine(tables).loans
    assert all(eligible[tables.volunteer_index[who], tables.shift_index[shift]] == 0 for who, shift in first_answers)


@pytest.mark.parametrize("shape", ["bassin", "coupled"])
def test_a_share_of_accepted_lines_is_lawful_and_kept_by_the_next_round(shape: str) -> None:
    free = generate_named(8, shape)
    held = with_accepted_lines(free, 40, seed=8)
    whole = phone_chain(free, CallOrder.CREATED)
    assert len(held.frozen.placements) == len(whole.placements) * 40 // 100
    assert set(held.frozen.loans) < set(whole.loans)
    document, found = plan_of_calls(held, CallOrder.URGENCY)
    assert check(document, found) == []


def test_command_writes_to_a_file_what_it_prints(tmp_path: Path) -> None:
    runner = CliRunner()
    words = ["generate", "--seed", "3", "--shape", "tiny", "--frozen-share", "50"]
    printed = runner.invoke(main, words)
    written = runner.invoke(main, [*words, "--out", str(tmp_path / "p.json")])
    assert (printed.exit_code, written.exit_code, written.output) == (0, 0, "")
    assert (tmp_path / "p.json").read_text(encoding="utf-8") == printed.output
    assert read_problem(tmp_path / "p.json").frozen.loans


def test_command_names_every_shape_and_refuses_another_in_one_sentence() -> None:
    runner = CliRunner()
    told = runner.invoke(main, ["generate", "--help"]).output
    assert [shape for shape in SHAPES if shape not in told] == []
    refused = runner.invoke(main, ["generate", "--seed", "1", "--shape", "ville"])
    assert refused.exit_code == 1
    assert refused.output.startswith("Erreur : la forme « ville » n'existe pas : tiny, bassin,")


def test_every_shape_is_described_in_the_documentation() -> None:
    page = (PROJECT_ROOT / "docs" / "bench.md").read_text(encoding="utf-8")
    assert [shape for shape in SHAPES if f"| `{shape}` |" not in page] == []


def test_more_bassins_than_any_named_shape_are_made_too() -> None:
    made = generate(1, replace(SHAPES["department"], bassins=7), name="seven")
    assert (made.bassins, made.id) == (7, "seven-1")
