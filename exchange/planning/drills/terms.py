"""What a drill is asked: a house, some of its places or all, from when until when, and who else lives there. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import current_segment
from exchange.reference.code_lists import (
    MAX_NEEDS_PER_SITUATION,
    MAX_POPULATIONS_PER_SITUATION,
    AgeBand,
    LegalStatus,
    NeedCode,
    populations,
)
from exchange.situations.rules import MOST_SEGMENTS
from exchange.staffing.values import check_between, check_count, code_of, codes_of

MOST_RESIDENTS: Final = 60
LONGEST_GROUP: Final = 20
SEXES: Final = ("female", "male")
FARTHEST: Final = 2 * 31
"""Segments ahead of today: a drill prepares for the coming month."""


@dataclass(frozen=True, slots=True)
class Headcount:
    """One resident whom Entraide does not know, without anything that tells who: the closed lists of a situation.

    `group`: a text shared by those who must not be parted.
    """

    age_band: str
    need_codes: tuple[str, ...]
    sex: str | None = None
    group: str | None = None
    legal_status: str = LegalStatus.NONE.value


@dataclass(frozen=True, slots=True)
class AskDrill:
    """`offer_ids`: of the unit that closes, empty for the whole house. Segments as in `kernel.periods`, both included.

    `max_travel_minutes`: for the residents of the headcount; those known keep their own limit where it is longer.
    """

    facility_id: UUID
    first_segment: int
    last_segment: int
    offer_ids: tuple[UUID, ...] = ()
    headcount: tuple[Headcount, ...] = ()
    max_travel_minutes: int = 60


def check_drill(asked: AskDrill, now: datetime, zone: ZoneInfo) -> None:
    """Raise `InvalidValue` naming the field and the rule that the form breaks."""
    current = current_segment(now, zone)
    if asked.first_segment < current:
        raise InvalidValue(field="first_segment", rule="in-the-past")
    if asked.last_segment < asked.first_segment:
        raise InvalidValue(field="last_segment", rule="ends-before-start")
    if asked.last_segment - asked.first_segment >= MOST_SEGMENTS or asked.first_segment > current + FARTHEST:
        raise InvalidValue(field="last_segment", rule="too-far")
    check_count(asked.offer_ids, 0, MOST_RESIDENTS, "offer_ids")
    check_count(asked.headcount, 0, MOST_RESIDENTS, "headcount")
    check_between(asked.max_travel_minutes, 5, 240, "max_travel_minutes")
    for resident in asked.headcount:
        _check_resident(resident)


def _check_resident(resident: Headcount) -> None:
    code_of(AgeBand, resident.age_band, "age_band")
    needs = codes_of(NeedCode, resident.need_codes, "need_codes", at_least=1)
    check_count(needs, 1, MAX_NEEDS_PER_SITUATION, "need_codes")
    if len(populations(needs)) > MAX_POPULATIONS_PER_SITUATION:
        raise InvalidValue(field="need_codes", rule="too-many-populations", most=MAX_POPULATIONS_PER_SITUATION)
    if resident.sex is not None and resident.sex not in SEXES:
        raise InvalidValue(field="sex", rule="unknown-code")
    code_of(LegalStatus, resident.legal_status, "legal_status")
    if resident.group is not None and not 0 < len(resident.group) <= LONGEST_GROUP:
        raise InvalidValue(field="group", rule="name")


def groups_in(headcount: Sequence[Headcount]) -> frozenset[str]:
    """Return the groups of two residents or more: a group of one is nobody's."""
    counted = Counter(resident.group for resident in headcount if resident.group)
    return frozenset(group for group, members in counted.items() if group and members > 1)
