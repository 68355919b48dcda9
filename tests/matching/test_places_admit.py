"""The rows on placements admit exactly the sets of lines that the rules allow, and count of each what it costs.

Asked of the programme itself: a plan made before any search may hide a model that forbids too much.
"""

import functools
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import numpy as np
import pytest

from exchange.matching import placement_rules
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json
from exchange.matching.formulation import Formulation, burden_formulation, coverage_formulation
from exchange.matching.frozen import accepted_lines, open_lines
from exchange.matching.limits import Limits, Spending
from exchange.matching.problem import PlacementLine
from exchange.matching.programme import Programme
from exchange.matching.search import search
from exchange.matching.tables import Tables, tabulate
from tests.matching.hand_made import DAYS, offer, situation
from tests.matching.hand_made import problem as town
from tests.matching.oracle import Oracle, with_accepted_lines
from tests.matching.oracle_places import Served
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_cuts, tiny_problem_with_groups

Json = dict[str, Any]
Chosen = Mapping[Served, str]

STAGES = ("coverage", "burden")
DRAWN = 30


def _with_an_accepted_part(seed: int, end: int) -> Json:
    """The beginning of a stay, or its end, is accepted, where some offer may serve it."""
    problem = tiny_problem_with_cuts(seed)
    oracle = Oracle(problem)
    for person in problem["situations"]:
        for block in person["blocks"]:
            for cut in oracle.cuts(person, block):
                for place in problem["offers"]:
                    line = {"situation": person["id"], "block": block["id"], "offer": place["id"], "segments": cut[end]}
                    held = {**problem, "frozen": {"loans": [], "placements": [line]}}
                    if Oracle(held).best() is not None:
                        return held
    raise AssertionError(seed)


def _left_after_a_part() -> Json:
    """A day is accepted at one offer, the night after it may be at another only, and the day after at none."""
    open_on = [[int(segment == at) for segment in range(2 * DAYS)] for at in (0, 1)]
    places = [offer(name, capacity=places) for name, places in zip(("first-day", "night"), open_on, strict=True)]
    line = {"situation": "s", "block": "days", "offer": "first-day", "segments": [0]}
    asked = situation("s", {"days": [0, 2], "nights": [1]})
    frozen = {"loans": [], "placements": [line]}
    return {
        **town(),
        "volunteers": [],
        "lend_caps": [],
        "offers": places,
        "situations": [asked],
        "prices": {"split": 60},
        "frozen": frozen,
    }


PROBLEMS: dict[str, Json] = {
    "left-after-a-part": _left_after_a_part(),
    **{f"plain-{seed}": tiny_problem(seed) for seed in (0, 5, 7)},
    **{f"groups-{seed}": tiny_problem_with_groups(seed) for seed in (1002, 1006, 1010)},
    **{f"cuts-{seed}": tiny_problem_with_cuts(seed) for seed in (2, 10, 11, 13)},
    "accepted": with_accepted_lines(tiny_problem(1), loans=0, placements=2),
    **{f"beginning-accepted-{seed}": _with_an_accepted_part(seed, 0) for seed in (1, 3)},
    **{f"end-accepted-{seed}": _with_an_accepted_part(seed, 1) for seed in (2, 4)},
}


def _drawn(problem: Json, rng: Random) -> Chosen:
    """For each block an answer that no rule on a single line forbids, or none; of some, one line is dropped."""
    oracle, chosen, share = Oracle(problem), dict[Served, str](), rng.choice((0.2, 0.4, 0.8))
    accepted = {served[:2] for served in oracle.frozen_places}
    for person in problem["situations"]:
        for block in person["blocks"]:
            answers = [
                lines
                for lines in oracle.answers(person, block)
                if all(
                    oracle.offer_allowed(person, {**block, "segments": part or block["segments"]}, oracle.offers[name])
                    for part, name in lines
                )
            ]
            if answers and ((person["id"], block["id"]) in accepted or rng.random() < share):
                chosen |= {(person["id"], block["id"], *part): name for part, name in rng.choice(answers)}
    if chosen and rng.random() < 0.2:
        del chosen[rng.choice(sorted(chosen, key=str))]
    return chosen


def _line(served: Served, offer: str) -> Json:
    line = {"situation": served[0], "block": served[1], "offer": offer}
    return {**line, "segments": list(served[2:])} if served[2:] else line


def _allowed(problem: Json, chosen: Chosen) -> bool:
    """Whether exhaustive search meets these placements and no other, whatever the loans."""
    oracle = Oracle(problem)
    people = []
    for person in problem["situations"]:
        for block in person["blocks"]:
            lines = [(list(one[2:]), at) for one, at in chosen.items() if one[:2] == (person["id"], block["id"])]
            if not any(sorted(lines) == sorted(answer) for answer in oracle.answers(person, block)):
                return False
        served = {one[1] for one in chosen if one[0] == person["id"]}
        people.append({**person, "blocks": [block for block in person["blocks"] if block["id"] in served]})
    lines = [_line(*one) for one in chosen.items()]
    held = Oracle({**problem, "situations": people, "frozen": {"placements": lines}})
    covered = oracle.best_loans()
    return oracle.groups_are_whole(chosen) and any(held.best_placements(one) is not None for one in covered)


