"""Opening, prolonging and closing a crisis organisation on a real database: dates decide, and the law never moves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, now_of
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event, OutboxRow
from exchange.organisations import queries as organisations
from exchange.organisations.commands import state_parameters
from exchange.organisations.crisis import close_crisis, expire_crisis, open_crisis, prolong_crisis
from exchange.organisations.crisis_views import crises, open_crisis_at
from exchange.organisations.errors import CrisisAlreadyOpen, CrisisNotOpen
from exchange.organisations.models import DatedParameters
from exchange.organisations.parameters import CRISIS_CLOCKS
from exchange.reactions import reactions
from exchange.situations.commands import bring_checks_forward
from exchange.situations.models import Situation
from exchange.staffing.derogations import derogations, record_derogation
from exchange.staffing.errors import DerogationOverlaps
from exchange.staffing.rule_figures import rule_figures
from tests.factories.crisis import a_coordinator, a_derogation, an_open_crisis, an_order
from tests.factories.ground import a_community, a_facility, an_operator, database_of, founder, ground
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase
from tests.shifted_clock import lay_clock

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def a_place(database: FreshDatabase) -> tuple[Database, UUID]:
    """A community whose facts are followed up as in the product."""
    db = database_of(database, reactions)
    return db, await a_community(db)


async def holds(db: Database, community_id: UUID) -> tuple[int, int]:
    async with db.read(community_id) as reader:
        clocks = await organisations.parameters(reader)
        return clocks.urgent_hold_minutes, clocks.untouched_red_minutes


async def test_the_clocks_are_tight_while_the_crisis_is_open_and_ordinary_again_afterwards(
    database: FreshDatabase,
) -> None:
    clock = await lay_clock(database)
    db, community_id = await a_place(database)
    assert await holds(db, community_id) == (30, 120)
    async with db.write(community_id) as tx:
        opened_at = now_of(tx)
        crisis_id = await an_open_crisis(tx, community_id, until=opened_at + 2 * DAY)
    assert await holds(db, community_id) == (15, 60)
    await clock.advance(3 * DAY)
    assert await holds(db, community_id) == (30, 120), "no job ran: the dates alone decide"
    async with db.read(community_id) as reader:
        assert await open_crisis_at(reader) is None
        then = await open_crisis_at(reader, opened_at + DAY)
        assert then is not None
        assert (then.id, then.requested_by, then.until) == (crisis_id, "health_agency", opened_at + 2 * DAY)
        assert (await organisations.parameters(reader, opened_at + DAY)).urgent_hold_minutes == 15
    await clock.close()


async def test_the_end_is_an_event_noted_once_by_its_clock_and_moved_by_a_prolongation(database: FreshDatabase) -> None:
    clock = await lay_clock(database)
    db, community_id = await a_place(database)
    coordinator, system = a_coordinator(community_id), Actor.system(community_id)
    async with db.write(community_id) as tx:
        crisis_id = await an_open_crisis(tx, community_id, until=now_of(tx) + DAY)
    await clock.advance(HOUR)
    async with db.write(community_id) as tx:
        order = an_order(now_of(tx), requested_by="prefect", order_reference="arrêté du 21", until=now_of(tx) + 3 * DAY)
        await prolong_crisis(tx, coordinator, crisis_id, order, now_of(tx))
        last_day = order.until
    await clock.advance(DAY)
    async with db.write(community_id) as tx:
        assert not await expire_crisis(tx, system, crisis_id, now_of(tx)), "it was prolonged meanwhile"
    assert await holds(db, community_id) == (15, 60)
    await clock.advance(2 * DAY)
    async with db.write(community_id) as tx:
        assert await expire_crisis(tx, system, crisis_id, now_of(tx))
        assert not await expire_crisis(tx, system, crisis_id, now_of(tx)), "the clock may ring twice"
    async with db.read(community_id) as reader:
        (view,) = await crises(reader)
        kinds = (
            await reader.scalars(select(Event.kind).where(Event.subject_id == crisis_id).order_by(Event.recorded_at))
        ).all()
        due = (
            await reader.scalars(
                select(OutboxRow.due_at)
                .where(OutboxRow.job == "organisations.expire_crisis", OutboxRow.subject_id == crisis_id)
                .order_by(OutboxRow.due_at)
            )
        ).all()
    assert kinds == ["crisis_opened", "crisis_prolonged", "crisis_expired"]
    assert [act.ended_how for act in view.acts] == ["prolonged", "expired"]
    assert [act.order_reference for act in view.acts] == ["message du 20 mars", "arrêté du 21"]
    assert due[-1] == last_day == view.until
    await clock.close()


async def test_a_coordinator_closes_it_and_another_may_be_opened(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)
    coordinator = a_coordinator(community_id)
    async with db.write(community_id) as tx:
        crisis_id = await an_open_crisis(tx, community_id)
    async with db.write(community_id) as tx:
        await close_crisis(tx, coordinator, crisis_id, now_of(tx))
        assert await open_crisis_at(tx) is None
    async with db.write(community_id) as tx:
        with pytest.raises(CrisisNotOpen):
            await close_crisis(tx, coordinator, crisis_id, now_of(tx))
        with pytest.raises(CrisisNotOpen):
            await prolong_crisis(tx, coordinator, crisis_id, an_order(now_of(tx)), now_of(tx))
        with pytest.raises(NotFound):
            await close_crisis(tx, coordinator, new_id(), now_of(tx))
        await an_open_crisis(tx, community_id, requested_by="community")
    async with db.read(community_id) as reader:
        assert [each.requested_by for each in await crises(reader)] == ["community", "health_agency"]


async def test_two_coordinators_at_once_open_one_crisis(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)

    async def try_to_open() -> str:
        try:
            async with db.write(community_id) as tx:
                await an_open_crisis(tx, community_id)
        except CrisisAlreadyOpen as refused:
            return refused.code
        return "opened"

    outcomes = await asyncio.gather(*(try_to_open() for _ in range(6)))
    assert sorted(outcomes) == ["crisis-already-open"] * 5 + ["opened"]


async def test_only_a_coordinator_opens_prolongs_closes_and_derogates(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)
    async with db.write(community_id) as tx:
        crisis_id = await an_open_crisis(tx, community_id)
    for role in set(Role) - {Role.COORDINATOR}:
        actor = replace(a_coordinator(community_id), role=role)
        async with db.write(community_id) as tx:
            now, today = now_of(tx), now_of(tx).date()
            for attempt in (
                open_crisis(tx, actor, an_order(now), now),
                prolong_crisis(tx, actor, crisis_id, an_order(now), now),
                close_crisis(tx, actor, crisis_id, now),
                record_derogation(tx, actor, a_derogation(today, today), now),
            ):
                with pytest.raises(ActForbidden):
                    await attempt


async def test_a_crisis_of_one_community_is_nothing_to_another(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)
    other_id = await a_community(db)
    async with db.write(community_id) as tx:
        await an_open_crisis(tx, community_id)
        today = now_of(tx).date()
        await record_derogation(tx, a_coordinator(community_id), a_derogation(today, today + DAY), now_of(tx))
    assert await holds(db, other_id) == (30, 120)
    async with db.read(other_id) as reader:
        assert await open_crisis_at(reader) is None
        assert await derogations(reader) == ()
        assert (await rule_figures(reader, today))["law"]["week_minutes"] == 2_880


async def test_the_community_s_own_figures_are_dated_too(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)
    async with db.write(community_id) as tx:
        before = now_of(tx)
    async with db.write(community_id) as tx:
        await state_parameters(tx, founder(community_id), {"urgent_hold_minutes": 45}, now_of(tx))
        with pytest.raises(ActForbidden):
            await state_parameters(tx, a_coordinator(community_id), {}, now_of(tx))
    async with db.read(community_id) as reader:
        assert (await organisations.parameters(reader)).urgent_hold_minutes == 45
        assert (await organisations.parameters(reader, before)).urgent_hold_minutes == 30


async def test_the_database_itself_refuses_a_crisis_without_an_end_or_without_who_asked(
    database: FreshDatabase,
) -> None:
    db, community_id = await a_place(database)
    async with db.write(community_id) as tx:
        await an_open_crisis(tx, community_id)
    for values in (
        {"during": func.tstzrange(func.now(), None)},
        {"requested_by": None},
        {"order_reference": None},
    ):
        with pytest.raises(IntegrityError, match="crisis_is_ordered"):
            async with db.write(community_id) as tx:
                await tx.execute(update(DatedParameters).where(DatedParameters.overlay == "crisis").values(**values))


async def test_next_checks_come_forward_and_none_is_put_off(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)
    system = Actor.system(community_id)
    async with ground(db, community_id) as tx:
        urgent = await a_situation(tx, urgency=4)
        planned = await a_situation(tx, urgency=1)
        settled = await a_situation(tx, urgency=4)
        near = await a_situation(tx, urgency=4)
        now = now_of(tx)
        soon, far = now + timedelta(minutes=1), now + timedelta(minutes=15)
        await tx.execute(update(Situation).where(Situation.id == near.id).values(next_check_at=soon))
        await tx.execute(
            update(Situation).where(Situation.id == settled.id).values(state="confirmed", next_check_at=far)
        )
    async with db.write(community_id) as tx:
        await an_open_crisis(tx, community_id, clocks={"tonight_check_minutes": 5})
    async with db.write(community_id) as tx:
        opened = now_of(tx)
        last = await bring_checks_forward(tx, system, None, opened)
        assert await bring_checks_forward(tx, system, last, opened) is None
    async with db.read(community_id) as reader:
        rows = await reader.execute(select(Situation.id, Situation.next_check_at))
        checks = {row.id: row.next_check_at for row in rows}
        told = (
            await reader.scalars(select(Event.subject_id).where(Event.kind == "situation_check_brought_forward"))
        ).all()
        due = await reader.scalar(
            select(func.count()).where(
                OutboxRow.job == "situations.check",
                OutboxRow.subject_id == urgent.id,
                OutboxRow.due_at == checks[urgent.id],
            )
        )
    assert checks[urgent.id] == opened + timedelta(minutes=5)
    assert checks[near.id] == soon
    assert checks[settled.id] == far
    assert checks[planned.id] > opened + DAY
    assert told == [urgent.id]
    assert due == 1


async def test_a_crisis_alone_changes_no_figure_of_the_law(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)
    async with db.read(community_id) as reader:
        before = await rule_figures(reader, date(2026, 3, 20))
    async with db.write(community_id) as tx:
        tightest = {name: least for name, (least, _) in CRISIS_CLOCKS.items()}
        await an_open_crisis(tx, community_id, clocks=tightest)
    async with db.read(community_id) as reader:
        assert await rule_figures(reader, date(2026, 3, 20)) == before


async def test_a_derogation_holds_on_its_dates_alone_and_the_ordinary_figure_returns_by_itself(
    database: FreshDatabase,
) -> None:
    db, community_id = await a_place(database)
    async with ground(db, community_id) as tx:
        operator_id = await an_operator(tx, agreement_code="IDCC 413")
        await a_facility(tx, operator_id=operator_id)
    async with db.write(community_id) as tx:
        today = now_of(tx).date()
        coordinator = a_coordinator(community_id)
        await record_derogation(tx, coordinator, a_derogation(today, today + 6 * DAY), now_of(tx))
        await record_derogation(
            tx,
            coordinator,
            a_derogation(today, today, rule_set="IDCC 413", figure="rest_minutes", amount=540),
            now_of(tx),
        )
    async with db.read(community_id) as reader:
        weeks = {
            (first, last): (await rule_figures(reader, today, today + first * DAY, today + last * DAY))["law"][
                "week_minutes"
            ]
            for first, last in ((0, 0), (0, 6), (6, 7), (7, 7), (-1, 0))
        }
        own = await rule_figures(reader, today)
    assert weeks == {(0, 0): 3_600, (0, 6): 3_600, (6, 7): 2_880, (7, 7): 2_880, (-1, 0): 2_880}
    assert (own["law"]["rest_minutes"], own["IDCC 413"]["rest_minutes"]) == (660, 540)


async def test_two_texts_do_not_derogate_one_figure_on_one_day(database: FreshDatabase) -> None:
    db, community_id = await a_place(database)
    coordinator = a_coordinator(community_id)
    async with db.write(community_id) as tx:
        today = now_of(tx).date()
        await record_derogation(tx, coordinator, a_derogation(today, today + 6 * DAY), now_of(tx))
    with pytest.raises(DerogationOverlaps):
        async with db.write(community_id) as tx:
            await record_derogation(tx, coordinator, a_derogation(today + 6 * DAY, today + 9 * DAY), now_of(tx))
