"""What a person proposes themselves, and what two people agreed on the phone: one pair, no search."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import func, select

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import SayStatus, say_status
from exchange.availability.errors import PlaceAlreadyHeld, PlaceClosed
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, InvalidValue, NotFound
from exchange.kernel.journals import Event
from exchange.matching.eligibility import PlacementRefusal
from exchange.placements import queries
from exchange.placements.commands import RefusePlacement, contest_phone_yes, refuse_placement
from exchange.placements.errors import OfferToConfirm, SpokenWithRequired
from exchange.placements.models import Placement
from exchange.placements.rules import PlacementState, YesParty
from exchange.planning.by_hand import INCOMPATIBLE, MAY_BE_PASSED, ProposeByHand, propose_by_hand
from exchange.planning.errors import BreachForbidden, BreachReasonRequired, NothingLeftToServe
from exchange.planning.models import MatchRun
from exchange.planning.phone_deals import DealRecorded, PhoneDeal, record_phone_deal
from exchange.planning.rules import Unsuited
from exchange.reference.answers import RefusalReason
from exchange.situations.models import Situation
from exchange.wording.breaches import PASSED_OVER
from tests.factories.availability import an_offer, from_tonight, tonight
from tests.factories.evening import ask_before_now, said_this_morning
from tests.factories.ground import BRIVES, a_facility, actor_for, ground
from tests.factories.placements import (
    Stage,
    a_house,
    a_stage,
    age_offer,
    counted_and_claimed,
    hold,
    say,
    situation_state,
    state_of,
    the_placement,
    waiting,
)
from tests.servers import FreshDatabase

S = PlacementState


@dataclass(frozen=True, slots=True)
class Said:
    """Who spoke in the calls of these tests."""

    spoken_with: str = "Une voix du foyer"
    function: str = "Cheffe de service"


async def by_hand(stage: Stage, situation_id: UUID, offer_id: UUID, reason: str | None = None, **over: object) -> UUID:
    actor = over.pop("by", stage.adviser)
    assert isinstance(actor, Actor)
    asked = ProposeByHand(situation_id, offer_id, reason=reason, **over)  # type: ignore[arg-type]
    async with stage.db.write(stage.community_id) as tx:
        return await propose_by_hand(tx, actor, asked, StraightLine(), now_of(tx))


async def called(stage: Stage, situation_id: UUID, **over: object) -> DealRecorded:
    said = {"spoken_with": Said().spoken_with, "function": Said().function, **over}
    async with stage.db.write(stage.community_id) as tx:
        deal = PhoneDeal(situation_id, **said)  # type: ignore[arg-type]
        return await record_phone_deal(tx, stage.adviser, deal, StraightLine(), now_of(tx))


async def row(stage: Stage, placement_id: UUID) -> Placement:
    async with stage.db.read(stage.community_id) as reader:
        return await reader.get_one(Placement, placement_id)


async def a_lone_situation(stage: Stage, **over: object) -> UUID:
    return await waiting(stage, offer_ids=(), **over)


def test_every_predicate_of_the_matcher_is_decided_upon_and_has_its_words() -> None:
    codes = {one.value for one in PlacementRefusal} - {PlacementRefusal.PROFILE.value}
    codes |= {one.value for one in Unsuited} - {Unsuited.TO_CONFIRM.value} | {INCOMPATIBLE}
    assert MAY_BE_PASSED.keys() == codes == PASSED_OVER.keys()


async def test_a_pair_that_fits_is_proposed_beside_what_stands(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    situation_id = await waiting(stage)
    first = await the_placement(stage, situation_id)
    placement_id = await by_hand(stage, situation_id, other.offer_id)
    proposed = await row(stage, placement_id)
    assert (proposed.origin, proposed.rank, proposed.run_id, proposed.breaches) == ("person", 2, None, [])
    assert proposed.proposed_by == stage.adviser.account_id
    assert {"code": "proposed_by_hand"} in proposed.reasons
    assert await state_of(stage, first) is S.PROPOSED
    assert await by_hand(stage, situation_id, other.offer_id) == placement_id, "the same line is the same line"
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(MatchRun)) == 0


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"max_travel_minutes": 5}, "travel"),
        ({"need_codes": ("intellectual_disability", "tube_feeding")}, "provision"),
    ],
)
async def test_a_near_miss_is_proposed_with_its_reason_and_its_author(
    database: FreshDatabase, over: dict[str, object], code: str
) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        far = await a_facility(tx, commune_code=BRIVES)
        manager = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=far)

        offer_id = await an_offer(tx, far)
    situation_id = await a_lone_situation(stage, **over)
    with pytest.raises(BreachReasonRequired) as refused:
        await by_hand(stage, situation_id, offer_id)
    assert refused.value.facts["why"] == PASSED_OVER[code]
    placement_id = await by_hand(stage, situation_id, offer_id, "La famille est d'accord")
    proposed = await row(stage, placement_id)
    assert (proposed.breaches, proposed.breach_reason) == ([code], "La famille est d'accord")
    assert {"code": "breach_accepted", "breach": code} in proposed.reasons
    assert manager.account_id != proposed.proposed_by == stage.adviser.account_id


async def test_what_the_law_or_the_person_forbids_no_reason_passes_over(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    for over, code in (
        ({"excluded_facility_ids": (stage.house.facility_id,)}, "excluded-establishment"),
        ({"age_band": "6-11"}, "age"),
        ({"need_codes": ("polyhandicap",)}, "population"),
        ({"care_mode": "home_support"}, "care-mode"),
    ):
        situation_id = await a_lone_situation(stage, **over)
        with pytest.raises(BreachForbidden) as refused:
            await by_hand(stage, situation_id, stage.house.offer_id, "Vraiment nécessaire")
        assert PASSED_OVER[code] in str(refused.value.facts["why"])


async def test_a_full_or_stale_or_unknown_place_is_not_proposed(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=1)
    taken = await waiting(stage)
    await hold(stage, taken)
    situation_id = await a_lone_situation(stage)
    with pytest.raises(BreachForbidden):
        await by_hand(stage, situation_id, stage.house.offer_id, "Il faut")
    with pytest.raises(NotFound):
        await by_hand(stage, situation_id, UUID(int=5))
    with pytest.raises(InvalidValue):
        await by_hand(stage, situation_id, stage.house.offer_id, block_ids=(UUID(int=5),))
    with pytest.raises(NothingLeftToServe):
        await by_hand(stage, taken, stage.house.offer_id)
    await age_offer(stage, stage.house.offer_id)
    with pytest.raises(OfferToConfirm):
        await by_hand(stage, situation_id, stage.house.offer_id)


async def test_nobody_is_proposed_by_hand_in_a_red_house(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await a_lone_situation(stage)
    async with stage.db.write(stage.community_id) as tx:
        await say_status(tx, stage.house.manager, SayStatus(stage.house.facility_id, "red"), now_of(tx))
    with pytest.raises(PlaceClosed):
        await called(stage, situation_id, offer_id=stage.house.offer_id)


async def test_a_house_that_said_no_is_asked_again_by_hand_with_a_reason_alone(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=2)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    first = await the_placement(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        refusal = RefusePlacement(first, RefusalReason.GROUP_INCOMPATIBLE)
        await refuse_placement(tx, stage.house.manager, refusal, now_of(tx))
    with pytest.raises(BreachReasonRequired):
        await by_hand(stage, situation_id, stage.house.offer_id)
    again = await by_hand(stage, situation_id, stage.house.offer_id, "La directrice a rappelé")
    assert (await row(stage, again)).breaches == ["refused_before"]


async def test_nobody_but_coordination_proposes(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await a_lone_situation(stage)
    with pytest.raises(ActForbidden):
        await by_hand(stage, situation_id, stage.house.offer_id, by=stage.house.manager)


async def test_a_call_makes_the_hold_and_the_yes_in_one_go(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await a_lone_situation(stage)
    recorded = await called(stage, situation_id, offer_id=stage.house.offer_id)
    kept = await row(stage, recorded.placement_id)
    assert recorded.state is S.ACCEPTED
    assert (kept.receiver_channel, kept.spoken_with, kept.spoken_function) == (
        "phone",
        Said().spoken_with,
        Said().function,
    )
    assert kept.receiver_yes_by == stage.adviser.account_id
    assert await situation_state(stage, situation_id) == "held"
    assert counted_equal(await counted_and_claimed(stage))
    async with stage.db.read(stage.community_id) as reader:
        kinds = list(await reader.scalars(select(Event.kind).where(Event.subject_id == recorded.placement_id)))
        roles = set(await reader.scalars(select(Event.actor_role).where(Event.subject_id == recorded.placement_id)))
    assert kinds == ["placement_proposed", "placement_held", "placement_accepted"]
    assert roles == {"pathway_adviser"}
    async with stage.db.write(stage.community_id) as tx:
        await contest_phone_yes(tx, stage.house.manager, recorded.placement_id, now_of(tx))
    assert await state_of(stage, recorded.placement_id) is S.CANCELLED


def counted_equal(pair: tuple[dict[tuple[UUID, int], int], dict[tuple[UUID, int], int]]) -> bool:
    counted, claimed = pair
    return counted == claimed and sum(counted.values()) > 0


async def test_the_yeses_already_there_confirm_at_once(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await say(stage, await the_placement(stage, situation_id), YesParty.PERSON, YesParty.LEGAL_BASIS)
    recorded = await called(stage, situation_id, offer_id=stage.house.offer_id)
    assert recorded.state is S.CONFIRMED


async def test_a_call_confirms_an_offer_past_its_lifetime_in_the_house_s_name(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    await age_offer(stage, stage.house.offer_id)
    recorded = await called(stage, await a_lone_situation(stage), offer_id=stage.house.offer_id)
    assert recorded.state is S.ACCEPTED
    async with stage.db.read(stage.community_id) as reader:
        told = (
            await reader.execute(select(Event.via, Event.actor_role).where(Event.kind == "offer_reconfirmed"))
        ).one()
    assert tuple(told) == ("phone", "pathway_adviser")


async def test_past_the_question_a_call_says_for_tonight_what_the_house_had_not_answered(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        house = await a_house(tx, spans=await from_tonight(tx))
        await said_this_morning(tx, house.offer_id)
        await ask_before_now(tx, stage.community_id)
        night = await tonight(tx)
    situation_id = await a_lone_situation(stage, blocks=((night,),))
    recorded = await called(stage, situation_id, offer_id=house.offer_id)
    assert recorded.state is S.ACCEPTED


async def test_a_place_that_nobody_published_is_published_by_the_call_for_this_person_alone(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        silent = await a_facility(tx, name="Maison muette")
    situation_id = await a_lone_situation(stage, need_codes=("intellectual_disability", "night_waking"))
    recorded = await called(stage, situation_id, facility_id=silent)
    kept = await row(stage, recorded.placement_id)
    async with stage.db.read(stage.community_id) as reader:
        offer = await reader.get_one(PlaceOffer, kept.offer_id)
        opened = select(OfferSegment.segment, OfferSegment.capacity, OfferSegment.used)
        counters = (await reader.execute(opened.where(OfferSegment.offer_id == offer.id))).all()
        wanted = (await queries.placement(reader, stage.adviser, kept.id)).segments
    assert (offer.facility_id, offer.provides, offer.attested_by) == (silent, [], stage.adviser.account_id)
    assert [tuple(each) for each in counters] == [(segment, 1, 1) for segment in wanted]
    assert kept.breaches == ["provision"], "the house said yes to a near miss, in its own name"
    assert Said().function in str(kept.breach_reason)


async def test_a_call_that_cannot_be_kept_leaves_nothing(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=1)
    await hold(stage, await waiting(stage))
    situation_id = await a_lone_situation(stage)
    for wrong, error in (
        ({"offer_id": stage.house.offer_id}, BreachForbidden),
        ({"facility_id": UUID(int=9)}, NotFound),
        ({}, InvalidValue),
        ({"offer_id": stage.house.offer_id, "facility_id": stage.house.facility_id}, InvalidValue),
        ({"offer_id": stage.house.offer_id, "spoken_with": " "}, SpokenWithRequired),
    ):
        with pytest.raises(error):
            await called(stage, situation_id, **wrong)
    async with stage.db.read(stage.community_id) as reader:
        kept = await reader.scalar(
            select(func.count()).select_from(Placement).where(Placement.situation_id == situation_id)
        )
        assert kept == 0
        assert await reader.scalar(select(Situation.state).where(Situation.id == situation_id)) == "received"


async def test_of_two_calls_for_the_last_place_one_is_kept(database: FreshDatabase) -> None:

    stage = await a_stage(database, capacity=1)
    situations = [await a_lone_situation(stage) for _ in range(4)]

    async def call(situation_id: UUID) -> bool:
        try:
            await called(stage, situation_id, offer_id=stage.house.offer_id)
        except (PlaceAlreadyHeld, BreachForbidden):
            return False
        return True

    assert sorted(await asyncio.gather(*map(call, situations))) == [False, False, False, True]
    assert counted_equal(await counted_and_claimed(stage))
