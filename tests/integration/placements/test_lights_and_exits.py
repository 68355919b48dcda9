"""Green lights before an arrival, the plan of the exit, its clocks at local hours, and staying longer."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from exchange.availability.errors import PlaceAlreadyHeld
from exchange.availability.models import OfferSegment
from exchange.kernel.db import now_of
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.journals import Event, OutboxRow
from exchange.kernel.periods import Half, date_of, local_instant, segment_of, starts_at
from exchange.notifications.commands import warn_of_exit, warn_of_limit
from exchange.notifications.models import Message
from exchange.organisations import queries as organisations
from exchange.placements import queries
from exchange.placements.commands import (
    ChangeLight,
    ConfirmArrival,
    GiveYes,
    PlanExit,
    ProlongStay,
    change_light,
    confirm_arrival,
    give_yes,
    plan_exit,
    prolong_stay,
)
from exchange.placements.errors import (
    AgreementNotTheirs,
    EmergencyStayTooLong,
    LightNotNeeded,
    LightsMissing,
    SpokenWithRequired,
)
from exchange.placements.models import AdmissionCondition, Placement, PlacementSegment, StayExtension
from exchange.placements.rules import PlacementState, YesParty
from exchange.placements.stay import TOLD_AT
from exchange.placements.stay_limits import LimitKind
from exchange.reactions import reactions
from exchange.reference.answers import AdmissionCondition as Light
from exchange.reference.answers import ExitSolution
from tests.factories.placements import (
    ALL_YESES,
    Stage,
    a_stage,
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
WAITED = (Light.TRANSPORT, Light.TREATMENT, Light.LIAISON_SHEET, Light.BELONGINGS)


async def confirmed(stage: Stage, *, nights: int = 1, **over: object) -> tuple[UUID, date]:
    """A confirmed placement of so many nights from tomorrow on, and its first date."""
    async with stage.db.read(stage.community_id) as reader:
        tomorrow = now_of(reader).astimezone(await organisations.zone(reader)).date() + timedelta(days=1)
    block = tuple(int(segment_of(tomorrow + timedelta(days=each), Half.NIGHT)) for each in range(nights))
    situation_id = await waiting(stage, blocks=(block,), **over)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    return placement_id, tomorrow


async def arrive(stage: Stage, placement_id: UUID, exit_on: date, despite: str | None = None) -> None:
    async with stage.db.write(stage.community_id) as tx:
        first = min(
            await tx.scalars(select(PlacementSegment.segment).where(PlacementSegment.placement_id == placement_id))
        )
        at = starts_at(first, await organisations.zone(tx))
        await confirm_arrival(tx, stage.adviser, ConfirmArrival(placement_id, exit_on, despite), at)


async def light(stage: Stage, placement_id: UUID, *conditions: Light, is_done: bool = True) -> None:
    for condition in conditions:
        async with stage.db.write(stage.community_id) as tx:
            await change_light(tx, stage.house.manager, ChangeLight(placement_id, condition, is_done), now_of(tx))


async def red(stage: Stage, placement_id: UUID) -> set[str]:
    async with stage.db.read(stage.community_id) as reader:
        return set((await queries.placement(reader, stage.adviser, placement_id)).missing)


async def plan(stage: Stage, placement_id: UUID, exit_on: date) -> None:
    async with stage.db.write(stage.community_id) as tx:
        await plan_exit(tx, stage.adviser, PlanExit(placement_id, exit_on, ExitSolution.RELATIVES), now_of(tx))


async def test_a_light_says_who_when_and_how_and_goes_out_again(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, _ = await confirmed(stage)
    before = await red(stage, placement_id)
    await light(stage, placement_id, Light.TRANSPORT)
    async with stage.db.read(stage.community_id) as reader:
        (done,) = [
            each for each in (await queries.placement(reader, stage.adviser, placement_id)).lights if each.done_at
        ]
        row = await reader.get_one(AdmissionCondition, (placement_id, "transport"))
        version = await reader.scalar(select(Placement.version).where(Placement.id == placement_id))
    assert (done.condition, done.role, done.channel) == ("transport", "facility_manager", "web")
    assert row.done_by == stage.house.manager.account_id
    await light(stage, placement_id, Light.TRANSPORT)  # said twice
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(Placement.version).where(Placement.id == placement_id)) == version
    await light(stage, placement_id, Light.TRANSPORT, is_done=False)
    assert await red(stage, placement_id) == before


async def test_a_light_that_this_stay_does_not_need_is_refused(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, _ = await confirmed(stage, legal_status="none")
    async with stage.db.write(stage.community_id) as tx:
        await tx.execute(text("DELETE FROM admission_conditions WHERE condition = 'belongings'"))
    with pytest.raises(LightNotNeeded):
        await light(stage, placement_id, Light.BELONGINGS)
    with pytest.raises(InvalidValue):
        await light(stage, placement_id, Light.EXIT_PLAN)  # by its own act


async def test_no_light_is_turned_before_the_three_yeses(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    with pytest.raises(LightNotNeeded):
        await light(stage, await the_placement(stage, situation_id), Light.TRANSPORT)


async def test_only_the_two_sides_of_a_stay_turn_its_lights(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    other = await a_stage(database)
    placement_id, _ = await confirmed(stage)
    change = ChangeLight(placement_id, Light.TRANSPORT, is_done=True)
    async with stage.db.write(stage.community_id) as tx:
        with pytest.raises(NotFound):
            await change_light(tx, other.house.manager, change, now_of(tx))


@pytest.mark.parametrize("urgency", [1, 2, 3])
async def test_an_arrival_that_is_not_tonight_s_waits_for_its_lights(database: FreshDatabase, urgency: int) -> None:
    stage = await a_stage(database)
    placement_id, first = await confirmed(stage, urgency=urgency)
    exit_on = first + timedelta(days=2)
    with pytest.raises(LightsMissing) as refused:
        await arrive(stage, placement_id, exit_on)
    assert refused.value.facts["lights"] == (
        "transport, traitement et ordonnance, fiche de liaison transmise, effets et aides techniques,"
        " date, solution et référent de sortie"
    )
    await light(stage, placement_id, *WAITED)
    await plan(stage, placement_id, exit_on)
    await arrive(stage, placement_id, exit_on)
    assert await state_of(stage, placement_id) is S.ADMITTED
    assert await red(stage, placement_id) == {"stay_document", "authority_told"}  # due within days


async def test_an_arrival_passes_over_its_lights_with_a_reason_that_is_kept(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await confirmed(stage, urgency=2)
    for nothing in ("", "   "):
        with pytest.raises(LightsMissing):
            await arrive(stage, placement_id, first + timedelta(days=2), nothing)
    with pytest.raises(InvalidValue):
        await arrive(stage, placement_id, first + timedelta(days=2), "x" * 301)
    await arrive(stage, placement_id, first + timedelta(days=2), "Le transport arrive plus tôt que prévu")
    async with stage.db.read(stage.community_id) as reader:
        row = await reader.get_one(Placement, placement_id)
        told = (await reader.scalars(select(Event.facts).where(Event.kind == "person_admitted"))).one()
    assert row.arrival_despite == "Le transport arrive plus tôt que prévu"
    assert told["lights_missing"] == 7
    assert "transport" not in str(told).lower()


async def test_tonight_s_arrival_waits_for_no_light_and_keeps_no_reason(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await confirmed(stage, urgency=4)
    await arrive(stage, placement_id, first + timedelta(days=1), "sans objet")
    async with stage.db.read(stage.community_id) as reader:
        assert (await reader.get_one(Placement, placement_id)).arrival_despite is None
    assert len(await red(stage, placement_id)) == 7  # still red, and still to be done
    await light(stage, placement_id, *WAITED)
    assert len(await red(stage, placement_id)) == 3


async def test_an_exit_plan_turns_its_light_and_names_a_referent(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await confirmed(stage)
    await plan(stage, placement_id, first + timedelta(days=3))
    async with stage.db.read(stage.community_id) as reader:
        row = await reader.get_one(Placement, placement_id)
    assert (row.exit_on, row.exit_solution) == (first + timedelta(days=3), "relatives")
    assert "exit_plan" not in await red(stage, placement_id)
    await arrive(stage, placement_id, first + timedelta(days=3))
    with pytest.raises(InvalidValue) as later:
        await plan(stage, placement_id, first + timedelta(days=4))
    assert later.value.facts["rule"] == "prolong-instead"
    await plan(stage, placement_id, first + timedelta(days=2))


async def test_exits_and_limits_are_announced_at_seven_in_the_territory(database: FreshDatabase) -> None:
    """Le Puy is one or two hours ahead of UTC: at 07:00 UTC the message came an hour or two late."""
    stage = await a_stage(database, reactions=reactions)
    placement_id, first = await confirmed(stage)
    exit_on = first + timedelta(days=10)
    await arrive(stage, placement_id, exit_on)
    async with stage.db.read(stage.community_id) as reader:
        zone = await organisations.zone(reader)
        rows = await reader.execute(select(OutboxRow.job, OutboxRow.due_at).where(OutboxRow.job.like("placements.%")))
        due = {row.job: row.due_at for row in rows}
    assert due["placements.exit_soon"] == local_instant(exit_on - timedelta(days=3), TOLD_AT, zone)
    assert due["placements.exit_soon"].astimezone(zone).hour == 7
    assert due["placements.emergency_limit"] == local_instant(first + timedelta(days=14), TOLD_AT, zone)
    assert due["placements.yearly_limit"] == local_instant(first + timedelta(days=89), TOLD_AT, zone)


async def test_an_emergency_admission_lasts_under_fifteen_days(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await confirmed(stage)
    for wrong in (first + timedelta(days=15), first + timedelta(days=40)):
        with pytest.raises(EmergencyStayTooLong):
            await plan(stage, placement_id, wrong)
        with pytest.raises(EmergencyStayTooLong):
            await arrive(stage, placement_id, wrong)
    await arrive(stage, placement_id, first + timedelta(days=14))


async def test_a_limit_is_told_on_its_day_once_and_only_while_the_person_is_there(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await confirmed(stage)
    await arrive(stage, placement_id, first + timedelta(days=10))
    fact_id = placement_id
    async with stage.db.read(stage.community_id) as reader:
        zone = await organisations.zone(reader)
    kind = LimitKind.EMERGENCY_ADMISSION

    async def ring(on: date) -> int:
        async with stage.db.write(stage.community_id) as tx:
            return len(await warn_of_limit(tx, fact_id, placement_id, kind, local_instant(on, TOLD_AT, zone)))

    assert await ring(first + timedelta(days=13)) == 0
    assert await ring(first + timedelta(days=14)) > 0
    assert await ring(first + timedelta(days=14)) == 0
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(Message)) > 0


async def test_an_exit_put_off_is_not_announced_at_its_old_date(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await confirmed(stage)
    await arrive(stage, placement_id, first + timedelta(days=5))
    async with stage.db.write(stage.community_id) as tx:
        zone = await organisations.zone(tx)
        placement = await tx.get_one(Placement, placement_id)
        placement.exit_on = first + timedelta(days=12)
        placement.exit_referent_account_id = stage.adviser.account_id
    async with stage.db.write(stage.community_id) as tx:
        old = local_instant(first + timedelta(days=2), TOLD_AT, zone)
        assert await warn_of_exit(tx, placement_id, placement_id, old) == ()
        assert await warn_of_exit(tx, placement_id, placement_id, old + timedelta(days=7)) != ()


async def a_stay(stage: Stage, **over: object) -> tuple[UUID, date]:
    placement_id, first = await confirmed(stage, **over)
    await arrive(stage, placement_id, first + timedelta(days=1))
    return placement_id, first


async def opened(stage: Stage, first: date, last: date, capacity: int = 1) -> None:
    """More nights of the house's offer, both dates included."""
    async with stage.db.write(stage.community_id) as tx:
        known = set(await tx.scalars(select(OfferSegment.segment).where(OfferSegment.offer_id == stage.house.offer_id)))
        days = range((last - first).days + 1)
        wanted = {int(segment_of(first + timedelta(days=each), Half.NIGHT)) for each in days}
        tx.add_all(
            OfferSegment(offer_id=stage.house.offer_id, segment=segment, capacity=capacity)
            for segment in wanted - known
        )


