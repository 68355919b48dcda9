"""From a third refusal to the file that the MDPH acknowledges: the proof, frozen, and what it never says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import ProgrammingError

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.meetings.agenda import proposed_agenda
from exchange.meetings.commands.case_meetings import close_minutes, decide, plan_meeting
from exchange.meetings.commands.referrals import acknowledge_referral, freeze_referral, send_referral
from exchange.meetings.documents import freeze
from exchange.meetings.errors import ReferralNotSent, SituationNotAtLevelThree
from exchange.meetings.inputs import DecideItem, PlanMeeting
from exchange.meetings.models import ReferralFile
from exchange.meetings.queries.referrals import ReferralView, referral, referrals_of, with_acknowledgement
from exchange.organisations.models import Facility
from exchange.placements.commands import HoldAnswer, expire_hold, hold_answer, record_phone_yes
from exchange.placements.inputs import PhoneYes
from exchange.reference.following import LevelReason, SolutionTried
from exchange.situations.commands import CloseSituation, close_situation
from exchange.situations.commands.change_level import change_level, state_no_solution
from exchange.situations.inputs_following import ChangeLevel, StateNoSolution
from exchange.situations.models import Situation
from tests.factories.meetings import as_coordinator, refused
from tests.factories.placements import Stage, a_stage, overdue, proposed, the_placement
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase

LEVEL_REASON = next(iter(LevelReason)).value
TRIED = tuple(code.value for code in list(SolutionTried)[:2])


async def at_level(stage: Stage, situation_id: UUID, level: int) -> None:
    async with stage.db.write(stage.community_id) as tx:
        values = {"level": level, "referent_account_id": stage.adviser.account_id}
        await tx.execute(update(Situation).where(Situation.id == situation_id).values(**values))


async def frozen(stage: Stage, situation_id: UUID) -> UUID:
    async with stage.db.write(stage.community_id) as tx:
        return await freeze_referral(tx, stage.adviser, situation_id, now_of(tx))


async def read(stage: Stage, file_id: UUID) -> ReferralView:
    async with stage.db.read(stage.community_id) as reader:
        return await referral(reader, stage.adviser, file_id)


async def one_silent_and_one_by_phone(stage: Stage, situation_id: UUID) -> None:
    """The stage's own house lets an hour pass, then says yes by phone."""
    for by_phone in (False, True):
        async with stage.db.write(stage.community_id) as tx:
            await proposed(tx, situation_id, stage.house.offer_id)
        async with stage.db.write(stage.community_id) as tx:
            await hold_answer(tx, stage.adviser, HoldAnswer(situation_id, 1), now_of(tx))
        placement_id = await the_placement(stage, situation_id)
        if by_phone:
            async with stage.db.write(stage.community_id) as tx:
                yes = PhoneYes(placement_id, "Mme Durand-Nommée", "directrice")
                await record_phone_yes(tx, stage.adviser, yes, now_of(tx))
        else:
            await overdue(stage, placement_id)
            async with stage.db.write(stage.community_id) as tx:
                await expire_hold(tx, stage.system, placement_id, now_of(tx))


