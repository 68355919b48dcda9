"""Seeded problems small enough for exhaustive search, crowded enough for every rule to decide something."""

from random import Random
from typing import Any

Json = dict[str, Any]

DAY, WEEK = 1440, 10080


def tiny_problem(seed: int, scale: int = 1) -> Json:
    """A lawful problem file of a few volunteers, shifts, offers and blocks; same seed, same problem.

    `scale` multiplies the crowd: above 1 the problem is out of reach of exhaustive search.
    """
    rng = Random(seed)
    days = rng.choice([5, 8, 9, 15])
    # Everything happens around one date, near a change of week where there is one, so that lines compete.
    first_day = rng.choice({5: [0], 8: [5, 6], 9: [5, 6], 15: [5, 12]}[days])
    communes = [{"id": f"c{n}", "bassin": n % 2} for n in range(3)]
    associations = [{"id": f"a{n}", "ledger_hours": rng.choice([-90, -40, 0, 35, 90, 170])} for n in range(3)]
    establishments = [
        {
            "id": f"e{n}",
            "association": f"a{n % 3}",
            "bassin": n % 2,
            "commune": f"c{rng.randrange(3)}",
            "public": "enfants",
        }
        for n in range(4)
    ]
    problem: Json = {
        "format": "entraide-problem/1",
        "id": f"tiny-{seed}",
        "horizon_start": "2026-03-02",
        "days": days,
        "bassins": 2,
        "communes": communes,
        "travel_min": [[rng.randint(3, 50) if a != b else rng.randint(0, 4) for b in range(3)] for a in range(3)],
        "associations": associations,
        "establishments": establishments,
        "needs": [_need(rng, n, days, first_day) for n in range(scale * rng.choice([2, 2, 3]))],
    }
    shifts = [shift for need in problem["needs"] for shift in need["shifts"]]
    problem["volunteers"] = [_volunteer(rng, n, days, shifts) for n in range(scale * rng.choice([4, 5]))]
    problem["lend_caps"] = _lend_caps(rng, days, first_day)
    problem["offers"] = [
        _offer(rng, n, days, first_day, problem["needs"]) for n in range(scale * rng.choice([3, 3, 4]))
    ]
    problem["situations"] = [_situation(rng, n, first_day) for n in range(scale * rng.choice([3, 3, 4]))]
    _incompatibilities(rng, problem["situations"])
    if rng.random() < 0.5:
        problem["previous"] = _previous(rng, problem)
    return problem


def tiny_problem_with_groups(seed: int, scale: int = 1) -> Json:
    """The same problem where some persons are to be kept together; nobody is so with whom they may not meet."""
    problem, rng = tiny_problem(seed, scale), Random(-seed - 1)
    people = problem["situations"]
    rng.shuffle(people)
    while len(people) > 1:
        size = min(rng.choice([2, 2, 2, 3]), len(people))
        members, people = people[:size], people[size:]
        for member in members:
            member["together"] = f"g{members[0]['id']}"
            alike = rng.random() < 0.7
            for key in ("age", "profile", "commune") if alike else ():
                member[key] = members[0][key]
        names = {member["id"] for member in members}
        for member in members:
            member["incompatible_with"] = [one for one in member["incompatible_with"] if one not in names]
        if rng.random() < 0.5 * scale / (scale + 1):
            break
    problem["situations"].sort(key=lambda person: str(person["id"]))
    return problem


