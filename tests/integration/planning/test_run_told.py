"""What a run proposes follows what houses say: red, closed, waiting for a departure, or silent past the question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import CloseOffer, SayStatus, close_offer, reconfirm_all, say_status
from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.periods import date_of
from exchange.planning.lanes import Lane
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import SolverProcess
from exchange.wording.reasons import reason_sentences, telling_sentence
from tests.factories.availability import an_offer, from_tonight, tonight
from tests.factories.evening import ask_before_now, said_this_morning
from tests.factories.situations import a_situation
from tests.factories.staffing import speaker_for
from tests.integration.planning.territory import Meanwhile, Territory, proposals, run

Say = Callable[[AsyncSession, Actor, UUID, UUID], Awaitable[None]]


async def said_red(tx: AsyncSession, actor: Actor, facility_id: UUID, offer_id: UUID) -> None:
    await say_status(tx, actor, SayStatus(facility_id, "red"), now_of(tx))


async def said_orange(tx: AsyncSession, actor: Actor, facility_id: UUID, offer_id: UUID) -> None:
    await say_status(tx, actor, SayStatus(facility_id, "orange", "infection"), now_of(tx))


async def closed_tonight(tx: AsyncSession, actor: Actor, facility_id: UUID, offer_id: UUID) -> None:
    on = date_of(await tonight(tx))
    await close_offer(tx, actor, CloseOffer(offer_id, on, "works"), now_of(tx))


async def silent(tx: AsyncSession, actor: Actor, facility_id: UUID, offer_id: UUID) -> None:
    await ask_before_now(tx, actor.community_id)
    await said_this_morning(tx, offer_id)


async def answered(tx: AsyncSession, actor: Actor, facility_id: UUID, offer_id: UUID) -> None:
    await silent(tx, actor, facility_id, offer_id)
    await reconfirm_all(tx, actor, now_of(tx))


@pytest.mark.parametrize(
    ("said", "nights"),
    [(said_red, ()), (said_orange, (0, 1)), (closed_tonight, (1,)), (silent, (1,)), (answered, (0, 1))],
    ids=lambda case: getattr(case, "__name__", ""),
)
async def test_which_nights_of_a_house_are_proposed(
    territory: Territory, solver: SolverProcess, said: Say, nights: tuple[int, ...]
) -> None:
    """Somebody wants tonight, somebody else tomorrow night: the place has both, and its house says something."""
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id, spans=await from_tonight(tx))
        first = await tonight(tx)
        wanted = [(await a_situation(tx, blocks=((first + 2 * step,),))).id for step in (0, 1)]
    async with territory.db.write(territory.community_id) as tx:
        await said(tx, await speaker_for(tx, territory.facility_id), territory.facility_id, offer_id)
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    assert {line.situation_id for line in await proposals(territory) if line.state == "proposed"} == {
        wanted[step] for step in nights
    }


async def test_a_house_that_turns_red_while_a_plan_is_solved_is_left_out_of_it(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
        await a_situation(tx)

    async def turn_red() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await said_red(tx, await speaker_for(tx, territory.facility_id), territory.facility_id, offer_id)

    assert await run(territory, Lane.FAST, Meanwhile(solver, turn_red)) is RunEnd.RECORDED
    assert await proposals(territory) == []


async def test_an_orange_house_is_proposed_with_its_reason(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
        await a_situation(tx)
        await said_orange(tx, await speaker_for(tx, territory.facility_id), territory.facility_id, offer_id)
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    (proposal,) = await proposals(territory)
    assert {"code": "house_orange", "reason": "infection"} in proposal.reasons
    assert "Ce lieu se dit à l'orange, il accueille avec précaution : Épidémie dans la maison." in reason_sentences(
        proposal.reasons
    )
    assert telling_sentence(proposal.reasons).startswith("Lieu à l'orange ;")


async def test_a_house_no_longer_red_is_proposed_again(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        received = await a_situation(tx)
        speaker = await speaker_for(tx, territory.facility_id)
        await say_status(tx, speaker, SayStatus(territory.facility_id, "red"), now_of(tx))
    await run(territory, Lane.FAST, solver)
    assert await proposals(territory) == []
    async with territory.db.write(territory.community_id) as tx:
        await say_status(tx, speaker, SayStatus(territory.facility_id, "green"), now_of(tx))
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    assert [line.situation_id for line in await proposals(territory)] == [received.id]
