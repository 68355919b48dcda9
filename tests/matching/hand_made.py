"""One hand-made problem in which every rule has somebody or some place that breaks it, and a lawful plan of it."""

import copy
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.matching.oracle import Oracle
from tests.matching.oracle_places import served_by

Json = dict[str, Any]

DAYS = 7
NIGHT_4 = 9
# Of the shift "day", one volunteer each.
REFUSALS_OF_DAY = (
    "same-employer",
    "qualification",
    "rest-own-shifts",
    "week-minutes",
    "no-consent",
    "host-bassin",
    "travel",
    "availability",
    "loan-minutes",
    "lend-cap",
)


def volunteer(name: str, **changes: object) -> Json:
    person: Json = {
        "id": name,
        "association": "lender",
        "establishment": "lender-house",
        "commune": "town",
        "qualifications": ["AES"],
        "bassins": [0],
        "availability": [[0, DAYS * 1440]],
        "own_shifts": [],
        "week_minutes_done": [0],
        "max_loan_minutes": 3000,
        "max_travel_min": 30,
        "night12h_derogation": False,
        "consent": True,
    }
    return {**person, **changes}


def offer(name: str, **changes: object) -> Json:
    place: Json = {
        "id": name,
        "establishment": "host-house",
        "kind": "internat",
        "ages": [6, 20],
        "profiles": ["tsa"],
        "capacity": [1] * (2 * DAYS),
        "extra_capacity": [0] * (2 * DAYS),
        "requires": {},
    }
    return {**place, **changes}


def situation(name: str, blocks: dict[str, list[int]], **changes: object) -> Json:
    person: Json = {
        "id": name,
        "age": 12,
        "profile": "tsa",
        "mode": "internat",
        "urgency": 3,
        "created": "2026-02-28",
        "commune": "town",
        "max_travel_min": 30,
        "blocks": [{"id": block, "segments": segments} for block, segments in blocks.items()],
        "excluded_establishments": [],
        "incompatible_with": [],
        "max_places": 2,
    }
    return {**person, **changes}


def problem() -> Json:
    """Volunteers and offers named after the one rule that they break; `good*` and `fine*` break none."""
    extra = [0] * (2 * DAYS)
    extra[NIGHT_4] = 1
    return {
        "format": "entraide-problem/1",
        "id": "hand-made",
        "horizon_start": "2026-03-02",
        "days": DAYS,
        "bassins": 2,
        "communes": [{"id": "town", "bassin": 0}, {"id": "away", "bassin": 0}],
        "travel_min": [[2, 90], [31, 0]],
        "associations": [{"id": "host", "ledger_hours": -20}, {"id": "lender", "ledger_hours": 40}],
        "establishments": [
            _house("host-house", "host", "town"),
            _house("other-house", "host", "town"),
            _house("far-house", "host", "away"),
            _house("lender-house", "lender", "town"),
            _house("floor-house", "lender", "town"),
        ],
        "volunteers": [
            volunteer("good"),
            volunteer("good-too"),
            volunteer("no-consent", consent=False),
            volunteer("same-employer", association="host"),
            volunteer("qualification", qualifications=[]),
            volunteer("host-bassin", bassins=[1]),
            volunteer("loan-travel", commune="away"),
            volunteer("availability", availability=[[1440 + 480, 1440 + 720], [1440 + 720, 1440 + 960]]),
            volunteer("rest", own_shifts=[[1440 - 600, 1440 - 179]]),
            volunteer("week-minutes", week_minutes_done=[2401]),
            volunteer("loan-minutes", max_loan_minutes=479),
            volunteer("lend-cap", establishment="floor-house"),
        ],
        "lend_caps": [{"establishment": "floor-house", "day": 1, "max_out": 0}],
        "needs": [
            {
                "id": "reinforcement",
                "establishment": "host-house",
                "qualifications_any": ["AES", "ES"],
                "urgency": 2,
                "created": "2026-02-27",
                "coupled": False,
                "shifts": [
                    {"id": "day", "start": 1440 + 480, "end": 1440 + 960, "headcount": 1},
                    {"id": "evening", "start": 1440 + 1080, "end": 1440 + 1440, "headcount": 1},
                    {"id": "long", "start": 3 * 1440 + 480, "end": 3 * 1440 + 1081, "headcount": 1},
                ],
            },
            {
                "id": "night-team",
                "establishment": "host-house",
                "qualifications_any": ["AES"],
                "urgency": 4,
                "created": "2026-02-27",
                "coupled": True,
                "shifts": [{"id": "night", "start": 4 * 1440 + 1260, "end": 5 * 1440 + 420, "headcount": 1}],
            },
        ],
        "offers": [
            offer("fine"),
            offer("fine-too"),
            offer(
                "conditional",
                capacity=[0] * (2 * DAYS),
                extra_capacity=extra,
                requires={"9": [["night-team", "night"]]},
            ),
            offer("age", ages=[13, 20]),
            offer("profile", profiles=["moteur"]),
            offer("excluded-establishment", establishment="other-house"),
            offer("placement-travel", establishment="far-house"),
            offer("elsewhere", establishment="lender-house"),
        ],
        "situations": [
            situation("ana", {"monday": [0, 1], "friday": [8]}, excluded_establishments=["other-house"]),
            situation("bob", {"night": [NIGHT_4]}, urgency=1),
            situation("cleo", {"monday": [1, 2]}, urgency=4),
            situation("dan", {"monday": [1]}, incompatible_with=["ana"]),
            situation("eve", {"tuesday": [3], "wednesday": [4]}, max_places=1),
        ],
    }