def tiny_problem_with_additions(seed: int, scale: int = 1) -> Json:
    """The same problem with every optional key that decides who may serve what, and what it costs."""
    problem, rng = tiny_problem(seed, scale), Random(-seed - 3)
    problem["prices"] = {"paperwork": rng.choice([20, 200]), "cross_bassin": rng.choice([15, 90])}
    for person in problem["volunteers"]:
        if rng.random() < 0.5:
            person["internal_moves"] = True
        if rng.random() < 0.5:
            freed = rng.choice(_shifts(problem))
            person["released"] = [[freed["start"] - rng.choice([0, 30]), freed["end"] + rng.choice([0, 30])]]
            person["own_shifts"] = [*person["own_shifts"], *person["released"]]
            person["week_minutes_done"] = [rng.choice([2250, 2700, 2880]) for _ in person["week_minutes_done"]]
        if rng.random() < 0.4:
            person["ready_from"] = rng.choice(_shifts(problem))["start"] + rng.choice([0, 1])
    for shift in _shifts(problem):
        if rng.random() < 0.5:
            shift |= {"permanent_staff": rng.choice([0, 1, 2]), "min_permanent_staff": 1}
    for place in problem["offers"]:
        if rng.random() < 0.5:
            place["scarcity_price"] = rng.choice([10, 60, 150])
        place["provides"] = rng.sample(["gavage", "nuit", "porte"], rng.choice([2, 3, 3]))
        if rng.random() < 0.3:
            segments = [
                segment for one in problem["situations"] for block in one["blocks"] for segment in block["segments"]
            ]
            place["provides_at"] = {str(rng.choice(segments)): rng.choice([["nuit"], ["gavage", "nuit", "porte"], []])}
    for person in problem["situations"]:
        for key, chance in (("needs", 0.4), ("needs_by_night", 0.4), ("needs_by_day", 0.2)):
            if rng.random() < chance:
                person[key] = [rng.choice(["gavage", "nuit", "porte"])]
    _without_beds(rng, problem)
    return problem


