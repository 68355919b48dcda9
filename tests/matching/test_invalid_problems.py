"""A file that contradicts the format is refused fast, with the key and the rule in French."""

from collections.abc import Callable
from typing import Any

import pytest

from exchange.matching import ProblemInvalid, solve
from exchange.matching.files import problem_from_json
from tests.matching import hand_made

Json = dict[str, Any]


def _put(*path: str | int, value: object) -> Callable[[Json], None]:
    def change(problem: Json) -> None:
        at: Any = problem
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value

    return change


def _drop(*path: str | int) -> Callable[[Json], None]:
    def change(problem: Json) -> None:
        at: Any = problem
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]

    return change


def _repeat(key: str) -> Callable[[Json], None]:
    return lambda problem: problem[key].append(dict(problem[key][0]))


def _all_in_one_group(problem: Json) -> None:
    """Dan among them, who is never to meet Ana."""
    for person in problem["situations"]:
        person["together"] = "everybody"


def _frozen(**lines: list[Json]) -> Callable[[Json], None]:
    return _put("frozen", value=lines)


def _previous(**lines: list[Json]) -> Callable[[Json], None]:
    return _put("previous", value=lines)


LOAN = {"volunteer": "good", "shift": "day"}
PLACEMENT = {"situation": "ana", "block": "monday", "offer": "fine"}


def _part_accepted(segments: list[Any], price: int = 60) -> Callable[[Json], None]:
    line = {**PLACEMENT, "segments": segments}
    return lambda problem: problem.update(prices={"split": price}, frozen={"placements": [line]})


