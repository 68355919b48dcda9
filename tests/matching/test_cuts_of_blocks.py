"""A block served in two parts: only where its file prices it, and then as exhaustive search finds it best."""

import functools
from typing import Any

import pytest

from exchange.matching import UnlawfulPlan, formulation, solve
from exchange.matching.checker import check
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json, problem_to_json
from exchange.matching.formulation import burden_formulation
from exchange.matching.frozen import accepted_lines, open_lines
from exchange.matching.placement_variables import candidate_lines, new_cuts_allowed, without_new_cuts
from exchange.matching.plan import Plan, PlanStatus, UnmetBlock
from exchange.matching.plan_files import plan_from_json, plan_to_json
from exchange.matching.tables import tabulate
from tests.matching.hand_made import DAYS, offer, situation
from tests.matching.hand_made import problem as town
from tests.matching.oracle import SPLIT_RULES, best_levels
from tests.matching.test_invariance import renamed, shuffled
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_cuts

Json = dict[str, Any]

# In the last ones, the cheapest plan would have somebody's days and nights change over in one offer.
SWAPPING = (128, 177, 265, 727, 1261, 1520, 1567, 1892)
SEEDS = (*range(30), *SWAPPING)


@functools.cache
def least_levels(seed: int) -> tuple[int, int, int]:
    levels = best_levels(tiny_problem_with_cuts(seed))
    assert levels is not None
    return levels


def _levels(plan: Plan) -> tuple[int, int, int]:
    return plan.levels.critical, plan.levels.other, plan.levels.burden


def _solved(document: Json) -> Plan:
    plan = solve(problem_from_json(document))
    assert check(document, plan_to_json(plan)) == []
    return plan


def _parts(plan: Plan) -> list[tuple[str, tuple[int, ...]]]:
    return [(line.offer, line.segments) for line in plan.placements if line.segments]


@pytest.mark.parametrize("seed", SEEDS)
def test_plan_with_cuts_reaches_the_levels_of_exhaustive_search(seed: int) -> None:
    plan = _solved(tiny_problem_with_cuts(seed))
    assert _levels(plan) == least_levels(seed)
    assert plan.status is PlanStatus.PROVEN


@pytest.mark.parametrize("seed", SEEDS[:15])
@pytest.mark.parametrize("rank", [0, 1])
def test_an_accepted_part_stays_and_the_best_is_found_around_it(seed: int, rank: int) -> None:
    document = tiny_problem_with_cuts(seed)
    document["prices"]["split"] = 1
    lines = [line for line in plan_to_json(_solved(document))["placements"] if "segments" in line]  # type: ignore[attr-defined]
    for line in lines[rank::2]:
        held = {**document, "frozen": {"placements": [line]}}
        plan = _solved(held)
        assert (line["offer"], tuple(line["segments"])) in _parts(plan)
        assert _levels(plan) == best_levels(held)


def test_the_problems_have_blocks_in_two_parts_accepted_ones_and_open_ones() -> None:
    plans = [_solved(tiny_problem_with_cuts(seed)) for seed in SEEDS]
    assert sum(bool(_parts(plan)) for plan in plans) > 9
    previous = [tiny_problem_with_cuts(seed).get("previous", {}).get("placements") for seed in SEEDS]
    assert sum(bool(lines) for lines in previous) > 9


@pytest.mark.parametrize("rule", SPLIT_RULES)
def test_some_problem_would_have_other_levels_without_the_rule(rule: str) -> None:
    """Otherwise a comparison with exhaustive search would not notice that the model forgot it."""
    assert any(best_levels(tiny_problem_with_cuts(seed), without=rule) != least_levels(seed) for seed in SEEDS[:12])


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_order_and_names_change_nothing_with_cuts(seed: int) -> None:
    document = tiny_problem_with_cuts(seed)
    plan, other, named = (_solved(one) for one in (document, shuffled(document, seed), renamed(document, seed)))
    assert (other.digest, other.levels, other.unmet) == (plan.digest, plan.levels, plan.unmet)
    assert named.levels == plan.levels


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_parts_survive_the_round_trip(seed: int) -> None:
    document = tiny_problem_with_cuts(seed)
    assert tabulate(problem_from_json(problem_to_json(problem_from_json(document)))).part_index.keys()
    plan = _solved(document)
    assert plan_from_json(plan_to_json(plan)) == plan


