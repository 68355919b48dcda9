"""The week that an offer follows, on a real database."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import (
    CapacitySpan,
    change_capacity,
    claim_segments,
    lock_offers,
    withdraw_offer,
)
from exchange.availability.errors import NoWeekFollowed, PlaceAlreadyHeld, PromisedDate
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.availability.weeks import queries
from exchange.availability.weeks.commands import end_week, except_days, extend_week, resume_week, set_week
from exchange.availability.weeks.inputs import ExceptDays, ResumeWeek, SetWeek, SpanOfDays
from exchange.availability.weeks.models import PlacePatternException
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.journals import CardVersion, Event, OutboxRow
from exchange.kernel.periods import Half, current_segment, date_of, segment_of
from exchange.organisations import queries as organisations
from exchange.reactions import reactions
from tests.factories.availability import BOTH, NIGHTS, an_offer, local_date
from tests.factories.ground import a_community, a_facility, a_ground, database_of, ground
from tests.factories.situations import coordinating
from tests.factories.staffing import a_need, shifts_of, speaker_for
from tests.servers import FreshDatabase

DAY = timedelta(days=1)
NIGHTS_OF_TWO = tuple(2 * (place % 2) for place in range(14))
"""Two persons each night, nobody by day."""


async def today_of(tx: AsyncSession) -> date:
    return date_of(current_segment(now_of(tx), await organisations.zone(tx)))


async def a_followed_offer(tx: AsyncSession, **over: Any) -> tuple[Actor, UUID, date]:
    """An offer that has been following two persons each night since today, its first night entered by hand."""
    facility_id = await a_facility(tx)
    speaker = await speaker_for(tx, facility_id)
    today = await today_of(tx)
    offer_id = await an_offer(tx, facility_id, spans=(CapacitySpan(today, today, frozenset({Half.NIGHT}), 2),))
    form = {"capacities": NIGHTS_OF_TWO, "first": today, "last": None, **over}
    await set_week(tx, speaker, SetWeek(offer_id=offer_id, **form), now_of(tx))
    return speaker, offer_id, today


async def counters(tx: AsyncSession, offer_id: UUID) -> dict[int, int]:
    rows = await tx.execute(
        select(OfferSegment.segment, OfferSegment.capacity)
        .where(OfferSegment.offer_id == offer_id)
        .order_by(OfferSegment.segment)
    )
    return {row.segment: row.capacity for row in rows}


async def stored(tx: AsyncSession, offer_id: UUID) -> PlaceOffer:
    return (await lock_offers(tx, (offer_id,)))[offer_id]


async def closed(tx: AsyncSession, speaker: Actor, offer_id: UUID, first: date, last: date, capacity: int = 0) -> None:
    form = ExceptDays(offer_id, SpanOfDays(first, last, BOTH), capacity, "planned_closure")
    await except_days(tx, speaker, form, now_of(tx))


async def clocks(tx: AsyncSession, offer_id: UUID) -> list[datetime]:
    rows = await tx.scalars(
        select(OutboxRow.due_at)
        .where(OutboxRow.job == "availability.extend_week", OutboxRow.subject_id == offer_id)
        .order_by(OutboxRow.due_at)
    )
    return list(rows)


async def test_a_week_opens_eight_weeks_of_ordinary_counters(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        _, offer_id, today = await a_followed_offer(tx)
        nights = [segment_of(today + offset * DAY, Half.NIGHT) for offset in range(56)]
        assert await counters(tx, offer_id) == dict.fromkeys(nights, 2)
        card = await tx.scalar(
            select(CardVersion.card).where(CardVersion.subject_id == offer_id, text("shown_until = 'infinity'"))
        )
        assert card is not None
        assert card["segments"] == [[night, 2, 0] for night in nights[:28]]


async def test_a_week_attests_nothing(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        stale = now_of(tx) - DAY
        offer = await stored(tx, offer_id)
        offer.attested_at, offer.fresh_until = stale - DAY, stale
        await set_week(tx, speaker, SetWeek(offer_id, (1,) * 14, today, None), now_of(tx))
        await closed(tx, speaker, offer_id, today, today)
        await extend_week(tx, Actor.system(speaker.community_id), offer_id, now_of(tx) + 2 * DAY)
        offer = await stored(tx, offer_id)
        assert (offer.attested_at, offer.fresh_until) == (stale - DAY, stale)


async def test_changing_a_week_moves_its_coming_dates_and_the_terms_when_it_takes_away(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        before = (await stored(tx, offer_id)).terms_version
        await set_week(tx, speaker, SetWeek(offer_id, (3,) * 14, today, None), now_of(tx))
        assert (await stored(tx, offer_id)).terms_version == before
        assert set((await counters(tx, offer_id)).values()) == {3}
        await set_week(tx, speaker, SetWeek(offer_id, NIGHTS_OF_TWO, today, today + 6 * DAY), now_of(tx))
        assert (await stored(tx, offer_id)).terms_version == before + 1
        kept = {segment: capacity for segment, capacity in (await counters(tx, offer_id)).items() if capacity}
        assert kept == {segment_of(today + offset * DAY, Half.NIGHT): 2 for offset in range(7)}


async def test_what_was_entered_by_hand_stays_and_shows_as_exceptions(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        edited = segment_of(today + 3 * DAY, Half.NIGHT)
        await change_capacity(tx, speaker, offer_id, 1, [edited], now_of(tx))
        seen = await queries.week(tx, speaker, offer_id, now_of(tx))
        assert seen is not None
        assert [(run.first, run.capacity, run.reason) for run in seen.exceptions] == [(today + 3 * DAY, 3, None)]
        await set_week(tx, speaker, SetWeek(offer_id, (1,) * 14, today, None), now_of(tx))
        found = await counters(tx, offer_id)
        assert found.pop(edited) == 3
        assert set(found.values()) == {1}
        await resume_week(tx, speaker, ResumeWeek(offer_id, SpanOfDays(today, today + 9 * DAY, BOTH)), now_of(tx))
        assert (await counters(tx, offer_id))[edited] == 1
        assert await tx.scalar(select(func.count()).select_from(PlacePatternException)) == 0


async def test_an_exception_closes_dates_and_lifting_it_opens_them_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        opened = await counters(tx, offer_id)
        before = (await stored(tx, offer_id)).terms_version
        first, last = today + 2 * DAY, today + 8 * DAY
        await closed(tx, speaker, offer_id, first, last)
        found = await counters(tx, offer_id)
        assert {date_of(segment) for segment, capacity in found.items() if not capacity} == {
            first + offset * DAY for offset in range(7)
        }
        assert (await stored(tx, offer_id)).terms_version == before + 1
        await resume_week(tx, speaker, ResumeWeek(offer_id, SpanOfDays(first, last, BOTH)), now_of(tx))
        assert await counters(tx, offer_id) == opened


async def test_an_exception_farther_than_the_horizon_waits_for_it(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        far = today + 60 * DAY
        await closed(tx, speaker, offer_id, far, far)
        assert segment_of(far, Half.NIGHT) not in await counters(tx, offer_id)
        await extend_week(tx, Actor.system(speaker.community_id), offer_id, now_of(tx) + 14 * DAY)
        found = await counters(tx, offer_id)
        assert segment_of(far, Half.NIGHT) not in found
        assert found[segment_of(far + DAY, Half.NIGHT)] == 2


async def test_a_promised_date_is_never_taken_away_and_is_named(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        promised = [segment_of(today + offset * DAY, Half.NIGHT) for offset in (4, 5)]
        await claim_segments(tx, offer_id, promised)
        before = await counters(tx, offer_id)
        for attempt in (
            set_week(tx, speaker, SetWeek(offer_id, (1, *(0,) * 13), today, None), now_of(tx)),
            closed(tx, speaker, offer_id, today, today + 20 * DAY),
        ):
            async with tx.begin_nested() as step:
                with pytest.raises(PromisedDate) as refused:
                    await attempt
                assert refused.value.facts["segment"] == promised[0]
                assert refused.value.facts["on"] == (today + 4 * DAY).strftime("%d/%m/%Y")
                await step.rollback()
        assert await counters(tx, offer_id) == before


async def test_the_clock_catches_up_after_an_outage_and_twice_is_once(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        system = Actor.system(speaker.community_id)
        tx.info["reactions"] = reactions
        await set_week(tx, speaker, SetWeek(offer_id, NIGHTS_OF_TWO, today, None), now_of(tx))
        assert await clocks(tx, offer_id) == []  # its clock runs already
        await end_week(tx, speaker, offer_id, now_of(tx))
        await set_week(tx, speaker, SetWeek(offer_id, NIGHTS_OF_TWO, today, None), now_of(tx))
        (due,) = await clocks(tx, offer_id)
        assert now_of(tx) < due <= now_of(tx) + DAY
        await extend_week(tx, system, offer_id, now_of(tx))
        assert len(await clocks(tx, offer_id)) == 1  # not due yet: nothing, and no second clock
        late = due + 20 * DAY
        await extend_week(tx, system, offer_id, late)
        found = await counters(tx, offer_id)
        assert max(found) == segment_of(
            date_of(current_segment(late, await organisations.zone(tx))) + 55 * DAY, Half.NIGHT
        )
        assert set(found.values()) == {2}
        assert len(found) == (date_of(max(found)) - today).days + 1  # no date is skipped
        events = await tx.scalar(select(func.count()).select_from(Event))
        await extend_week(tx, system, offer_id, late)
        assert await counters(tx, offer_id) == found
        assert await tx.scalar(select(func.count()).select_from(Event)) == events
        assert len(await clocks(tx, offer_id)) == 2


async def test_a_clock_ends_with_its_offer_or_its_week_and_starts_again_with_a_new_one(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        tx.info["reactions"] = reactions
        system, opened = Actor.system(speaker.community_id), await counters(tx, offer_id)
        await end_week(tx, speaker, offer_id, now_of(tx))
        await extend_week(tx, system, offer_id, now_of(tx) + 3 * DAY)
        assert await counters(tx, offer_id) == opened
        assert await clocks(tx, offer_id) == []
        await set_week(tx, speaker, SetWeek(offer_id, NIGHTS_OF_TWO, today, None), now_of(tx))
        assert len(await clocks(tx, offer_id)) == 1
        await withdraw_offer(tx, speaker, offer_id, now_of(tx))
        await extend_week(tx, system, offer_id, now_of(tx) + 3 * DAY)
        assert await counters(tx, offer_id) == opened
        assert len(await clocks(tx, offer_id)) == 1


async def test_only_the_facility_gives_its_week(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        _, offer_id, today = await a_followed_offer(tx)
        span = SpanOfDays(today, today, BOTH)
        for actor in (
            await speaker_for(tx, await a_facility(tx)),
            await coordinating(tx, Role.COORDINATOR),
            await coordinating(tx, Role.OBSERVER),
        ):
            for attempt in (
                set_week(tx, actor, SetWeek(offer_id, NIGHTS_OF_TWO, today, None), now_of(tx)),
                except_days(tx, actor, ExceptDays(offer_id, span, 0, "works"), now_of(tx)),
                resume_week(tx, actor, ResumeWeek(offer_id, span), now_of(tx)),
                end_week(tx, actor, offer_id, now_of(tx)),
            ):
                with pytest.raises(ActForbidden):
                    await attempt


async def test_an_offer_without_week_has_nothing_to_except_from(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        speaker, offer_id = await speaker_for(tx, facility_id), await an_offer(tx, facility_id)
        today = await today_of(tx)
        span = SpanOfDays(today, today, BOTH)
        for attempt in (
            except_days(tx, speaker, ExceptDays(offer_id, span, 0, "works"), now_of(tx)),
            resume_week(tx, speaker, ResumeWeek(offer_id, span), now_of(tx)),
            end_week(tx, speaker, offer_id, now_of(tx)),
        ):
            with pytest.raises(NoWeekFollowed):
                await attempt
        assert await queries.week(tx, speaker, offer_id, now_of(tx)) is None
        await withdraw_offer(tx, speaker, offer_id, now_of(tx))
        with pytest.raises(IllegalTransition):
            await set_week(tx, speaker, SetWeek(offer_id, NIGHTS_OF_TWO, today, None), now_of(tx))
        with pytest.raises(NotFound):
            await queries.week(tx, await coordinating(tx, Role.COORDINATOR), offer_id, now_of(tx))


async def test_a_place_that_rests_on_shifts_follows_no_week(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        shifts = tuple(await shifts_of(tx, await a_need(tx, facility_id)))
        first = local_date(now_of(tx), await organisations.zone(tx))
        spans = (CapacitySpan(first, first, BOTH, 1, shifts),)
        offer_id = await an_offer(tx, facility_id, kind="conditional", spans=spans)
        speaker, form = await speaker_for(tx, facility_id), SetWeek(offer_id, NIGHTS_OF_TWO, first, None)
        with pytest.raises(InvalidValue) as refused:
            await set_week(tx, speaker, form, now_of(tx))
        assert refused.value.facts["rule"] == "conditional-has-no-week"


@pytest.mark.parametrize("round_", range(3))
async def test_closing_a_date_while_others_take_it_leaves_one_truth(database: FreshDatabase, round_: int) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        speaker, today = await speaker_for(tx, facility_id), await today_of(tx)
        offer_id = await an_offer(tx, facility_id, spans=(CapacitySpan(today, today, NIGHTS, 1),))
    async with db.write(community_id) as tx:
        await set_week(tx, speaker, SetWeek(offer_id, NIGHTS_OF_TWO, today, None), now_of(tx))
    night = segment_of(today + 3 * DAY, Half.NIGHT)

    async def take() -> str:
        try:
            async with db.write(community_id) as tx:
                await lock_offers(tx, (offer_id,))
                await claim_segments(tx, offer_id, [night])
        except PlaceAlreadyHeld:
            return "refused"
        return "taken"

    async def close() -> str:
        try:
            async with db.write(community_id) as tx:
                await closed(tx, speaker, offer_id, today + 3 * DAY, today + 3 * DAY)
        except PromisedDate:
            return "refused"
        return "closed"

    told = await asyncio.gather(*(close() if place == round_ else take() for place in range(4)))
    async with db.read(community_id) as reader:
        row = await reader.get_one(OfferSegment, (offer_id, night))
    assert row.used == told.count("taken")
    assert (row.capacity, row.used) == ((0, 0) if "closed" in told else (2, 2)), told