REFUSED: list[tuple[str, Callable[[Json], None]]] = [
    # shape
    ("format", _put("format", value="entraide-problem/2")),
    ("colour", _put("colour", value="blue")),
    ("volunteers[0].colour", _put("volunteers", 0, "colour", value="blue")),
    ("needs[0].shifts[0].colour", _put("needs", 0, "shifts", 0, "colour", value="blue")),
    ("situations[0].blocks[0].colour", _put("situations", 0, "blocks", 0, "colour", value="blue")),
    ("frozen.colour", _put("frozen", value={"colour": []})),
    ("offers", _drop("offers")),
    ("volunteers[1].consent", _drop("volunteers", 1, "consent")),
    ("days", _put("days", value="sept")),
    ("days", _put("days", value=True)),
    ("days", _put("days", value=7.5)),
    ("volunteers", _put("volunteers", value={})),
    ("volunteers[0]", _put("volunteers", 0, value="good")),
    ("volunteers[0].id", _put("volunteers", 0, "id", value=12)),
    ("volunteers[0].consent", _put("volunteers", 0, "consent", value=1)),
    ("volunteers[0].availability[0]", _put("volunteers", 0, "availability", value=[[1]])),
    ("volunteers[0].qualifications[0]", _put("volunteers", 0, "qualifications", value=[1])),
    ("offers[0].capacity[3]", _put("offers", 0, "capacity", 3, value=None)),
    ("offers[0].ages", _put("offers", 0, "ages", value=[])),
    ("offers[2].requires.09", _put("offers", 2, "requires", value={"09": [["night-team", "night"]]})),
    ("offers[2].requires.9[0]", _put("offers", 2, "requires", value={"9": [["night"]]})),
    ("travel_min[0][1]", _put("travel_min", 0, 1, value=10**12)),
    ("volunteers[0].id", _put("volunteers", 0, "id", value="\ud800")),
    ("zones[0]", _put("zones", value=[1])),
    ("zones", _put("zones", value={"v": 1})),
    ("zones[0].communes[1]", _put("zones", value=[{"id": "z", "communes": ["town", "town"]}])),
    ("zones[0].communes[0]", _put("zones", value=[{"id": "z", "communes": ["ghost"]}])),
    ("zones[1].id", _put("zones", value=[{"id": "z", "communes": []}] * 2)),
    ("offers[0].zone", _put("offers", 0, "zone", value="ghost")),
    ("offers[0].without_bed", _put("offers", 0, "without_bed", value=1)),
    ("offers[0].hours", _put("offers", 0, "hours", value=[1])),
    ("offers[0].hours[0]", _put("offers", 0, "hours", value=[1440, 1500])),
    ("offers[0].hours[1]", _put("offers", 0, "hours", value=[480, 480])),
    ("situations[0].blocks[0].hours[1]", _put("situations", 0, "blocks", 0, "hours", value=[480, 1921])),
    ("situations[0].blocks[0].without_bed", _put("situations", 0, "blocks", 0, "without_bed", value="no")),
    ("prices.travel", _put("prices", value={"travel": 3})),
    ("prices", _put("prices", value=[3])),
    ("prices.paperwork", _put("prices", value={"paperwork": -1})),
    ("prices.cross_bassin", _put("prices", value={"cross_bassin": 100_001})),
    ("prices.split", _put("prices", value={"split": "30"})),
    ("prices.rebalance_percent", _put("prices", value={"rebalance_percent": 101})),
    ("frozen.placements[0].segments", _part_accepted([0], price=0)),
    ("frozen.placements[0].segments", _part_accepted([])),
    ("frozen.placements[0].segments", _part_accepted([0, 1])),
    ("frozen.placements[0].segments", _part_accepted([0, 8])),
    ("frozen.placements[0].segments[0]", _part_accepted(["0"])),
    ("offers[0].scarcity_price", _put("offers", 0, "scarcity_price", value=-1)),
    ("volunteers[0].internal_moves", _put("volunteers", 0, "internal_moves", value="yes")),
    # calendar and territory
    ("days", _put("days", value=0)),
    ("days", _put("days", value=367)),
    ("horizon_start", _put("horizon_start", value="lundi")),
    ("horizon_start", _put("horizon_start", value="2026-03-03")),
    ("horizon_start", _put("horizon_start", value="2026-03-02T08:00")),
    ("id", _put("id", value="")),
    ("bassins", _put("bassins", value=0)),
    ("communes[0].bassin", _put("communes", 0, "bassin", value=2)),
    ("travel_min", _put("travel_min", value=[[0, 1]])),
    ("travel_min[1]", _put("travel_min", 1, value=[0])),
    ("travel_min[1][0]", _put("travel_min", 1, 0, value=-1)),
    # identifiers
    ("communes[2].id", _repeat("communes")),
    ("associations[2].id", _repeat("associations")),
    ("establishments[5].id", _repeat("establishments")),
    ("volunteers[12].id", _repeat("volunteers")),
    ("needs[2].id", _repeat("needs")),
    ("offers[8].id", _repeat("offers")),
    ("situations[5].id", _repeat("situations")),
    ("needs[1].shifts[0].id", _put("needs", 1, "shifts", 0, "id", value="day")),
    ("situations[0].blocks[1].id", _put("situations", 0, "blocks", 1, "id", value="monday")),
    ("volunteers[0].id", _put("volunteers", 0, "id", value="")),
    ("establishments[0].association", _put("establishments", 0, "association", value="ghost")),
    ("establishments[0].commune", _put("establishments", 0, "commune", value="ghost")),
    ("establishments[0].bassin", _put("establishments", 0, "bassin", value=-1)),
    ("volunteers[0].association", _put("volunteers", 0, "association", value="ghost")),
    ("volunteers[0].establishment", _put("volunteers", 0, "establishment", value="ghost")),
    ("volunteers[0].commune", _put("volunteers", 0, "commune", value="ghost")),
    ("volunteers[0].bassins[1]", _put("volunteers", 0, "bassins", value=[0, 9])),
    ("volunteers[0].bassins[1]", _put("volunteers", 0, "bassins", value=[0, 0])),
    ("needs[0].establishment", _put("needs", 0, "establishment", value="ghost")),
    ("offers[0].establishment", _put("offers", 0, "establishment", value="ghost")),
    ("situations[0].commune", _put("situations", 0, "commune", value="ghost")),
    ("situations[0].incompatible_with[0]", _put("situations", 0, "incompatible_with", value=["ghost"])),
    ("situations[0].incompatible_with[0]", _put("situations", 0, "incompatible_with", value=["ana"])),
    ("situations[0].incompatible_with[1]", _put("situations", 0, "incompatible_with", value=["dan", "dan"])),
    ("situations[0].excluded_establishments[0]", _put("situations", 0, "excluded_establishments", value=["ghost"])),
    ("lend_caps[0].establishment", _put("lend_caps", 0, "establishment", value="ghost")),
    # people, shifts, caps
    ("volunteers[0].week_minutes_done", _put("volunteers", 0, "week_minutes_done", value=[0, 0])),
    ("volunteers[0].week_minutes_done[0]", _put("volunteers", 0, "week_minutes_done", value=[-1])),
    ("volunteers[0].max_loan_minutes", _put("volunteers", 0, "max_loan_minutes", value=-1)),
    ("volunteers[0].max_travel_min", _put("volunteers", 0, "max_travel_min", value=-1)),
    ("volunteers[0].availability[0]", _put("volunteers", 0, "availability", value=[[60, 60]])),
    ("volunteers[0].own_shifts[0]", _put("volunteers", 0, "own_shifts", value=[[60, 0]])),
    ("lend_caps[0].day", _put("lend_caps", 0, "day", value=7)),
    ("lend_caps[0].max_out", _put("lend_caps", 0, "max_out", value=-1)),
    ("lend_caps[1]", _repeat("lend_caps")),
    ("needs[0].urgency", _put("needs", 0, "urgency", value=5)),
    ("needs[0].shifts[0].end", _put("needs", 0, "shifts", 0, "end", value=1440)),
    ("needs[0].shifts[0].start", _put("needs", 0, "shifts", 0, "start", value=-10)),
    ("needs[0].shifts[0].headcount", _put("needs", 0, "shifts", 0, "headcount", value=-1)),
    ("needs[0].shifts[0].permanent_staff", _put("needs", 0, "shifts", 0, "permanent_staff", value=-1)),
    ("needs[0].shifts[0].permanent_staff", _put("needs", 0, "shifts", 0, "min_permanent_staff", value=1)),
    ("needs[0].shifts[0].min_permanent_staff", _put("needs", 0, "shifts", 0, "min_permanent_staff", value=-1)),
    ("volunteers[0].released[0]", _put("volunteers", 0, "released", value=[[0, 60]])),
    ("volunteers[0].released[0]", _put("volunteers", 0, "released", value=[[0]])),
    ("volunteers[0].ready_from", _put("volunteers", 0, "ready_from", value="tonight")),
    ("needs[0].shifts[0].headcount", _put("needs", 0, "shifts", 0, "headcount", value=10_001)),
    ("needs[0].shifts[0].end", _put("needs", 0, "shifts", 0, "end", value=10**9)),
    # rule sets
    ("rules", _put("rules", value={"v": 1})),
    ("rules[0].id", _put("rules", value=[{}])),
    ("rules[0].colour", _put("rules", value=[{"id": "r", "colour": 1}])),
    ("rules[0].rest_minutes", _put("rules", value=[{"id": "r", "rest_minutes": "11 h"}])),
    ("rules[0].rest_minutes", _put("rules", value=[{"id": "r", "rest_minutes": -1}])),
    ("rules[0].week_minutes", _put("rules", value=[{"id": "r", "week_minutes": 10_081}])),
    ("rules[0].night_starts_at", _put("rules", value=[{"id": "r", "night_starts_at": 1_440}])),
    ("rules[0].night_shift_minutes", _put("rules", value=[{"id": "r", "shift_minutes": 721}])),
    ("rules[0].days_in_row", _put("rules", value=[{"id": "r", "days_in_row": -1}])),
    ("rules[0].average_weeks", _put("rules", value=[{"id": "r", "average_week_minutes": 2_640}])),
    ("rules[0].average_weeks", _put("rules", value=[{"id": "r", "average_weeks": 12}])),
    ("rules[0].average_weeks", _put("rules", value=[{"id": "r", "average_week_minutes": 1, "average_weeks": 54}])),
    ("rules[1].id", _put("rules", value=[{"id": "r"}, {"id": "r"}])),
    ("establishments[0].rules", _put("establishments", 0, "rules", value="ghost")),
    ("volunteers[0].rules", _put("volunteers", 0, "rules", value="ghost")),
    ("volunteers[0].past_week_minutes[1]", _put("volunteers", 0, "past_week_minutes", value=[0, -1])),
    # offers and situations
    ("offers[0].ages", _put("offers", 0, "ages", value=[12, 6])),
    ("offers[0].capacity", _put("offers", 0, "capacity", value=[1])),
    ("offers[0].capacity[2]", _put("offers", 0, "capacity", 2, value=-1)),
    ("offers[0].extra_capacity", _put("offers", 0, "extra_capacity", value=[0] * 13)),
    ("offers[0].extra_capacity[0]", _put("offers", 0, "extra_capacity", 0, value=-1)),
    ("offers[0].requires", _put("offers", 0, "extra_capacity", 0, value=1)),
    ("offers[2].requires", _put("offers", 2, "requires", value={})),
    ("offers[2].requires", _put("offers", 2, "requires", value={"9": []})),
    ("offers[2].requires.14", _put("offers", 2, "requires", "14", value=[["night-team", "night"]])),
    ("offers[2].requires.9[0]", _put("offers", 2, "requires", value={"9": [["reinforcement", "night"]]})),
    ("offers[2].requires.9[1]", _put("offers", 2, "requires", value={"9": [["night-team", "night"]] * 2})),
    ("offers[0].provides[1]", _put("offers", 0, "provides", value=["x", "x"])),
    ("offers[0].provides[0]", _put("offers", 0, "provides", value=[""])),
    ("offers[0].provides_at.14", _put("offers", 0, "provides_at", value={"14": ["x"]})),
    ("offers[0].provides_at.01", _put("offers", 0, "provides_at", value={"01": ["x"]})),
    ("offers[0].provides_at.1", _put("offers", 0, "provides_at", value={"1": None})),
    ("offers[0].provides_at.1[1]", _put("offers", 0, "provides_at", value={"1": ["x", "x"]})),
    ("situations[0].needs[1]", _put("situations", 0, "needs", value=["x", "x"])),
    ("situations[0].needs_by_night", _put("situations", 0, "needs_by_night", value="x")),
    ("situations[0].needs_by_day[0]", _put("situations", 0, "needs_by_day", value=[7])),
    ("situations[0].together", _put("situations", 0, "together", value="")),
    ("situations[0].together", _put("situations", 0, "together", value=["ana", "dan"])),
    ("situations[3].incompatible_with[0]", _all_in_one_group),
    ("situations[0].age", _put("situations", 0, "age", value=-1)),
    ("situations[0].urgency", _put("situations", 0, "urgency", value=0)),
    ("situations[0].max_travel_min", _put("situations", 0, "max_travel_min", value=-1)),
    ("situations[0].max_places", _put("situations", 0, "max_places", value=-1)),
    ("situations[0].blocks[0].segments", _put("situations", 0, "blocks", 0, "segments", value=[])),
    ("situations[0].blocks[0].segments[0]", _put("situations", 0, "blocks", 0, "segments", value=[14])),
    ("situations[0].blocks[0].segments[1]", _put("situations", 0, "blocks", 0, "segments", value=[3, 3])),
    ("situations[0].blocks[1].segments[0]", _put("situations", 0, "blocks", 1, "segments", value=[1])),
    # lines
    ("frozen.loans[0].volunteer", _frozen(loans=[{**LOAN, "volunteer": "ghost"}])),
    ("frozen.loans[0].shift", _frozen(loans=[{**LOAN, "shift": "ghost"}])),
    ("frozen.loans[1]", _frozen(loans=[LOAN, LOAN])),
    ("frozen.placements[0].situation", _frozen(placements=[{**PLACEMENT, "situation": "ghost"}])),
    ("frozen.placements[0].block", _frozen(placements=[{**PLACEMENT, "block": "night"}])),
    ("frozen.placements[0].offer", _frozen(placements=[{**PLACEMENT, "offer": "ghost"}])),
    ("previous.loans[1]", _previous(loans=[LOAN, LOAN])),
    ("previous.placements[0].offer", _previous(placements=[{**PLACEMENT, "offer": "ghost"}])),
]


