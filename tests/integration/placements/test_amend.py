"""What is asked for changes while places are proposed, kept or inhabited; and an on-call that stays silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue
from exchange.kernel.journals import OutboxRow
from exchange.notifications.recipients import recipients_of
from exchange.notifications.rules import About, Whom
from exchange.placements.commands import (
    HoldAnswer,
    RefusePlacement,
    amend_situation,
    hold_answer,
    note_silence,
    refuse_placement,
)
from exchange.placements.errors import ProposalOutdated
from exchange.placements.models import Placement
from exchange.placements.rules import YesParty
from exchange.reactions import reactions
from exchange.reference.answers import RefusalReason
from exchange.situations.commands import AmendSituation, CloseSituation, close_situation
from exchange.situations.errors import BlockInUse, TermsMoved
from exchange.situations.models import Situation, SituationBlock, SituationDetails
from tests.factories.availability import tomorrow_night
from tests.factories.ground import YSSINGEAUX, actor_for, ground, operator_of
from tests.factories.placements import Stage, a_stage, hold, proposed, say, two_nights, waiting
from tests.servers import FreshDatabase

MINUTE = timedelta(minutes=1)


async def amended(stage: Stage, situation_id: UUID, *, release: bool = False, **over: object) -> frozenset[str]:
    async with stage.db.write(stage.community_id) as tx:
        terms = (await tx.get_one(Situation, situation_id)).terms_version
        form = AmendSituation(situation_id, terms, **over)  # type: ignore[arg-type]
        return await amend_situation(tx, stage.adviser, form, now_of(tx), release=release)


async def situation_of(stage: Stage, situation_id: UUID) -> Situation:
    async with stage.db.read(stage.community_id) as reader:
        return await reader.get_one(Situation, situation_id)


async def states(stage: Stage) -> list[str]:
    async with stage.db.read(stage.community_id) as reader:
        return list(await reader.scalars(select(Placement.state).order_by(Placement.id)))


async def standing(stage: Stage, situation_id: UUID) -> list[Sequence[int]]:
    async with stage.db.read(stage.community_id) as reader:
        rows = await reader.scalars(
            select(SituationBlock.segments)
            .where(SituationBlock.situation_id == situation_id, SituationBlock.retired_at.is_(None))
            .order_by(SituationBlock.position)
        )
        return list(rows)


CHANGES: list[dict[str, object]] = [
    {"commune_code": YSSINGEAUX},
    {"age_band": "45-59"},
    {"need_codes": ("autism",)},
    {"sex": "female"},
    {"free_text": "Rez-de-chaussée."},
    {"care_mode": "boarding_full"},
    {"max_travel_minutes": 30},
    {"max_places": 1},
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_of_terms_voids_what_was_proposed_on_the_old_ones(
    database: FreshDatabase, change: dict[str, object]
) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    assert await amended(stage, situation_id, **change) == set(change)
    assert (await situation_of(stage, situation_id)).terms_version == 2
    with pytest.raises(ProposalOutdated):
        await hold(stage, situation_id)


@pytest.mark.parametrize(
    "change", [{"legal_status": "guardianship"}, {"origin": "hospital"}, {}, {"age_band": "30-44"}]
)
async def test_what_no_proposal_rests_on_leaves_it_as_it_is(database: FreshDatabase, change: dict[str, object]) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await amended(stage, situation_id, **change)
    assert (await situation_of(stage, situation_id)).terms_version == 1
    await hold(stage, situation_id)


async def test_blocks_are_retired_and_added_and_never_altered(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        situation_id = await two_nights(tx)
        night = await tomorrow_night(tx)
        ids = set(await tx.scalars(select(SituationBlock.id)))
    assert await amended(stage, situation_id, blocks=((night,), (night + 4,))) == {"blocks"}
    assert await standing(stage, situation_id) == [[night], [night + 4]]
    async with stage.db.read(stage.community_id) as reader:
        rows = (await reader.scalars(select(SituationBlock).order_by(SituationBlock.position))).all()
    assert [(row.id in ids, row.retired_at is None) for row in rows] == [(True, True), (True, False), (False, True)]
    for wrong, rule in (
        (((night,), (night, night + 2)), "overlap"),
        ((), "too-few"),
        (((night - 20,),), "in-the-past"),
    ):
        with pytest.raises(InvalidValue) as refused:
            await amended(stage, situation_id, blocks=wrong)
        assert (refused.value.field, refused.value.facts["rule"]) == ("blocks", rule)


async def test_dates_on_which_a_place_is_kept_go_only_with_the_place(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        situation_id = await two_nights(tx)
        night = await tomorrow_night(tx)
        await proposed(tx, situation_id, stage.house.offer_id, positions=[0])
    await hold(stage, situation_id)
    with pytest.raises(BlockInUse):
        await amended(stage, situation_id, blocks=((night + 2,),))
    assert await states(stage) == ["held"]
    # The other block may go: nothing is kept on it, and what is left is all held.
    await amended(stage, situation_id, blocks=((night,),))
    assert (await situation_of(stage, situation_id)).state == "held"
    await amended(stage, situation_id, blocks=((night + 2,),), release=True)
    assert await states(stage) == ["cancelled"]
    assert (await situation_of(stage, situation_id)).state == "searching"


async def test_where_the_person_is_nothing_gives_the_place_back(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    async with stage.db.read(stage.community_id) as reader:
        placement_id = (await reader.scalars(select(Placement.id))).one()
    await say(stage, placement_id, YesParty.RECEIVER, YesParty.PERSON, YesParty.LEGAL_BASIS)
    async with stage.db.write(stage.community_id) as tx:
        night = await tomorrow_night(tx)
        row = await tx.get_one(Placement, placement_id)
        row.state = "admitted"
    with pytest.raises(BlockInUse):
        await amended(stage, situation_id, blocks=((night + 2,),), release=True)
    assert await states(stage) == ["admitted"]


async def test_a_stale_reader_a_stranger_and_a_closed_situation_change_nothing(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    form = AmendSituation(situation_id, 7, max_places=1)
    async with stage.db.write(stage.community_id) as tx:
        with pytest.raises(TermsMoved):
            await amend_situation(tx, stage.adviser, form, now_of(tx))
        for role in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.OBSERVER, Role.LOAN_VOLUNTEER, Role.SYSTEM):
            with pytest.raises(ActForbidden):
                await amend_situation(tx, replace(stage.adviser, role=role), form, now_of(tx))
        await close_situation(tx, stage.adviser, CloseSituation(situation_id, "death"), now_of(tx))
        with pytest.raises(IllegalTransition):
            await amend_situation(tx, stage.adviser, replace(form, terms_version=2), now_of(tx))


async def test_an_empty_text_takes_away_what_was_said_and_a_number_is_refused(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage, sex="female", free_text="Rez-de-chaussée.")
    assert await amended(stage, situation_id, sex="", free_text=" ") == {"sex", "free_text"}
    async with stage.db.read(stage.community_id) as reader:
        details = await reader.get_one(SituationDetails, situation_id)
        assert (details.sex, details.free_text) == (None, None)
    with pytest.raises(InvalidValue):
        await amended(stage, situation_id, free_text="appeler le 06 12 34 56 78")


async def test_an_on_call_silent_for_a_quarter_of_an_hour_lets_the_second_one_know(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions)
    async with ground(stage.db, stage.community_id) as tx:
        operator_id = await operator_of(tx, stage.house.facility_id)
        second = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=operator_id, on_call_rank=2)
        await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=operator_id, on_call_rank=1)
        rota = await actor_for(tx, Role.COORDINATOR, on_call_rank=2)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        now, system = now_of(tx), Actor.system(stage.community_id)
        (placement,) = (await tx.scalars(select(Placement))).all()
        due = await tx.scalar(select(OutboxRow.due_at).where(OutboxRow.job == "placements.on_call_silent"))
        assert due is not None
        assert due + 15 * MINUTE == placement.held_until
        assert await note_silence(tx, system, placement.id, now + 15 * MINUTE)
        assert not await note_silence(tx, system, placement.id, now + 16 * MINUTE)
        situation = await tx.get_one(Situation, situation_id)
        assert (situation.alert_reason, situation.state) == ("on_call_silent", "held")
        told = await recipients_of(tx, About.SITUATION, situation_id, Whom.SECOND_ON_CALL)
        assert {one.id for one in told} == {second.account_id, rota.account_id}
        with pytest.raises(ActForbidden):
            await note_silence(tx, stage.adviser, placement.id, now)


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_an_answer_ends_the_silence_at_once(database: FreshDatabase, answer: str) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        (placement,) = (await tx.scalars(select(Placement))).all()
        await note_silence(tx, Actor.system(stage.community_id), placement.id, now_of(tx))
    if answer == "yes":
        await say(stage, placement.id, YesParty.RECEIVER)
    else:
        async with stage.db.write(stage.community_id) as tx:
            no = RefusePlacement(placement.id, RefusalReason.GROUP_INCOMPATIBLE)
            await refuse_placement(tx, stage.house.manager, no, now_of(tx))
    assert (await situation_of(stage, situation_id)).alert_since is None
    async with stage.db.write(stage.community_id) as tx:
        assert not await note_silence(tx, Actor.system(stage.community_id), placement.id, now_of(tx))


async def test_a_hold_in_working_days_is_not_silent_after_a_quarter_of_an_hour(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions)
    situation_id = await waiting(stage, urgency=2)
    async with stage.db.write(stage.community_id) as tx:
        await hold_answer(tx, stage.adviser, HoldAnswer(situation_id, 1), now_of(tx))
        assert await tx.scalar(select(OutboxRow.id).where(OutboxRow.job == "placements.on_call_silent")) is None
