"""Gaps that repeat: persons of one living area, one public, one care mode and one age lack the same. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, NeedCode, populations
from exchange.reference.follow_up import AGE_RANGES, AgeRange

_O = ClosingOutcome

UNANSWERED_OUTCOMES: Final = frozenset(
    {
        _O.PLACED_OFF_NETWORK,
        _O.WITH_RELATIVES,
        _O.HOSPITALISED,
        _O.COMMON_SERVICES,
        _O.CHILD_PROTECTION_RELAY,
        _O.MDPH_RELAY,
        _O.OTHER_COMMUNITY,
    }
)
"""The person was helped, or handed over, and the community had no answer of its own."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A situation as far as its gap is concerned. `need_codes` is empty once the details are erased.

    `is_unsolved`: open, and nothing confirmed. `outcome`: how it was closed, if it was.
    """

    situation_id: UUID
    living_area_id: UUID | None
    need_codes: frozenset[NeedCode]
    care_mode: CareMode
    age_band: AgeBand
    created_at: datetime
    deadline_at: datetime
    is_unsolved: bool
    outcome: ClosingOutcome | None


@dataclass(frozen=True, slots=True)
class GapKind:
    """What similar gaps share: what is missing, for whom, where."""

    living_area_id: UUID | None
    publics: frozenset[NeedCode]
    care_mode: CareMode
    age_range: AgeRange


@dataclass(frozen=True, slots=True)
class RepeatedGap:
    """A gap seen often enough, since its first situation was received; the oldest first."""

    kind: GapKind
    situation_ids: tuple[UUID, ...]
    since: datetime
    still_open: int


def kind_of(gap: Gap, now: datetime, within: timedelta) -> GapKind | None:
    """Return what a situation lacks, or nothing where it is no gap: answered, still in time, too old, or erased.

    An open situation is a gap once its deadline has passed without anything confirmed.
    """
    waits = gap.is_unsolved and gap.deadline_at <= now
    if not (waits or gap.outcome in UNANSWERED_OUTCOMES) or gap.created_at < now - within:
        return None
    publics = frozenset(populations(sorted(gap.need_codes)))
    if not publics:
        return None
    return GapKind(gap.living_area_id, publics, gap.care_mode, AGE_RANGES[gap.age_band])


def repeated_gaps(gaps: Iterable[Gap], now: datetime, *, least: int, within: timedelta) -> tuple[RepeatedGap, ...]:
    """Return the kinds of gap met by at least `least` situations, the most frequent first, then the oldest."""
    by_kind: defaultdict[GapKind, list[Gap]] = defaultdict(list)
    for gap in gaps:
        kind = kind_of(gap, now, within)
        if kind is not None:
            by_kind[kind].append(gap)
    found = [_repeated(kind, alike) for kind, alike in by_kind.items() if len(alike) >= least]
    return tuple(sorted(found, key=lambda one: (-len(one.situation_ids), one.since, one.situation_ids)))


def _repeated(kind: GapKind, alike: list[Gap]) -> RepeatedGap:
    in_order = sorted(alike, key=lambda gap: (gap.created_at, gap.situation_id))
    return RepeatedGap(
        kind=kind,
        situation_ids=tuple(gap.situation_id for gap in in_order),
        since=in_order[0].created_at,
        still_open=sum(gap.is_unsolved for gap in in_order),
    )
