"""F7: the same dates, segments and instants, reckoned here without calendar or time zone library.

Days are counted from the civil calendar; the clock of Paris follows the rule of directive 2000/84/EC: one hour ahead of
UTC, two between the last Sundays of March and October, turning at 01:00 UTC.
"""

from __future__ import annotations

from bench.storm.verdicts.reading import History, Judgement, Row

HOUR = 3600
DAY = 24 * HOUR
PARTS = ("day", "night")
STARTS = {"day": 8, "night": 20}


def judge(history: History) -> Judgement:
    faults: list[str] = []
    ranges, running = history.rows("range"), history.rows("running")
    for row in ranges:
        faults += _of_range(row)
    faults += [
        f"Instant {row['at']} : tranche {row['segment']} au lieu de {_running(row['at'])}."
        for row in running
        if row["segment"] != _running(row["at"])
    ]
    faults += _of_offers(history)
    if len(ranges) != history.size["ranges"]:
        faults.append(f"{len(ranges)} périodes au lieu de {history.size['ranges']}.")
    nights = {_seconds(segment) // HOUR for row in ranges for segment in _numbers(row["segments"]) if segment % 2}
    if nights != {11, 12, 13} and history.size["ranges"] >= 40:
        faults.append(f"Nuits jouées : {sorted(nights)} heures ; celles de 11 et de 13 doivent y être.")
    offers = len(history.acts("publish"))
    return Judgement(
        f"{len(faults)} décalages, {len(ranges)} périodes, {len(running)} instants, {offers} offres", tuple(faults)
    )


def _of_range(row: Row) -> list[str]:
    wanted = expected(row["first"], row["last"], row["halves"])
    told = {
        "segments": wanted,
        "starts": [_start(each) for each in wanted],
        "ends": [_start(each + 1) for each in wanted],
    }
    faults = [
        f"{row['first']} – {row['last']} ({row['halves']}) : {name} {row[name]}."
        for name, numbers in told.items()
        if _numbers(row[name]) != numbers
    ]
    days = [ORIGIN + each // 2 for each in wanted]
    if [_day(each) for each in row["dates"].split(",")] != days:
        faults.append(f"{row['first']} – {row['last']} : dates {row['dates']}.")
    if row["parts"].split(",") != [PARTS[each % 2] for each in wanted]:
        faults.append(f"{row['first']} – {row['last']} : moitiés {row['parts']}.")
    if _day(row["exit_on"]) != days[-1] + wanted[-1] % 2:
        faults.append(f"{row['first']} – {row['last']} ({row['halves']}) : sortie le {row['exit_on']}.")
    return faults


def _of_offers(history: History) -> list[str]:
    stored: dict[str, list[int]] = {}
    for row in history.rows("offer_segments"):
        stored.setdefault(row["offer_id"], []).append(row["segment"])
    faults = []
    for one in history.acts("publish"):
        if one.outcome != "ok":
            faults.append(f"Opération {one.op} : offre refusée ({one.status} {one.code}).")
            continue
        wanted = expected(one.asked["first"], one.asked["last"], one.asked["halves"])
        if sorted(stored.get(one.told["id"], [])) != wanted:
            faults.append(f"Opération {one.op} : {sorted(stored.get(one.told['id'], []))} au lieu de {wanted}.")
    return faults


def expected(first: str, last: str, halves: str) -> list[int]:
    """The segments of a range of dates, both included."""
    wanted = halves.split(",")
    days = range(_day(first), _day(last) + 1)
    return [2 * (day - ORIGIN) + part for day in days for part in (0, 1) if PARTS[part] in wanted]


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def _start(segment: int) -> int:
    """The instant at which a segment starts, in seconds of the Unix epoch."""
    day = ORIGIN + segment // 2
    return day * DAY + (STARTS[PARTS[segment % 2]] - _hours_ahead(day)) * HOUR


def _seconds(segment: int) -> int:
    return _start(segment + 1) - _start(segment)


def _running(at: int) -> int:
    """The last segment started by then."""
    near = 2 * (at // DAY - ORIGIN)
    return max(segment for segment in range(near - 2, near + 4) if _start(segment) <= at)


def _hours_ahead(day: int) -> int:
    """Of UTC, from three o'clock of that day on: the clock turns before."""
    year = _year(day)
    return 2 if _last_sunday(year, 3) <= day < _last_sunday(year, 10) else 1


def _last_sunday(year: int, month: int) -> int:
    last = _count(year, month, 31)
    return last - (last + 4) % 7  # the epoch was a Thursday


def _day(text: str) -> int:
    year, month, day = (int(part) for part in text.split("-"))
    return _count(year, month, day)


def _count(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the Gregorian calendar: leap days by their rule, the year from March on."""
    months = (month + 9) % 12
    year -= months > 9
    leaps = year // 4 - year // 100 + year // 400
    return 365 * year + leaps + (153 * months + 2) // 5 + day - 1 - 719_468


def _year(day: int) -> int:
    year = 1970 + day // 366
    while _count(year + 1, 1, 1) <= day:
        year += 1
    return year


ORIGIN = _count(2000, 1, 3)
