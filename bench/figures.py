"""Figures with their thresholds, and the table that shows them: a miss stays in sight with its number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median


class Sense(Enum):
    """How a value meets its threshold."""

    AT_MOST = "≤"
    AT_LEAST = "≥"
    NONE = ""


class Verdict(Enum):
    OK = "OK"
    MISS = "MANQUÉ"
    UNMEASURED = "non mesuré"
    INFORMATION = "—"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `value` is `None` where this run did not measure it. `strict`: no miss is admitted."""

    name: str
    value: float | None
    threshold: float | None = None
    sense: Sense = Sense.AT_MOST
    unit: str = ""
    note: str = ""
    strict: bool = False

    @property
    def verdict(self) -> Verdict:
        if self.value is None:
            return Verdict.UNMEASURED
        if self.threshold is None or self.sense is Sense.NONE:
            return Verdict.INFORMATION
        met = self.value <= self.threshold if self.sense is Sense.AT_MOST else self.value >= self.threshold
        return Verdict.OK if met else Verdict.MISS

    def cells(self) -> tuple[str, str, str, str, str]:
        value = "" if self.value is None else f"{shown(self.value)} {self.unit}".strip()
        threshold = "" if self.threshold is None else f"{self.sense.value} {shown(self.threshold)} {self.unit}".strip()
        return self.name, value, threshold, self.verdict.value, self.note


def shown(value: float) -> str:
    """A number as a French reader writes it, three figures at most after the comma."""
    if float(value).is_integer():
        return f"{int(value)}"
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 100 else 0
    return f"{value:.{digits}f}".replace(".", ",")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Aligned columns, the first to the left and the others too, under their heads."""
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "  ".join("─" * width for width in widths), *text[1:]])


def middle(values: Iterable[float]) -> float | None:
    """The median, or nothing of nothing."""
    found = list(values)
    return median(found) if found else None


def share(facts: Iterable[bool]) -> float | None:
    """The percentage that is true, or nothing of nothing."""
    found = list(facts)
    return 100 * sum(found) / len(found) if found else None


def ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None or other == 0 else one / other


def missed(figures: Iterable[Figure]) -> list[Figure]:
    """The figures that admit no miss and were missed, or were not measured."""
    return [one for one in figures if one.strict and one.verdict in (Verdict.MISS, Verdict.UNMEASURED)]
