"""A drill as it is kept and reopened: who goes where with whom, what stays unmet, which staff follows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class ResidentTold(msgspec.Struct, frozen=True):
    """One person to be rehoused; `reference` of the situation by which Entraide knows them already.

    `blocks`: the first night with its day, then the rest.
    """

    key: int
    age_band: str
    need_codes: tuple[str, ...]
    sex: str | None
    care_mode: str
    legal_status: str
    max_travel_minutes: int
    blocks: tuple[tuple[int, ...], ...]
    group: str | None = None
    source: UUID | None = None
    reference: str | None = None
    source_terms_version: int | None = None


class LineTold(msgspec.Struct, frozen=True):
    """A resident, a place, and the segments there. `rests_on_need`: a shift must be covered for the place to open."""

    key: int
    offer_id: UUID
    facility_id: UUID
    care_mode: str
    segments: tuple[int, ...]
    minutes: int
    reasons: tuple[dict[str, object], ...]
    offer_terms_version: int
    rests_on_need: bool = False


class UnmetTold(msgspec.Struct, frozen=True):
    """What nobody can serve of a resident's stay, and what stands in the way, as (code, count)."""

    key: int
    segments: tuple[int, ...]
    obstacles: tuple[tuple[str, int], ...]


class FollowerTold(msgspec.Struct, frozen=True):
    """A member of the house's staff and the shifts that they would work at a host."""

    volunteer_id: UUID
    facility_id: UUID
    qualification: str
    is_internal: bool
    is_ready: bool
    minutes: int
    shifts: tuple[tuple[datetime, datetime], ...]


class Result(msgspec.Struct, frozen=True):
    """`others_kept`, `others_moved`: places promised to others that stay, and that do not (none should).

    `others_displaced`: open proposals, promised to nobody, whose place a resident would take. `staff_working`: members
    of the house's staff with a shift in the window, of whom `followers` tells those that some host can have;
    `staff_obstacles`: what keeps the others from it, at most so many of them, as (code, count).
    """

    residents: tuple[ResidentTold, ...]
    lines: tuple[LineTold, ...]
    unmet: tuple[UnmetTold, ...]
    followers: tuple[FollowerTold, ...]
    staff_working: int
    staff_obstacles: tuple[tuple[str, int], ...]
    others_kept: int
    others_moved: int
    others_displaced: int
    seen_at: datetime
