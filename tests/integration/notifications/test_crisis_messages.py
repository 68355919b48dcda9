"""Who hears of a crisis organisation: every manager and the coordination, as long as it is still true."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, now_of
from exchange.kernel.journals import Event
from exchange.notifications.commands import fan_out
from exchange.notifications.letters import contents_of
from exchange.notifications.models import Message
from exchange.notifications.relevance import is_relevant
from exchange.organisations.crisis import close_crisis
from exchange.wording.messages import render
from tests.factories.crisis import a_coordinator, an_open_crisis
from tests.factories.ground import a_community, a_facility, actor_for, an_operator, database_of, ground
from tests.servers import FreshDatabase

TOLD = (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER)


async def told_of(db: Database, community_id: UUID, kind: str) -> dict[UUID, str]:
    async with db.write(community_id) as tx:
        fact_id = await tx.scalar(select(Event.fact_id).where(Event.kind == kind))
        assert fact_id is not None
        await fan_out(tx, fact_id, now_of(tx))
        rows = await tx.execute(select(Message.recipient_id, Message.template).where(Message.fact_id == fact_id))
        return {row.recipient_id: row.template for row in rows}


async def test_every_manager_and_the_coordination_hear_of_it_once_and_nobody_else(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id, other_id = await a_community(db), await a_community(db)
    people: dict[Role, Actor] = {}
    async with ground(db, community_id) as tx:
        operator_id = await an_operator(tx)
        facility_id = await a_facility(tx, operator_id=operator_id)
        for role in (*TOLD, Role.OBSERVER):
            side = {
                Role.FACILITY_MANAGER: {"facility_id": facility_id},
                Role.ON_CALL_MANAGER: {"operator_id": operator_id},
            }.get(role, {})
            people[role] = await actor_for(tx, role, **side)
    async with ground(db, other_id) as tx:
        await actor_for(tx, Role.COORDINATOR)
    async with db.write(community_id) as tx:
        crisis_id = await an_open_crisis(tx, community_id)
    expected = {people[role].account_id for role in TOLD}
    told = await told_of(db, community_id, "crisis_opened")
    assert (told.keys(), set(told.values())) == (expected, {"crisis_opened"})

    async with db.write(community_id) as tx:
        assert await is_relevant(tx, "crisis_opened", crisis_id, now_of(tx))
        assert not await is_relevant(tx, "crisis_ended", crisis_id, now_of(tx))
        contents = await contents_of(tx, "crisis_opened", crisis_id, now_of(tx))
        letter = render("crisis_opened", contents.values, f"https://entraide.essai{contents.path}")
    assert "ouverte par la communauté aujourd'hui" in letter.text
    assert "à la demande de l'ARS" in letter.text
    assert "Les règles du travail ne changent pas" in letter.text
    assert letter.text.count("https://entraide.essai/crise") == 1

    async with db.write(community_id) as tx:
        await close_crisis(tx, a_coordinator(community_id), crisis_id, now_of(tx))
    assert set((await told_of(db, community_id, "crisis_closed")).values()) == {"crisis_ended"}
    async with db.write(community_id) as tx:
        assert not await is_relevant(tx, "crisis_opened", crisis_id, now_of(tx)), "it must not leave after the end"
        assert await is_relevant(tx, "crisis_ended", crisis_id, now_of(tx))
        ended = await contents_of(tx, "crisis_ended", crisis_id, now_of(tx))
        assert "a pris fin" in render("crisis_ended", ended.values, None).text
