"""Closing drills."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, field

from exchange.api.v1.schemas.values import Body, Resource, Segment
from exchange.planning.drills.commands import ApplyDrill
from exchange.planning.drills.queries import DrillView
from exchange.planning.drills.terms import MOST_RESIDENTS, AskDrill, Headcount
from exchange.planning.drills.told import FollowerTold, LineTold, ResidentTold, UnmetTold
from exchange.reference.code_lists import AgeBand, LegalStatus, NeedCode


class HeadcountBody(Body):
    """One resident whom Entraide does not know, without anything that tells who. `group`: not to be parted."""

    age_band: AgeBand
    need_codes: Annotated[list[NeedCode], Meta(min_length=1, max_length=12)]
    sex: Literal["female", "male"] | None = None
    group: Annotated[str, Meta(min_length=1, max_length=20)] | None = None
    legal_status: LegalStatus = LegalStatus.NONE

    def counted(self) -> Headcount:
        needs = tuple(code.value for code in self.need_codes)
        return Headcount(self.age_band.value, needs, self.sex, self.group, self.legal_status.value)


class AskDrillBody(Body):
    """`offer_ids`: the places of the unit that closes; without them, the whole house does. Both segments included."""

    facility_id: UUID
    first_segment: Segment
    last_segment: Segment
    offer_ids: Annotated[list[UUID], Meta(max_length=60)] = field(default_factory=list)
    headcount: Annotated[list[HeadcountBody], Meta(max_length=MOST_RESIDENTS)] = field(default_factory=list)
    max_travel_minutes: Annotated[int, Meta(ge=5, le=240)] = 60

    def asked(self) -> AskDrill:
        return AskDrill(
            facility_id=self.facility_id,
            first_segment=self.first_segment,
            last_segment=self.last_segment,
            offer_ids=tuple(self.offer_ids),
            headcount=tuple(one.counted() for one in self.headcount),
            max_travel_minutes=self.max_travel_minutes,
        )


class ApplyDrillBody(Body):
    """The residents whose lines become real situations."""

    residents: Annotated[list[Annotated[int, Meta(ge=1, le=1_000)]], Meta(min_length=1, max_length=100)]

    def chosen(self, drill_id: UUID) -> ApplyDrill:
        return ApplyDrill(drill_id, tuple(dict.fromkeys(self.residents)))


class AppliedResource(Resource):
    """References of the situations received, by resident; and why the others were left out."""

    received: dict[int, str]
    left_out: dict[int, str]


class DrillSummaryResource(Resource):
    """`is_over`: the first night or day is past; nothing of it can be applied."""

    id: UUID
    facility_id: UUID
    facility: str
    is_whole_house: bool
    first_segment: int
    last_segment: int
    state: str
    asked_at: datetime
    solved_at: datetime | None
    failed_with: str | None
    is_over: bool
    residents: int | None
    unmet: int | None


class DrillResultResource(Resource):
    """Who goes where, what stays unmet and why, which staff follows; `others_moved` counts promises of others."""

    residents: list[ResidentTold]
    lines: list[LineTold]
    unmet: list[UnmetTold]
    followers: list[FollowerTold]
    staff_working: int
    staff_obstacles: list[tuple[str, int]]
    others_kept: int
    others_moved: int
    others_displaced: int
    seen_at: datetime


class DrillResource(Resource):
    """A drill opened. `applied`: references of the situations received, by resident."""

    drill: DrillSummaryResource
    problem_digest: str | None
    result: DrillResultResource | None
    applied: dict[int, str]


def looked_at(view: DrillView) -> list[UUID]:
    """Return the situations that are read with this drill."""
    residents = view.result.residents if view.result else ()
    return [one.source for one in residents if one.source is not None]