@pytest.mark.parametrize(("key", "change"), REFUSED, ids=[f"{n}-{key}" for n, (key, _) in enumerate(REFUSED)])
def test_contradiction_is_refused_with_its_key(key: str, change: Callable[[Json], None]) -> None:
    problem = hand_made.problem()
    change(problem)
    with pytest.raises(ProblemInvalid) as refusal:
        problem_from_json(problem)
    assert refusal.value.key == key
    assert str(refusal.value) == f"{key} : {refusal.value.rule}"


ACCEPTED_LINES_THAT_BREAK_A_RULE: list[tuple[str, Json]] = [
    *(
        ("frozen.loans[0]", {"loans": [{"volunteer": rule, "shift": "day"}]})
        for rule in (
            "no-consent",
            "same-employer",
            "qualification",
            "host-bassin",
            "loan-travel",
            "availability",
            "rest",
            "week-minutes",
            "loan-minutes",
            "lend-cap",
        )
    ),
    ("frozen.loans[0]", {"loans": [{"volunteer": "good", "shift": "long"}]}),
    ("frozen.loans[1]", {"loans": [LOAN, {"volunteer": "good", "shift": "evening"}]}),
    ("frozen.loans[1]", {"loans": [LOAN, {"volunteer": "good-too", "shift": "day"}]}),
    *(
        ("frozen.placements[0]", {"placements": [{**PLACEMENT, "offer": rule}]})
        for rule in ("age", "profile", "excluded-establishment", "placement-travel")
    ),
    ("frozen.placements[1]", {"placements": [PLACEMENT, {**PLACEMENT, "offer": "elsewhere"}]}),
    ("frozen.placements[1]", {"placements": [PLACEMENT, {"situation": "cleo", "block": "monday", "offer": "fine"}]}),
    ("frozen.placements[1]", {"placements": [PLACEMENT, {"situation": "dan", "block": "monday", "offer": "fine-too"}]}),
    (
        "frozen.placements[1]",
        {
            "placements": [
                {"situation": "eve", "block": "tuesday", "offer": "fine"},
                {"situation": "eve", "block": "wednesday", "offer": "elsewhere"},
            ]
        },
    ),
]