def _formulation(tables: Tables, stage: str) -> Formulation:
    eligibility = examine(tables)
    fixed = accepted_lines(tables, eligibility)
    if stage == "coverage":
        return coverage_formulation(tables, eligibility, fixed)
    return burden_formulation(tables, eligibility, fixed, open_lines(tables))


def _holding(tables: Tables, formulation: Formulation, chosen: Chosen) -> Programme | None:
    """The programme with these placements and no other; nothing where it has no column for one of them."""
    lines = [PlacementLine(one[0], one[1], offer, one[2:]) for one, offer in chosen.items()]
    wanted = {(tables.line_index(line), tables.offer_index[line.offer]) for line in lines}
    programme, placements = formulation.programme, formulation.placements
    pairs = list(zip(placements.lines.block.tolist(), placements.lines.offer.tolist(), strict=True))
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[placements.served] = upper[placements.served] = np.array([pair in wanted for pair in pairs], dtype=np.int64)
    return programme.within(lower, upper) if wanted.issubset(pairs) else None


def _admitted(tables: Tables, formulation: Formulation, chosen: Chosen) -> bool:
    programme = _holding(tables, formulation, chosen)
    return programme is not None and search(programme, formulation.other, Spending(Limits())).point is not None


def _least(tables: Tables, formulation: Formulation, programme: Programme) -> tuple[int, int, int] | None:
    """The three levels of the cheapest point."""
    levels = []
    for costs in (formulation.critical, formulation.other, formulation.burden):
        point = search(programme, costs, Spending(Limits())).point
        while (missed := formulation.rows_missed(tables, point)) is not None:
            programme = programme.with_rows(missed)
            point = search(programme, costs, Spending(Limits())).point
        if point is None:
            return None
        levels.append(costs.of(point))
    return levels[0], levels[1], levels[2]


@functools.cache
def _verdicts(name: str) -> list[tuple[Chosen, bool]]:
    problem, rng = PROBLEMS[name], Random(name)
    drawn = [_drawn(problem, rng) for _ in range(DRAWN)]
    return [(chosen, _allowed(problem, chosen)) for chosen in drawn]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_programme_admits_the_placements_that_exhaustive_search_allows(name: str, stage: str) -> None:
    tables = tabulate(problem_from_json(PROBLEMS[name]))
    formulation = _formulation(tables, stage)
    for chosen, allowed in _verdicts(name):
        assert (chosen, _admitted(tables, formulation, chosen)) == (chosen, allowed)


def test_the_rows_alone_serve_nobody_of_a_couple_that_no_house_may_receive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such houses are left out before the rows are written; accepted lines may fill one of them afterwards."""
    monkeypatch.setattr(placement_rules, "bound_blocks", lambda tables: ())
    couple = [situation(name, {"night": [1]}, age=age, together="c") for name, age in (("him", 12), ("her", 21))]
    places = [offer("his"), offer("hers", establishment="lender-house", ages=[21, 25])]
    tables = tabulate(problem_from_json({**town(), "offers": places, "situations": couple}))
    formulation = _formulation(tables, "coverage")
    his: Chosen = {("him", "night"): "his"}
    hers: Chosen = {("her", "night"): "hers"}
    assert [_admitted(tables, formulation, one) for one in ({}, his, hers, {**his, **hers})] == [
        True,
        False,
        False,
        False,
    ]


def test_the_problems_have_sets_of_both_kinds_and_of_parts() -> None:
    drawn = [one for name in PROBLEMS for one in _verdicts(name)]
    for wanted in (True, False):
        alike = [chosen for chosen, allowed in drawn if allowed is wanted]
        assert len(alike) > 100
        assert sum(any(len(served) > 2 for served in chosen) for chosen in alike) > 20


@pytest.mark.parametrize("name", PROBLEMS)
def test_placements_cost_what_exhaustive_search_counts_of_them(name: str) -> None:
    """Nobody is lent, so that the levels are those of the placements and of the needs that stay."""
    problem = {**PROBLEMS[name], "volunteers": []}
    problem["previous"] = {"loans": [], "placements": problem.get("previous", {}).get("placements", [])}
    oracle, tables = Oracle(problem), tabulate(problem_from_json(problem))
    formulation = _formulation(tables, "burden")
    staffed = oracle.loan_levels([], Counter())
    for chosen, _ in _verdicts(name):
        if _allowed(problem, chosen):
            programme = _holding(tables, formulation, chosen)
            assert programme is not None
            placed = oracle.placement_levels(chosen)
            assert _least(tables, formulation, programme) == tuple(map(sum, zip(staffed, placed, strict=True)))
