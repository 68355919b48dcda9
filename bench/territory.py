"""A problem file by id, and the rules that concern one pair alone, written anew from the contract of the format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

DAY, WEEK = 1_440, 10_080
ORDINARY_SHIFT, LONG_NIGHT, EVENING = 600, 720, 19 * 60
REST, LAWFUL_WEEK = 660, 2_880
HOURS_OF_URGENCY = (0, 1, 2, 4, 8)
# Additions of the format that change rules or weights: this second reading does not know them, but for the price of a
# block in two parts.
ADDITIONS = {"rules", "zones"}
LONGEST_IN_TWO = 31


class NotJudged(ValueError):
    """The problem uses an addition of the format that this reading does not cover."""


@dataclass(frozen=True, slots=True)
class Territory:
    """Lookup tables over one parsed problem file."""

    problem: Json
    people: Mapping[str, Json]
    needs: Mapping[str, Json]
    shifts: Mapping[str, tuple[Json, Json]]
    offers: Mapping[str, Json]
    situations: Mapping[str, Json]
    blocks: Mapping[tuple[str, str], list[int]]
    houses: Mapping[str, Json]
    minutes: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, problem: Json) -> "Territory":
        """Index a valid problem; raises `NotJudged` where it uses an addition."""
        used = sorted(key for key in ADDITIONS & problem.keys() if problem[key])
        prices = problem.get("prices") or {}
        # A second pass of fairness chooses among lawful plans: it changes neither a rule nor how a level is counted.
        used += sorted(f"prices.{key}" for key in prices if prices[key] and key not in ("split", "rebalance_percent"))
        used += ["together" for one in problem["situations"] if one.get("together") is not None][:1]
        if used:
            raise NotJudged(f"ce second contrôle ne connaît pas : {', '.join(used)}")
        names = [commune["id"] for commune in problem["communes"]]
        return cls(
            problem=problem,
            people={one["id"]: one for one in problem["volunteers"]},
            needs={one["id"]: one for one in problem["needs"]},
            shifts={shift["id"]: (need, shift) for need in problem["needs"] for shift in need["shifts"]},
            offers={one["id"]: one for one in problem["offers"]},
            situations={one["id"]: one for one in problem["situations"]},
            blocks={(one["id"], b["id"]): b["segments"] for one in problem["situations"] for b in one["blocks"]},
            houses={one["id"]: one for one in problem["establishments"]},
            minutes={
                (origin, destination): minutes
                for origin, row in zip(names, problem["travel_min"], strict=True)
                for destination, minutes in zip(names, row, strict=True)
            },
        )

    @property
    def cut_price(self) -> int:
        return int((self.problem.get("prices") or {}).get("split") or 0)

    def trip(self, commune: str, establishment: str) -> int:
        return self.minutes[commune, self.houses[establishment]["commune"]]

    def staffing(self, offer: Json, segment: int) -> list[str]:
        """Shifts that the extra places of a segment wait for."""
        return [shift for _, shift in offer["requires"].get(str(segment), ())]


def rested(one: tuple[int, int], two: tuple[int, int]) -> bool:
    first, second = sorted((one, two))
    return second[0] - first[1] >= REST


def refusals_of_loan(at: Territory, person: Json, need: Json, shift: Json) -> Iterator[str]:
    """Why this person may not take this shift, whatever else they take."""
    period = shift["start"], shift["end"]
    length = period[1] - period[0]
    house = at.houses[need["establishment"]]
    if not person["consent"]:
        yield "consent"
    if person["association"] == house["association"]:
        yield "employer"
    if not any(held in need["qualifications_any"] for held in person["qualifications"]):
        yield "qualification"
    if house["bassin"] not in person["bassins"]:
        yield "bassin"
    if at.trip(person["commune"], need["establishment"]) > person["max_travel_min"]:
        yield "travel"
    if all(period[0] < opens or period[1] > closes for opens, closes in person["availability"]):
        yield "availability"
    long_night = period[0] % DAY >= EVENING and person["night12h_derogation"]
    if length > (LONG_NIGHT if long_night else ORDINARY_SHIFT):
        yield "length"
    if not all(rested(period, (own[0], own[1])) for own in person["own_shifts"]):
        yield "rest"
    if person["week_minutes_done"][period[0] // WEEK] + length > LAWFUL_WEEK:
        yield "week"
    if length > person["max_loan_minutes"]:
        yield "ceiling"


def refusals_of_placement(at: Territory, person: Json, offer: Json) -> Iterator[str]:
    """Why this offer may not host this person, whatever the segments."""
    youngest, oldest = offer["ages"]
    if person["age"] < youngest or person["age"] > oldest:
        yield "age"
    if person["profile"] not in offer["profiles"]:
        yield "profile"
    if offer["establishment"] in person["excluded_establishments"]:
        yield "excluded"
    if at.trip(person["commune"], offer["establishment"]) > person["max_travel_min"]:
        yield "distance"
    if person["max_places"] < 1:
        yield "places"


def unmet_hours_of_seat(need: Json, shift: Json) -> int:
    hours: int = (shift["end"] - shift["start"]) // 60
    return 0 if need["coupled"] else HOURS_OF_URGENCY[need["urgency"]] * hours


def price_of_loan(at: Territory, ledger: Mapping[str, int], person: Json, need: Json, shift: Json) -> int:
    """Fairness and travel of one loan shift."""
    points = max(0, min(200, ledger[person["association"]] + 60))
    fairness: int = points * (shift["end"] - shift["start"]) // 600
    return fairness + 2 * at.trip(person["commune"], need["establishment"])
