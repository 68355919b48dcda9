"""Of two forms drawn together, one acts; the other is told, and the journal knows what it missed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from exchange.availability.commands import change_capacity, reconfirm_offer
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.board.changes import tell_changes
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, now_of
from exchange.kernel.versions import StaleVersion, VersionUnchecked, changes_since, expect, require_all_compared
from tests.factories.availability import an_offer, from_tonight
from tests.factories.ground import a_community, a_facility, actor_for, database_of, ground
from tests.servers import FreshDatabase


async def test_of_ten_forms_drawn_together_one_acts(database: FreshDatabase) -> None:
    db, actor, offer_id = await a_place(database)

    async def send() -> bool:
        try:
            async with db.write(actor.community_id) as tx:
                expect(tx, offer_id, 1)
                await change_capacity(tx, actor, offer_id, 1, None, now_of(tx))
        except StaleVersion:
            return False
        return True

    assert sorted(await asyncio.gather(*(send() for _ in range(10)))) == [False] * 9 + [True]
    async with db.read(actor.community_id) as reader:
        assert (await reader.get_one(PlaceOffer, offer_id)).version == 2
        assert set(await reader.scalars(select(OfferSegment.capacity))) == {3}


async def test_the_journal_tells_what_moved_since_a_version_and_nothing_before(database: FreshDatabase) -> None:
    db, actor, offer_id = await a_place(database)
    for delta in (1, -1, 2):
        async with db.write(actor.community_id) as tx:
            await change_capacity(tx, actor, offer_id, delta, None, now_of(tx))
    async with db.write(actor.community_id) as tx:
        await reconfirm_offer(tx, actor, offer_id, now_of(tx))  # moves nothing that a form edits
    async with db.read(actor.community_id) as reader:
        told = await changes_since(reader, offer_id, 2)
        assert [(change.kind, change.facts["delta"]) for change in told] == [
            ("capacity_changed", -1),
            ("capacity_changed", 2),
        ]
        assert await changes_since(reader, offer_id, 4) == ()
        stale = StaleVersion(offer_id, 3, 4)
        await tell_changes(reader, stale)
        (sentence,) = stale.changes
        assert sentence.endswith(" : 2 places de plus (direction)")


async def test_an_act_that_compares_nothing_is_a_defect(database: FreshDatabase) -> None:
    db, actor, offer_id = await a_place(database)
    async with db.write(actor.community_id) as tx:
        expect(tx, uuid4(), 1)
        await change_capacity(tx, actor, offer_id, 1, None, now_of(tx) + timedelta(seconds=1))
        with pytest.raises(VersionUnchecked, match="no lock compared"):
            require_all_compared(tx)


async def a_place(database: FreshDatabase) -> tuple[Database, Actor, UUID]:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        home_id = await a_facility(tx)
        actor = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=home_id)
        offer_id = await an_offer(tx, home_id, spans=await from_tonight(tx, capacity=2))
    return db, actor, offer_id