def _house(name: str, association: str, commune: str) -> Json:
    return {"id": name, "association": association, "bassin": 0, "commune": commune, "public": "enfants"}


LOANS = [("good", "day"), ("good-too", "night")]
PLACEMENTS = [("ana", "monday", "fine"), ("bob", "night", "conditional"), ("eve", "tuesday", "fine-too")]


def plan(problem: Json, loans: list[tuple[str, str]], placements: Sequence[tuple[Any, ...]]) -> Json:
    """A plan that tells the truth about its lines, lawful or not; a part has its segments after its offer."""
    oracle = Oracle(problem)
    known = [line for line in dict.fromkeys(loans) if line[0] in oracle.people and line[1] in oracle.shifts]
    blocks = {(s["id"], block["id"]): block for s in problem["situations"] for block in s["blocks"]}
    served = served_by(line for line in placements if line[:2] in blocks and line[2] in oracle.offers)
    held = {(s, b, one) for s, b, *part in served for one in part or blocks[s, b]["segments"]}
    lacking = {
        (s, b): [one for one in block["segments"] if (s, b, one) not in held] for (s, b), block in blocks.items()
    }
    filled = Counter(shift for _, shift in known)
    # A shift taken twice misses nobody: the oracle never sees one, so its count is bounded here.
    seats = Counter({name: min(filled[name], shift["headcount"]) for name, (_, shift) in oracle.shifts.items()})
    staffed, placed = oracle.loan_levels(known, seats), oracle.placement_levels(served)
    unmet: list[Json] = [
        {"situation": s, "block": b, "missing": len(segments), "reasons": [], "relaxations": []}
        for (s, b), segments in lacking.items()
        if segments
    ]
    unmet += [
        {
            "need": need["id"],
            "shift": name,
            "missing": shift["headcount"] - seats[name],
            "reasons": [],
            "relaxations": [],
        }
        for name, (need, shift) in oracle.shifts.items()
        if seats[name] < shift["headcount"]
    ]
    signed: Json = {
        "format": "entraide-plan/1",
        "problem": problem["id"],
        "status": "within_gap",
        "loans": [{"volunteer": who, "shift": shift} for who, shift in loans],
        "placements": [
            {"situation": s, "block": b, "offer": o, **({"segments": part} if part else {})}
            for s, b, o, *part in placements
        ],
        "levels": {name: staffed[rank] + placed[rank] for rank, name in enumerate(("critical", "other", "burden"))},
        "bounds": {"critical": 0, "other": 0, "burden": 0},
        "unmet": unmet,
        "unlocks": [],
        "solver": {
            "name": "by hand",
            "version": "1",
            "seed": 0,
            "workers": 1,
            "deterministic_limit": 0,
            "deterministic_time": 0.0,
            "wall_limit_seconds": 0,
            "wall_seconds": 0.0,
            "wall_cap_reached": False,
        },
    }
    return {**signed, "digest": digest(signed)}


def digest(signed: Json) -> str:
    lists = {
        "loans": sorted([line["volunteer"], line["shift"]] for line in signed["loans"]),
        "placements": sorted(
            [line["situation"], line["block"], line["offer"], *([line["segments"]] if "segments" in line else [])]
            for line in signed["placements"]
        ),
    }
    return hashlib.sha256(json.dumps(lists, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def lawful_plan() -> Json:
    return copy.deepcopy(plan(problem(), LOANS, PLACEMENTS))