async def test_the_file_proves_each_attempt_with_its_dates_and_reasons_and_names_nobody(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    situation_id = await refused(stage, 3, free_text="Prévenir Mme Nommée-Ailleurs du retard")
    await one_silent_and_one_by_phone(stage, situation_id)
    await at_level(stage, situation_id, 3)
    async with stage.db.write(stage.community_id) as tx:
        await tx.execute(
            update(Facility).where(Facility.id == stage.house.facility_id).values(hides_address=True, name="Refuge")
        )
    view = await read(stage, await frozen(stage, situation_id))
    document = view.document
    assert [(each.state, each.reason) for each in document.attempts] == [
        ("refused", "skill_missing"),
        ("refused", "staffing_insufficient"),
        ("refused", "premises_unsuitable"),
        ("expired", None),
        ("accepted", None),
    ]
    assert [each.by_phone for each in document.attempts] == [False, False, False, False, True]
    assert [[step.kind for step in each.steps] for each in document.attempts] == [
        *([["placement_held", "placement_refused"]] * 3),
        ["placement_held", "hold_expired"],
        ["placement_held", "placement_accepted"],
    ]
    assert [each.facility is None for each in document.attempts] == [False, False, False, True, True]
    assert (document.tried.asked, document.tried.declined, document.tried.silent) == (5, 3, 1)
    assert (document.referent_role, document.level, document.need_codes) == (
        "pathway_adviser", 3, ("intellectual_disability",),
    )  # fmt: skip
    assert [(step.level, step.reason) for step in document.levels] == [(3, None)]
    written = freeze(document).text
    for said in ("Mme Essai", "Durand", "Nommée", "directrice", "Refuge", str(stage.adviser.account_id)):
        assert said not in written, said


async def test_the_file_tells_each_level_with_its_reason_and_when_no_solution_was_found(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    situation_id = await refused(stage, 1)
    for level in (2, 3):
        async with stage.db.write(stage.community_id) as tx:
            change = ChangeLevel(situation_id, level, LEVEL_REASON, "Mme Nommée l'a demandé")
            await change_level(tx, stage.adviser, change, now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        said = StateNoSolution(situation_id, TRIED, "Rien chez Mme Nommée")
        await state_no_solution(tx, stage.adviser, said, now_of(tx))
    document = (await read(stage, await frozen(stage, situation_id))).document
    assert [(step.level, step.reason) for step in document.levels] == [(1, None), (2, LEVEL_REASON), (3, LEVEL_REASON)]
    assert [said.tried for said in document.no_solution] == [TRIED]
    assert "Nommée" not in freeze(document).text


async def test_the_same_file_later_is_identical_and_nobody_may_rewrite_it(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await refused(stage, 3)
    await at_level(stage, situation_id, 3)
    file_id = await frozen(stage, situation_id)
    before = await read(stage, file_id)
    await one_silent_and_one_by_phone(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        await tx.execute(update(Situation).values(urgency=1, level=2))
    after = await read(stage, file_id)
    assert after == before
    assert freeze(after.document).content_hash == before.line.content_hash
    for verb in ("UPDATE referral_files SET document = '{}'", "UPDATE referral_files SET content_hash = ''",
                 "UPDATE referral_files SET as_of = now()", "DELETE FROM referral_files"):  # fmt: skip
        async with stage.db.write(stage.community_id) as tx:
            with pytest.raises(ProgrammingError, match="permission denied"):
                await tx.execute(text(verb))
            await tx.rollback()


async def test_from_a_third_refusal_to_a_closing_taken_over_by_the_mdph(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await refused(stage, 3)
    coordinator = as_coordinator(stage.adviser)
    async with stage.db.write(stage.community_id) as tx:
        assert [line.situation_id for line in await proposed_agenda(tx, coordinator, now_of(tx))] == [situation_id]
        meeting_id = await plan_meeting(tx, coordinator, PlanMeeting(now_of(tx), bodies=("mdph",)), now_of(tx))
        decision = DecideItem(meeting_id, situation_id, ("raise_level", "prepare_referral"))
        await decide(tx, coordinator, decision, now_of(tx))
        await close_minutes(tx, coordinator, meeting_id, now_of(tx))
    with pytest.raises(SituationNotAtLevelThree):
        await frozen(stage, situation_id)
    await at_level(stage, situation_id, 3)
    file_id = await frozen(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        now = now_of(tx)
        closing = CloseSituation(situation_id, "mdph_relay", agreed_at=now)
        assert await with_acknowledgement(tx, stage.adviser, closing) == closing
        with pytest.raises(InvalidValue):
            await close_situation(tx, stage.adviser, closing, now)
        with pytest.raises(ReferralNotSent):
            await acknowledge_referral(tx, stage.adviser, file_id, now, now)
        with pytest.raises(InvalidValue):
            await send_referral(tx, stage.adviser, file_id, now - timedelta(hours=1), now)
        with pytest.raises(InvalidValue):
            await send_referral(tx, stage.adviser, file_id, now + timedelta(hours=1), now)
        await send_referral(tx, stage.adviser, file_id, now, now)
        with pytest.raises(IllegalTransition):
            await send_referral(tx, stage.adviser, file_id, now, now)
        with pytest.raises(InvalidValue):
            await acknowledge_referral(tx, stage.adviser, file_id, now - timedelta(minutes=1), now)
        await acknowledge_referral(tx, stage.adviser, file_id, now, now)
        with pytest.raises(IllegalTransition):
            await acknowledge_referral(tx, stage.adviser, file_id, now, now)
        filled = await with_acknowledgement(tx, stage.adviser, closing)
        assert filled.acknowledged_at == now
        other = replace(closing, outcome="other_community")
        assert await with_acknowledgement(tx, stage.adviser, other) == other
        await close_situation(tx, stage.adviser, filled, now)
    with pytest.raises(IllegalTransition):
        await frozen(stage, situation_id)


@pytest.mark.parametrize("level", [1, 2])
async def test_a_file_is_made_at_level_three_alone(database: FreshDatabase, level: int) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        situation_id = (await a_situation(tx)).id
    await at_level(stage, situation_id, level)
    with pytest.raises(SituationNotAtLevelThree):
        await frozen(stage, situation_id)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.PATHWAY_ADVISER)])
async def test_coordination_alone_makes_and_reads_files(database: FreshDatabase, role: Role) -> None:
    stage, other = await a_stage(database), await a_stage(database)
    situation_id = await refused(stage, 1)
    await at_level(stage, situation_id, 3)
    file_id = await frozen(stage, situation_id)
    actor = replace(stage.adviser, role=role)
    async with stage.db.write(stage.community_id) as tx:
        now = now_of(tx)
        for act in (
            freeze_referral(tx, actor, situation_id, now),
            send_referral(tx, actor, file_id, now, now),
            acknowledge_referral(tx, actor, file_id, now, now),
        ):
            with pytest.raises(ActForbidden):
                await act
        assert await referrals_of(tx, actor, situation_id) == ()
        with pytest.raises(NotFound):
            await referral(tx, actor, file_id)
    async with other.db.write(other.community_id) as tx:
        with pytest.raises(NotFound):
            await referral(tx, other.adviser, file_id)
        with pytest.raises(NotFound):
            await freeze_referral(tx, other.adviser, situation_id, now_of(tx))
        with pytest.raises(NotFound):
            await send_referral(tx, other.adviser, uuid4(), now_of(tx), now_of(tx))
        assert await tx.get(ReferralFile, file_id) is None
