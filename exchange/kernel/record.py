"""The one way to tell a fact: event, cards and outbox rows in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import Enum
from typing import ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import Reactions
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event

JsonScalar = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Card:
    """What the board shows of one subject from now on. `content` is JSON without identity, need code or address.

    `content=None` takes the subject off the live board; its past versions stay.
    """

    subject_kind: str
    subject_id: UUID
    content: Mapping[str, object] | None
    living_area_id: UUID | None = None
    facility_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """One job that a fact asks for, from `due_at` on."""

    job: str
    subject_id: UUID
    due_at: datetime
    gather_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened to one subject. Subclasses add the safe facts that reactions and readers need."""

    kind: ClassVar[str]
    subject_kind: ClassVar[str]

    subject_id: UUID
    cards: tuple[Card, ...] = field(default=(), repr=False)

    def safe_facts(self) -> dict[str, JsonScalar]:
        """Return the subclass's own fields as JSON scalars, for the event journal."""
        own = (f.name for f in fields(self) if f.name not in ("subject_id", "cards"))
        return {name: _scalar(getattr(self, name)) for name in own}


def _scalar(value: object) -> JsonScalar:
    match value:
        case None | bool() | int():
            return value
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return str(value.value)
        case _:
            return str(value)


async def record(tx: AsyncSession, actor: Actor, fact: Fact, now: datetime) -> UUID:
    """Write the event, the new cards and the outbox rows of a fact; return the fact's id.

    The rows live or die with the caller's transaction: nothing is ever enqueued before its commit.
    """
    await tx.flush()
    fact_id = new_id()
    tx.add(
        Event(
            fact_id=fact_id,
            recorded_at=now,
            kind=fact.kind,
            subject_kind=fact.subject_kind,
            subject_id=fact.subject_id,
            actor_account_id=actor.account_id,
            actor_role=actor.role.value,
            via=actor.via.value,
            facts=fact.safe_facts(),
            subject_version=tx.info["versions"].get(fact.subject_id),
        )
    )
    for card in fact.cards:
        await show_card(tx, card, now)
    reactions: Reactions = tx.info["reactions"]
    demands = tuple(reactions(fact, now))
    await tx.flush()
    if demands:
        await tx.execute(
            _DEMAND,
            {
                "fact": fact_id,
                "ids": [new_id() for _ in demands],
                "jobs": [demand.job for demand in demands],
                "subjects": [
                    fact_id if demand.job == "notifications.fan_out" else demand.subject_id for demand in demands
                ],
                "lanes": [demand.gather_key for demand in demands],
                "dues": [demand.due_at for demand in demands],
            },
        )
    return fact_id


async def show_card(tx: AsyncSession, card: Card, now: datetime) -> None:
    """Close the subject's live card and open the next one; `shown_from` never runs backwards.

    The subject's own row is locked by every command that changes it, so versions cannot cross. A card told twice in
    one transaction keeps only its last words: a version nobody could see is not worth keeping.
    """
    tx.info["hinted"].add(card.subject_id)
    last = {"subject": card.subject_id, "now": now, "tick": timedelta(microseconds=1)}
    if card.content is None:
        await tx.execute(_CLOSE, last)
        return
    await tx.execute(
        _CLOSE_AND_OPEN,
        {
            **last,
            "kind": card.subject_kind,
            "area": card.living_area_id,
            "facility": card.facility_id,
            "card": encode_card(card.content),
        },
    )


def encode_card(content: Mapping[str, object]) -> str:
    """Return a card's content as JSON; dates and instants in ISO 8601, identifiers as text."""
    return msgspec.json.encode(content).decode()


_DEMAND = text(
    "INSERT INTO outbox (id, fact_id, job, subject_id, gather_key, due_at)"
    " SELECT id, CAST(:fact AS uuid), job, subject_id, gather_key, due_at"
    "  FROM unnest(CAST(:ids AS uuid[]), CAST(:jobs AS text[]), CAST(:subjects AS uuid[]), CAST(:lanes AS text[]),"
    "              CAST(:dues AS timestamptz[]))"
    "  AS asked(id, job, subject_id, gather_key, due_at) ON CONFLICT DO NOTHING"
)
"""All of a fact's rows in one statement, whose text never changes."""

_CLOSING = (
    "UPDATE cards SET shown_until = greatest(CAST(:now AS timestamptz), shown_from + CAST(:tick AS interval))"
    " WHERE community_id = current_community() AND subject_id = :subject AND shown_until = 'infinity'"
)
_CLOSE = text(_CLOSING)
_CLOSE_AND_OPEN = text(
    f"WITH closed AS ({_CLOSING} RETURNING shown_until)"  # noqa: S608 : text of this file
    " INSERT INTO cards (community_id, subject_id, subject_kind, living_area_id, facility_id,"
    " shown_from, shown_until, card)"
    " SELECT current_community(), :subject, :kind, :area, :facility,"
    "  greatest(CAST(:now AS timestamptz), (SELECT max(shown_until) FROM closed),"
    "    (SELECT max(shown_until) FROM cards"
    "      WHERE community_id = current_community() AND subject_id = :subject AND shown_until <> 'infinity')),"
    "  'infinity', CAST(:card AS jsonb)"
)
"""One statement: the new version reads when the last one ended, so that one is closed before this one is opened."""
