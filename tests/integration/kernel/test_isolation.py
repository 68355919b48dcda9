"""One community never sees another, and the application holds no right that it does not need."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

import anyio
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from exchange.kernel.db import Database, Scope, make_engine
from exchange.kernel.ids import new_id
from exchange.organisations.models import Community, Operator
from migrations.metadata import METADATA
from tests.servers import FreshDatabase

WITHOUT_COMMUNITY = {"communes", "official_codes", "finess_establishments", "rule_figures"}
"""Public facts, the same for everyone."""


async def two_communities(db: Database) -> tuple[UUID, UUID]:
    ids = (new_id(), new_id())
    for community_id, name in zip(ids, ("Velay", "Jura"), strict=True):
        async with db.write(community_id) as tx:
            tx.add(Community(id=community_id, name=name, time_zone="Europe/Paris"))
            await tx.flush()
            tx.add(Operator(name=f"Association {name}", finess_ej="439990001", agreement_code="0413"))
    return ids


async def test_every_table_of_a_community_has_forced_row_level_security(database: FreshDatabase) -> None:
    async with Database(database.engine).read(None) as reader:
        rows = await reader.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                " AND relrowsecurity AND relforcerowsecurity"
            )
        )
        protected = {row[0] for row in rows}
    assert set(METADATA.tables) - protected == WITHOUT_COMMUNITY


async def test_the_application_connects_as_a_role_that_owns_nothing(database: FreshDatabase) -> None:
    async with Database(database.engine).read(None) as reader:
        row = (
            await reader.execute(
                text(
                    "SELECT current_user, rolsuper, rolbypassrls,"
                    " (SELECT count(*) FROM pg_class WHERE relowner = r.oid AND relnamespace = 'public'::regnamespace)"
                    " FROM pg_roles r WHERE rolname = current_user"
                )
            )
        ).one()
    assert tuple(row) == ("entraide_app", False, False, 0)


async def test_the_owner_address_also_gives_its_rights_up(database: FreshDatabase) -> None:
    engine = make_engine(database.owner_url)
    try:
        async with Database(engine).read(None) as reader:
            assert (await reader.execute(text("SELECT current_user"))).scalar_one() == "entraide_app"
    finally:
        await engine.dispose()


async def test_without_a_community_no_row_is_seen(database: FreshDatabase) -> None:
    db = Database(database.engine)
    await two_communities(db)
    async with db.read(None) as reader:
        for table in METADATA.sorted_tables:
            if table.name not in WITHOUT_COMMUNITY:
                count = (await reader.execute(select(func.count()).select_from(table))).scalar_one()
                assert count == 0, table.name


async def test_a_thousand_alternating_communities_on_a_small_pool_never_cross(database: FreshDatabase) -> None:
    engine = make_engine(database.app_url, pool_size=2, max_overflow=0)
    db = Database(engine)
    first, second = await two_communities(db)

    async def names_seen(community_id: UUID) -> tuple[UUID, list[str]]:
        async with db.read(community_id) as reader:
            return community_id, list((await reader.execute(select(Operator.name))).scalars())

    try:
        seen = await asyncio.gather(*(names_seen((first, second)[turn % 2]) for turn in range(1000)))
    finally:
        await engine.dispose()
    assert {(community_id, tuple(names)) for community_id, names in seen} == {
        (first, ("Association Velay",)),
        (second, ("Association Jura",)),
    }


async def test_a_row_cannot_be_written_into_another_community(database: FreshDatabase) -> None:
    db = Database(database.engine)
    first, second = await two_communities(db)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with db.write(first) as tx:
            tx.add(Operator(community_id=second, name="Intruse", finess_ej="439990002", agreement_code="0413"))


async def test_a_reader_cannot_write(database: FreshDatabase) -> None:
    db = Database(database.engine)
    first, _ = await two_communities(db)
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with db.read(first) as reader:
            await reader.execute(text("UPDATE operators SET name = 'x'"))


@pytest.mark.parametrize("table", ["events", "access_log", "loan_acts", "weekly_sheets"])
@pytest.mark.parametrize("verb", ["UPDATE {0} SET community_id = community_id", "DELETE FROM {0}"])
async def test_a_journal_can_only_grow(database: FreshDatabase, table: str, verb: str) -> None:
    db = Database(database.engine)
    first, _ = await two_communities(db)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with db.write(first) as tx:
            await tx.execute(text(verb.format(table)))


async def test_the_application_may_not_write_what_a_cover_says(database: FreshDatabase) -> None:
    db = Database(database.engine)
    first, _ = await two_communities(db)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with db.write(first) as tx:
            await tx.execute(text("UPDATE placement_covers SET covered = true"))


async def test_sessions_and_tokens_are_seen_at_sign_in_alone(database: FreshDatabase) -> None:
    db = Database(database.engine)
    first, _ = await two_communities(db)
    async with db.read(first) as reader:
        for table in ("sessions", "api_tokens"):
            assert (await reader.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        assert (await reader.execute(text("SELECT count(*) FROM communities"))).scalar_one() == 2


async def test_a_reader_who_leaves_in_the_middle_never_hands_a_read_only_transaction_on(
    database: FreshDatabase,
) -> None:
    engine = make_engine(database.app_url, pool_size=3, max_overflow=1)
    db = Database(engine)
    draw = random.Random(43)

    async def leave_early(after_seconds: float) -> None:
        async def read() -> None:
            async with db.read(None) as reader:
                await reader.execute(text("SELECT count(*) FROM communes"))
                await reader.execute(text("SELECT 1"))

        with anyio.move_on_after(after_seconds):
            await read()

    async def may_write() -> bool:
        async with db.write(None) as tx:
            return (await tx.execute(text("SHOW transaction_read_only"))).scalar_one() == "off"

    try:
        for _ in range(40):
            await asyncio.gather(*(leave_early(draw.random() * 0.012) for _ in range(4)))
            assert all(await asyncio.gather(*(may_write() for _ in range(4))))
    finally:
        await engine.dispose()


OWN_ROWS = "(community_id = current_community())"
AT_SIGN_IN = "(current_scope() = 'identity'::text)"
BY_RELAY = "(current_scope() = 'relay'::text)"
BY_EITHER = "(current_scope() = ANY (ARRAY['identity'::text, 'relay'::text]))"
OWN_COMMUNITY = f"((id = current_community()) OR {BY_EITHER})"
OWN_MEMBERS = (
    f"({AT_SIGN_IN} OR (EXISTS ( SELECT FROM memberships m"
    " WHERE ((m.account_id = accounts.id) AND (m.community_id = current_community())))))"
)
OTHER_POLICIES = {
    ("accounts", "visible"): ("ALL", OWN_MEMBERS, OWN_MEMBERS),
    ("action_links", "sign_in"): ("SELECT", AT_SIGN_IN, None),
    ("action_links", "spend"): ("UPDATE", AT_SIGN_IN, None),
    ("api_tokens", "visible"): ("ALL", AT_SIGN_IN, AT_SIGN_IN),
    ("communities", "visible"): ("ALL", OWN_COMMUNITY, OWN_COMMUNITY),
    ("facilities", "sign_in"): ("SELECT", AT_SIGN_IN, None),
    ("memberships", "sign_in"): ("SELECT", AT_SIGN_IN, None),
    ("operators", "sign_in"): ("SELECT", AT_SIGN_IN, None),
    ("outbox", "relay"): ("ALL", BY_RELAY, BY_RELAY),
    ("sessions", "visible"): ("ALL", AT_SIGN_IN, AT_SIGN_IN),
}
"""What is seen otherwise than by its community: each by name, with its command and its two expressions."""


async def test_each_policy_says_exactly_who_sees_what(database: FreshDatabase) -> None:
    of_a_community = {table.name for table in METADATA.sorted_tables if "community_id" in table.columns}
    expected = OTHER_POLICIES | {(table, "visible"): ("ALL", OWN_ROWS, OWN_ROWS) for table in of_a_community}
    async with Database(database.engine).read(None) as reader:
        rows = await reader.execute(
            text("SELECT tablename, policyname, cmd, qual, with_check, permissive, roles::text[] FROM pg_policies")
        )
        found = {(row.tablename, row.policyname): row for row in rows}
    told = {key: (row.cmd, _on_one_line(row.qual), _on_one_line(row.with_check)) for key, row in found.items()}
    assert told == expected
    assert {(row.permissive, *row.roles) for row in found.values()} == {("PERMISSIVE", "entraide_app")}


def _on_one_line(expression: str | None) -> str | None:
    return None if expression is None else " ".join(expression.split())