@pytest.mark.parametrize(("key", "frozen"), ACCEPTED_LINES_THAT_BREAK_A_RULE)
def test_accepted_line_that_breaks_a_rule_is_named(key: str, frozen: Json) -> None:
    with pytest.raises(ProblemInvalid) as refusal:
        solve(problem_from_json({**hand_made.problem(), "frozen": frozen}))
    assert refusal.value.key == key


@pytest.mark.parametrize(
    ("rule", "limit", "message"),
    [
        ("week_minutes_done", [2880 - 600 - 479], "48 h"),
        ("max_loan_minutes", 1079, "plafond de prêt"),
    ],
)
def test_accepted_loans_that_break_a_rule_together_are_named(rule: str, limit: object, message: str) -> None:
    problem = hand_made.problem()
    problem["volunteers"][0][rule] = limit
    problem["frozen"] = {"loans": [LOAN, {"volunteer": "good", "shift": "night"}]}
    with pytest.raises(ProblemInvalid, match=message) as refusal:
        solve(problem_from_json(problem))
    assert refusal.value.key == "frozen.loans[1]"


def test_accepted_loans_beyond_the_lenders_floor_are_named() -> None:
    problem = hand_made.problem()
    problem["lend_caps"] = [{"establishment": "lender-house", "day": 1, "max_out": 1}]
    problem["frozen"] = {"loans": [LOAN, {"volunteer": "good-too", "shift": "evening"}]}
    with pytest.raises(ProblemInvalid, match="trop de monde") as refusal:
        solve(problem_from_json(problem))
    assert refusal.value.key == "frozen.loans[1]"


