"""Two years of stored situations, by copying one life that the product itself has written.

Each community has one situation entered, proposed, held, agreed to and confirmed by commands, with its offers, cards,
events and outbox rows; its end is written by hand. Then every row is inserted again so many times under new ids and
earlier dates, by the database alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import asyncpg

from bench.storm.town import Line, Town
from bench.storm.world import World
from exchange.kernel.actor import Via
from exchange.kernel.db import now_of
from exchange.placements.commands import GiveYes, HoldAnswer, give_yes, hold_answer
from exchange.reactions import reactions
from tests.factories.placements import ALL_YESES

LIVES_OF_AN_OFFER: Final = 50
YEARS: Final = 2
WEEKS: Final = 104
"""What is done leaves the outbox after one."""

OF_OFFERS: Final = ("place_offers", "offer_segments")
OF_LIVES: Final = (
    "situations", "situation_blocks", "situation_details", "placements", "placement_segments", "events", "cards",
    "outbox",
)  # fmt: skip
ENDED: Final = """
    UPDATE placements SET state = 'ended', admitted_at = now(), exit_on = current_date WHERE community_id = $1
       AND state = 'confirmed';
    UPDATE placements SET state = 'superseded' WHERE community_id = $1 AND state = 'proposed';
    UPDATE offer_segments SET used = 0 WHERE community_id = $1;
    UPDATE place_offers SET state = 'withdrawn' WHERE community_id = $1;
    UPDATE situations SET state = 'closed', outcome = 'placed_in_network', effective_at = now(), closed_at = now(),
           next_check_at = NULL WHERE community_id = $1;
    UPDATE cards SET shown_until = greatest(now(), shown_from + interval '1 second')
     WHERE community_id = $1 AND shown_until = 'infinity';
    UPDATE outbox SET done_at = now(), attempts = 1 WHERE community_id = $1;
"""


async def live_through(world: World, town: Town, copies: int) -> None:
    """Store so many closed situations in a community that has none."""
    await _one_life(replace(town, db=replace(town.db, reactions=reactions)))
    async with world.as_owner() as owner:
        for statement in ENDED.split(";\n"):
            if statement.strip():
                await owner.execute(statement, town.community_id)
        offers = await _ids(owner, town.community_id, "place_offers")
        lives = [each for table in OF_LIVES for each in await _ids(owner, town.community_id, table)]
        for table in OF_OFFERS:
            await _copy(owner, table, town.community_id, lives, offers, copies // LIVES_OF_AN_OFFER, is_offer=True)
        for table in OF_LIVES:
            kept = copies // WEEKS if table == "outbox" else copies
            await _copy(owner, table, town.community_id, lives, offers, kept, is_offer=False)
        await owner.execute("ANALYZE")


async def _one_life(town: Town) -> None:
    offers = [await town.offer() for _ in range(2)]
    (call,) = await town.calls_for_tomorrow_night(1)
    placement_id, _ = await town.propose(Line(call.id, offer, rank) for rank, offer in enumerate(offers, 1))
    async with town.db.write(town.community_id) as tx:
        await hold_answer(tx, town.adviser.actor, HoldAnswer(call.id, 1), now_of(tx))
    for party, who in zip(ALL_YESES, (town.houses[0].manager, town.adviser, town.adviser), strict=True):
        yes = GiveYes(placement_id, party, Via.WEB, person_yes_from="person", legal_basis="emergency_admission")
        async with town.db.write(town.community_id) as tx:
            await give_yes(tx, who.actor, yes, now_of(tx))


async def _ids(owner: asyncpg.Connection, community_id: UUID, table: str) -> list[UUID]:
    """Every id that the rows of one life bear, facts included."""
    names = [name for name, _ in await _columns(owner, table) if name in ("id", "fact_id")]
    found = []
    for name in names:
        rows = await owner.fetch(f"SELECT DISTINCT {name} FROM {table} WHERE community_id = $1", community_id)  # noqa: S608 : names of ours
        found += [row[0] for row in rows]
    return found


async def _columns(owner: asyncpg.Connection, table: str) -> list[tuple[str, str]]:
    rows = await owner.fetch(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position",
        table,
    )
    return [(row[0], row[1]) for row in rows]


async def _copy(
    owner: asyncpg.Connection,
    table: str,
    community_id: UUID,
    lives: Sequence[UUID],
    offers: Sequence[UUID],
    copies: int,
    *,
    is_offer: bool,
) -> None:
    columns = await _columns(owner, table)
    offer_number = "g.n" if is_offer else f"(g.n / {LIVES_OF_AN_OFFER})"
    step = YEARS * 365 * 24 * 60 // max(1, copies)
    values = [_value(name, kind, offer_number, step) for name, kind in columns]
    names = ", ".join(name for name, _ in columns)
    await owner.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)}"  # noqa: S608 : names of ours
        f" FROM {table} t, generate_series(0, $4::int - 1) g(n) WHERE t.community_id = $1"
        " AND ($2::uuid[] IS NOT NULL AND $3::uuid[] IS NOT NULL)",
        community_id,
        list(lives),
        list(offers),
        copies,
        timeout=600,
    )


def _value(name: str, kind: str, offer_number: str, step: int) -> str:
    """The column of a copy: its own ids, its own reference, its own time; everything else as it was."""
    if kind == "uuid" and name != "community_id":
        return (
            f"CASE WHEN t.{name} = ANY($3) THEN {_copied(f't.{name}::text', offer_number)}"
            f" WHEN t.{name} = ANY($2) THEN {_copied(f't.{name}::text', 'g.n')} ELSE t.{name} END"
        )
    if name == "blocks_key":
        return _copied("t.blocks_key", "g.n") + "::text"
    if name == "reference":
        return "'P-' || lpad(to_hex(g.n), 6, '0')"
    if kind.startswith("timestamp"):
        return f"t.{name} - make_interval(mins => 60 + g.n * {step})"
    return f"t.{name}"


def _copied(key: str, number: str) -> str:
    """The id of a copy: those of one life stand together, one life after the other, as ids made in time do."""
    return f"(lpad(to_hex({number}), 8, '0') || substr(md5({key} || {number}), 9))::uuid"
