"""Telling a fact: event, cards and outbox rows live or die with the act."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy import select, text

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.kernel.errors import IdempotencyKeyReused
from exchange.kernel.idempotency import first_reply, keep_reply
from exchange.kernel.ids import new_id
from exchange.kernel.journals import CardVersion, Event, OutboxRow
from exchange.kernel.record import Card, Demand, Fact, record
from exchange.organisations.models import Community
from tests.servers import FreshDatabase


@dataclass(frozen=True, kw_only=True)
class LampLit(Fact):
    kind: ClassVar[str] = "lamp_lit"
    subject_kind: ClassVar[str] = "lamp"
    watts: int


def react(fact: Fact, now: datetime) -> Iterable[Demand]:
    yield Demand(job="lamps.check", subject_id=fact.subject_id, due_at=now + timedelta(hours=1))
    yield Demand(job="notifications.fan_out", subject_id=fact.subject_id, due_at=now)


async def a_community(db: Database) -> UUID:
    community_id = new_id()
    async with db.write(community_id) as tx:
        tx.add(Community(id=community_id, name="Velay", time_zone="Europe/Paris"))
    return community_id


def lit(lamp: UUID, watts: int) -> LampLit:
    return LampLit(subject_id=lamp, watts=watts, cards=(Card("lamp", lamp, {"watts": watts}),))


async def test_a_fact_writes_its_event_its_card_and_what_must_follow(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=react)
    community_id, lamp = await a_community(db), new_id()
    async with db.write(community_id) as tx:
        fact_id = await record(tx, Actor.system(community_id), lit(lamp, 60), now_of(tx))
    async with db.read(community_id) as reader:
        event = (await reader.execute(select(Event))).scalar_one()
        rows = (await reader.execute(select(OutboxRow).order_by(OutboxRow.job))).scalars().all()
        card = (await reader.execute(select(CardVersion))).scalar_one()
    assert (event.fact_id, event.kind, event.facts) == (fact_id, "lamp_lit", {"watts": 60})
    assert [(row.job, row.subject_id) for row in rows] == [("lamps.check", lamp), ("notifications.fan_out", fact_id)]
    assert (card.card, card.shown_until.year) == ({"watts": 60}, 9999)


async def test_an_act_that_fails_leaves_nothing(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=react)
    community_id = await a_community(db)

    async def light_then_fail() -> None:
        async with db.write(community_id) as tx:
            await record(tx, Actor.system(community_id), lit(new_id(), 60), now_of(tx))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await light_then_fail()
    async with db.read(community_id) as reader:
        for table in ("events", "outbox", "cards"):
            assert (await reader.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0


async def test_each_change_closes_a_card_and_opens_the_next_without_a_gap(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=react)
    community_id, lamp = await a_community(db), new_id()
    for watts in (10, 20, 30):
        async with db.write(community_id) as tx:
            await record(tx, Actor.system(community_id), lit(lamp, watts), now_of(tx))
    async with db.read(community_id) as reader:
        versions = (await reader.execute(select(CardVersion).order_by(CardVersion.shown_from))).scalars().all()
    assert [version.card["watts"] for version in versions] == [10, 20, 30]
    assert [version.shown_until for version in versions[:-1]] == [version.shown_from for version in versions[1:]]


async def test_a_live_card_is_read_wherever_the_machine_stands(
    database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is `infinity`, which no zone may convert: west of Greenwich, that is after the end of Python's time."""
    monkeypatch.setenv("TZ", "America/Cayenne")
    time.tzset()
    try:
        db = Database(database.engine, reactions=react)
        community_id, lamp = await a_community(db), new_id()
        async with db.write(community_id) as tx:
            await record(tx, Actor.system(community_id), lit(lamp, 10), now_of(tx))
        async with db.read(community_id) as reader:
            (version,) = (await reader.execute(select(CardVersion))).scalars().all()
        assert version.shown_until == datetime.max.replace(tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_two_changes_in_one_transaction_leave_one_live_card(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=react)
    community_id, lamp = await a_community(db), new_id()
    async with db.write(community_id) as tx:
        for watts in (10, 20):
            await record(tx, Actor.system(community_id), lit(lamp, watts), now_of(tx))
    async with db.read(community_id) as reader:
        live = (await reader.execute(text("SELECT card->>'watts' FROM cards WHERE shown_until = 'infinity'"))).all()
    assert [row[0] for row in live] == ["20"]


async def test_the_hint_leaves_after_the_commit_and_names_the_changed_cards(database: FreshDatabase) -> None:
    heard: list[tuple[UUID, frozenset[UUID], int]] = []
    quiet = Database(database.engine, reactions=react)

    async def hear(community_id: UUID, subjects: frozenset[UUID]) -> None:
        async with quiet.read(community_id) as reader:
            stored = (await reader.execute(text("SELECT count(*) FROM events"))).scalar_one()
        heard.append((community_id, subjects, stored))

    db = Database(database.engine, reactions=react, hint=hear)
    community_id, lamp = await a_community(quiet), new_id()
    async with db.write(community_id) as tx:
        await record(tx, Actor.system(community_id), lit(lamp, 60), now_of(tx))
    assert heard == [(community_id, frozenset({lamp}), 1)]


async def test_a_second_tap_waits_for_the_first_and_gets_its_reply(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=react)
    community_id, account_id = await a_community(db), new_id()
    claimed, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with db.write(community_id) as tx:
            assert await first_reply(tx, account_id, "k", b"body", now_of(tx)) is None
            claimed.set()
            await may_end.wait()
            await keep_reply(tx, account_id, "k", 201, b"made")

    async def second() -> tuple[int, bytes]:
        await claimed.wait()
        async with db.write(community_id) as tx:
            asyncio.get_running_loop().call_later(0.05, may_end.set)
            reply = await first_reply(tx, account_id, "k", b"body", now_of(tx))
            assert reply is not None
            return reply.status, reply.body

    _, told = await asyncio.gather(first(), second())
    assert told == (201, b"made")


async def test_a_key_reused_for_another_body_is_refused(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=react)
    community_id, account_id = await a_community(db), new_id()
    async with db.write(community_id) as tx:
        assert await first_reply(tx, account_id, "k", b"one", now_of(tx)) is None
    with pytest.raises(IdempotencyKeyReused):
        async with db.write(community_id) as tx:
            await first_reply(tx, account_id, "k", b"two", now_of(tx))