def tiny_problem_with_cuts(seed: int, scale: int = 1) -> Json:
    """The same problem where a block may be served in two parts, and where few offers can serve one whole.

    Some parts are proposals already made.
    """
    problem, rng = tiny_problem(seed, scale), Random(-seed - 4)
    problem["prices"] = {"split": rng.choice([1, 40, 250, 600])}
    for person in problem["situations"]:
        segments = sorted(segment for block in person["blocks"] for segment in block["segments"])
        if rng.random() < 0.5:
            mine = set(rng.sample(segments, len(segments) // 2))
            person["blocks"] = [{"id": "days", "segments": [one for one in segments if one not in mine]}]
            person["blocks"] += [{"id": "nights", "segments": sorted(mine, reverse=True)}] if mine else []
        else:
            person["blocks"] = [{"id": "stay", "segments": segments}]
        person |= {"max_places": rng.choice([1, 2, 2, 3]), "max_travel_min": 60, "excluded_establishments": []}
        if rng.random() < 0.1:
            person["together"] = "couple"
    if sum("together" in person for person in problem["situations"]) > 1:
        for person in problem["situations"]:
            person["incompatible_with"] = []
    for place in problem["offers"]:
        place |= {"ages": [0, 20], "profiles": ["tsa", "moteur", "dit"]}
        place["capacity"] = [max(places, 1) if rng.random() < 0.7 else 0 for places in place["capacity"]]
    if "previous" in problem:
        person = rng.choice(problem["situations"])
        segments = sorted(person["blocks"][0]["segments"])
        problem["previous"]["placements"] = []
        if len(segments) > 1 and "together" not in person:
            line = {"situation": person["id"], "block": person["blocks"][0]["id"], "offer": "o0"}
            size = rng.randrange(1, len(segments))
            problem["previous"]["placements"] = [{**line, "segments": rng.choice([segments[:size], segments[size:]])}]
    return problem


def _without_beds(rng: Random, problem: Json) -> None:
    problem["zones"] = [{"id": "wide", "communes": ["c0", "c1", "c2"]}, {"id": "narrow", "communes": ["c1"]}]
    for place in problem["offers"]:
        if rng.random() < 0.4:
            place["without_bed"] = True
        if rng.random() < 0.4:
            place["zone"] = rng.choice(["wide", "narrow"])
        if rng.random() < 0.4:
            place["hours"] = rng.choice([[480, 1080], [540, 1020], [1200, 1920]])
    for person in problem["situations"]:
        for block in person["blocks"]:
            if rng.random() < 0.4:
                block["without_bed"] = True
            if rng.random() < 0.6:
                block["hours"] = rng.choice([[480, 1080], [600, 960], [1260, 1860]])


def tiny_problem_with_rules(seed: int, scale: int = 1) -> Json:
    """The same problem where employers, and some persons, have rule sets, and few people may take many shifts."""
    problem, rng = tiny_problem(seed, scale), Random(-seed - 2)
    names = ["strict", "loose", "odd"]
    problem["rules"] = [_rule_set(rng, name) for name in names]
    problem["rules"].append({"id": "rested", "rest_minutes": 1800})
    for house, chance in zip(problem["establishments"], (0.4, 0.8, 0.8, 0.4), strict=True):
        if rng.random() < chance:
            house["rules"] = rng.choice([*names, "rested"])
    first_day, days = min(shift["start"] for shift in _shifts(problem)) // DAY, problem["days"]
    for shift in _shifts(problem):
        day = min(first_day + rng.randrange(5), days - 1)
        shift["start"], length = day * DAY + shift["start"] % DAY, rng.choice([240, 300, 450, 480, 600])
        shift |= {"end": shift["start"] + length, "headcount": 1}
    problem["volunteers"] = problem["volunteers"][: 3 * scale]
    problem.pop("previous", None)
    for need in problem["needs"]:
        need["establishment"] = rng.choice(["e1", "e2"])
    for person in problem["volunteers"]:
        person |= {"association": "a0", "establishment": rng.choice(["e0", "e3"]), "own_shifts": []}
        person["week_minutes_done"] = [rng.choice([0, 600, 1500]) for _ in person["week_minutes_done"]]
        if rng.random() < 0.9:
            person |= {"availability": [[0, (days + 1) * DAY]], "max_loan_minutes": 3000, "max_travel_min": 60}
            person |= {"bassins": [0, 1], "qualifications": ["AES", "ES", "IDE"], "consent": True}
        if rng.random() < 0.3:
            person["rules"] = rng.choice(names)
        if rng.random() < 0.5:
            person["past_week_minutes"] = [rng.choice([0, 1500, 2400, 2640]) for _ in range(rng.choice([1, 2, 3]))]
        if rng.random() < 0.3:
            date = rng.choice(_shifts(problem))["start"] // DAY + rng.choice([-1, 1])
            person["own_shifts"].append([date * DAY + 540, date * DAY + 840])
    return problem


def _shifts(problem: Json) -> list[Json]:
    return [shift for need in problem["needs"] for shift in need["shifts"]]


def _rule_set(rng: Random, name: str) -> Json:
    rules: Json = {"id": name}
    drawn = {
        "shift_minutes": [450, 480, 590],
        "night_shift_minutes": [690, 700],
        "night_starts_at": [1200, 1260],
        "rest_minutes": [540, 900, 1200, 1800],
        "week_minutes": [1200, 2400, 2640],
        "weekly_rest_minutes": [2880, 4320, 5760, 7000],
        "days_in_row": [1, 2, 3],
    }
    for key, values in drawn.items():
        if rng.random() < (0.6 if key == "rest_minutes" else 0.3):
            rules[key] = rng.choice(values)
    if rng.random() < 0.5:
        rules |= {"average_week_minutes": rng.choice([900, 1800, 2400, 2640]), "average_weeks": rng.choice([1, 2, 3])}
    return rules


def _need(rng: Random, number: int, days: int, first_day: int) -> Json:
    shifts = []
    for position in range(rng.choice([1, 2, 3, 3])):
        day = min(first_day + rng.choice([0, 0, 1, 1, 2]), days - 1)
        start = day * DAY + rng.choice([7, 9, 13, 19, 20, 21]) * 60
        length = rng.choice([300, 450, 480, 600, 630, 720])
        headcount = rng.choice([1, 1, 1, 2])
        shifts.append({"id": f"n{number}s{position}", "start": start, "end": start + length, "headcount": headcount})
    return {
        "id": f"n{number}",
        "establishment": f"e{rng.randrange(4)}",
        "qualifications_any": rng.sample(["AES", "ES", "IDE"], rng.choice([1, 2, 2])),
        "urgency": rng.randint(1, 4),
        "created": "2026-02-27",
        "coupled": rng.random() < 0.4,
        "shifts": shifts,
    }


def _volunteer(rng: Random, number: int, days: int, shifts: list[Json]) -> Json:
    windows = [[shift["start"] - rng.choice([0, 60]), shift["end"]] for shift in shifts if rng.random() < 0.9]
    if rng.random() < 0.3:
        windows = [[-300, days * DAY + 900]]
    elif windows and rng.random() < 0.15:
        # Two windows that together cover a shift: neither is enough.
        start, end = windows.pop()
        windows += [[start, start + 240], [start + 240, end]]
    own = []
    if rng.random() < 0.35:
        anchor = rng.choice(shifts)
        gap = rng.choice([600, 659, 660, 700])
        own.append([anchor["start"] - gap - 300, anchor["start"] - gap])
    done = [rng.choice([0, 0, 1200, 1980, 2250, 2400, 2940]) for _ in range(-(-days // 7))]
    home = rng.randrange(4)
    return {
        "id": f"v{number}",
        "association": f"a{home % 3}",
        "establishment": f"e{home}",
        "commune": f"c{rng.randrange(3)}",
        "qualifications": rng.sample(["AES", "ES", "IDE"], rng.choice([0, 2, 3, 3])),
        "bassins": rng.choice([[0, 1], [0, 1], [0, 1], [0], [1]]),
        "availability": windows,
        "own_shifts": own,
        "week_minutes_done": done,
        "max_loan_minutes": rng.choice([450, 900, 1100, 3000]),
        "max_travel_min": rng.choice([20, 40, 60, 60, 60]),
        "night12h_derogation": rng.random() < 0.5,
        "consent": rng.random() < 0.9,
    }


def _lend_caps(rng: Random, days: int, first_day: int) -> list[Json]:
    return [
        {"establishment": f"e{house}", "day": day, "max_out": rng.choice([0, 1, 1, 2])}
        for house in range(4)
        for day in range(first_day, min(first_day + 3, days))
        if rng.random() < 0.4
    ]


def _offer(rng: Random, number: int, days: int, first_day: int, needs: list[Json]) -> Json:
    shifts = [[need["id"], shift["id"]] for need in needs for shift in need["shifts"]]
    base = rng.choice([0, 1, 1, 2])
    capacity = [base if rng.random() < 0.85 else 0 for _ in range(2 * days)]
    extra = [0] * (2 * days)
    requires = {}
    if rng.random() < 0.6:
        wanted = rng.sample(shifts, min(len(shifts), rng.choice([1, 1, 2])))
        for segment in range(2 * first_day, min(2 * first_day + 5, 2 * days)):
            if rng.random() < 0.8:
                extra[segment] = rng.choice([1, 1, 2])
                requires[str(segment)] = wanted if rng.random() < 0.8 else [rng.choice(shifts)]
    return {
        "id": f"o{number}",
        "establishment": f"e{rng.randrange(4)}",
        "kind": "accueil temporaire",
        "ages": rng.choice([[0, 20], [0, 20], [3, 12], [6, 17], [12, 20]]),
        "profiles": rng.sample(["tsa", "moteur", "dit"], rng.choice([1, 3, 3])),
        "capacity": capacity,
        "extra_capacity": extra,
        "requires": requires,
    }


def _situation(rng: Random, number: int, first_day: int) -> Json:
    segments = [2 * first_day + step for step in range(rng.choice([2, 3, 4]))]
    blocks: dict[str, list[int]] = {}
    for segment in segments:
        blocks.setdefault(f"b{rng.randrange(rng.choice([1, 2, 3]))}", []).append(segment)
    return {
        "id": f"s{number}",
        "age": rng.choice([3, 6, 9, 12, 12, 17]),
        "profile": rng.choice(["tsa", "tsa", "moteur", "dit"]),
        "mode": "internat",
        "urgency": rng.randint(1, 4),
        "created": "2026-02-28",
        "commune": f"c{rng.randrange(3)}",
        "max_travel_min": rng.choice([20, 40, 60, 60]),
        "blocks": [{"id": name, "segments": held} for name, held in blocks.items()],
        "excluded_establishments": [f"e{rng.randrange(4)}"] if rng.random() < 0.25 else [],
        "incompatible_with": [],
        "max_places": rng.choice([0, 1, 1, 2, 2, 3]) or 1,
    }


def _incompatibilities(rng: Random, situations: list[Json]) -> None:
    if rng.random() < 0.8:
        one, two = rng.sample(situations, 2)
        one["incompatible_with"] = [two["id"]]


def _previous(rng: Random, problem: Json) -> Json:
    shifts = [shift["id"] for need in problem["needs"] for shift in need["shifts"]]
    people = [volunteer["id"] for volunteer in problem["volunteers"]]
    blocks = [(situation["id"], block["id"]) for situation in problem["situations"] for block in situation["blocks"]]
    loans = {(rng.choice(people), rng.choice(shifts)) for _ in range(rng.randint(0, 3))}
    placements = {(*rng.choice(blocks), rng.choice(problem["offers"])["id"]) for _ in range(rng.randint(0, 3))}
    return {
        "loans": [{"volunteer": who, "shift": shift} for who, shift in sorted(loans)],
        "placements": [{"situation": s, "block": b, "offer": o} for s, b, o in sorted(placements)],
    }
