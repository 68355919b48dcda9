"""Situations from the call to the outcome, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import constraint_of, now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import CardVersion, Event
from exchange.situations import queries
from exchange.situations.commands import (
    CloseSituation,
    close_situation,
    follow_placement,
    lock_situation,
    receive_situation,
    reopen_situation,
)
from exchange.situations.errors import LinkedSituationAlreadyAnswered
from exchange.situations.models import Incompatibility, Situation, SituationBlock, SituationDetails
from exchange.situations.policies import Solicited
from exchange.situations.transitions import SituationState
from tests.factories.availability import tomorrow_night
from tests.factories.ground import a_community, a_facility, a_ground, a_living_area, database_of, ground
from tests.factories.situations import a_situation, an_adviser, coordinating, situation_form
from tests.factories.staffing import speaker_for
from tests.integration.situations.following import brought_to, events_of
from tests.servers import FreshDatabase

S = SituationState
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def live_card(tx: AsyncSession, subject_id: UUID) -> dict[str, object] | None:
    card: dict[str, object] | None = await tx.scalar(
        select(CardVersion.card).where(CardVersion.subject_id == subject_id, text("shown_until = 'infinity'"))
    )
    return card


async def test_a_received_situation_has_a_reference_a_deadline_a_next_check_and_no_exact_code_on_the_board(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        area_id = await a_living_area(tx, name="Velay")
        needs = ("violence_to_others", "autism", "hoist_transfers")
        received = await a_situation(tx, need_codes=needs, free_text="Chambre au rez-de-chaussée.")
        view = await queries.situation_by_reference(tx, await an_adviser(tx), received.reference.lower())
        assert (view.id, view.state, view.need_codes) == (received.id, S.RECEIVED, needs)
        assert view.next_check_at == now_of(tx) + 15 * MINUTE
        assert view.deadline_at == now_of(tx) + 4 * HOUR
        card = await live_card(tx, received.id)
        assert card is not None
        assert card["families"] == ["population", "daily_help"]
        assert card["living_area"] == "Velay"
        assert card["blocks"] == [[await tomorrow_night(tx)]]
        shown = str(card)
        for secret in (*needs, "43157", "Puy", "rez-de-chaussée"):
            assert secret not in shown
        assert await tx.scalar(select(CardVersion.living_area_id)) == area_id
        facts = await tx.scalar(select(Event.facts).where(Event.kind == "situation_received"))
        assert facts == {"urgency": 4, "next_check_at": (now_of(tx) + 15 * MINUTE).isoformat()}


ROLES = list(Role)


@pytest.mark.parametrize("role", ROLES)
async def test_coordination_alone_receives_sees_and_closes_situations(database: FreshDatabase, role: Role) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        received = await a_situation(tx)
        actor = replace(await speaker_for(tx, facility_id), role=role)
        form, now = situation_form(await tomorrow_night(tx)), now_of(tx)
        closing = CloseSituation(received.id, "hospitalised")
        if role in (Role.COORDINATOR, Role.PATHWAY_ADVISER):
            assert (await receive_situation(tx, actor, form, now)).id
            assert len(await queries.situations(tx, actor)) == 2
            await close_situation(tx, actor, closing, now)
            await reopen_situation(tx, actor, received.id, now)
            return
        for attempt in (
            receive_situation(tx, actor, form, now),
            close_situation(tx, actor, closing, now),
            close_situation(tx, actor, replace(closing, situation_id=new_id()), now),
            reopen_situation(tx, actor, received.id, now),
        ):
            with pytest.raises(ActForbidden):
                await attempt
        if role is Role.SYSTEM:
            assert len(await queries.situations(tx, actor)) == 1
            return
        assert await queries.situations(tx, actor) == ()
        for read in (
            queries.situation(tx, actor, received.id),
            queries.situation_by_reference(tx, actor, received.reference),
            queries.incompatible_with(tx, actor, received.id),
        ):
            with pytest.raises(NotFound):
                await read


async def test_a_receiver_reads_the_codes_with_a_proof_that_it_was_asked_and_never_the_commune(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        received, another = await a_situation(tx, need_codes=("autism", "self_harm")), await a_situation(tx)
        actor = await speaker_for(tx, own)
        view = await queries.situation_for_receiver(tx, actor, received.id, Solicited(received.id, own, new_id()))
        assert (view.reference, view.need_codes) == (received.reference, ("autism", "self_harm"))
        assert "43157" not in str(view)
        for proof in (Solicited(another.id, own, new_id()), Solicited(received.id, other, new_id())):
            with pytest.raises(NotFound):
                await queries.situation_for_receiver(tx, actor, received.id, proof)


@pytest.mark.parametrize(
    ("over", "field", "rule"),
    [
        ({"commune_code": "43999"}, "commune_code", "unknown-code"),
        ({"excluded_facility_ids": (new_id(),)}, "excluded_facility_ids", "unknown-code"),
        ({"together_with": new_id()}, "together_with", "unknown-situation"),
        ({"incompatible_with": (new_id(),)}, "incompatible_with", "unknown-situation"),
        ({"free_text": "tél. 06 12 34 56 78"}, "free_text", "no-phone"),
    ],
)
async def test_a_refused_situation_leaves_nothing_behind(
    database: FreshDatabase, over: dict[str, object], field: str, rule: str
) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    with pytest.raises(InvalidValue) as refused:
        async with db.write(community_id) as tx:
            await a_situation(tx, **over)
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)
    async with db.read(community_id) as reader:
        for table in (Situation, SituationDetails, SituationBlock, Event, CardVersion):
            assert await reader.scalar(select(func.count()).select_from(table)) == 0


async def test_a_reference_already_given_is_drawn_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        first = await a_situation(tx)
        draws: Iterator[str] = iter((first.reference, first.reference, "S-AAAA-AA"))
        form = situation_form(await tomorrow_night(tx))
        second = await receive_situation(tx, await an_adviser(tx), form, now_of(tx), lambda: next(draws))
        assert second.reference == "S-AAAA-AA"
        assert len(await queries.situations(tx, await an_adviser(tx))) == 2


async def test_a_draw_that_always_gives_the_same_reference_is_a_fault(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        first = await a_situation(tx)
        form = situation_form(await tomorrow_night(tx))
        with pytest.raises(IntegrityError) as broken:
            await receive_situation(tx, await an_adviser(tx), form, now_of(tx), lambda: first.reference)
        assert constraint_of(broken.value) == "uq_situations_community_id_reference"


async def test_persons_kept_together_share_a_link_and_the_first_ones_terms_move(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        first = await a_situation(tx)
        second = await a_situation(tx, together_with=first.id)
        third = await a_situation(tx, together_with=second.id)
        adviser = await an_adviser(tx)
        views = [await queries.situation(tx, adviser, each.id) for each in (first, second, third)]
        assert views[0].together_id is not None
        assert {view.together_id for view in views} == {views[0].together_id}
        assert [view.terms_version for view in views] == [2, 2, 1]
        card = await live_card(tx, first.id)
        assert card is not None
        assert card["together"] is True
        assert await events_of(tx, first.id) == ["situation_received", "situation_linked"]


@pytest.mark.parametrize("state", [S.HELD, S.CONFIRMED, S.EFFECTIVE, S.CLOSED])
async def test_a_person_already_answered_is_bound_to_no_other(database: FreshDatabase, state: SituationState) -> None:
    path = {
        S.HELD: (S.HELD,),
        S.CONFIRMED: (S.HELD, S.CONFIRMED),
        S.EFFECTIVE: (S.HELD, S.CONFIRMED, S.EFFECTIVE),
        S.CLOSED: (),
    }
    async with a_ground(database) as (_, _, tx):
        first = await a_situation(tx)
        await brought_to(tx, first.id, *path[state])
        if state is S.CLOSED:
            await close_situation(tx, await an_adviser(tx), CloseSituation(first.id, "hospitalised"), now_of(tx))
        with pytest.raises(LinkedSituationAlreadyAnswered) as refused:
            await a_situation(tx, together_with=first.id)
        assert refused.value.status == 409


async def test_incompatible_persons_are_stored_once_and_read_from_both_sides(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        first = await a_situation(tx)
        second = await a_situation(tx, incompatible_with=(first.id, first.id))
        adviser = await an_adviser(tx)
        assert await tx.scalar(select(func.count()).select_from(Incompatibility)) == 1
        assert await queries.incompatible_with(tx, adviser, first.id) == (second.id,)
        assert await queries.incompatible_with(tx, adviser, second.id) == (first.id,)
        assert (await queries.situation(tx, adviser, first.id)).terms_version == 2


async def test_a_refusal_after_the_insert_leaves_neither_the_person_nor_the_link(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with db.write(community_id) as tx:
        first = await a_situation(tx)
        second = await a_situation(tx, together_with=first.id)
    with pytest.raises(InvalidValue) as refused:
        async with db.write(community_id) as tx:
            await a_situation(tx, together_with=first.id, incompatible_with=(second.id,))
    assert (refused.value.field, refused.value.facts["rule"]) == ("incompatible_with", "also-together")
    async with db.read(community_id) as reader:
        views = await queries.situations(reader, Actor.system(community_id))
        assert {view.id for view in views} == {first.id, second.id}
        assert await reader.scalar(select(func.count()).select_from(Incompatibility)) == 0
        assert {view.terms_version for view in views} == {1, 2}


async def test_a_situation_follows_its_placements_and_is_effective_from_the_first_arrival(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        received = await a_situation(tx)
        actor, now = await an_adviser(tx), now_of(tx)
        await brought_to(tx, received.id, S.SEARCHING, S.HELD, S.CONFIRMED)
        await follow_placement(tx, actor, received.id, S.EFFECTIVE, now + HOUR)
        await follow_placement(tx, actor, received.id, S.SEARCHING, now + 2 * HOUR)
        await brought_to(tx, received.id, S.HELD, S.CONFIRMED)
        await follow_placement(tx, actor, received.id, S.EFFECTIVE, now + 9 * HOUR)
        view = await queries.situation(tx, actor, received.id)
        assert (view.state, view.effective_at) == (S.EFFECTIVE, now + HOUR)
        assert view.terms_version == 1


async def test_an_arrival_is_dated_even_where_another_block_keeps_the_state_behind(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        received = await a_situation(tx)
        actor, now = await an_adviser(tx), now_of(tx)
        await brought_to(tx, received.id, S.HELD)
        told = await events_of(tx, received.id)
        await follow_placement(tx, actor, received.id, S.HELD, now, arrived_at=now + HOUR)
        view = await queries.situation(tx, actor, received.id)
        assert (view.state, view.effective_at) == (S.HELD, now + HOUR)
        assert await events_of(tx, received.id) == told


async def test_following_into_the_same_state_tells_nothing(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        received = await a_situation(tx)
        await brought_to(tx, received.id, S.HELD, S.HELD)
        assert await events_of(tx, received.id) == ["situation_received", "situation_moved"]


@pytest.mark.parametrize("state", [S.CONFIRMED, S.EFFECTIVE, S.CLOSED])
async def test_a_received_situation_skips_no_step(database: FreshDatabase, state: SituationState) -> None:
    async with a_ground(database) as (_, _, tx):
        received = await a_situation(tx)
        with pytest.raises(IllegalTransition):
            await brought_to(tx, received.id, state)


async def test_a_situation_cannot_close_as_hosted_before_an_arrival(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with db.write(community_id) as tx:
        received = await a_situation(tx)
        await brought_to(tx, received.id, S.HELD, S.CONFIRMED)
        actor, now = await an_adviser(tx), now_of(tx)
    closing = CloseSituation(received.id, "placed_in_network", arrived_at=now)
    with pytest.raises(IllegalTransition):
        async with db.write(community_id) as tx:
            await close_situation(tx, actor, closing, now)
    async with db.write(community_id) as tx:
        assert (await queries.situation(tx, await an_adviser(tx), received.id)).outcome is None
        await brought_to(tx, received.id, S.EFFECTIVE)
        await close_situation(tx, await an_adviser(tx), CloseSituation(received.id, "placed_in_network"), now_of(tx))
        assert (await queries.situation(tx, await an_adviser(tx), received.id)).state is S.CLOSED


async def test_closing_leaves_the_board_stops_the_clock_and_dates_the_erasure(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        received = await a_situation(tx)
        now, actor = now_of(tx), await an_adviser(tx)
        closing = CloseSituation(received.id, "placed_off_network", note="Gîte du plateau", arrived_at=now - HOUR)
        await close_situation(tx, actor, closing, now)
        view = await queries.situation(tx, actor, received.id)
        assert (view.state, view.outcome, view.closed_at) == (S.CLOSED, "placed_off_network", now)
        assert (view.next_check_at, view.effective_at, view.terms_version) == (None, now - HOUR, 2)
        assert await live_card(tx, received.id) is None
        details = await tx.get_one(SituationDetails, received.id)
        assert (details.erase_after, details.closing_note) == (now + 30 * DAY, "Gîte du plateau")
        assert await queries.situations(tx, actor) == ()
        assert len(await queries.situations(tx, actor, with_closed=True)) == 1
        told = await tx.scalar(select(Event.facts).where(Event.kind == "situation_closed"))
        assert "Gîte" not in str(told)
        with pytest.raises(IllegalTransition):
            await close_situation(tx, actor, closing, now)


async def test_a_closed_situation_may_be_searched_for_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        received = await a_situation(tx)
        now, actor = now_of(tx), await an_adviser(tx)
        with pytest.raises(IllegalTransition):
            await reopen_situation(tx, actor, received.id, now)
        await close_situation(tx, actor, CloseSituation(received.id, "hospitalised"), now)
        await reopen_situation(tx, actor, received.id, now + DAY)
        view = await queries.situation(tx, actor, received.id)
        assert (view.state, view.outcome, view.closed_at) == (S.SEARCHING, None, None)
        assert view.next_check_at == now + DAY + 15 * MINUTE
        assert (await tx.get_one(SituationDetails, received.id)).erase_after is None
        assert await live_card(tx, received.id) is not None


async def test_another_community_knows_no_situation(database: FreshDatabase) -> None:
    db = database_of(database)
    here, there = await a_community(db), await a_community(db)
    async with ground(db, here) as tx:
        facility_id = await a_facility(tx)
        received = await a_situation(tx)
    async with db.write(there) as tx:
        foreign, now = await coordinating(tx, Role.COORDINATOR), now_of(tx)
        receiver = Actor(there, Role.FACILITY_MANAGER, Via.WEB, facility_ids=frozenset({facility_id}))
        proof = Solicited(received.id, facility_id, new_id())
        assert await queries.situations(tx, foreign, with_closed=True) == ()
        for attempt in (
            queries.situation(tx, foreign, received.id),
            queries.situation_by_reference(tx, foreign, received.reference),
            queries.situation_for_receiver(tx, receiver, received.id, proof),
            lock_situation(tx, received.id),
            close_situation(tx, foreign, CloseSituation(received.id, "hospitalised"), now),
        ):
            with pytest.raises(NotFound):
                await attempt
        with pytest.raises(InvalidValue) as refused:
            await a_situation(tx, together_with=received.id)
        assert refused.value.facts["rule"] == "unknown-situation"
        with pytest.raises(InvalidValue) as refused:
            await a_situation(tx, excluded_facility_ids=(facility_id,))
        assert refused.value.field == "excluded_facility_ids"
