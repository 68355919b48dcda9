"""Rule sets of the problem, from dated figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exchange.matching.problem import RuleSet


def rule_sets(names: Iterable[str], figures: Mapping[str, Mapping[str, int]]) -> tuple[RuleSet, ...]:
    """Return these rule sets by name."""
    return tuple(RuleSet(id=name, **figures.get(name, {})) for name in sorted(set(names)))
