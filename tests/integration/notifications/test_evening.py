"""The question of the evening: once a person for all own sites, by a clock that winds itself and survives outages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.adapters.smtp import SmtpChannel
from exchange.availability.commands import SayStatus, reconfirm_all, reconfirm_offer, say_status
from exchange.availability.models import PlaceOffer
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, now_of
from exchange.kernel.journals import Event, OutboxRow
from exchange.kernel.periods import local_instant
from exchange.notifications.commands import MAIL, ask_to_confirm
from exchange.notifications.deliver import Delivered, deliver_message
from exchange.notifications.evening import ASK_EVENING_JOB, ask_evening, evening_id, wind_evening
from exchange.notifications.models import Message
from exchange.organisations import queries as organisations
from exchange.organisations.commands import state_parameters
from exchange.reactions import reactions
from tests.factories.availability import an_offer, from_tonight, local_date
from tests.factories.evening import ASKED_AT_MINUTES, ask_before_now, said_this_morning
from tests.factories.ground import a_community, a_facility, actor_for, an_operator, database_of, founder, ground
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from workers.equipment import Call, Equipment
from workers.jobs.availability import ask_evening as ask_evening_job
from workers.outcomes import Retryable
from workers.schedule import sweep

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Evening:
    """Two associations past the question: one with two sites, three places and two on call, the other with nobody."""

    db: Database
    community_id: UUID
    first: Actor
    second: Actor
    director: Actor
    alone: Actor
    offers: tuple[UUID, ...]
    other_offer: UUID


async def an_evening(database: FreshDatabase) -> Evening:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await ask_before_now(tx, community_id)
        operator_id = await an_operator(tx)
        sites = [await a_facility(tx, operator_id=operator_id, name=f"Maison {name}") for name in ("A", "B")]
        spans = await from_tonight(tx)
        offers = [await an_offer(tx, sites[0], spans=spans, kind="emergency_bed")]
        offers += [await an_offer(tx, site, spans=spans) for site in sites]
        lonely = await a_facility(tx, name="Maison sans astreinte")
        other = await an_offer(tx, lonely, spans=spans)
        for offer_id in (*offers, other):
            await said_this_morning(tx, offer_id)
        on_call = [await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=operator_id) for _ in range(2)]
        director = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=sites[0])
        alone = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=lonely)
        await actor_for(tx, Role.COORDINATOR)
    return Evening(db, community_id, on_call[0], on_call[1], director, alone, tuple(offers), other)


async def tonight_id(tx: AsyncSession, community_id: UUID, *, days: int = 0) -> UUID:
    return evening_id(community_id, local_date(now_of(tx), await organisations.zone(tx), days=days))


async def ask(evening: Evening, *, days: int = 0) -> dict[UUID, str]:
    """Run the question of an evening, and return whom every message so far is for."""
    async with evening.db.write(evening.community_id) as tx:
        await ask_evening(tx, await tonight_id(tx, evening.community_id, days=days), now_of(tx))
        rows = (await tx.execute(select(Message.recipient_id, Message.template))).all()
        assert len(rows) == len({row.recipient_id for row in rows}), "one message a person"
        return {row.recipient_id: row.template for row in rows}


async def test_each_on_call_manager_is_asked_once_whatever_the_number_of_sites_and_places(
    database: FreshDatabase,
) -> None:
    evening = await an_evening(database)
    for _ in range(3):
        assert await ask(evening) == {
            evening.first.account_id: "evening_question",
            evening.second.account_id: "evening_question",
            evening.alone.account_id: "evening_question",
        }, "the director of a house whose association has somebody on call is left alone"
    async with evening.db.read(evening.community_id) as reader:
        asked = await reader.scalars(select(Event.facts["asked"].as_integer()).where(Event.kind == "evening_asked"))
        assert list(asked) == [3]


async def test_nobody_is_asked_about_what_has_already_been_said_tonight(database: FreshDatabase) -> None:
    evening = await an_evening(database)
    async with evening.db.write(evening.community_id) as tx:
        await reconfirm_all(tx, evening.first, now_of(tx))
    assert set(await ask(evening)) == {evening.alone.account_id}
    async with evening.db.write(evening.community_id) as tx:
        (site,) = evening.alone.facility_ids
        await say_status(tx, evening.alone, SayStatus(site, "red"), now_of(tx))
        await tx.execute(delete(Message))
    assert await ask(evening) == {}, "a red house has answered"


async def test_one_place_left_unsaid_is_enough_to_be_asked(database: FreshDatabase) -> None:
    evening = await an_evening(database)
    async with evening.db.write(evening.community_id) as tx:
        for offer_id in evening.offers[:2]:
            await reconfirm_offer(tx, evening.first, offer_id, now_of(tx))
    assert evening.first.account_id in await ask(evening)


@pytest.mark.parametrize("days", [-1, -2, 1])
async def test_the_question_of_another_evening_asks_nobody(database: FreshDatabase, days: int) -> None:
    evening = await an_evening(database)
    assert await ask(evening, days=days) == {}


async def rows_of(tx: AsyncSession) -> list[tuple[UUID, datetime, bool]]:
    rows = await tx.execute(
        select(OutboxRow.fact_id, OutboxRow.due_at, OutboxRow.done_at)
        .where(OutboxRow.job == ASK_EVENING_JOB)
        .order_by(OutboxRow.due_at)
    )
    return [(row.fact_id, row.due_at, row.done_at is not None) for row in rows]


async def test_the_clock_is_wound_once_an_evening_by_whoever_comes_first(database: FreshDatabase) -> None:
    evening = await an_evening(database)
    for _ in range(2):
        assert await sweep(evening.db) == 0
        await ask(evening)
        async with evening.db.write(evening.community_id) as tx:
            await wind_evening(tx, evening.community_id, now_of(tx))
            zone = await organisations.zone(tx)
            expected = [
                (
                    await tonight_id(tx, evening.community_id, days=days),
                    local_instant(local_date(now_of(tx), zone, days=days), time(*divmod(ASKED_AT_MINUTES, 60)), zone),
                    False,
                )
                for days in (0, 1)
            ]
            assert await rows_of(tx) == expected


async def test_an_evening_missed_is_asked_once_when_the_house_is_back_and_not_after_it_is_over(
    database: FreshDatabase,
) -> None:
    """Rows of three evenings wait after an outage: only tonight's asks, and it winds tomorrow's."""
    evening = await an_evening(database)
    async with evening.db.write(evening.community_id) as tx:
        waiting = [await tonight_id(tx, evening.community_id, days=days) for days in (-2, -1, 0)]
    equipment = Equipment(evening.db, None, None, {}, "")  # type: ignore[arg-type]
    for fact_id in (*waiting, waiting[-1]):
        call = Call(fact_id, evening.community_id, fact_id, ASK_EVENING_JOB, evening.community_id, 1, 1)
        await ask_evening_job(equipment, call)
    async with evening.db.read(evening.community_id) as reader:
        told = (await reader.scalars(select(Message.fact_id))).all()
        assert set(told) == {waiting[-1]}
        assert len(told) == 3
        assert await tonight_id(reader, evening.community_id, days=1) in {row[0] for row in await rows_of(reader)}


async def test_a_clock_moved_later_by_the_community_is_waited_for(database: FreshDatabase) -> None:
    evening = await an_evening(database)
    async with evening.db.write(evening.community_id) as tx:
        await state_parameters(tx, founder(evening.community_id), {"emergency_asked_at": 17 * 60}, now_of(tx))
        fact_id = await tonight_id(tx, evening.community_id)
    call = Call(fact_id, evening.community_id, fact_id, ASK_EVENING_JOB, evening.community_id, 1, 1)
    with pytest.raises(Retryable) as later:
        await ask_evening_job(Equipment(evening.db, None, None, {}, ""), call)  # type: ignore[arg-type]
    assert later.value.delay is not None
    assert timedelta(hours=2) <= later.value.delay <= timedelta(hours=3)


@pytest.mark.parametrize(
    ("now", "tonight_due"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 28, 16, tzinfo=UTC)),
        (datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 29, 15, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, tzinfo=UTC), datetime(2026, 10, 24, 15, tzinfo=UTC)),
        (datetime(2026, 10, 25, 12, tzinfo=UTC), datetime(2026, 10, 25, 16, tzinfo=UTC)),
    ],
)
async def test_it_is_due_at_17_on_the_wall_on_both_clock_changes(
    database: FreshDatabase, now: datetime, tonight_due: datetime
) -> None:
    db = database_of(database)
    community_id = await a_community(db, time_zone="Europe/Paris")
    async with db.write(community_id) as tx:
        await wind_evening(tx, community_id, now)
        (tonight, due, _), (_, next_due, _) = await rows_of(tx)
    assert due == tonight_due
    assert tonight == evening_id(community_id, due.astimezone(PARIS).date())
    assert next_due.astimezone(PARIS).time() == time(17)
    assert next_due.astimezone(PARIS).date() == due.astimezone(PARIS).date() + timedelta(days=1)


async def test_the_letter_names_the_sites_left_to_answer_and_leaves_only_while_some_are(
    database: FreshDatabase, smtp_sink: SmtpSink
) -> None:
    evening = await an_evening(database)
    await ask(evening)
    async with evening.db.write(evening.community_id) as tx:
        by_reader = {row.recipient_id: row.id for row in await tx.scalars(select(Message))}
    channels = {MAIL: SmtpChannel(smtp_sink.url, "Entraide <essai@entraide.invalid>")}

    async def deliver(actor: Actor) -> None:
        message_id = by_reader[actor.account_id or UUID(int=0)]
        assert await deliver_message(evening.db, evening.community_id, message_id, channels, "https://e") == Delivered()

    await deliver(evening.first)
    (mail,) = smtp_sink.received
    assert "Une réponse pour vos 2 lieux" in " ".join(mail.subject.split())
    assert "Maison A, Maison B" in mail.text
    assert "10 h" in mail.text
    assert "astreinte" not in mail.text
    async with evening.db.write(evening.community_id) as tx:
        await reconfirm_all(tx, evening.first, now_of(tx))
    await deliver(evening.second)
    assert len(smtp_sink.received) == 1, "somebody else on call has answered for the same sites"


async def test_a_24_24_place_is_asked_about_in_the_evening_alone_and_an_ordinary_one_at_its_own_end(
    database: FreshDatabase,
) -> None:
    evening = await an_evening(database)
    async with evening.db.write(evening.community_id) as tx:
        await tx.execute(update(PlaceOffer).values(fresh_until=now_of(tx)))
        emergency, ordinary, _ = evening.offers
        assert await ask_to_confirm(tx, emergency, emergency, now_of(tx)) == ()
        assert len(await ask_to_confirm(tx, ordinary, ordinary, now_of(tx))) == 3


def test_the_id_of_an_evening_is_its_own() -> None:
    one, other = UUID(int=1), UUID(int=2)
    days = [date(2026, 3, 28) + timedelta(days=step) for step in range(3)]
    assert len({evening_id(community, day) for community in (one, other) for day in days}) == 6
