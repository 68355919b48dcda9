"""What happens to a drill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class DrillAsked(Fact):
    """A coordinator asks what would become of the residents of a house."""

    kind: ClassVar[str] = "drill_asked"
    subject_kind: ClassVar[str] = "closing_drill"

    facility_id: UUID
    residents: int


@dataclass(frozen=True, kw_only=True)
class DrillSolved(Fact):
    """The drill has its result; it promises nothing."""

    kind: ClassVar[str] = "drill_solved"
    subject_kind: ClassVar[str] = "closing_drill"

    residents: int
    unmet: int


@dataclass(frozen=True, kw_only=True)
class DrillFailed(Fact):
    """No plan came back."""

    kind: ClassVar[str] = "drill_failed"
    subject_kind: ClassVar[str] = "closing_drill"

    code: str


@dataclass(frozen=True, kw_only=True)
class DrillApplied(Fact):
    """Some lines became situations with their proposals; others, whose terms had moved, were left out."""

    kind: ClassVar[str] = "drill_applied"
    subject_kind: ClassVar[str] = "closing_drill"

    lines: int
    left_out: int