@pytest.mark.parametrize("seed", SWAPPING)
def test_a_swap_whose_moves_the_programme_forgets_is_withheld(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulation, "rows_on_missed_moves", lambda *_: None)
    with pytest.raises(UnlawfulPlan, match="bounds"):
        solve(problem_from_json(tiny_problem_with_cuts(seed)))


@pytest.mark.parametrize("seed", range(10))
def test_without_a_price_the_programme_and_the_plan_are_those_of_a_file_that_says_nothing(seed: int) -> None:
    said, unsaid = {**tiny_problem(seed), "prices": {"split": 0}}, tiny_problem(seed)
    shapes = []
    for document in (said, unsaid):
        tables = tabulate(problem_from_json(document))
        eligibility = examine(tables)
        fixed = accepted_lines(tables, eligibility)
        programme = burden_formulation(tables, eligibility, fixed, open_lines(tables)).programme
        assert len(tables.blocks) == tables.wanted
        shapes.append((programme.width, programme.columns.tolist(), programme.values.tolist()))
    assert shapes[0] == shapes[1]
    assert _solved(said).digest == _solved(unsaid).digest


def _open_on(*segments: int, places: int = 1) -> list[int]:
    return [places if segment in segments else 0 for segment in range(2 * DAYS)]


def _two_halves(price: int = 60, block: tuple[int, ...] = (0, 1, 2), **person: object) -> Json:
    """One person; "early" and "late" meet in the middle of the stay."""
    offers = [offer("early", capacity=_open_on(0, 1)), offer("late", capacity=_open_on(1, 2))]
    asked = situation("s", {"b": list(block)}, urgency=4, **person)
    return {
        **town(),
        "volunteers": [],
        "needs": [],
        "offers": offers,
        "situations": [asked],
        "prices": {"split": price},
    }


def _far(document: Json, minutes: int) -> Json:
    """Besides, one offer that far away for the whole stay."""
    whole = offer("whole", establishment="far-house")
    document["situations"][0]["max_travel_min"] = 500
    return {**document, "offers": [*document["offers"], whole], "travel_min": [[2, minutes], [31, 0]]}


def test_a_block_that_no_offer_serves_whole_is_served_in_two_parts() -> None:
    plan = _solved(_two_halves())
    assert [offer for offer, _ in _parts(plan)] == ["early", "late"]
    # Two places, two journeys of two minutes, one cut; a change of place inside a block is no handover besides.
    assert _levels(plan) == (0, 0, 2 * 150 + 2 * 2 * 2 + 60)


def test_nobody_is_served_for_a_part_of_what_they_asked() -> None:
    document = _two_halves()
    document["offers"].pop()
    assert _solved(document).placements == ()


def test_a_block_is_cut_once_at_most() -> None:
    document = _two_halves(block=(0, 1, 2, 3))
    document["offers"].append(offer("later", capacity=_open_on(3)))
    assert _solved(document).placements == ()


def test_no_block_is_cut_where_the_file_has_no_price_for_it() -> None:
    assert _solved(_two_halves(price=0)).placements == ()


def test_no_block_of_persons_kept_together_is_cut() -> None:
    assert _solved(_two_halves(together="couple")).placements == ()


def test_both_places_count_in_the_most_that_a_person_may_have() -> None:
    assert _solved(_two_halves(max_places=1)).placements == ()


