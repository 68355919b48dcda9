"""F3: fifty want a house of three places; a hundred hosts want the same person at the same hour."""

from __future__ import annotations

import random
from typing import Final
from uuid import UUID

from bench.storm.client import Caller, at_once
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.lending import a_lending_town, ask_all
from bench.storm.sockets import sockets
from bench.storm.town import Line, a_town
from bench.storm.world import World
from exchange.loans.rules import LoanParty

PLACES: Final = 3


async def play(world: World, size: Size, seed: int, history: History) -> None:
    draw = random.Random(seed)
    for turn in range(1, size["rounds"] + 1):
        await _one_house(world, size["holds"], draw, history, turn)
        await _one_person(world, size["loans"], draw, history, turn)
    history.measured("deadlocks", max(world.deadlocks_logged(), await world.deadlocks_counted()))


async def _one_house(world: World, holds: int, draw: random.Random, history: History, turn: int) -> None:
    town = await a_town(world)
    offer_id = await town.offer(capacity=PLACES)
    calls = await town.calls_for_tomorrow_night(holds)
    await town.propose(Line(call.id, offer_id) for call in calls)
    draw.shuffle(calls)
    async with sockets(world.url) as http:
        adviser = Caller(http, history, town.adviser.token)
        await at_once(
            adviser.post(
                "hold", f"/situations/{call.reference}/hold", {"rank": 1}, targets=(call.id, offer_id), turn=turn
            )
            for call in calls
        )
    await world.dump(history, town.community_id, "placements", "placement_segments", "offer_segments")


async def _one_person(world: World, loans: int, draw: random.Random, history: History, turn: int) -> None:
    """Every request has the lender's word and the person's; the host's comes for all of them at once."""
    town = await a_lending_town(world)
    asked: list[UUID] = await ask_all(town, loans, LoanParty.LENDER, LoanParty.PERSON)
    draw.shuffle(asked)
    async with sockets(world.url) as http:
        host = Caller(http, history, town.host.token)
        await at_once(
            host.post("accept-loan", f"/loans/{loan_id}/acceptance", targets=(loan_id,), turn=turn) for loan_id in asked
        )
    await world.dump(history, town.lending.community_id, "staff_loans", "loan_shifts")


FIGURE: Final = Figure(
    name="F3",
    title="50 demandes pour 3 places ; 100 prêts d’une même personne",
    target="3 places tenues ; 1 prêt conclu",
    full={"rounds": 5, "holds": 50, "loans": 100},
    tenth={"rounds": 1, "holds": 25, "loans": 20},
    play=play,
)
