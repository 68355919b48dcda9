"""F14: a professional takes their consent back at the instant at which something is confirmed on it.

Half of the races set the host's acceptance, the third agreement of a loan, against the withdrawal. The other half set
the third yes of a placement that rests on an agreed loan against it. Each time both requests are let wait at the same
lock, in an order drawn by lot, and then set free: what the second one read before that lock is no longer true.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.client import Caller
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.lending import LendingTown, a_lending_town
from bench.storm.sockets import Sockets, sockets
from bench.storm.town import Somebody, somebody
from bench.storm.waiting import until_waiting
from bench.storm.world import World
from exchange.availability.models import SegmentRequirement
from exchange.identity.commands import mint_link, spend_link
from exchange.identity.models import ActionLink
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.loans.commands import GiveAgreement, ask, give_agreement
from exchange.loans.rules import LoanParty
from exchange.notifications.deliver import LOAN_CONSENT, LOAN_WITHDRAWAL
from exchange.staffing.models import Shift
from tests.factories.availability import an_offer
from tests.factories.ground import actor_for, ground
from tests.factories.loans import Lending, a_proposed_loan, shift_on
from tests.factories.placements import ALL_YESES, House, Stage, hold, say, the_placement, waiting
from tests.factories.staffing import a_volunteer, need_form

RECEIVER, PERSON, _ = ALL_YESES
GATE: Final = "SELECT 1 FROM loan_volunteers WHERE id = $1 FOR UPDATE"
SHIFT_GATE: Final = "SELECT 1 FROM shifts WHERE id = $1 FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Opening:
    """A conditional place, the loan that opens it, and the link on which its professional withdraws."""

    lending: Lending
    offer_id: UUID
    shift_id: UUID
    loan_id: UUID
    link: str


async def play(world: World, size: Size, seed: int, history: History) -> None:
    draw = random.Random(seed)
    town = await a_lending_town(world)
    async with ground(town.lending.db, town.lending.community_id) as tx:
        adviser = await somebody(tx, await actor_for(tx, Role.PATHWAY_ADVISER))
    placements = []
    async with sockets(world.url) as http:
        for turn in range(1, size["races"] + 1):
            if turn % 2:
                await _against_the_loan(world, town, http, history, draw, turn)
            else:
                placements.append(await _against_the_placement(world, town, adviser, http, history, draw, turn))
        reader = Caller(http, history, adviser.token)
        for placement_id in placements:
            shown = await reader.get(f"/placements/{placement_id}")
            kept = {name: shown[name] for name in ("id", "state", "at_risk", "waits_for_cover")}
            history.noted("shown", **kept)
    community_id = town.lending.community_id
    await world.dump(history, community_id, "staff_loans", "loan_shifts", "placements", "placement_covers")
    await world.dump_query(
        history,
        "to_drop",
        "SELECT subject_id AS shift_id FROM outbox WHERE community_id = $1 AND job = 'placements.drop_uncovered'",
        community_id,
    )


async def _against_the_loan(
    world: World, town: LendingTown, http: Sockets, history: History, draw: random.Random, turn: int
) -> None:
    opening = await _an_opening(town, LoanParty.LENDER, LoanParty.PERSON)
    host = Caller(http, history, town.host.token)

    async def accept() -> None:
        await host.post("accept-loan", f"/loans/{opening.loan_id}/acceptance", targets=(opening.loan_id,), turn=turn)

    await _race(world, GATE, opening.lending.volunteer_id, draw, accept, _withdrawal(http, history, opening, turn))


async def _against_the_placement(
    world: World,
    town: LendingTown,
    adviser: Somebody,
    http: Sockets,
    history: History,
    draw: random.Random,
    turn: int,
) -> UUID:
    opening = await _an_opening(town, *LoanParty)
    lending = opening.lending
    house = House(lending.host_id, opening.offer_id, lending.host)
    stage = Stage(lending.db, lending.community_id, adviser.actor, house)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, RECEIVER, PERSON)
    caller = Caller(http, history, adviser.token)

    async def confirm() -> None:
        path, body = f"/placements/{placement_id}/legal-basis", {"legal_basis": "emergency_admission"}
        await caller.post("confirm", path, body, targets=(placement_id, opening.loan_id), turn=turn)

    await _race(world, SHIFT_GATE, opening.shift_id, draw, confirm, _withdrawal(http, history, opening, turn))
    return placement_id


async def _race(
    world: World,
    gate: str,
    key: UUID,
    draw: random.Random,
    *acts: Callable[[], Awaitable[None]],
) -> None:
    """Close the gate, let one come to it, then the other, and open."""
    order = list(acts)
    draw.shuffle(order)
    asked: list[asyncio.Task[None]] = []
    async with world.as_owner() as owner, owner.transaction():
        await owner.execute(gate, key)
        for act in order:
            asked.append(asyncio.ensure_future(act()))
            await until_waiting(world, *asked)
    await asyncio.gather(*asked)


def _withdrawal(http: Sockets, history: History, opening: Opening, turn: int) -> Callable[[], Awaitable[None]]:
    async def withdraw() -> None:
        caller = Caller(http, history, "")
        await caller.tick("withdraw", f"/lien/{opening.link}", "withdraws", targets=(opening.loan_id,), turn=turn)

    return withdraw


async def _an_opening(town: LendingTown, *said: LoanParty) -> Opening:
    """A conditional place with a professional of its own, asked, with the word of these parties."""
    lending = town.lending
    async with ground(lending.db, lending.community_id) as tx:
        now = now_of(tx)
        lending = replace(lending, volunteer_id=await a_volunteer(tx, lending.lender_id))
        needed = need_form(lending.host_id, now, is_coupled=True, shifts=(shift_on(now, days=1),))
        offer_id = await an_offer(tx, lending.host_id, kind="conditional", coupled_need=needed)
        shift_id, need_id = (
            await tx.execute(
                select(Shift.id, Shift.need_id)
                .join(SegmentRequirement, SegmentRequirement.shift_id == Shift.id)
                .where(SegmentRequirement.offer_id == offer_id)
                .limit(1)
            )
        ).one()
        loan_id = await a_proposed_loan(tx, lending.volunteer_id, need_id)
        await ask(tx, lending.coordinator, loan_id, now)
        for party in said:
            actor = lending.party(party)
            await give_agreement(tx, actor, GiveAgreement(loan_id, party, actor.via), now)
        link = await _a_link(tx, lending.volunteer_id, loan_id, is_agreed=len(said) == len(LoanParty))
    return Opening(lending, offer_id, shift_id, loan_id, link)


async def _a_link(tx: AsyncSession, volunteer_id: UUID, loan_id: UUID, *, is_agreed: bool) -> str:
    """The link of the confirmation, or that of the request, already used for the consent that it may take back."""
    now = now_of(tx)
    act = LOAN_WITHDRAWAL if is_agreed else LOAN_CONSENT
    until = now + timedelta(days=1)
    link = await mint_link(tx, act, loan_id, volunteer_id=volunteer_id, now=now, expires_at=until)
    if not is_agreed:
        link_id = await tx.scalar(select(ActionLink.id).where(ActionLink.subject_id == loan_id))
        if link_id is not None:
            await spend_link(tx, link_id, now)
    return link


FIGURE: Final = Figure(
    name="F14",
    title="Un accord retiré à l’instant où l’on confirme",
    target="0 prêt sans accord, 0 accueil confirmé sur un prêt perdu sans que cela se voie",
    full={"races": 200},
    tenth={"races": 20},
    play=play,
)