@pytest.mark.parametrize(
    ("offers", "most", "parts"),
    [
        ({"early": (0, 1), "late": (1, 2)}, 2, [("early", (0,)), ("late", (1, 2)), ("early", (0, 1)), ("late", (2,))]),
        ({"early": (0, 1), "late": (1, 2)}, 1, []),
        ({"early": (0, 1)}, 2, []),
        ({"whole": (0, 1, 2)}, 2, []),
    ],
    ids=["two places", "one place at most", "no end", "the same offer alone"],
)
def test_a_part_is_looked_at_only_where_another_offer_may_complete_it(
    offers: dict[str, tuple[int, ...]], most: int, parts: list[tuple[str, tuple[int, ...]]]
) -> None:
    """Other parts would change no plan: only the programme would be larger, and searched a second time for nothing."""
    places = [offer(name, capacity=_open_on(*segments)) for name, segments in offers.items()]
    tables = tabulate(problem_from_json({**_two_halves(max_places=most), "offers": places}))
    eligibility = examine(tables)
    fixed = accepted_lines(tables, eligibility)
    lines = candidate_lines(tables, eligibility, fixed)
    pairs = zip(lines.block.tolist(), lines.offer.tolist(), strict=True)
    kept = [(tables.offers[at].id, tables.blocks[block].segments) for block, at in pairs if block >= tables.wanted]
    assert kept == parts
    assert new_cuts_allowed(tables, eligibility, fixed) is bool(parts)


@pytest.mark.parametrize(("minutes", "cut"), [(139, False), (141, True)])
def test_a_block_is_cut_only_where_the_whole_is_dearer_than_the_price(minutes: int, cut: bool) -> None:
    """Whole: 150 and twice the way. In two: 300, twice two minutes for each, and a price of 120."""
    plan = _solved(_far(_two_halves(price=120), minutes))
    assert bool(_parts(plan)) is cut


def test_a_need_and_an_opening_count_on_the_segments_of_each_part() -> None:
    document = _two_halves(needs_by_night=["porte"])
    assert _solved(document).placements == ()
    document["offers"][1]["provides_at"] = {"1": ["porte"]}
    assert _parts(_solved(document)) == [("early", (0,)), ("late", (1, 2))]


def test_where_an_accepted_part_is_alone_the_rest_alone_is_missing() -> None:
    document = _two_halves()
    line = {"situation": "s", "block": "b", "offer": "early", "segments": [0]}
    document |= {"offers": document["offers"][:1], "frozen": {"placements": [line]}}
    plan = _solved(document)
    assert _parts(plan) == [("early", (0,))]
    (unmet,) = plan.unmet
    assert isinstance(unmet, UnmetBlock)
    assert (unmet.block, unmet.missing, [reason.code for reason in unmet.reasons]) == ("b", 2, ["capacity"])
    # As unserved as a whole block.
    assert plan.levels.critical == 8 * (4 * 3 + 16)


def test_an_accepted_part_may_be_completed_where_it_is() -> None:
    document = _two_halves(max_places=1)
    document["offers"][0]["capacity"] = _open_on(0, 1, 2)
    line = {"situation": "s", "block": "b", "offer": "early", "segments": [0]}
    plan = _solved({**document, "frozen": {"placements": [line]}})
    assert _parts(plan) == [("early", (0,)), ("early", (1, 2))]


def test_who_begins_no_new_cut_keeps_every_part_of_a_block_begun_before() -> None:
    document = _two_halves()
    other = {**document["situations"][0], "id": "t"}
    line = {"situation": "s", "block": "b", "offer": "early", "segments": [0]}
    document |= {"situations": [*document["situations"], other], "frozen": {"placements": [line]}}
    tables = tabulate(problem_from_json(document))
    eligibility = examine(tables)
    kept = without_new_cuts(tables, eligibility, accepted_lines(tables, eligibility)).placements == 0
    lawful = eligibility.placements == 0
    refused = {tables.placement_line(block, at) for block, at in zip(*(lawful & ~kept).nonzero(), strict=True)}
    assert {(line.situation, bool(line.segments)) for line in refused} == {("t", True)}
    assert {line.segments for line in refused} == {(0,), (1, 2), (0, 1), (2,)}
    assert not (kept & ~lawful).any()
