"""What a search left short: what stands in the way, and what would suffice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from exchange.api.v1.schemas.values import Resource
from exchange.planning.sufficient import ChangeView, OwnWay, WayView
from exchange.planning.unmet import Obstacle, Unmet
from exchange.wording.reasons import obstacle_sentence


class ObstacleResource(Resource):
    """How many places, or professionals, the reason `code` holds back first; `sentence` says it in French."""

    code: str
    count: int
    sentence: str

    @classmethod
    def of(cls, obstacles: Iterable[Obstacle]) -> list[ObstacleResource]:
        return [
            cls(code=each.code, count=each.count, sentence=obstacle_sentence(each.code, each.count))
            for each in obstacles
        ]


class ChangeResource(Resource):
    """One thing that somebody could accept, and what its `code` calls for; `sentence` says it in French.

    `longer-travel`: `minutes` more for `volunteer_id` or for `situation_id`. `bassin-accepted`: `volunteer_id`.
    `more-availability`: `volunteer_id`, from `starts_at` to `ends_at`. `one-more-place`: `offer_id`, one more on each
    of `segments`. `one-more-person`: `shift_id`, any of `qualifications_any`, `night12h_derogation` where it is needed.
    Asked of a person for whose facility the caller does not speak, `code` and `sentence` alone.
    """

    code: str
    sentence: str
    volunteer_id: UUID | UnsetType = UNSET
    volunteer: str | UnsetType = UNSET
    situation_id: UUID | UnsetType = UNSET
    reference: str | UnsetType = UNSET
    minutes: int | UnsetType = UNSET
    starts_at: datetime | UnsetType = UNSET
    ends_at: datetime | UnsetType = UNSET
    offer_id: UUID | UnsetType = UNSET
    segments: list[int] | UnsetType = UNSET
    shift_id: UUID | UnsetType = UNSET
    facility_id: UUID | UnsetType = UNSET
    facility: str | UnsetType = UNSET
    qualifications_any: list[str] | UnsetType = UNSET
    night12h_derogation: bool | UnsetType = UNSET

    @classmethod
    def told(cls, change: ChangeView) -> ChangeResource:
        return msgspec.convert(change.parameters(), cls)


class WayResource(Resource):
    """Changes that together would suffice, every other line of the last search staying."""

    sentence: str
    changes: list[ChangeResource]

    @classmethod
    def of(cls, ways: Iterable[WayView]) -> list[WayResource]:
        return [
            cls(
                sentence=way.sentence,
                changes=[ChangeResource.told(change) for change in way.changes],
            )
            for way in ways
        ]


class UnmetBlockResource(Resource):
    """A block that the last search left without a place; `missing` counts its segments; `ways`, cheapest first."""

    block_id: UUID
    missing: int
    obstacles: list[ObstacleResource]
    ways: list[WayResource]

    @classmethod
    def of(cls, unmet: Unmet | None) -> list[UnmetBlockResource]:
        return [
            cls(
                block_id=each.id,
                missing=each.missing,
                obstacles=ObstacleResource.of(each.obstacles),
                ways=WayResource.of(each.ways),
            )
            for each in (unmet.shortfalls if unmet else ())
        ]


class UnmetShiftResource(Resource):
    """A shift that the last search left short; `missing` counts its seats; `ways`, cheapest first."""

    shift_id: UUID
    missing: int
    obstacles: list[ObstacleResource]
    ways: list[WayResource]

    @classmethod
    def of(cls, unmet: Unmet | None) -> list[UnmetShiftResource]:
        return [
            cls(
                shift_id=each.id,
                missing=each.missing,
                obstacles=ObstacleResource.of(each.obstacles),
                ways=WayResource.of(each.ways),
            )
            for each in (unmet.shortfalls if unmet else ())
        ]


class OwnWayResource(WayResource):
    """What the caller's own houses and people could do; `need_id` where it is for a shortage."""

    need_id: UUID | UnsetType = UNSET

    @classmethod
    def listed(cls, ways: Iterable[OwnWay]) -> list[OwnWayResource]:
        return [
            cls(
                sentence=each.way.sentence,
                changes=[ChangeResource.told(change) for change in each.way.changes],
                need_id=UNSET if each.need_id is None else each.need_id,
            )
            for each in ways
        ]
