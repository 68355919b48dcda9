"""What happens in this slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class CrisisOpened(Fact):
    """The community opened a crisis organisation; it ends by itself at `until`."""

    kind: ClassVar[str] = "crisis_opened"
    subject_kind: ClassVar[str] = "crisis"

    requested_by: str
    order_reference: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class CrisisProlonged(Fact):
    """A new act moved the end of an open crisis organisation to `until`."""

    kind: ClassVar[str] = "crisis_prolonged"
    subject_kind: ClassVar[str] = "crisis"

    requested_by: str
    order_reference: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class CrisisClosed(Fact):
    """A coordinator closed the crisis organisation before its end."""

    kind: ClassVar[str] = "crisis_closed"
    subject_kind: ClassVar[str] = "crisis"


@dataclass(frozen=True, kw_only=True)
class CrisisExpired(Fact):
    """The crisis organisation came to its end by itself."""

    kind: ClassVar[str] = "crisis_expired"
    subject_kind: ClassVar[str] = "crisis"
