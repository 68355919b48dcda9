"""Repeating the last seven days of a place, on a real database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import CapacitySpan, lock_offers, withdraw_offer
from exchange.availability.errors import RepetitionChanged
from exchange.availability.models import OfferSegment
from exchange.availability.weeks.commands import set_week
from exchange.availability.weeks.inputs import SetWeek
from exchange.availability.weeks.repetition import Repeat, RepeatWeek, repeat_week, repetition
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.journals import CardVersion, Event
from exchange.kernel.periods import Half, Segment, current_segment, date_of, segment_of
from exchange.organisations import queries as organisations
from exchange.staffing.values import fingerprint
from tests.factories.availability import NIGHTS, an_offer
from tests.factories.ground import a_facility, a_ground
from tests.factories.situations import coordinating
from tests.factories.staffing import a_need, shifts_of, speaker_for
from tests.servers import FreshDatabase

DAY = timedelta(days=1)


async def tonight(tx: AsyncSession) -> Segment:
    return segment_of(date_of(current_segment(now_of(tx), await organisations.zone(tx))), Half.NIGHT)


async def a_last_week(tx: AsyncSession, **over: object) -> tuple[Actor, UUID, Segment]:
    """An offer with tonight open, and the nights of yesterday and of three days ago entered by hand."""
    facility_id = await a_facility(tx)
    speaker, night = await speaker_for(tx, facility_id), await tonight(tx)
    today = date_of(night)
    offer_id = await an_offer(tx, facility_id, **{"spans": (CapacitySpan(today, today, NIGHTS, 1),), **over})
    tx.add(OfferSegment(offer_id=offer_id, segment=night - 2, capacity=2, used=1))
    tx.add(OfferSegment(offer_id=offer_id, segment=night - 6, capacity=1, provides=["hoist"]))
    tx.add(OfferSegment(offer_id=offer_id, segment=night - 8, capacity=0))
    tx.add(OfferSegment(offer_id=offer_id, segment=night - 14, capacity=3))
    await tx.flush()
    return speaker, offer_id, night


async def confirmed(tx: AsyncSession, speaker: Actor, offer_id: UUID, weeks: int = 1) -> list[tuple[int, str]]:
    lines = await repetition(tx, speaker, offer_id, weeks, now_of(tx))
    done = await repeat_week(tx, speaker, RepeatWeek(offer_id, weeks, fingerprint(lines)), now_of(tx))
    assert done == lines
    return [(line.segment, line.outcome.value) for line in lines]


async def test_what_was_shown_is_what_is_done(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, night = await a_last_week(tx)
        before = (await lock_offers(tx, (offer_id,)))[offer_id]
        word, terms = (before.attested_at, before.fresh_until), before.terms_version
        assert await confirmed(tx, speaker, offer_id, weeks=2) == [
            (night, "exists"),
            (night + 8, "opens"),
            (night + 12, "opens"),
            (night + 14, "opens"),
            (night + 22, "opens"),
            (night + 26, "opens"),
        ]
        rows = await tx.execute(
            select(OfferSegment.segment, OfferSegment.capacity, OfferSegment.used, OfferSegment.provides)
            .where(OfferSegment.segment >= night)
            .order_by(OfferSegment.segment)
        )
        assert [tuple(row) for row in rows] == [
            (night, 1, 0, None),
            (night + 8, 1, 0, ["hoist"]),
            (night + 12, 2, 0, None),
            (night + 14, 3, 0, None),
            (night + 22, 1, 0, ["hoist"]),
            (night + 26, 2, 0, None),
        ]
        offer = (await lock_offers(tx, (offer_id,)))[offer_id]
        assert ((offer.attested_at, offer.fresh_until), offer.terms_version) == (word, terms)
        card = await tx.scalar(
            select(CardVersion.card).where(CardVersion.subject_id == offer_id).order_by(CardVersion.shown_until.desc())
        )
        assert card is not None
        assert [night + 8, 1, 0] in card["segments"]
        assert await tx.scalar(select(Event.facts["segments"].as_integer()).where(Event.kind == "places_repeated")) == 5


async def test_repeating_twice_is_repeating_once(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, _ = await a_last_week(tx)
        await confirmed(tx, speaker, offer_id)
        rows = await tx.scalar(select(func.count()).select_from(OfferSegment))
        assert {outcome for _, outcome in await confirmed(tx, speaker, offer_id)} == {"exists"}
        assert await tx.scalar(select(func.count()).select_from(OfferSegment)) == rows


async def test_a_list_that_has_changed_is_to_be_read_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, night = await a_last_week(tx)
        seen = fingerprint(await repetition(tx, speaker, offer_id, 1, now_of(tx)))
        tx.add(OfferSegment(offer_id=offer_id, segment=night + 8, capacity=1))
        await tx.flush()
        with pytest.raises(RepetitionChanged):
            await repeat_week(tx, speaker, RepeatWeek(offer_id, 1, seen), now_of(tx))


async def test_a_place_that_follows_a_week_or_rests_on_shifts_says_why_it_is_not_repeated(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, night = await a_last_week(tx)
        await set_week(tx, speaker, SetWeek(offer_id, (1,) * 14, date_of(night), None), now_of(tx))
        lines = await repetition(tx, speaker, offer_id, 1, now_of(tx))
        assert {line.outcome for line in lines} == {Repeat.FOLLOWS_WEEK}
        (facility_id,) = speaker.facility_ids
        shifts = tuple(await shifts_of(tx, await a_need(tx, facility_id)))
        spans = (CapacitySpan(date_of(night), date_of(night), NIGHTS, 1, shifts),)
        conditional = await an_offer(tx, facility_id, kind="conditional", spans=spans)
        tx.add(OfferSegment(offer_id=conditional, segment=night - 2, capacity=2))
        await tx.flush()
        assert [outcome for _, outcome in await confirmed(tx, speaker, conditional)] == ["rests_on_shifts"]


async def test_only_the_facility_repeats_its_week(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, _ = await a_last_week(tx)
        seen = fingerprint(await repetition(tx, speaker, offer_id, 1, now_of(tx)))
        for actor in (await coordinating(tx, Role.COORDINATOR), await speaker_for(tx, await a_facility(tx))):
            with pytest.raises(ActForbidden):
                await repeat_week(tx, actor, RepeatWeek(offer_id, 1, seen), now_of(tx))
        for weeks in (0, 5):
            with pytest.raises(InvalidValue):
                await repetition(tx, speaker, offer_id, weeks, now_of(tx))
        await withdraw_offer(tx, speaker, offer_id, now_of(tx))
        with pytest.raises(IllegalTransition):
            await repeat_week(tx, speaker, RepeatWeek(offer_id, 1, seen), now_of(tx))
        with pytest.raises(NotFound):
            await repetition(tx, await coordinating(tx, Role.COORDINATOR), offer_id, 1, now_of(tx))
