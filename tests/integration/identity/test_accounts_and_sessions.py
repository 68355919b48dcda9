"""Accounts, sessions, tokens and links, as the application role."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from exchange.identity import queries
from exchange.identity.commands import (
    AddMembership,
    CreateToken,
    add_membership,
    create_token,
    mint_link,
    open_session,
    sign_in,
    sign_out,
    spend_link,
    touch_session,
)
from exchange.identity.errors import AccountAlreadyExists, LinkNoLongerValid, SignInRefused
from exchange.identity.models import Account, Membership, SessionRow
from exchange.identity.rules import SESSION_IDLES, SESSION_LIVES, Side, side_of
from exchange.kernel.actor import Role, Via
from exchange.kernel.db import Database, Scope, now_of
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from tests.factories.ground import (
    PASSWORD,
    a_community,
    a_facility,
    a_membership,
    an_account,
    an_operator,
    database_of,
    founder,
    ground,
)
from tests.servers import FreshDatabase

COORDINATION = (Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER)


async def signed_in(db: Database, token: str, now: datetime | None = None) -> queries.SignedIn | None:
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        return await queries.actor_of_session(reader, token, now or now_of(reader))


async def test_password_opens_a_session_of_the_accounts_role(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        account_id = await an_account(tx, email="Directrice@Essai.invalid")
        await a_membership(tx, Role.FACILITY_MANAGER, account_id=account_id, facility_id=facility_id)
    opened = await sign_in(db, " directrice@essai.INVALID ", PASSWORD)
    seen = await signed_in(db, opened.token)
    assert seen is not None
    assert seen.actor.role is Role.FACILITY_MANAGER
    assert seen.actor.facility_ids == {facility_id}
    assert seen.actor.community_id == community_id
    assert seen.actor.operator_id is not None
    assert seen.csrf_token == opened.csrf_token


async def test_stored_sessions_and_tokens_do_not_open_anything(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        account_id = await an_account(tx)
        membership_id = await a_membership(tx, Role.COORDINATOR, account_id=account_id)
        opened = await open_session(tx, account_id, membership_id, now_of(tx))
        stored = (await tx.execute(select(SessionRow.token_hash))).scalar_one()
    assert opened.token.encode() not in stored
    assert len(stored) == 32
    assert await signed_in(db, stored.hex()) is None


@pytest.mark.parametrize("wrong", ["unknown-address", "wrong-password", "closed-account", "no-role"])
async def test_refused_sign_ins_look_the_same(database: FreshDatabase, wrong: str) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        account_id = await an_account(tx, email="connue@essai.invalid")
        if wrong != "no-role":
            await a_membership(tx, Role.COORDINATOR, account_id=account_id)
        if wrong == "closed-account":
            await tx.execute(update(Account).values(disabled_at=now_of(tx)))
    email = "inconnue@essai.invalid" if wrong == "unknown-address" else "connue@essai.invalid"
    password = "une autre phrase" if wrong == "wrong-password" else PASSWORD
    with pytest.raises(SignInRefused) as refused:
        await sign_in(db, email, password)
    assert (refused.value.field, refused.value.facts) == (None, {})


async def test_unknown_address_costs_a_password_check(database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    checked: list[str] = []
    verify = Argon2Hasher.verify

    def counted(self: Argon2Hasher, password: str, stored: str) -> bool:
        checked.append(stored)
        return verify(self, password, stored)

    monkeypatch.setattr(Argon2Hasher, "verify", counted)
    with pytest.raises(SignInRefused):
        await sign_in(database_of(database), "personne@essai.invalid", PASSWORD)
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


async def test_hostile_sign_in_text_is_refused_like_any_other(database: FreshDatabase) -> None:
    for email in ("\x00", "a" * 10_000, "", "'; --"):
        with pytest.raises(SignInRefused):
            await sign_in(database_of(database), email, "\x00" * 5_000)


async def test_session_ends_by_silence_by_age_and_by_leaving(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        account_id = await an_account(tx)
        membership_id = await a_membership(tx, Role.OBSERVER, account_id=account_id)
        start = now_of(tx)
        token = (await open_session(tx, account_id, membership_id, start)).token
    instant = timedelta(microseconds=1)
    assert await signed_in(db, token, start + SESSION_IDLES - instant) is not None
    assert await signed_in(db, token, start + SESSION_IDLES) is None
    seen = start
    while seen + timedelta(minutes=20) < start + SESSION_LIVES:
        seen += timedelta(minutes=20)
        async with db.write(None, scope=Scope.IDENTITY) as tx:
            await touch_session(tx, token, seen)
    assert await signed_in(db, token, start + SESSION_LIVES - instant) is not None
    assert await signed_in(db, token, start + SESSION_LIVES) is None
    async with db.write(None, scope=Scope.IDENTITY) as tx:
        await sign_out(tx, token, start)
    assert await signed_in(db, token, start) is None


async def test_silent_session_is_not_revived(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        account_id = await an_account(tx)
        membership_id = await a_membership(tx, Role.OBSERVER, account_id=account_id)
        start = now_of(tx)
        token = (await open_session(tx, account_id, membership_id, start)).token
        await touch_session(tx, token, start + SESSION_IDLES)
    assert await signed_in(db, token, start + SESSION_IDLES) is None


async def test_signing_in_again_ends_the_session_that_it_replaces(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await a_membership(tx, Role.OBSERVER, account_id=await an_account(tx, email="a@essai.invalid"))
    first = await sign_in(db, "a@essai.invalid", PASSWORD)
    second = await sign_in(db, "a@essai.invalid", PASSWORD, replaces=first.token)
    assert second.token != first.token
    assert await signed_in(db, first.token) is None
    assert await signed_in(db, second.token) is not None


async def test_ended_role_and_closed_account_end_open_sessions(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    tokens = []
    async with ground(db, community_id) as tx:
        for _ in range(2):
            account_id = await an_account(tx)
            membership_id = await a_membership(tx, Role.OBSERVER, account_id=account_id)
            tokens.append((await open_session(tx, account_id, membership_id, now_of(tx))).token)
        await tx.execute(update(Membership).where(Membership.id == membership_id).values(ended_at=now_of(tx)))
        closed = select(SessionRow.account_id).where(SessionRow.membership_id != membership_id).scalar_subquery()
        await tx.execute(update(Account).where(Account.id == closed).values(disabled_at=now_of(tx)))
    assert [await signed_in(db, token) for token in tokens] == [None, None]


async def test_on_call_manager_speaks_for_every_facility_of_the_operator(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        operator_id = await an_operator(tx)
        own = {await a_facility(tx, operator_id=operator_id) for _ in range(2)}
        await a_facility(tx)
        membership_id = await a_membership(tx, Role.ON_CALL_MANAGER, operator_id=operator_id)
        raw = await create_token(
            tx, founder(community_id), CreateToken(membership_id, "essai", now_of(tx) + timedelta(days=1)), now_of(tx)
        )
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        actor = await queries.actor_of_token(reader, raw, now_of(reader))
        assert await queries.actor_of_token(reader, raw, now_of(reader) + timedelta(days=2)) is None
        assert await queries.actor_of_token(reader, raw[:-1], now_of(reader)) is None
    assert actor is not None
    assert (actor.facility_ids, actor.operator_id, actor.via) == (own, operator_id, Via.API)


@pytest.mark.parametrize("role", COORDINATION)
async def test_coordination_roles_speak_for_no_facility(database: FreshDatabase, role: Role) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await a_facility(tx)
        account_id = await an_account(tx)
        membership_id = await a_membership(tx, role, account_id=account_id)
        token = (await open_session(tx, account_id, membership_id, now_of(tx))).token
    seen = await signed_in(db, token)
    assert seen is not None
    assert seen.actor.facility_ids == frozenset()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("named", [None, *Side])
async def test_membership_names_exactly_what_its_role_speaks_for(
    database: FreshDatabase, role: Role, named: Side | None
) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        asked = AddMembership(
            account_id=await an_account(tx),
            role=role,
            operator_id=await an_operator(tx) if named is Side.OPERATOR else None,
            facility_id=await a_facility(tx) if named is Side.FACILITY else None,
        )
        expected = named or Side.COMMUNITY
        if role not in (Role.SYSTEM, Role.LOAN_VOLUNTEER) and side_of(role) is expected:
            assert isinstance(await add_membership(tx, founder(community_id), asked, now_of(tx)), UUID)
        else:
            with pytest.raises(InvalidValue):
                await add_membership(tx, founder(community_id), asked, now_of(tx))


async def test_membership_of_another_communitys_facility_is_refused(database: FreshDatabase) -> None:
    db = database_of(database)
    first, second = await a_community(db), await a_community(db)
    async with ground(db, first) as tx:
        foreign = await a_facility(tx)
    async with ground(db, second) as tx:
        with pytest.raises(NotFound):
            await a_membership(tx, Role.FACILITY_MANAGER, facility_id=foreign)


async def test_one_account_per_address_whatever_its_case(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await an_account(tx, email="une@essai.invalid")
        with pytest.raises(AccountAlreadyExists):
            await an_account(tx, email="UNE@essai.invalid")


async def test_community_sees_its_own_accounts_alone(database: FreshDatabase) -> None:
    db = database_of(database)
    first, second = await a_community(db), await a_community(db)
    async with ground(db, first) as tx:
        account_id = await an_account(tx, display_name="Une personne")
        await a_membership(tx, Role.OBSERVER, account_id=account_id)
    async with db.read(first) as reader:
        assert await queries.display_name(reader, account_id) == "Une personne"
    async with db.read(second) as reader:
        assert await queries.display_name(reader, account_id) is None
        assert await queries.memberships(reader) == ()
        assert (await reader.execute(text("SELECT count(*) FROM sessions"))).scalar_one() == 0


async def test_reading_a_link_changes_nothing_and_two_taps_spend_it_once(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    volunteer_id, loan_id = new_id(), new_id()
    async with db.write(community_id) as tx:
        raw = await mint_link(
            tx,
            "loans.consent",
            loan_id,
            volunteer_id=volunteer_id,
            now=now_of(tx),
            expires_at=now_of(tx) + timedelta(hours=72),
        )

    async def read() -> queries.LinkView:
        async with db.read(None, scope=Scope.IDENTITY) as reader:
            view = await queries.read_link(reader, raw, now_of(reader))
        assert view is not None
        return view

    link = await read()
    assert (await read()).state is queries.LinkState.LIVE
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        actor = await queries.actor_of_link(reader, link)
    assert actor is not None
    assert (actor.role, actor.via, actor.volunteer_id) == (Role.LOAN_VOLUNTEER, Via.LINK, volunteer_id)
    assert actor.account_id is None

    async def spend() -> bool:
        try:
            async with db.write(link.community_id) as tx:
                await spend_link(tx, link.id, now_of(tx))
        except LinkNoLongerValid:
            return False
        return True

    assert sorted(await asyncio.gather(spend(), spend())) == [False, True]
    assert (await read()).state is queries.LinkState.SPENT


async def test_expired_link_is_told_as_such_and_cannot_be_spent(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with db.write(community_id) as tx:
        now = now_of(tx)
        raw = await mint_link(
            tx, "loans.consent", new_id(), volunteer_id=new_id(), now=now, expires_at=now + timedelta(hours=1)
        )
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        view = await queries.read_link(reader, raw, now + timedelta(hours=1))
        assert view is not None
        assert view.state is queries.LinkState.EXPIRED
        assert await queries.read_link(reader, "inconnu", now) is None
    with pytest.raises(LinkNoLongerValid):
        async with db.write(community_id) as tx:
            await spend_link(tx, view.id, now + timedelta(hours=1))
