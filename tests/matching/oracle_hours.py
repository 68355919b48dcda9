"""Working time of one person under the rule sets of a problem file, for the exhaustive search; shares no code with it.

`without` names a rule to leave out, as in `oracle`.
"""

from typing import Any

Json = dict[str, Any]

HOUR_RULES = (
    "rule sets",
    "rules of the lender",
    "rules of the host",
    "rules of the person",
    "weekly rest",
    "days in row",
    "average",
    "past weeks",
    "longer of two rests",
)

BY_DEFAULT = {
    "shift_minutes": 600,
    "night_shift_minutes": 720,
    "night_starts_at": 1140,
    "rest_minutes": 660,
    "week_minutes": 2880,
    "weekly_rest_minutes": 0,
    "days_in_row": 0,
    "average_week_minutes": 0,
    "average_weeks": 0,
}
STRICTER_WHEN_LARGER = {"night_starts_at", "rest_minutes", "weekly_rest_minutes"}


class Hours:
    def __init__(self, problem: Json, without: str) -> None:
        self.sets = {rules["id"]: {**BY_DEFAULT, **rules} for rules in problem.get("rules", [])}
        self.houses = {house["id"]: house for house in problem["establishments"]}
        self.without = without
        if without == "rule sets":
            self.sets = dict.fromkeys(self.sets, BY_DEFAULT)

    def both(self, person: Json, need: Json) -> list[Json]:
        own = None if self.without == "rules of the person" else person.get("rules")
        lender = own or self.houses[person["establishment"]].get("rules")
        host = self.houses[need["establishment"]].get("rules")
        names = [lender if self.without != "rules of the lender" else None]
        names.append(host if self.without != "rules of the host" else None)
        return [self.sets[name] if name else BY_DEFAULT for name in names]

    def figure(self, person: Json, need: Json, key: str) -> int:
        one, other = (int(rules[key]) for rules in self.both(person, need))
        if key == "days_in_row" and 0 in (one, other):
            return one + other
        return max(one, other) if key in STRICTER_WHEN_LARGER else min(one, other)

    def longest(self, person: Json, need: Json, start: int, derogation: bool) -> int:
        by_night = derogation and start % 1440 >= self.figure(person, need, "night_starts_at")
        return self.figure(person, need, "night_shift_minutes" if by_night else "shift_minutes")

    def counted(self, person: Json, shift: Json) -> int:
        released = [] if self.without == "released minutes" else person.get("released", [])
        return 0 if any(a <= shift["start"] and shift["end"] <= b for a, b in released) else minutes(shift)

    def rest_kept(self, person: Json, loans: list[tuple[Json, Json]]) -> bool:
        for index, (need, shift) in enumerate(loans):
            for other_need, other in loans[:index]:
                longer = min if self.without == "longer of two rests" else max
                due = longer(self.figure(person, one, "rest_minutes") for one in (need, other_need))
                if not (shift["start"] - other["end"] >= due or other["start"] - shift["end"] >= due):
                    return False
        return True

    def week_kept(self, person: Json, loans: list[tuple[Json, Json]]) -> bool:
        for need, shift in loans:
            week = shift["start"] // 10080
            lent = sum(self.counted(person, one) for _, one in loans if one["start"] // 10080 == week)
            if person["week_minutes_done"][week] + lent > self.figure(person, need, "week_minutes"):
                return False
        return True

    def weekly_rest_kept(self, person: Json, loans: list[tuple[Json, Json]]) -> bool:
        """Minute by minute, over the hours of the week where something begins or ends."""
        if self.without == "weekly rest":
            return True
        work = [(shift["start"], shift["end"]) for _, shift in loans] + [tuple(own) for own in person["own_shifts"]]
        for need, shift in loans:
            due = self.figure(person, need, "weekly_rest_minutes")
            opens = shift["start"] // 10080 * 10080
            marks = sorted({opens, opens + 10080, *(min(max(t, opens), opens + 10080) for one in work for t in one)})
            free = [
                two - one
                for index, one in enumerate(marks)
                for two in marks[index:]
                if all(end <= one or start >= two for start, end in work)
            ]
            if due > max(free, default=0):
                return False
        return True

    def days_kept(self, person: Json, loans: list[tuple[Json, Json]]) -> bool:
        if self.without == "days in row":
            return True
        worked = {shift["start"] // 1440 for _, shift in loans} | {own[0] // 1440 for own in person["own_shifts"]}
        for need, shift in loans:
            most, day = self.figure(person, need, "days_in_row"), shift["start"] // 1440
            for first in range(day - most, day + 1):
                if most and all(date in worked for date in range(first, first + most + 1)):
                    return False
        return True

    def averages_kept(self, person: Json, loans: list[tuple[Json, Json]]) -> bool:
        if self.without == "average":
            return True
        past = [] if self.without == "past weeks" else person.get("past_week_minutes", [])
        for need, shift in loans:
            for rules in self.both(person, need):
                weeks = rules["average_weeks"]
                week = shift["start"] // 10080
                for last in range(week, week + weeks):
                    if last >= len(person["week_minutes_done"]):
                        break
                    total = 0
                    for one in range(last - weeks + 1, last + 1):
                        if one >= 0:
                            total += person["week_minutes_done"][one]
                        elif -one <= len(past):
                            total += past[one]
                        total += sum(self.counted(person, lent) for _, lent in loans if lent["start"] // 10080 == one)
                    if total > rules["average_week_minutes"] * weeks:
                        return False
        return True


def minutes(shift: Json) -> int:
    return int(shift["end"] - shift["start"])
