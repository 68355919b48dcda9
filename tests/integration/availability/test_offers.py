"""Publishing places and keeping that word fresh, on a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import queries
from exchange.availability.commands import (
    CapacitySpan,
    change_capacity,
    claim_segments,
    lock_offers,
    publish_offer,
    reconfirm_offer,
    withdraw_offer,
)
from exchange.availability.errors import CapacityBelowUsed
from exchange.availability.models import OfferSegment, PlaceOffer, SegmentRequirement
from exchange.availability.rules import ShownState
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import CardVersion, Event
from exchange.organisations import queries as organisations
from exchange.reference.code_lists import NeedCode
from exchange.staffing import queries as staffing
from exchange.staffing.commands import ShiftAsked, cancel_need, take_seats
from exchange.staffing.models import StaffNeed
from exchange.staffing.rules import NeedState
from tests.factories.availability import BOTH, NIGHTS, an_offer, local_date, offer_form, tomorrow_night
from tests.factories.ground import a_community, a_facility, a_ground, a_living_area, database_of, ground
from tests.factories.situations import coordinating
from tests.factories.staffing import a_need, need_form, shifts_of, speaker_for
from tests.servers import FreshDatabase

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def stored(tx: AsyncSession, offer_id: UUID) -> PlaceOffer:
    return (await lock_offers(tx, (offer_id,)))[offer_id]


async def live_card(tx: AsyncSession, subject_id: UUID) -> dict[str, object] | None:
    card: dict[str, object] | None = await tx.scalar(
        select(CardVersion.card).where(CardVersion.subject_id == subject_id, text("shown_until = 'infinity'"))
    )
    return card


async def told(tx: AsyncSession, subject_id: UUID, kind: str) -> dict[str, object]:
    facts: dict[str, object] | None = await tx.scalar(
        select(Event.facts).where(Event.subject_id == subject_id, Event.kind == kind).order_by(Event.id.desc()).limit(1)
    )
    assert facts is not None
    return facts


async def test_a_published_place_is_on_the_board_until_asked_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        area_id = await a_living_area(tx)
        facility_id = await a_facility(tx, name="Foyer des Essais")
        offer_id = await an_offer(tx, facility_id, capacity=2)
        card = await live_card(tx, offer_id)
        assert card is not None
        night = await tomorrow_night(tx)
        assert card["segments"] == [[segment, 2, 0] for segment in range(night - 1, night + 13)]
        shown = {"facility": "Foyer des Essais", "commune": "Le Puy-en-Velay", "living_area": "Velay", "ages": [18, 60]}
        assert card.items() >= shown.items()
        offer = await stored(tx, offer_id)
        assert offer.fresh_until == now_of(tx) + 72 * HOUR
        assert await told(tx, offer_id, "offer_published") == {
            "facility_id": str(facility_id),
            "offer_kind": "ordinary",
            "fresh_until": offer.fresh_until.isoformat(),
        }
        assert await tx.scalar(select(CardVersion.living_area_id)) == area_id


async def test_a_protected_address_is_told_to_its_own_people_alone(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id, other = await a_facility(tx, hides_address=True), await a_facility(tx)
        form = {"populations": (NeedCode.VIOLENCE_VICTIM,)}
        offer_id = await an_offer(tx, facility_id, **form)
        card = await live_card(tx, offer_id)
        assert card is not None
        assert card["commune"] is None
        own = await queries.offer(tx, await speaker_for(tx, facility_id), offer_id, now_of(tx))
        assert own.commune == "Le Puy-en-Velay"
        for actor in (await speaker_for(tx, other), await coordinating(tx, Role.COORDINATOR)):
            seen = await queries.offer(tx, actor, offer_id, now_of(tx))
            assert (seen.commune, seen.commune_code) == (None, None)


async def test_only_the_facility_speaks_of_its_places(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        offer_id = await an_offer(tx, own)
        now = now_of(tx)
        form = offer_form(own, local_date(now, await organisations.zone(tx)))
        for actor in (
            await speaker_for(tx, other),
            await coordinating(tx, Role.COORDINATOR),
            await coordinating(tx, Role.OBSERVER),
        ):
            for attempt in (
                publish_offer(tx, actor, form, now),
                reconfirm_offer(tx, actor, offer_id, now),
                change_capacity(tx, actor, offer_id, 1, None, now),
                withdraw_offer(tx, actor, offer_id, now),
            ):
                with pytest.raises(ActForbidden):
                    await attempt
        with pytest.raises(NotFound):
            await an_offer(tx, new_id())


async def test_reconfirming_moves_the_attestation_and_nothing_else(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        before = await row_of(tx, offer_id)
        later = now_of(tx) + 10 * HOUR
        assert await reconfirm_offer(tx, await speaker_for(tx, facility_id), offer_id, later) == later + 72 * HOUR
        after = await row_of(tx, offer_id)
        assert {name for name in after if after[name] != before[name]} == {"attested_at", "fresh_until"}
        assert (await told(tx, offer_id, "offer_reconfirmed"))["was_stale"] is False


@pytest.mark.parametrize(("late", "was_stale"), [(-timedelta(microseconds=1), False), (timedelta(0), True)])
async def test_reconfirming_says_whether_the_place_had_gone_stale(
    database: FreshDatabase, late: timedelta, was_stale: bool
) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        actor = await speaker_for(tx, facility_id)
        then = (await stored(tx, offer_id)).fresh_until + late
        seen = await queries.offer(tx, actor, offer_id, then)
        assert seen.state is (ShownState.TO_CONFIRM if was_stale else ShownState.PUBLISHED)
        await reconfirm_offer(tx, actor, offer_id, then)
        assert (await told(tx, offer_id, "offer_reconfirmed"))["was_stale"] is was_stale
        assert (await queries.offer(tx, actor, offer_id, then)).state is ShownState.PUBLISHED


async def test_fewer_units_move_the_terms_and_more_do_not(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id, capacity=2)
        actor, now, night = await speaker_for(tx, facility_id), now_of(tx), await tomorrow_night(tx)
        await change_capacity(tx, actor, offer_id, 1, None, now)
        assert (await stored(tx, offer_id)).terms_version == 1
        await change_capacity(tx, actor, offer_id, -1, (night,), now)
        assert (await stored(tx, offer_id)).terms_version == 2
        view = await queries.offer(tx, actor, offer_id, now)
        assert {each.segment for each in view.segments if each.capacity == 2} == {night}
        assert {each.capacity for each in view.segments} == {2, 3}


async def test_capacity_never_falls_below_the_persons_counted_and_then_nothing_changes(
    database: FreshDatabase,
) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id, capacity=2)
        night = await tomorrow_night(tx)
        await claim_segments(tx, offer_id, (night,))
    with pytest.raises(CapacityBelowUsed) as refused:
        async with db.write(community_id) as tx:
            await change_capacity(tx, await speaker_for(tx, facility_id), offer_id, -2, None, now_of(tx))
    assert (refused.value.status, refused.value.facts) == (409, {"segment": night, "used": 1})
    async with db.write(community_id) as tx:
        view = await queries.offer(tx, await speaker_for(tx, facility_id), offer_id, now_of(tx))
        assert {each.capacity for each in view.segments} == {2}
        await change_capacity(tx, await speaker_for(tx, facility_id), offer_id, -1, None, now_of(tx))
        with pytest.raises(CapacityBelowUsed):
            await change_capacity(tx, await speaker_for(tx, facility_id), offer_id, -1, (night,), now_of(tx))


@pytest.mark.parametrize(
    ("delta", "segments", "field", "rule"),
    [
        (0, None, "delta", "zero"),
        (100, None, "delta", "out-of-range"),
        (99, None, "delta", "out-of-range"),
        (1, (), "segments", "not-offered"),
        (1, (1,), "segments", "not-offered"),
    ],
)
async def test_a_change_of_capacity_without_sense_is_refused(
    database: FreshDatabase, delta: int, segments: tuple[int, ...] | None, field: str, rule: str
) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        with pytest.raises(InvalidValue) as refused:
            await change_capacity(tx, await speaker_for(tx, facility_id), offer_id, delta, segments, now_of(tx))
        assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


async def test_a_withdrawn_place_leaves_the_board_and_accepts_no_further_word(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        actor, now = await speaker_for(tx, facility_id), now_of(tx)
        await withdraw_offer(tx, actor, offer_id, now)
        assert await live_card(tx, offer_id) is None
        assert (await told(tx, offer_id, "offer_withdrawn"))["was_used"] is False
        assert (await stored(tx, offer_id)).terms_version == 2
        for attempt in (
            reconfirm_offer(tx, actor, offer_id, now),
            change_capacity(tx, actor, offer_id, 1, None, now),
            withdraw_offer(tx, actor, offer_id, now),
        ):
            with pytest.raises(IllegalTransition):
                await attempt
        assert (await queries.offer(tx, actor, offer_id, now)).state is ShownState.WITHDRAWN
        assert await queries.offers(tx, actor, now) == ()
        with pytest.raises(NotFound):
            await queries.offer(tx, await coordinating(tx, Role.COORDINATOR), offer_id, now)


async def test_withdrawing_a_place_in_use_says_so(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        await claim_segments(tx, offer_id, (await tomorrow_night(tx),))
        await withdraw_offer(tx, await speaker_for(tx, facility_id), offer_id, now_of(tx))
        assert (await told(tx, offer_id, "offer_withdrawn"))["was_used"] is True


async def test_a_conditional_place_declares_its_need_and_rests_on_all_its_shifts(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        now, actor = now_of(tx), await speaker_for(tx, facility_id)
        coupled = need_form(facility_id, now, is_coupled=True)
        offer_id = await an_offer(tx, facility_id, kind="conditional", coupled_need=coupled)
        (need,) = await staffing.needs(tx, actor)
        assert need.is_coupled
        view = await queries.offer(tx, actor, offer_id, now)
        assert {each.requires_shift_ids for each in view.segments} == {(need.shifts[0].id,)}
        card = await live_card(tx, offer_id)
        assert card is not None
        assert card["is_conditional"] is True


async def test_a_refused_conditional_place_declares_no_need(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        coupled = need_form(facility_id, now_of(tx), is_coupled=True, reason="strike")
    with pytest.raises(InvalidValue) as refused:
        async with db.write(community_id) as tx:
            await an_offer(tx, facility_id, kind="conditional", coupled_need=coupled)
    assert refused.value.field == "reason"
    async with db.read(community_id) as reader:
        for table in (PlaceOffer, OfferSegment, SegmentRequirement, StaffNeed, Event, CardVersion):
            assert await reader.scalar(select(func.count()).select_from(table)) == 0


async def test_a_place_rests_on_shifts_that_its_own_facility_still_asks_for(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        first = local_date(now_of(tx), await organisations.zone(tx))
        asked = (await shifts_of(tx, await a_need(tx, own)))[0]
        elsewhere = (await shifts_of(tx, await a_need(tx, other)))[0]
        cancelled_need = await a_need(tx, own)
        cancelled = (await shifts_of(tx, cancelled_need))[0]
        await cancel_need(tx, await speaker_for(tx, own), cancelled_need, now_of(tx))
        for shift_id, rule in (
            (elsewhere, "other-facility"),
            (cancelled, "shift-not-asked"),
            (new_id(), "unknown-shift"),
        ):
            spans = (CapacitySpan(first, first, NIGHTS, 1, (asked, shift_id)),)
            with pytest.raises(InvalidValue) as refused:
                await an_offer(tx, own, kind="conditional", spans=spans)
            assert (refused.value.field, refused.value.facts["rule"]) == ("spans", rule)
        offer_id = await an_offer(tx, own, kind="conditional", spans=(CapacitySpan(first, first, NIGHTS, 1, (asked,)),))
        assert await tx.scalar(select(SegmentRequirement.shift_id)) == asked
        assert offer_id


async def test_withdrawing_a_conditional_place_cancels_the_need_that_nothing_else_rests_on(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        now, actor = now_of(tx), await speaker_for(tx, facility_id)
        first = local_date(now, await organisations.zone(tx))

        async def conditional() -> tuple[UUID, UUID]:
            known = {need.id for need in await staffing.needs(tx, actor)}
            shifts = (ShiftAsked(now + DAY, now + DAY + 8 * HOUR, 2),)
            coupled = need_form(facility_id, now, is_coupled=True, shifts=shifts)
            offer_id = await an_offer(tx, facility_id, kind="conditional", coupled_need=coupled)
            (need_id,) = {need.id for need in await staffing.needs(tx, actor)} - known
            return offer_id, need_id

        alone, its_need = await conditional()
        promised, promised_need = await conditional()
        shared, shared_need = await conditional()
        await take_seats(tx, await shifts_of(tx, promised_need))
        span = CapacitySpan(first, first, BOTH, 1, tuple(await shifts_of(tx, shared_need)))
        await an_offer(tx, facility_id, kind="conditional", spans=(span,))
        plain_need = await a_need(tx, facility_id)
        for offer_id in (alone, promised, shared):
            await withdraw_offer(tx, actor, offer_id, now)
        states = {
            need_id: (await staffing.need(tx, actor, need_id)).state
            for need_id in (its_need, promised_need, shared_need, plain_need)
        }
        assert states == {
            its_need: NeedState.CANCELLED,
            promised_need: NeedState.OPEN,
            shared_need: NeedState.OPEN,
            plain_need: NeedState.OPEN,
        }


async def test_help_at_home_goes_to_known_communes_alone(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        zone = ("43268", "43157", "43157")
        offer_id = await an_offer(tx, facility_id, kind="caseload", care_mode="home_support", zone_communes=zone)
        view = await queries.offer(tx, await speaker_for(tx, facility_id), offer_id, now_of(tx))
        assert view.zone_communes == ("43157", "43268")
        with pytest.raises(InvalidValue) as refused:
            await an_offer(tx, facility_id, kind="caseload", zone_communes=("43157", "43999"))
        assert refused.value.field == "zone_communes"


async def test_what_a_place_provides_by_night_alone_is_kept_apart(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        first = local_date(now_of(tx), await organisations.zone(tx))
        spans = (CapacitySpan(first, first, BOTH - NIGHTS, 1), CapacitySpan(first, first, NIGHTS, 1, (), ("hoist",)))
        offer_id = await an_offer(tx, facility_id, spans=spans)
        view = await queries.offer(tx, await speaker_for(tx, facility_id), offer_id, now_of(tx))
        assert [each.provides for each in view.segments] == [None, ("hoist",)]


async def test_a_24_24_place_follows_the_clocks_of_its_territory(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db, time_zone="Indian/Reunion")
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        zone = await organisations.zone(tx)
        evening = datetime(2030, 3, 30, 18, 30, tzinfo=zone)
        form = offer_form(facility_id, evening.date(), kind="emergency_bed")
        offer_id = await publish_offer(tx, await speaker_for(tx, facility_id), form, evening)
        assert (await stored(tx, offer_id)).fresh_until == datetime(2030, 3, 31, 10, 0, tzinfo=zone)


async def test_another_community_sees_and_changes_nothing(database: FreshDatabase) -> None:
    db = database_of(database)
    here, there = await a_community(db), await a_community(db)
    async with ground(db, here) as tx:
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
    async with db.write(there) as tx:
        foreign_word, now = await speaker_for(tx, facility_id), now_of(tx)
        assert await queries.offers(tx, foreign_word, now) == ()
        form = offer_form(facility_id, local_date(now, await organisations.zone(tx)))
        for attempt in (
            queries.offer(tx, foreign_word, offer_id, now),
            publish_offer(tx, foreign_word, form, now),
            reconfirm_offer(tx, foreign_word, offer_id, now),
            withdraw_offer(tx, foreign_word, offer_id, now),
        ):
            with pytest.raises(NotFound):
                await attempt
        touched = await tx.execute(update(OfferSegment).values(capacity=50).returning(OfferSegment.segment))
        assert touched.all() == []


async def row_of(tx: AsyncSession, offer_id: UUID) -> dict[str, object]:
    await tx.flush()
    row = (await tx.execute(select(PlaceOffer.__table__).where(PlaceOffer.id == offer_id))).one()
    return dict(row._mapping)
