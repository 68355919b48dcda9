"""The small checks that every part of a problem repeats; each raises `ProblemInvalid` with a path and a rule."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exchange.matching.errors import refuse

if TYPE_CHECKING:
    from exchange.matching.problem import Period, Problem

DAY_MINUTES = 1_440
WEEK_MINUTES = 10_080
# A price is in minutes of travel: beyond two months of road, it means "never", which is for a rule to say.
HIGHEST_PRICE = 100_000


@dataclass(frozen=True, slots=True)
class Ids:
    """What the parts of one problem may name."""

    communes: frozenset[str]
    associations: frozenset[str]
    establishments: frozenset[str]
    shifts: frozenset[tuple[str, str]]
    rules: frozenset[str]
    zones: frozenset[str]


def named(value: str, path: str) -> None:
    if not value:
        refuse(path, "un identifiant n'est pas vide")


def unique(values: Iterable[str], template: str) -> None:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        path = template.format(index)
        named(value, path)
        first = seen.setdefault(value, index)
        if first != index:
            refuse(path, f"« {value} » est déjà donné par {template.format(first)}")


def known(value: str, ids: Container[str], path: str, where: str) -> None:
    if value not in ids:
        refuse(path, f"« {value} » n'existe pas dans {where}")


def bassin_within(problem: Problem, bassin: int, path: str) -> None:
    if not 0 <= bassin < problem.bassins:
        refuse(path, f"le bassin va de 0 à {problem.bassins - 1} (reçu : {bassin})")


def urgency_within(urgency: int, path: str) -> None:
    if not 1 <= urgency <= 4:
        refuse(path, f"l'urgence va de 1 à 4 (reçu : {urgency})")


def periods_in_order(periods: Sequence[Period], path: str) -> None:
    for index, (start, end) in enumerate(periods):
        if end <= start:
            refuse(f"{path}[{index}]", f"une période finit après son début ({start} → {end})")


def not_negative(value: int, path: str, what: str) -> None:
    if value < 0:
        refuse(path, f"{what} ne peut pas être négatif (reçu : {value})")


def segment_within(segment: int, segments: int, path: str) -> None:
    if not 0 <= segment < segments:
        refuse(path, f"la tranche {segment} est hors de l'horizon (de 0 à {segments - 1})")


def hours_in_order(hours: Period | None, path: str) -> None:
    if hours is None:
        return
    within(hours[0], 0, DAY_MINUTES - 1, f"{path}[0]", "une heure de début, en minutes du jour,")
    within(hours[1], hours[0] + 1, hours[0] + DAY_MINUTES, f"{path}[1]", "une heure de fin, en minutes du jour,")


def within(value: int, least: int, most: int, path: str, what: str) -> None:
    if not least <= value <= most:
        refuse(path, f"{what} va de {least} à {most} (reçu : {value})")


def none_negative(values: Sequence[int], path: str, what: str) -> None:
    if min(values, default=0) < 0:
        index = next(index for index, value in enumerate(values) if value < 0)
        refuse(f"{path}[{index}]", f"{what} ne peut pas être négative (reçu : {values[index]})")
