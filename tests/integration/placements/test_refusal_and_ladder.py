"""A refusal, a silence, a withdrawn offer: the place is free again, and the next backup is held by itself."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from exchange.availability.commands import withdraw_offer
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition
from exchange.kernel.journals import Event
from exchange.placements.commands import (
    RefusePlacement,
    advance_ladder,
    drop_closed,
    drop_withdrawn,
    expire_hold,
    refuse_placement,
)
from exchange.placements.errors import PrivateNoteRequired
from exchange.placements.models import Placement
from exchange.placements.queries import declined_pairs
from exchange.placements.rules import PlacementState, YesParty
from exchange.reference.answers import RefusalReason
from exchange.situations.commands import CloseSituation, close_situation
from tests.factories.availability import an_offer
from tests.factories.ground import ground
from tests.factories.placements import (
    ALL_YESES,
    House,
    Stage,
    a_house,
    a_stage,
    age_offer,
    counted_and_claimed,
    hold,
    overdue,
    proposed,
    say,
    situation_state,
    state_of,
    the_placement,
    two_nights,
    waiting,
)
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase

S = PlacementState


async def three_houses(database: FreshDatabase) -> tuple[Stage, House, House]:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        return stage, await a_house(tx), await a_house(tx)


async def refuse(
    stage: Stage,
    placement_id: UUID,
    *,
    reason: RefusalReason = RefusalReason.GROUP_INCOMPATIBLE,
    note: str | None = None,
    by: Actor | None = None,
) -> None:
    async with stage.db.write(stage.community_id) as tx:
        refusal = RefusePlacement(placement_id, reason, note)
        await refuse_placement(tx, by or stage.house.manager, refusal, now_of(tx))


async def climb(stage: Stage, situation_id: UUID) -> tuple[UUID, ...]:
    async with stage.db.write(stage.community_id) as tx:
        return await advance_ladder(tx, stage.system, situation_id, now_of(tx))


async def person_agrees(stage: Stage, *placement_ids: UUID) -> None:
    for placement_id in placement_ids:
        await say(stage, placement_id, YesParty.PERSON)


async def test_a_refusal_frees_the_place_and_keeps_its_reason(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await refuse(stage, placement_id, note="  ")
    assert await counted_and_claimed(stage) == ({}, {})
    async with stage.db.read(stage.community_id) as reader:
        kept = (await reader.scalars(select(Placement).where(Placement.id == placement_id))).one()
        assert (kept.state, kept.refusal_reason, kept.private_note) == ("refused", "group_incompatible", None)


@pytest.mark.parametrize("yeses", [1, 3])
async def test_a_facility_may_still_pull_out_before_arrival(database: FreshDatabase, yeses: int) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES[:yeses])
    await refuse(stage, placement_id, reason=RefusalReason.STAFFING_INSUFFICIENT)
    assert await state_of(stage, placement_id) is S.REFUSED
    assert await counted_and_claimed(stage) == ({}, {})


async def test_another_motive_is_explained_in_private(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    with pytest.raises(PrivateNoteRequired):
        await refuse(stage, placement_id, reason=RefusalReason.OTHER, note=" ")
    await refuse(stage, placement_id, reason=RefusalReason.OTHER, note="Travaux imprévus.")
    async with stage.db.read(stage.community_id) as reader:
        assert "Travaux" not in str((await reader.scalars(select(Event.facts))).all())


async def test_the_sender_does_not_refuse_for_the_house(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    with pytest.raises(ActForbidden):
        await refuse(stage, await the_placement(stage, situation_id), by=stage.adviser)


async def test_no_place_on_these_dates_takes_the_spare_units_off_the_offer(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=3)
    first, second = await waiting(stage), await waiting(stage)
    await hold(stage, first)
    await hold(stage, second)
    await refuse(stage, await the_placement(stage, second), reason=RefusalReason.NO_PLACE_ON_DATES)
    async with stage.db.read(stage.community_id) as reader:
        left = await reader.execute(
            select(OfferSegment.capacity, OfferSegment.used, func.count()).group_by(
                OfferSegment.capacity, OfferSegment.used
            )
        )
        # Tomorrow night keeps the one person still held; the thirteen other segments are as they were.
        assert sorted(tuple(row) for row in left) == [(1, 1, 1), (3, 0, 13)]


async def test_after_a_refusal_the_backup_that_the_person_agreed_to_is_held(database: FreshDatabase) -> None:
    stage, second, third = await three_houses(database)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, second.offer_id, third.offer_id))
    plan, backup, other = [await the_placement(stage, situation_id, rank=rank) for rank in (1, 2, 3)]
    await person_agrees(stage, backup, other)
    await hold(stage, situation_id)
    await refuse(stage, plan)
    assert await situation_state(stage, situation_id) == "held"
    assert await climb(stage, situation_id) == (backup,)
    assert [await state_of(stage, each) for each in (plan, backup, other)] == [S.REFUSED, S.HELD, S.PROPOSED]
    assert await situation_state(stage, situation_id) == "held"
    assert await climb(stage, situation_id) == ()
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed


async def test_a_backup_that_the_person_was_not_asked_about_is_never_held(database: FreshDatabase) -> None:
    stage, second, _ = await three_houses(database)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, second.offer_id))
    await hold(stage, situation_id)
    await refuse(stage, await the_placement(stage, situation_id))
    assert await climb(stage, situation_id) == ()
    assert await situation_state(stage, situation_id) == "searching"


async def test_a_backup_that_no_longer_holds_gives_way_to_the_next(database: FreshDatabase) -> None:
    stage, second, third = await three_houses(database)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, second.offer_id, third.offer_id))
    stale, good = [await the_placement(stage, situation_id, rank=rank) for rank in (2, 3)]
    await person_agrees(stage, stale, good)
    await hold(stage, situation_id)
    await age_offer(stage, second.offer_id)
    await refuse(stage, await the_placement(stage, situation_id))
    assert await climb(stage, situation_id) == (good,)


async def test_a_backup_taken_by_somebody_else_gives_way_to_the_next(database: FreshDatabase) -> None:
    stage, second, third = await three_houses(database)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, second.offer_id, third.offer_id))
    taken, good = [await the_placement(stage, situation_id, rank=rank) for rank in (2, 3)]
    await person_agrees(stage, taken, good)
    await hold(stage, situation_id)
    await hold(stage, await waiting(stage, offer_ids=(second.offer_id,)))
    await refuse(stage, await the_placement(stage, situation_id))
    assert await climb(stage, situation_id) == (good,)
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed


async def test_only_the_block_that_fell_is_served_anew(database: FreshDatabase) -> None:
    stage, second, third = await three_houses(database)
    async with stage.db.write(stage.community_id) as tx:
        situation_id = await two_nights(tx)
        tonight = await proposed(tx, situation_id, stage.house.offer_id, positions=[0])
        later = await proposed(tx, situation_id, second.offer_id, positions=[1])
        backup = await proposed(tx, situation_id, third.offer_id, rank=2, positions=[1])
    await person_agrees(stage, backup)
    await hold(stage, situation_id)
    await say(stage, tonight, *ALL_YESES)
    await refuse(stage, later, by=second.manager)
    assert await climb(stage, situation_id) == (backup,)
    assert await state_of(stage, tonight) is S.CONFIRMED
    assert await situation_state(stage, situation_id) == "held"


async def test_silence_advances_the_ladder_too(database: FreshDatabase) -> None:
    stage, second, _ = await three_houses(database)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, second.offer_id))
    plan, backup = [await the_placement(stage, situation_id, rank=rank) for rank in (1, 2)]
    await person_agrees(stage, backup)
    await hold(stage, situation_id)
    await overdue(stage, plan)
    async with stage.db.write(stage.community_id) as tx:
        assert await expire_hold(tx, stage.system, plan, now_of(tx))
    assert await climb(stage, situation_id) == (backup,)


async def test_persons_to_keep_together_climb_together(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=2)
    async with ground(stage.db, stage.community_id) as tx:
        roomy = await a_house(tx, capacity=2)
    async with stage.db.write(stage.community_id) as tx:
        elder = (await a_situation(tx)).id
        younger = (await a_situation(tx, together_with=elder)).id
        both = (elder, younger)
        plans = [await proposed(tx, each, stage.house.offer_id) for each in both]
        backups = [await proposed(tx, each, roomy.offer_id, rank=2) for each in both]
    await person_agrees(stage, *backups)
    await hold(stage, elder)
    await refuse(stage, plans[0])
    assert set(await climb(stage, elder)) == set(backups)
    assert [await state_of(stage, each) for each in plans] == [S.REFUSED, S.CANCELLED]
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed


async def test_a_withdrawn_offer_ends_its_holds_and_keeps_its_word(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=3)
    promised, held, only_proposed = await waiting(stage), await waiting(stage), await waiting(stage)
    await hold(stage, promised)
    await say(stage, await the_placement(stage, promised), YesParty.RECEIVER)
    await hold(stage, held)
    async with stage.db.write(stage.community_id) as tx:
        await withdraw_offer(tx, stage.house.manager, stage.house.offer_id, now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        await drop_withdrawn(tx, stage.system, stage.house.offer_id, now_of(tx))
    states = [await state_of(stage, await the_placement(stage, each)) for each in (promised, held, only_proposed)]
    assert states == [S.ACCEPTED, S.CANCELLED, S.SUPERSEDED]
    async with stage.db.write(stage.community_id) as tx:
        assert await drop_withdrawn(tx, stage.system, stage.house.offer_id, now_of(tx)) == ()


async def test_closing_a_situation_gives_its_places_back(database: FreshDatabase) -> None:
    stage, second, _ = await three_houses(database)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, second.offer_id))
    await hold(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        await close_situation(tx, stage.adviser, CloseSituation(situation_id, "with_relatives"), now_of(tx))
    with pytest.raises(IllegalTransition):
        await say(stage, await the_placement(stage, situation_id), YesParty.RECEIVER)
    async with stage.db.write(stage.community_id) as tx:
        assert len(await drop_closed(tx, stage.system, situation_id, now_of(tx))) == 2
    assert await counted_and_claimed(stage) == ({}, {})
    assert await climb(stage, situation_id) == ()


@pytest.mark.parametrize(
    ("reason", "rules_out"),
    [
        (RefusalReason.GROUP_INCOMPATIBLE, "the offer"),
        (RefusalReason.PREMISES_UNSUITABLE, "the house"),
        (RefusalReason.NO_PLACE_ON_DATES, "nothing"),
    ],
)
async def test_what_a_refusal_rules_out_depends_on_its_reason(
    database: FreshDatabase, reason: RefusalReason, rules_out: str
) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        second_offer = await an_offer(tx, stage.house.facility_id)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    await refuse(stage, await the_placement(stage, situation_id), reason=reason)
    first, second = (situation_id, stage.house.offer_id), (situation_id, second_offer)
    wanted = {"the offer": {first}, "the house": {first, second}, "nothing": set()}[rules_out]
    async with stage.db.read(stage.community_id) as reader:
        assert await declined_pairs(reader) == wanted
    async with stage.db.write(stage.community_id) as tx:
        (await tx.get_one(PlaceOffer, stage.house.offer_id)).terms_version += 1
    async with stage.db.read(stage.community_id) as reader:
        assert await declined_pairs(reader) == (wanted if rules_out == "the house" else set())
