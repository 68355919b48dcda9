"""Bounded values that several bodies share. What only the house can judge, the house judges."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

CommuneCode = Annotated[str, Meta(pattern="^[0-9][0-9AB][0-9]{3}$", description="Code INSEE de la commune")]
Age = Annotated[int, Meta(ge=0, le=120)]
Segment = Annotated[
    int, Meta(ge=0, le=200_000, description="2 × jours depuis le lundi 3 janvier 2000, + 1 pour la nuit")
]
Instant = Annotated[datetime, Meta(tz=True)]
WallTime = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Heure locale, HH:MM")]
ShortText = Annotated[str, Meta(min_length=1, max_length=200)]
Note = Annotated[str, Meta(max_length=300)]
UrgencyLevel = Annotated[int, Meta(ge=1, le=4, description="4 : ce soir")]

Told = TypeVar("Told", bound=msgspec.Struct)


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a client sends: an unknown field refuses the whole."""


class Resource(msgspec.Struct, kw_only=True):
    """What a client is told."""


class Created(Resource):
    """The identifier of what was just made."""

    id: UUID


class Done(Resource):
    """The act is recorded; `id` is its subject."""

    id: UUID


def told_as(resource: type[Told], view: object) -> Told:
    """Return the resource of a view: the fields it names, and nothing else of what the house knows."""
    return msgspec.convert(view, resource, from_attributes=True)
