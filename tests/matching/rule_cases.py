"""For every rule of the matcher, two hand-made problems one step apart: it just allows some lines, or forbids them.

Tables by member of `LoanRefusal`, `LoanSetRefusal`, `PlacementRefusal`, and by function of `LOAN_ROWS`,
`PLACEMENT_ROWS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exchange.matching import loans as loan_rows
from exchange.matching import placements as placement_rows
from exchange.matching.checker import Code
from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.loan_rest import few_days_in_a_row, free_period_each_week
from exchange.matching.loan_sets import LoanSetRefusal
from tests.matching import hand_made
from tests.matching.hand_made import DAYS, NIGHT_4, offer, situation, volunteer

Json = dict[str, Any]
Loans = list[tuple[str, str]]
Placements = list[tuple[Any, ...]]
Rule = Callable[..., None]

WEEK = 10_080
DAY = (1440 + 480, 1440 + 960)
LATER = (4 * 1440 + 480, 4 * 1440 + 960)
SEGMENTS = 2 * DAYS
# Own work on the day before a loan of `DAY`, and on the day after one of Thursday.
AROUND = [[60, 300], [5_760, 6_000]]


@dataclass(frozen=True)
class Side:
    """A problem, and the lines that its rule allows or forbids."""

    problem: Json
    loans: Loans
    placements: Placements


@dataclass(frozen=True)
class Case:
    """`code`: what the checker says of the forbidden lines, `None` where the rule is about a price, not about right."""

    allows: Side
    forbids: Side
    code: Code | None


def _town(**changes: object) -> Json:
    empty: Json = {"volunteers": [], "needs": [], "lend_caps": [], "offers": [], "situations": []}
    zones = [{"id": "here", "communes": ["town"]}, {"id": "there", "communes": ["away"]}]
    return {**hand_made.problem(), **empty, "zones": zones, **changes}


def _need(name: str, *shifts: Json, coupled: bool = False) -> Json:
    asked: Json = {"id": name, "establishment": "host-house", "qualifications_any": ["AES", "ES"], "urgency": 4}
    return {**asked, "created": "2026-02-27", "coupled": coupled, "shifts": list(shifts)}


def _shift(name: str, hours: tuple[int, int], **changes: object) -> Json:
    return {"id": name, "start": hours[0], "end": hours[1], "headcount": 1, **changes}


def _loan(
    hours: tuple[int, int] = DAY, shift: Json | None = None, problem: Json | None = None, **person: object
) -> Side:
    """One person, one shift."""
    need = _need("need", _shift("shift", hours, **(shift or {})))
    return Side(_town(volunteers=[volunteer("v", **person)], needs=[need], **(problem or {})), [("v", "shift")], [])


def _ruled(**figures: object) -> Json:
    return {"rules": [{"id": "agreed", **figures}]}


LENDS = {"establishment": "lender-house", "day": 1}
MOVES: Json = {"association": "host", "establishment": "other-house"}

OF_ONE_LOAN: dict[LoanRefusal, tuple[Side, Side]] = {
    LoanRefusal.SAME_EMPLOYER: (_loan(**MOVES, internal_moves=True), _loan(**MOVES)),
    LoanRefusal.PERMANENT_STAFF: (
        _loan(shift={"permanent_staff": 2, "min_permanent_staff": 2}),
        _loan(shift={"permanent_staff": 1, "min_permanent_staff": 2}),
    ),
    LoanRefusal.QUALIFICATION: (_loan(qualifications=["IDE", "ES"]), _loan(qualifications=["IDE"])),
    LoanRefusal.SHIFT_LENGTH: (_loan((1440, 2040)), _loan((1440, 2041))),
    LoanRefusal.REST_OWN_SHIFTS: (_loan(own_shifts=[[0, DAY[0] - 660]]), _loan(own_shifts=[[0, DAY[0] - 659]])),
    LoanRefusal.WEEK_MINUTES: (_loan(week_minutes_done=[2400]), _loan(week_minutes_done=[2401])),
    LoanRefusal.WEEKLY_REST: (
        _loan(problem=_ruled(weekly_rest_minutes=WEEK - DAY[1]), rules="agreed"),
        _loan(problem=_ruled(weekly_rest_minutes=WEEK - DAY[1] + 1), rules="agreed"),
    ),
    LoanRefusal.DAYS_IN_ROW: (
        _loan(problem=_ruled(days_in_row=1), rules="agreed", own_shifts=[[4320, 4500]]),
        _loan(problem=_ruled(days_in_row=1), rules="agreed", own_shifts=[[4319, 4500]]),
    ),
    LoanRefusal.AVERAGE_WEEK: (
        _loan(problem=_ruled(average_week_minutes=480, average_weeks=1), rules="agreed"),
        _loan(problem=_ruled(average_week_minutes=479, average_weeks=1), rules="agreed"),
    ),
    LoanRefusal.FILE_NOT_READY: (_loan(ready_from=DAY[0]), _loan(ready_from=DAY[0] + 1)),
    LoanRefusal.CONSENT: (_loan(consent=True), _loan(consent=False)),
    LoanRefusal.BASSIN: (_loan(bassins=[1, 0]), _loan(bassins=[1])),
    LoanRefusal.TRAVEL: (_loan(commune="away", max_travel_min=31), _loan(commune="away", max_travel_min=30)),
    LoanRefusal.AVAILABILITY: (_loan(availability=[list(DAY)]), _loan(availability=[[DAY[0] + 1, DAY[1]]])),
    LoanRefusal.LOAN_MINUTES: (_loan(max_loan_minutes=480), _loan(max_loan_minutes=479)),
    LoanRefusal.LEND_CAP: (
        _loan(problem={"lend_caps": [{**LENDS, "max_out": 1}]}),
        _loan(problem={"lend_caps": [{**LENDS, "max_out": 0}]}),
    ),
}


def _two(needs: int, second: tuple[int, int] = LATER, problem: Json | None = None, **person: object) -> Side:
    """One person, two shifts, of one need or of two."""
    shifts = [_shift("first", DAY), _shift("second", second)]
    asked = [_need("need", *shifts)] if needs == 1 else [_need(f"need-{one['id']}", one) for one in shifts]
    town = _town(volunteers=[volunteer("v", **person)], needs=asked, **(problem or {}))
    return Side(town, [("v", "first"), ("v", "second")], [])


def two_loans_with_rest(due: int, own_shifts: list[list[int]], week: int) -> Side:
    """Wednesday and Friday from 8 to 16, in a week that must hold so long a rest; minutes of own work in that week."""
    at = week * WEEK
    own = [[start + at, end + at] for start, end in own_shifts]
    problem = {**_ruled(weekly_rest_minutes=due), "days": 14}
    hours: Json = {"own_shifts": own, "week_minutes_done": [0, 0], "availability": [[0, 2 * WEEK]]}
    side = _two(2, problem=problem, rules="agreed", **hours)
    for need, start in zip(side.problem["needs"], (3_360, LATER[0]), strict=True):
        need["shifts"][0] |= {"start": at + start, "end": at + start + 480}
    return side


def two_loans_after_own_work(days_in_row: int) -> Side:
    """Monday and Tuesday from 8 to 16, after own work on the Sunday before the first date."""
    side = _two(2, DAY, _ruled(days_in_row=days_in_row), rules="agreed", own_shifts=[[-900, -700]])
    side.problem["needs"][0]["shifts"][0] |= {"start": 480, "end": 960}
    return side


def two_loans_at_two_hosts(figure: str, most: int) -> Side:
    """Eight hours each; the host of the second alone limits a week, or its average, to so many minutes."""
    weeks = {"average_weeks": 1} if figure == "average_week_minutes" else {}
    side = _two(2, problem=_ruled(**{figure: most}, **weeks))
    side.problem["needs"][1]["establishment"] = "other-house"
    # Patterns that hold a shift twice, of somebody who comes before the person of the two loans.
    side.problem["needs"][1]["shifts"].append(_shift("third", (6 * 1440, 6 * 1440 + 300)))
    side.problem["volunteers"].insert(0, volunteer("before"))
    ruled = [{**house, "rules": "agreed"} for house in side.problem["establishments"] if house["id"] == "other-house"]
    others = [house for house in side.problem["establishments"] if house["id"] != "other-house"]
    return Side({**side.problem, "establishments": [*others, *ruled]}, side.loans, side.placements)


def _of_two_loans(needs: int) -> dict[LoanSetRefusal, tuple[Side, Side]]:
    def ruled(figure: str, most: int, second: tuple[int, int] = LATER) -> Side:
        return _two(needs, second, _ruled(**{figure: most}), rules="agreed")

    def averaged(most: int) -> Side:
        problem = _ruled(average_week_minutes=most, average_weeks=1)
        return _two(needs, problem=problem, rules="agreed", week_minutes_done=[100])

    between = LATER[0] - DAY[1]
    return {
        LoanSetRefusal.REST: (
            _two(needs, (DAY[1] + 660, DAY[1] + 960)),
            _two(needs, (DAY[1] + 659, DAY[1] + 959)),
        ),
        LoanSetRefusal.WEEK_MINUTES: (_two(needs, week_minutes_done=[1920]), _two(needs, week_minutes_done=[1921])),
        LoanSetRefusal.WEEKLY_REST: (
            ruled("weekly_rest_minutes", between),
            ruled("weekly_rest_minutes", between + 1),
        ),
        LoanSetRefusal.DAYS_IN_ROW: (
            _two(needs, (4320, 4620), _ruled(days_in_row=2), rules="agreed", own_shifts=AROUND),
            _two(needs, (4319, 4619), _ruled(days_in_row=2), rules="agreed", own_shifts=AROUND),
        ),
        LoanSetRefusal.AVERAGE_WEEK: (
            averaged(1060),
            averaged(1059),
        ),
        LoanSetRefusal.LOAN_MINUTES: (_two(needs, max_loan_minutes=960), _two(needs, max_loan_minutes=959)),
    }


OF_LOANS_OF_ONE_NEED, OF_LOANS_OF_TWO_NEEDS = _of_two_loans(1), _of_two_loans(2)


def _place(place: Json | None = None, block: Json | None = None, problem: Json | None = None, **person: object) -> Side:
    """One person, one offer."""
    asked = situation("s", {"b": [0, 1]}, urgency=4, **person)
    asked["blocks"][0] |= block or {}
    town = _town(offers=[offer("o", **(place or {}))], situations=[asked], **(problem or {}))
    return Side(town, [], [("s", "b", "o")])


def _couple(age: int) -> Side:
    him, her = (situation(name, {"b": [0, 1]}, together="couple") for name in ("him", "her"))
    town = _town(offers=[offer("o", capacity=[2] * SEGMENTS)], situations=[him, {**her, "age": age}])
    return Side(town, [], [("him", "b", "o"), *([("her", "b", "o")] if age < 21 else [])])


VISIT = {"without_bed": True}

OF_ONE_PLACEMENT: dict[PlacementRefusal, tuple[Side, Side]] = {
    PlacementRefusal.EXCLUDED: (
        _place(excluded_establishments=["other-house"]),
        _place(excluded_establishments=["host-house"]),
    ),
    PlacementRefusal.CARE_MODE: (_place(VISIT, VISIT), _place(VISIT)),
    PlacementRefusal.AGE: (_place(age=20), _place(age=21)),
    PlacementRefusal.PROFILE: (_place({"profiles": ["moteur", "tsa"]}), _place({"profiles": ["moteur"]})),
    PlacementRefusal.PROVISION: (_place({"provides": ["porte"]}, needs=["porte"]), _place(needs=["porte"])),
    PlacementRefusal.ZONE: (_place({"zone": "here"}), _place({"zone": "there"})),
    PlacementRefusal.TRAVEL: (
        _place({"establishment": "far-house"}, max_travel_min=90),
        _place({"establishment": "far-house"}, max_travel_min=89),
    ),
    PlacementRefusal.HOURS: (
        _place({"hours": [540, 1020]}, {"hours": [540, 1020]}),
        _place({"hours": [540, 1020]}, {"hours": [540, 1021]}),
    ),
    PlacementRefusal.CAPACITY: (
        _place({"capacity": [1, 1, *[0] * (SEGMENTS - 2)]}),
        _place({"capacity": [1, 0, *[0] * (SEGMENTS - 2)]}),
    ),
    PlacementRefusal.MAX_PLACES: (_place(max_places=1), _place(max_places=0)),
    PlacementRefusal.GROUP: (_couple(age=20), _couple(age=21)),
}

# The checker knows these rules by another name; texts, not members, since two enums share some.
CODES: dict[str, Code] = {
    "LoanRefusal.REST_OWN_SHIFTS": Code.REST,
    "LoanRefusal.TRAVEL": Code.LOAN_TRAVEL,
    "PlacementRefusal.TRAVEL": Code.PLACEMENT_TRAVEL,
    "PlacementRefusal.GROUP": Code.KEPT_APART,
}


def code_of(refusal: LoanRefusal | LoanSetRefusal | PlacementRefusal) -> Code:
    return CODES.get(f"{type(refusal).__name__}.{refusal.name}") or Code(refusal.value)


def _seats(headcount: int, **problem: object) -> Side:
    """Two persons for one shift."""
    need = _need("need", _shift("shift", DAY, headcount=headcount))
    people = [volunteer("v"), volunteer("w")]
    return Side(_town(volunteers=people, needs=[need], **problem), [("v", "shift"), ("w", "shift")], [])


def _opened_by_a_night(headcount: int) -> Side:
    """One person for a night that opens a place."""
    night = (4 * 1440 + 1260, 5 * 1440 + 420)
    extra = [1 if segment == NIGHT_4 else 0 for segment in range(SEGMENTS)]
    opened = offer("o", capacity=[0] * SEGMENTS, extra_capacity=extra, requires={str(NIGHT_4): [["team", "night"]]})
    town = _town(
        volunteers=[volunteer("v")],
        needs=[_need("team", _shift("night", night, headcount=headcount), coupled=True)],
        offers=[opened],
        situations=[situation("s", {"b": [NIGHT_4]}, urgency=4)],
    )
    return Side(town, [("v", "night")], [("s", "b", "o")])


def _second_person(minutes_away: int) -> Side:
    """A second person on a need costs 94 minutes of travel; the first lives so far away."""
    shifts = [_shift("first", DAY), _shift("second", LATER)]
    far = volunteer("far", commune="away", max_travel_min=60)
    near = volunteer("near", availability=[list(LATER)])
    town = _town(volunteers=[far, near], needs=[_need("need", *shifts)], travel_min=[[2, 90], [minutes_away, 0]])
    return Side(town, [("far", "first"), ("near", "second")], [])


def _with_a_relief(side: Side) -> Side:
    """Somebody who lives further could take one of the two shifts."""
    relief = volunteer("relief", commune="away", max_travel_min=31)
    return Side({**side.problem, "volunteers": [*side.problem["volunteers"], relief]}, side.loans, side.placements)


def _open_on(*segments: int) -> list[int]:
    return [1 if segment in segments else 0 for segment in range(SEGMENTS)]


def _near_or_far(also_twice: bool) -> Side:
    """One block that two offers could serve."""
    offers = [offer("near"), offer("far", establishment="far-house")]
    town = _town(offers=offers, situations=[situation("s", {"b": [0]}, urgency=4, max_travel_min=90)])
    return Side(town, [], [("s", "b", "near"), *([("s", "b", "far")] if also_twice else [])])


def _in_two_parts(room: int) -> Side:
    """Three persons whom no offer can serve whole; of two of them, so many ends have a place as `room` says."""
    places = {"o": _open_on(0, 4), "p": _open_on(1), "q": _open_on(5)}
    rooms = {"o": 2, "p": room, "q": 1}
    offers = [offer(name, capacity=[rooms[name] * one for one in open_on]) for name, open_on in places.items()]
    asked = {"s": [0, 1], "t": [0, 1], "v": [4, 5]}
    people = [situation(name, {"b": segments}, urgency=2 if name == "s" else 1) for name, segments in asked.items()]
    town = _town(offers=offers, situations=people, prices={"split": 60})
    begun = [("s", "b", "o", 0), ("s", "b", "p", 1), ("t", "b", "o", 0)]
    return Side(town, [], [*begun, *([("t", "b", "p", 1)] if room > 1 else [])])


def _two_places(max_places: int) -> Side:
    """Two blocks, each of which one offer alone can serve."""
    offers = [offer("o", capacity=_open_on(0)), offer("p", capacity=_open_on(3))]
    town = _town(offers=offers, situations=[situation("s", {"b": [0], "c": [3]}, urgency=4, max_places=max_places)])
    return Side(town, [], [("s", "b", "o"), ("s", "c", "p")])


def _whole_or_part(*also: int) -> Side:
    """One place for two persons: the longer stay, unless it leaves that person without the rest that `also` offers."""
    longer, shorter = situation("long", {"b": [0, 1], "c": [7]}), situation("short", {"b": [1], "c": [5]})
    town = _town(offers=[offer("o", capacity=_open_on(0, 1, 5, *also))], situations=[longer, shorter])
    return Side(town, [], [("long", "b", "o")])


def _room(places: int) -> Side:
    people = [situation(name, {"b": [0, 1]}, urgency=4) for name in ("s", "t")]
    town = _town(offers=[offer("o", capacity=[places] * SEGMENTS)], situations=people)
    return Side(town, [], [("s", "b", "o"), ("t", "b", "o")])


def _at_odds(second: int) -> Side:
    """Two persons who may not meet, in two offers of one house."""
    people = [situation("s", {"b": [0]}, incompatible_with=["t"]), situation("t", {"b": [second]})]
    offers = [offer("o", capacity=_open_on(0)), offer("p", capacity=_open_on(second))]
    return Side(_town(offers=offers, situations=people), [], [("s", "b", "o"), ("t", "b", "p")])


def _couple_between_two_houses(taken: bool) -> Side:
    """Two houses with two places each, of which somebody else needs one."""
    him, her = (situation(name, {"b": [0]}, together="couple", max_travel_min=90, urgency=1) for name in ("him", "her"))
    houses = {"near": "host-house", "far": "far-house"}
    others = [
        situation(f"at-{name}", {"b": [0]}, urgency=4, max_travel_min=90, excluded_establishments=[other])
        for name, other in (("near", "far-house"), ("far", "host-house"))
    ]
    offers = [offer(name, establishment=house, capacity=[2] * SEGMENTS) for name, house in houses.items()]
    town = _town(offers=offers, situations=[him, her, *(others if taken else [])])
    placed = [("him", "b", "near"), ("her", "b", "far" if taken else "near")]
    return Side(town, [], [*placed, *([(f"at-{name}", "b", name) for name in houses] if taken else [])])


def _back_again(minutes_away: int) -> Side:
    """The second block is far; to come back for the third saves travel and costs a handover, 30 minutes."""
    offers = [
        offer("near", capacity=_open_on(0, 2)),
        offer("far", establishment="far-house", capacity=_open_on(1, 2)),
    ]
    blocks = {"b": [0], "c": [1], "d": [2]}
    town = _town(offers=offers, situations=[situation("s", blocks)], travel_min=[[2, minutes_away], [31, 0]])
    return Side(town, [], [("s", "b", "near"), ("s", "c", "far"), ("s", "d", "near")])


def _apart(refusal: LoanSetRefusal) -> Case:
    return Case(*OF_LOANS_OF_TWO_NEEDS[refusal], code_of(refusal))


OF_ROWS: dict[Rule, Case] = {
    loan_rows.seats_taken_or_missing: Case(_seats(2), _seats(1), Code.HEADCOUNT),
    loan_rows.full_only_where_nobody_is_missing: Case(
        _opened_by_a_night(1), _opened_by_a_night(2), Code.CONDITIONAL_CAPACITY
    ),
    loan_rows.one_pattern_per_person_and_need: Case(
        _with_a_relief(OF_LOANS_OF_ONE_NEED[LoanSetRefusal.REST][0]),
        _with_a_relief(OF_LOANS_OF_ONE_NEED[LoanSetRefusal.REST][1]),
        Code.REST,
    ),
    loan_rows.person_used_where_a_single_shift_is_taken: Case(_second_person(48), _second_person(46), None),
    loan_rows.rest_between_loans: _apart(LoanSetRefusal.REST),
    loan_rows.week_minutes_within_law: _apart(LoanSetRefusal.WEEK_MINUTES),
    loan_rows.averages_within_law: _apart(LoanSetRefusal.AVERAGE_WEEK),
    loan_rows.loan_minutes_within_ceiling: _apart(LoanSetRefusal.LOAN_MINUTES),
    loan_rows.lenders_keep_their_floor: Case(
        _seats(2, lend_caps=[{**LENDS, "max_out": 2}]), _seats(2, lend_caps=[{**LENDS, "max_out": 1}]), Code.LEND_CAP
    ),
    free_period_each_week: _apart(LoanSetRefusal.WEEKLY_REST),
    few_days_in_a_row: _apart(LoanSetRefusal.DAYS_IN_ROW),
    placement_rows.one_offer_or_uncovered: Case(_near_or_far(False), _near_or_far(True), Code.BLOCK_PLACED_TWICE),
    placement_rows.beginning_and_end_taken_together: Case(_in_two_parts(2), _in_two_parts(1), Code.SPLIT),
    placement_rows.whole_only_if_every_block_is_served: Case(_whole_or_part(7), _whole_or_part(), None),
    placement_rows.offer_that_serves_is_a_place: Case(_two_places(2), _two_places(1), Code.MAX_PLACES),
    placement_rows.places_within_ceiling: Case(_two_places(2), _two_places(1), Code.MAX_PLACES),
    placement_rows.capacity_of_each_segment: Case(_room(2), _room(1), Code.CAPACITY),
    placement_rows.incompatible_persons_stay_apart: Case(_at_odds(1), _at_odds(0), Code.INCOMPATIBLE),
    placement_rows.persons_kept_together_share_one_establishment: Case(
        _couple_between_two_houses(False), _couple_between_two_houses(True), Code.KEPT_APART
    ),
    placement_rows.handover_where_the_offer_changes: Case(_back_again(18), _back_again(16), None),
}
