"""What happens in this slice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class RunCancelled(Fact):
    """A coordinator stopped a run; what it was asked for comes due again later."""

    kind: ClassVar[str] = "run_cancelled"
    subject_kind: ClassVar[str] = "match_run"

    lane: str


@dataclass(frozen=True, kw_only=True)
class SearchStopped(Fact):
    """A lane failed too often in a row: `code` of its last run, which is the subject."""

    kind: ClassVar[str] = "search_stopped"
    subject_kind: ClassVar[str] = "match_run"

    lane: str
    code: str


@dataclass(frozen=True, kw_only=True)
class SearchAskedAgain(Fact):
    """A coordinator asked a stopped lane for one more run; the subject is its last one."""

    kind: ClassVar[str] = "search_asked_again"
    subject_kind: ClassVar[str] = "match_run"

    lane: str