async def longer(stage: Stage, placement_id: UUID, exit_on: date, **over: str) -> None:
    said = {"spoken_with": "Une voix", "function": "Direction", "person_yes_from": "person", **over}
    async with stage.db.write(stage.community_id) as tx:
        await prolong_stay(tx, stage.adviser, ProlongStay(placement_id, exit_on, **said), now_of(tx))


async def test_a_prolonged_stay_counts_its_nights_and_keeps_its_yeses(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await a_stay(stage)
    await opened(stage, first, first + timedelta(days=4))
    await longer(stage, placement_id, first + timedelta(days=4))
    async with stage.db.read(stage.community_id) as reader:
        view = await queries.placement(reader, stage.adviser, placement_id)
        kept = (await reader.scalars(select(StayExtension))).one()
        situation_id = view.situation_id
    assert [date_of(segment) for segment in view.segments] == [first + timedelta(days=each) for each in range(4)]
    assert view.exit_on == first + timedelta(days=4)
    assert (kept.receiver_channel, kept.spoken_function, kept.person_yes_from) == ("phone", "Direction", "person")
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed
    assert sum(counted.values()) == 4
    assert await situation_state(stage, situation_id) == "effective"
    with pytest.raises(InvalidValue) as refused:
        await longer(stage, placement_id, first + timedelta(days=4))
    assert refused.value.facts["rule"] == "not-later"


async def test_a_stay_is_not_prolonged_into_a_night_that_is_taken_or_not_open(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await a_stay(stage)
    await opened(stage, first + timedelta(days=1), first + timedelta(days=1))
    with pytest.raises(PlaceAlreadyHeld):
        await longer(stage, placement_id, first + timedelta(days=30))
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed, "nothing of a refused prolongation stays"


async def test_a_prolongation_asks_for_each_yes_again(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await a_stay(stage)
    await opened(stage, first, first + timedelta(days=20))
    with pytest.raises(SpokenWithRequired):
        await longer(stage, placement_id, first + timedelta(days=3), spoken_with=" ")
    with pytest.raises(AgreementNotTheirs):
        await longer(stage, placement_id, first + timedelta(days=3), person_yes_from="judge")
    with pytest.raises(EmergencyStayTooLong):
        await longer(stage, placement_id, first + timedelta(days=20))
    await longer(stage, placement_id, first + timedelta(days=20), legal_basis="cdaph_decision")
    async with stage.db.read(stage.community_id) as reader:
        assert (await reader.get_one(Placement, placement_id)).legal_basis == "cdaph_decision"


async def test_the_house_prolongs_in_its_own_name_without_a_call(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id, first = await a_stay(stage)
    await opened(stage, first, first + timedelta(days=2))
    async with stage.db.write(stage.community_id) as tx:
        asked = ProlongStay(placement_id, first + timedelta(days=2), "person")
        await prolong_stay(tx, stage.house.manager, asked, now_of(tx))
    async with stage.db.read(stage.community_id) as reader:
        assert (await reader.scalars(select(StayExtension.receiver_channel))).one() == "web"


async def test_days_declared_elsewhere_are_kept_with_the_frame(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    placement_id = await the_placement(stage, situation_id)

    async def yes(before: int) -> None:
        async with stage.db.write(stage.community_id) as tx:
            given = GiveYes(
                placement_id, YesParty.LEGAL_BASIS, legal_basis="cdaph_decision", temporary_days_before=before
            )
            await give_yes(tx, stage.adviser, given, now_of(tx))

    for wrong in (-1, 367):
        with pytest.raises(InvalidValue):
            await yes(wrong)
    await yes(84)
    async with stage.db.read(stage.community_id) as reader:
        (counter,) = (await queries.placement(reader, stage.adviser, placement_id)).counters
    assert (counter.kind, counter.before) == (LimitKind.TEMPORARY_CARE, 84)
