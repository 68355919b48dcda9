"""A lender, a host and professionals to storm, with tokens for the managers and links for the professionals."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bench.storm.town import Somebody, somebody
from bench.storm.world import World
from exchange.kernel.db import now_of
from exchange.loans.commands import GiveAgreement, ask, give_agreement
from exchange.loans.rules import LoanParty
from tests.factories.ground import ground
from tests.factories.loans import Lending, a_lending, a_proposed_loan, shift_on
from tests.factories.staffing import a_need


@dataclass(frozen=True, slots=True)
class LendingTown:
    """`lending` is the community; its managers' tokens."""

    lending: Lending
    lender: Somebody
    host: Somebody
    coordinator: Somebody


async def a_lending_town(world: World) -> LendingTown:
    """Found a community with a lender, a host and one professional."""
    lending = await a_lending(world.database)
    async with ground(lending.db, lending.community_id) as tx:
        people = [await somebody(tx, actor) for actor in (lending.lender, lending.host, lending.coordinator)]
    return LendingTown(lending, *people)


async def ask_all(town: LendingTown, loans: int, *said: LoanParty, asked: bool = True) -> list[UUID]:
    """So many requests of the one professional for the same hours, each with these parties' word already given."""
    lending = town.lending
    made = []
    async with ground(lending.db, lending.community_id) as tx:
        now = now_of(tx)
        for _ in range(loans):
            need_id = await a_need(tx, lending.host_id, shifts=(shift_on(now),))
            loan_id = await a_proposed_loan(tx, lending.volunteer_id, need_id)
            if asked:
                await ask(tx, lending.coordinator, loan_id, now)
            for party in said:
                actor = lending.party(party)
                await give_agreement(tx, actor, GiveAgreement(loan_id, party, actor.via), now)
            made.append(loan_id)
    return made
