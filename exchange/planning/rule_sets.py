"""Rule sets of the problem, from dated figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from exchange.matching.problem import RuleSet
from exchange.staffing.rule_figures import LAW


def set_of(agreement_code: str, figures: Mapping[str, Mapping[str, int]]) -> str:
    """Return the rule set of an employer: that of its agreement where figures are kept for it, else the law's."""
    return agreement_code if agreement_code in figures else LAW


def rule_sets(names: Iterable[str], figures: Mapping[str, Mapping[str, int]]) -> tuple[RuleSet, ...]:
    """Return these rule sets by name.

    An average stated by half is none, and a derogated night is no shorter than another shift: figures that contradict
    each other must not stop everybody's search.
    """
    return tuple(_coherent(RuleSet(id=name, **figures.get(name, {}))) for name in sorted(set(names)))


def _coherent(rules: RuleSet) -> RuleSet:
    has_average = bool(rules.average_week_minutes and rules.average_weeks)
    return replace(
        rules,
        night_shift_minutes=max(rules.night_shift_minutes, rules.shift_minutes),
        average_week_minutes=rules.average_week_minutes if has_average else 0,
        average_weeks=rules.average_weeks if has_average else 0,
    )
