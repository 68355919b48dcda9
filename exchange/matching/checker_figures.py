"""Which figures of working time hold for one person at one host: of both rule sets the stricter, figure by figure."""

from typing import Any, NamedTuple

from exchange.matching.checker_reading import Reading


class Limits(NamedTuple):
    """Minutes, or days; 0 in the last three, or no average, where neither rule set asks for the rule."""

    shift: int
    night: int
    night_from: int
    rest: int
    week: int
    weekly_rest: int
    days: int
    averages: tuple[tuple[int, int], ...]
    """Pairs of a number of weeks and the most minutes that they may hold together."""


def limits_of(at: Reading, who: Any, need: Any) -> Limits:
    lender = who.get("rules") or at.houses[who["establishment"]].get("rules")
    names = (lender, at.houses[need["establishment"]].get("rules"))
    both = [at.rule_sets[name] if name else {} for name in names]

    def figures(key: str, default: int) -> list[int]:
        return [default if rules.get(key) is None else rules[key] for rules in both]

    averages = zip(figures("average_weeks", 0), figures("average_week_minutes", 0), strict=True)
    return Limits(
        shift=min(figures("shift_minutes", 600)),
        night=min(figures("night_shift_minutes", 720)),
        night_from=max(figures("night_starts_at", 1140)),
        rest=max(figures("rest_minutes", 660)),
        week=min(figures("week_minutes", 2880)),
        weekly_rest=max(figures("weekly_rest_minutes", 0)),
        days=min((days for days in figures("days_in_row", 0) if days), default=0),
        averages=tuple((weeks, weeks * minutes) for weeks, minutes in averages if weeks),
    )
