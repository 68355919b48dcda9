"""The three yeses, whoever gives them and in any order; and those who may not."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import select, update

from exchange.availability.commands import withdraw_offer
from exchange.identity.models import Membership
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, DomainError, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.journals import Event
from exchange.placements.commands import (
    GiveYes,
    PhoneYes,
    RefusePlacement,
    contest_phone_yes,
    give_yes,
    record_phone_yes,
    refuse_placement,
)
from exchange.placements.errors import (
    AgreementNotTheirs,
    HoldOver,
    NotAPhoneYes,
    OfferToConfirm,
    ProposalOutdated,
    SpokenWithRequired,
    YesAlreadyGiven,
)
from exchange.placements.models import Placement
from exchange.placements.rules import PersonYesFrom, PlacementState, YesParty
from exchange.reference.answers import RefusalReason
from tests.factories.ground import actor_for, ground
from tests.factories.placements import (
    ALL_YESES,
    Stage,
    a_house,
    a_stage,
    age_offer,
    counted_and_claimed,
    hold,
    overdue,
    say,
    situation_state,
    state_of,
    the_placement,
    waiting,
)
from tests.servers import FreshDatabase

S = PlacementState
RECEIVER, PERSON, LEGAL_BASIS = YesParty.RECEIVER, YesParty.PERSON, YesParty.LEGAL_BASIS


async def a_held(database: FreshDatabase, **over: object) -> tuple[Stage, UUID]:
    stage = await a_stage(database)
    situation_id = await waiting(stage, **over)
    await hold(stage, situation_id)
    return stage, await the_placement(stage, situation_id)


async def test_the_third_yes_confirms_in_whatever_order(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=6)
    for order in permutations(ALL_YESES):
        situation_id = await waiting(stage)
        await hold(stage, situation_id)
        placement_id = await the_placement(stage, situation_id)
        assert await say(stage, placement_id, *order[:2]) is (S.ACCEPTED if RECEIVER in order[:2] else S.HELD)
        assert await situation_state(stage, situation_id) == "held"
        assert await say(stage, placement_id, order[2]) is S.CONFIRMED
        assert await situation_state(stage, situation_id) == "confirmed"
    async with stage.db.read(stage.community_id) as reader:
        for kept in await reader.scalars(select(Placement)):
            assert kept.receiver_yes_by == stage.house.manager.account_id
            assert kept.receiver_channel == "web"
            assert (kept.person_yes_from, kept.legal_basis) == ("person", "emergency_admission")


async def test_an_on_call_manager_answers_for_every_house_of_the_operator(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    async with ground(stage.db, stage.community_id) as tx:
        on_call = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=stage.house.manager.operator_id)
    placement_id = await the_placement(stage, situation_id)
    assert await say(stage, placement_id, RECEIVER, manager=on_call) is S.ACCEPTED


async def strangers(stage: Stage) -> dict[str, tuple[Actor, type[DomainError]]]:
    """Everybody who may not accept for the house, with what they are told."""
    manager = stage.house.manager
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
        coordinator = await actor_for(tx, Role.COORDINATOR)
        observer = await actor_for(tx, Role.OBSERVER)
        revoked = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=stage.house.facility_id)
        await tx.execute(update(Membership).where(Membership.id == revoked.membership_id).values(ended_at=now_of(tx)))
    return {
        "the sender": (stage.adviser, ActForbidden),
        "the coordinator": (coordinator, ActForbidden),
        "another house": (other.manager, NotFound),
        "an observer": (observer, NotFound),
        "the machine": (stage.system, ActForbidden),
        "a role taken away since": (revoked, ActForbidden),
        "a person demoted to observer": (replace(manager, role=Role.OBSERVER), NotFound),
        "a forged role": (replace(stage.adviser, role=Role.FACILITY_MANAGER), NotFound),
        "somebody without a role at all": (replace(manager, membership_id=None), ActForbidden),
        "a lent professional": (
            Actor(community_id=stage.community_id, role=Role.LOAN_VOLUNTEER, via=Via.LINK),
            NotFound,
        ),
    }


async def test_nobody_answers_for_another_house(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    for who, (actor, refusal) in (await strangers(stage)).items():
        with pytest.raises(refusal):
            await say(stage, placement_id, RECEIVER, manager=actor)
        no = RefusePlacement(placement_id, RefusalReason.GROUP_INCOMPATIBLE)
        with pytest.raises(refusal):
            async with stage.db.write(stage.community_id) as tx:
                await refuse_placement(tx, actor, no, now_of(tx))
        with pytest.raises(refusal):
            async with stage.db.write(stage.community_id) as tx:
                await contest_phone_yes(tx, actor, placement_id, now_of(tx))
        assert await state_of(stage, placement_id) is S.HELD, who


async def test_a_facility_does_not_speak_for_the_person_nor_for_the_law(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    for party in (PERSON, LEGAL_BASIS):
        yes = GiveYes(placement_id, party, person_yes_from="person", legal_basis="court_order")
        with pytest.raises(ActForbidden):
            async with stage.db.write(stage.community_id) as tx:
                await give_yes(tx, stage.house.manager, yes, now_of(tx))


async def test_a_yes_after_the_hold_ran_out_promises_nothing(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    await overdue(stage, placement_id)
    with pytest.raises(HoldOver):
        await say(stage, placement_id, RECEIVER)


async def test_a_yes_needs_a_fresh_offer(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    await age_offer(stage, stage.house.offer_id)
    with pytest.raises(OfferToConfirm):
        await say(stage, placement_id, RECEIVER)


async def test_a_yes_needs_an_offer_that_still_stands(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    async with stage.db.write(stage.community_id) as tx:
        await withdraw_offer(tx, stage.house.manager, stage.house.offer_id, now_of(tx))
    with pytest.raises(ProposalOutdated):
        await say(stage, placement_id, RECEIVER)


async def test_the_persons_yes_to_a_proposal_moves_nothing(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    assert await say(stage, await the_placement(stage, situation_id), PERSON) is S.PROPOSED
    assert await situation_state(stage, situation_id) == "received"
    assert await counted_and_claimed(stage) == ({}, {})


async def test_a_yes_needs_a_hold(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    with pytest.raises(IllegalTransition):
        await say(stage, await the_placement(stage, situation_id), RECEIVER)


async def test_a_yes_is_never_written_over(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    for party in (PERSON, LEGAL_BASIS):
        await say(stage, placement_id, party)
        with pytest.raises(YesAlreadyGiven):
            await say(stage, placement_id, party)


async def test_for_an_entrusted_child_only_child_welfare_or_the_judge_agrees(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database, legal_status="ase_entrusted")
    for given_by in (PersonYesFrom.PERSON, PersonYesFrom.GUARDIAN):
        with pytest.raises(AgreementNotTheirs):
            async with stage.db.write(stage.community_id) as tx:
                await give_yes(tx, stage.adviser, GiveYes(placement_id, PERSON, person_yes_from=given_by), now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        yes = GiveYes(placement_id, PERSON, person_yes_from=PersonYesFrom.JUDGE)
        assert await give_yes(tx, stage.adviser, yes, now_of(tx)) is S.HELD


async def test_a_yes_says_from_whom_or_on_what_basis(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    for party, field in ((PERSON, "person_yes_from"), (LEGAL_BASIS, "legal_basis")):
        for code in (None, "", "the neighbour"):
            yes = GiveYes(placement_id, party, person_yes_from=code, legal_basis=code)
            with pytest.raises(InvalidValue) as refused:
                async with stage.db.write(stage.community_id) as tx:
                    await give_yes(tx, stage.adviser, yes, now_of(tx))
            assert refused.value.field == field


async def phone(stage: Stage, placement_id: UUID, actor: Actor, who: str = "Mme B.", function: str = "cadre") -> S:
    async with stage.db.write(stage.community_id) as tx:
        return await record_phone_yes(tx, actor, PhoneYes(placement_id, who, function), now_of(tx))


async def test_a_yes_by_phone_names_who_spoke_and_stays_out_of_the_journal(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    assert await phone(stage, placement_id, stage.adviser) is S.ACCEPTED
    async with stage.db.read(stage.community_id) as reader:
        kept = (await reader.scalars(select(Placement).where(Placement.id == placement_id))).one()
        assert (kept.receiver_channel, kept.spoken_with, kept.spoken_function) == ("phone", "Mme B.", "cadre")
        told = await reader.scalars(select(Event.facts).where(Event.kind == "placement_accepted"))
        assert [fact["by_phone"] for fact in told] == [True]
        assert "Mme B." not in str((await reader.scalars(select(Event.facts))).all())


async def test_a_yes_by_phone_without_a_name_is_refused(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    for who, function in (("", "cadre"), ("Mme B.", "  ")):
        with pytest.raises(SpokenWithRequired):
            await phone(stage, placement_id, stage.adviser, who, function)


async def test_a_facility_does_not_record_its_own_yes_as_a_phone_call(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    with pytest.raises(ActForbidden):
        await phone(stage, placement_id, stage.house.manager)
    with pytest.raises(SpokenWithRequired):
        async with stage.db.write(stage.community_id) as tx:
            await give_yes(tx, stage.house.manager, GiveYes(placement_id, RECEIVER, Via.PHONE), now_of(tx))


@pytest.mark.parametrize("confirmed_first", [False, True])
async def test_the_facility_contests_a_phone_yes_until_arrival(database: FreshDatabase, confirmed_first: bool) -> None:
    stage, placement_id = await a_held(database)
    await phone(stage, placement_id, stage.adviser)
    if confirmed_first:
        assert await say(stage, placement_id, PERSON, LEGAL_BASIS) is S.CONFIRMED
    with pytest.raises(ActForbidden):
        async with stage.db.write(stage.community_id) as tx:
            await contest_phone_yes(tx, stage.adviser, placement_id, now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        await contest_phone_yes(tx, stage.house.manager, placement_id, now_of(tx))
    assert await state_of(stage, placement_id) is S.CANCELLED
    assert await counted_and_claimed(stage) == ({}, {})


async def test_a_facility_does_not_contest_its_own_word(database: FreshDatabase) -> None:
    stage, placement_id = await a_held(database)
    await say(stage, placement_id, RECEIVER)
    with pytest.raises(NotAPhoneYes):
        async with stage.db.write(stage.community_id) as tx:
            await contest_phone_yes(tx, stage.house.manager, placement_id, now_of(tx))


async def test_the_hold_ends_at_its_very_hour(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    held_until = await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    for now, refusal in ((held_until, HoldOver), (held_until - timedelta(microseconds=1), None)):
        yes = GiveYes(placement_id, RECEIVER)
        if refusal is None:
            async with stage.db.write(stage.community_id) as tx:
                assert await give_yes(tx, stage.house.manager, yes, now) is S.ACCEPTED
            continue
        with pytest.raises(refusal):
            async with stage.db.write(stage.community_id) as tx:
                await give_yes(tx, stage.house.manager, yes, now)
