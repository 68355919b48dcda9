"""Project records, and the gaps that call for one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from exchange.api.v1.schemas.values import Body, Note, Resource
from exchange.meetings.inputs import OpenRecord

LinkedIds = Annotated[list[UUID], Meta(min_length=1, max_length=200)]


class OpenRecordBody(Body):
    """The situations must lack the same thing. `missing`: what is missing, in words that identify nobody."""

    situation_ids: LinkedIds
    missing: Note | None = None

    def asked(self) -> OpenRecord:
        return OpenRecord(tuple(self.situation_ids), self.missing)


class EditRecordBody(Body):
    missing: Note


class LinkSituationsBody(Body):
    situation_ids: LinkedIds


class AnswerRecordBody(Body):
    answer: Annotated[str, Meta(min_length=1, max_length=300)]


class LinkedSituationResource(Resource):
    id: UUID
    reference: str
    state: str
    created_at: datetime


class ProjectRecordResource(Resource):
    """`situations`: how many, absent where a count of one to four may not leave the community.

    `linked` is empty for whoever does not coordinate.
    """

    id: UUID
    living_area_id: UUID | None
    living_area: str | None
    populations: list[str]
    care_mode: str
    age_range: str
    missing: str | None
    since: date
    situations: int | None
    state: str
    created_at: datetime
    shared_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    closed_at: datetime | None
    linked: list[LinkedSituationResource]


class RepeatedGapResource(Resource):
    """A gap that repeats and that no open record speaks of; the oldest situation first."""

    living_area_id: UUID | None
    living_area: str | None
    populations: list[str]
    care_mode: str
    age_range: str
    since: datetime
    situation_ids: list[UUID]
    references: list[str]
    still_open: int