def test_accepted_place_whose_shift_nobody_can_cover_is_named() -> None:
    problem = hand_made.problem()
    problem["needs"][1]["qualifications_any"] = ["IDE"]
    problem["frozen"] = {"placements": [PLACEMENT, {"situation": "bob", "block": "night", "offer": "conditional"}]}
    with pytest.raises(ProblemInvalid, match="couvertes") as refusal:
        solve(problem_from_json(problem))
    assert refusal.value.key == "frozen.placements[1]"


@pytest.mark.parametrize("value", [None, {}, []])
@pytest.mark.parametrize("key", ["rules", "zones", "prices"])
def test_later_addition_left_empty_changes_nothing(key: str, value: object) -> None:
    plain = problem_from_json(hand_made.problem())
    assert problem_from_json({**hand_made.problem(), key: value}) == plain


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "x" * 1_000_000])
def test_refusal_is_one_short_readable_line_whatever_the_names_hold(name: str) -> None:
    problem = hand_made.problem()
    problem["needs"][0]["establishment"] = name
    with pytest.raises(ProblemInvalid) as refusal:
        problem_from_json(problem)
    sentence = str(refusal.value)
    assert sentence.startswith("needs[0].establishment : ")
    assert sentence.endswith(" n'existe pas dans establishments")
    assert len(sentence) < 500
    assert len(sentence.splitlines()) == 1
    assert not {"\x1b", "\u202e"} & set(sentence)


def test_a_wrong_type_is_told_in_plain_french() -> None:
    with pytest.raises(ProblemInvalid) as refusal:
        problem_from_json({**hand_made.problem(), "needs": {}})
    assert str(refusal.value) == "needs : il faut ici une liste"
