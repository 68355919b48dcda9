"""Counting persons into places: two connections, one last place."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from exchange.availability.commands import change_capacity, claim_segments, lock_offers, release_segments
from exchange.availability.errors import BY_CONSTRAINT, CapacityBelowUsed, PlaceAlreadyHeld
from exchange.availability.models import OfferSegment
from exchange.kernel.db import Database, constraint_of, now_of
from exchange.kernel.errors import NotFound
from exchange.kernel.ids import new_id
from tests.factories.availability import an_offer, tomorrow_night
from tests.factories.ground import a_community, a_facility, database_of, ground
from tests.factories.staffing import speaker_for
from tests.servers import FreshDatabase


async def committed_offer(fresh: FreshDatabase, capacity: int) -> tuple[Database, UUID, UUID, UUID, int]:
    """A week of places seen by every connection: database, community, facility, offer, tomorrow's night."""
    db = database_of(fresh)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id, capacity=capacity)
        return db, community_id, facility_id, offer_id, await tomorrow_night(tx)


async def used(db: Database, community_id: UUID) -> dict[int, int]:
    async with db.read(community_id) as reader:
        rows = await reader.execute(select(OfferSegment.segment, OfferSegment.used).where(OfferSegment.used > 0))
        return {row.segment: row.used for row in rows}


async def test_one_last_place_goes_to_one_of_two_and_the_other_is_told_which_night(database: FreshDatabase) -> None:
    db, community_id, _, offer_id, night = await committed_offer(database, 1)
    both_ready = asyncio.Barrier(2)

    async def claim() -> PlaceAlreadyHeld | None:
        try:
            async with db.write(community_id) as tx:
                await both_ready.wait()
                await lock_offers(tx, (offer_id,))
                await claim_segments(tx, offer_id, (night, night + 1))
        except PlaceAlreadyHeld as refused:
            return refused
        return None

    outcomes = await asyncio.gather(claim(), claim())
    (refused,) = [each for each in outcomes if each is not None]
    assert (refused.status, refused.facts) == (409, {"segment": night, "offer_id": str(offer_id)})
    assert await used(db, community_id) == {night: 1, night + 1: 1}


async def test_even_without_the_lock_a_place_is_never_counted_twice(database: FreshDatabase) -> None:
    db, community_id, _, offer_id, night = await committed_offer(database, 3)

    async def claim() -> bool:
        try:
            async with db.write(community_id) as tx:
                await claim_segments(tx, offer_id, (night,))
        except PlaceAlreadyHeld:
            return False
        return True

    outcomes = await asyncio.gather(*(claim() for _ in range(8)))
    assert sum(outcomes) == 3
    assert await used(db, community_id) == {night: 3}


async def test_a_claim_counts_everywhere_or_nowhere(database: FreshDatabase) -> None:
    db, community_id, _, offer_id, night = await committed_offer(database, 1)
    async with db.write(community_id) as tx:
        await claim_segments(tx, offer_id, (night + 2,))
    for wanted in ((night, night + 2), (night, night + 200)):
        with pytest.raises(PlaceAlreadyHeld) as refused:
            async with db.write(community_id) as tx:
                await claim_segments(tx, offer_id, wanted)
        assert refused.value.facts["segment"] == wanted[1]
    assert await used(db, community_id) == {night + 2: 1}


async def test_a_released_place_may_be_claimed_again(database: FreshDatabase) -> None:
    db, community_id, _, offer_id, night = await committed_offer(database, 1)
    for _ in range(2):
        async with db.write(community_id) as tx:
            await claim_segments(tx, offer_id, (night,))
        async with db.write(community_id) as tx:
            await release_segments(tx, offer_id, (night,))
    assert await used(db, community_id) == {}


async def test_a_place_that_nobody_claimed_cannot_be_released(database: FreshDatabase) -> None:
    db, community_id, _, offer_id, night = await committed_offer(database, 1)
    with pytest.raises(IntegrityError) as broken:
        async with db.write(community_id) as tx:
            await release_segments(tx, offer_id, (night,))
    assert constraint_of(broken.value) in BY_CONSTRAINT
    with pytest.raises(NotFound):
        async with db.write(community_id) as tx:
            await release_segments(tx, offer_id, (night + 200,))


async def test_a_claim_and_a_lowered_capacity_racing_never_both_win(database: FreshDatabase) -> None:
    db, community_id, facility_id, offer_id, night = await committed_offer(database, 1)
    both_ready = asyncio.Barrier(2)

    async def claim() -> str:
        try:
            async with db.write(community_id) as tx:
                await both_ready.wait()
                await lock_offers(tx, (offer_id,))
                await claim_segments(tx, offer_id, (night,))
        except PlaceAlreadyHeld:
            return "claim refused"
        return "claimed"

    async def lower() -> str:
        try:
            async with db.write(community_id) as tx:
                await both_ready.wait()
                await change_capacity(tx, await speaker_for(tx, facility_id), offer_id, -1, None, now_of(tx))
        except CapacityBelowUsed:
            return "lowering refused"
        return "lowered"

    outcomes = set(await asyncio.gather(claim(), lower()))
    assert outcomes in ({"claimed", "lowering refused"}, {"claim refused", "lowered"})


async def test_counters_read_once_are_read_again_before_they_are_lowered(database: FreshDatabase) -> None:
    db, community_id, facility_id, offer_id, night = await committed_offer(database, 1)
    async with db.write(community_id) as tx:
        actor, now = await speaker_for(tx, facility_id), now_of(tx)
        await change_capacity(tx, actor, offer_id, 1, None, now)
        kept = (await tx.scalars(select(OfferSegment))).all()
        for _ in range(2):
            await claim_segments(tx, offer_id, (night,))
        assert {counter.used for counter in kept} == {0}
        with pytest.raises(CapacityBelowUsed):
            await change_capacity(tx, actor, offer_id, -1, None, now)


async def test_the_database_itself_refuses_more_persons_than_places(database: FreshDatabase) -> None:
    db, community_id, _, _, night = await committed_offer(database, 1)
    broken_by = {
        "ck_offer_segments_used_within_capacity": "used = 2",
        "ck_offer_segments_capacity": "capacity = -1, over_capacity = 1",
    }
    assert broken_by.keys() == BY_CONSTRAINT.keys()
    for constraint, change in broken_by.items():
        statement = f"UPDATE offer_segments SET {change} WHERE segment = :night"
        with pytest.raises(IntegrityError) as broken:
            async with db.write(community_id) as tx:
                await tx.execute(text(statement), {"night": night})
        assert constraint_of(broken.value) == constraint


async def test_locking_an_unknown_offer_says_not_found(database: FreshDatabase) -> None:
    db, community_id, _, offer_id, _ = await committed_offer(database, 1)
    async with db.write(community_id) as tx:
        with pytest.raises(NotFound):
            await lock_offers(tx, (offer_id, new_id()))
        assert list(await lock_offers(tx, ())) == []
