"""The table shows what was measured, and a figure over its threshold stays in it as missed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.__main__ import main
from bench.contest import Arena, Peer, bassin_figures, optimal
from bench.evaluator import judge
from bench.figures import Figure, Sense, Verdict, missed, shown, table
from bench.measures import scaling_figure
from bench.product import LABELS, told
from bench.runs import Contender, judged
from bench.save_to_proposal import PARTS, Figures, Sample
from bench.variants import half_accepted, lines_changed, renamed, shuffled, with_arrival
from exchange.matching import solve
from exchange.matching.files import problem_from_json
from exchange.matching.plan_files import plan_to_json
from tests.bench.rounds import Json, territory


@pytest.mark.parametrize(
    ("value", "threshold", "sense", "verdict"),
    [
        (0.6, 0.6, Sense.AT_MOST, Verdict.OK),
        (0.61, 0.6, Sense.AT_MOST, Verdict.MISS),
        (95, 95, Sense.AT_LEAST, Verdict.OK),
        (94.9, 95, Sense.AT_LEAST, Verdict.MISS),
        (None, 1, Sense.AT_MOST, Verdict.UNMEASURED),
        (3, None, Sense.AT_MOST, Verdict.INFORMATION),
    ],
)
def test_a_figure_over_its_threshold_is_a_miss(
    value: float | None, threshold: float | None, sense: Sense, verdict: Verdict
) -> None:
    figure = Figure("mesure", value, threshold, sense)
    assert figure.verdict is verdict
    assert verdict.value in table(("mesure", "valeur", "seuil", "verdict", "détail"), [figure.cells()])


def test_only_a_strict_figure_missed_or_left_out_fails_the_run() -> None:
    figures = [
        Figure("a", 2, 1),
        Figure("b", 2, 1, strict=True),
        Figure("c", None, 1, strict=True),
        Figure("d", 1, 1, strict=True),
    ]
    assert [figure.name for figure in missed(figures)] == ["b", "c"]


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (0.5534, "0,553"), (12.345, "12,35"), (1234.5, "1234")])
def test_numbers_read_as_in_french(value: float, text: str) -> None:
    assert shown(value) == text


def test_the_exponent_of_a_cube_is_three() -> None:
    figure = scaling_figure([(1, 0.5), (2, 4.0), (4, 32.0)])
    assert figure.value == pytest.approx(3)


def solved(problem: Json) -> Json:
    return plan_to_json(solve(problem_from_json(problem)))


def place_with(plan: Json, problem: Json, peak_mb: float = 50) -> Arena:
    answer = {"seconds": 1.0, "peak_mb": peak_mb, "plan": plan, "stages": {"build": 0.5, "coverage": 0.3}}
    place = Arena("p", Path("p.json"))
    place.runs[Contender.OURS] = [judged(Contender.OURS, problem, answer)]
    return place


def test_a_plan_spoilt_after_the_solve_shows_as_violations() -> None:
    problem = territory("tiny", 1)
    plan = solved(problem)
    assert place_with(plan, problem).ours
    plan["loans"] = plan["loans"][1:]
    plan["levels"]["burden"] += 1
    place = place_with(plan, problem)
    figures = {figure.name: figure for figure in bassin_figures([place], [])}
    assert figures["violations, deux contrôles"].verdict is Verdict.MISS
    assert figures["(critique, autre) à l'optimum prouvé"].verdict is Verdict.MISS
    assert figures["construction / total"].verdict is Verdict.MISS


def test_optimum_is_that_of_the_peer_where_it_proved_one() -> None:
    problem = territory("tiny", 1)
    place = place_with(solved(problem), problem)
    assert optimal(place)
    assert place.ours is not None
    critical, other = place.ours.coverage
    place.peers.append(Peer(0.1, 10, (critical, other)))
    assert optimal(place)
    place.peers.append(Peer(0.1, 10, (critical, other - 1)))
    assert not optimal(place)


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_and_renamed_territories_are_the_same_problem(seed: int) -> None:
    problem = territory("tiny", seed)
    mixed, told = shuffled(problem, 5), renamed(problem, 5)
    assert mixed != problem
    assert [one["id"] for one in told["volunteers"]] != [one["id"] for one in problem["volunteers"]]
    plan = solved(problem)
    assert solved(mixed)["digest"] == plan["digest"]
    assert solved(told)["levels"] == plan["levels"]


def test_after_an_arrival_half_of_the_lines_are_accepted_and_the_rest_is_open() -> None:
    problem = territory("coupled", 2)
    plan = solved(problem)
    later = with_arrival(problem, 1)
    held = half_accepted(later, plan, 1)
    lines = len(plan["loans"]) + len(plan["placements"])
    assert sum(len(held[key][kind]) for key in ("frozen", "previous") for kind in ("loans", "placements")) == lines
    assert len(held["situations"]) == len(problem["situations"]) + 1
    again = solved(held)
    kept = [(line["situation"], line["block"], line["offer"]) for line in again["placements"]]
    assert judge(held, [(line["volunteer"], line["shift"]) for line in again["loans"]], kept).breaches == ()
    assert lines_changed(plan, plan) == 0
    assert 0 <= lines_changed(plan, again) <= len(held["previous"]["loans"]) + len(held["previous"]["placements"])


def test_a_save_is_held_to_one_second_and_each_part_is_told() -> None:
    slow = Sample(dict.fromkeys(PARTS, 200.0), whole_ms=1200.0, solver_ms=50.0)
    whole, parts = told(Figures((slow,), {}))
    assert whole.verdict is Verdict.MISS
    assert [f"{name} 200" in parts.note for name in LABELS.values()] == [True] * len(PARTS)


@pytest.mark.timeout(300)
def test_the_whole_command_prints_one_table_and_leaves_numbers_and_a_picture(tmp_path: Path) -> None:
    words = ["--quick", "--instances", "1", "--national", "1", "--naive-seconds", "1", "--seasons", "1"]
    told = CliRunner().invoke(main, [*words, "--out", str(tmp_path)])
    assert told.exit_code == 0, told.output
    assert "prix des places rares" in told.output
    for contender in Contender:
        assert contender.value in told.output
    assert "violations, deux contrôles" in told.output
    numbers = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert {run["contender"] for run in numbers["territories"][0]["runs"]} == {one.name.lower() for one in Contender}
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_help_is_in_french() -> None:
    told = CliRunner().invoke(main, ["--help"])
    assert told.output.startswith("Utilisation : ")
    assert "--national" in told.output
