"""Contradictions in rule sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.matching.errors import refuse
from exchange.matching.validation_terms import DAY_MINUTES, WEEK_MINUTES, unique, within

if TYPE_CHECKING:
    from exchange.matching.problem import Problem

LONGEST_AVERAGE_WEEKS = 53
_DURATIONS = (
    "shift_minutes",
    "night_shift_minutes",
    "rest_minutes",
    "week_minutes",
    "weekly_rest_minutes",
    "average_week_minutes",
)


def rule_sets_agree(problem: Problem) -> None:
    """Each figure in its range, a night no shorter than another shift, an average with its weeks."""
    unique((rules.id for rules in problem.rules), "rules[{}].id")
    for index, rules in enumerate(problem.rules):
        path = f"rules[{index}]"
        for key in _DURATIONS:
            within(getattr(rules, key), 0, WEEK_MINUTES, f"{path}.{key}", "une durée en minutes")
        within(rules.night_starts_at, 0, DAY_MINUTES - 1, f"{path}.night_starts_at", "une minute du jour")
        within(rules.days_in_row, 0, 366, f"{path}.days_in_row", "un nombre de jours")
        within(rules.average_weeks, 0, LONGEST_AVERAGE_WEEKS, f"{path}.average_weeks", "un nombre de semaines")
        if rules.night_shift_minutes < rules.shift_minutes:
            rule = f"une nuit dérogatoire dure au moins autant qu'une autre vacation ({rules.shift_minutes} min)"
            refuse(f"{path}.night_shift_minutes", f"{rule} (reçu : {rules.night_shift_minutes})")
        if bool(rules.average_week_minutes) != bool(rules.average_weeks):
            refuse(f"{path}.average_weeks", "une moyenne a sa durée hebdomadaire et son nombre de semaines, ou aucun")
