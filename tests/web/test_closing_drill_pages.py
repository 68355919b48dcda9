"""A closing drill on screen: asked for a house, read once solved, applied line by line."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.journals import AccessLogEntry
from exchange.placements.commands import HoldAnswer, hold_answer
from exchange.planning.drills.run import run_drill
from exchange.planning.solver_process import SolverProcess, running_solver
from tests.factories.availability import an_offer, from_tonight
from tests.web.conftest import Town, parsed, words_of

OTHERS = (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.PATHWAY_ADVISER, Role.OBSERVER)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def solver() -> AsyncIterator[SolverProcess]:
    async with running_solver() as process:
        await process.start()
        yield process


async def asked(town: Town, **over: str | list[str]) -> UUID:
    """A coordinator asks what becomes of two residents of `home`; return the drill."""
    coordinator = town[Role.COORDINATOR]
    address = f"/exercices/nouveau?lieu={town.home_id}"
    page = await coordinator.see(address)
    dates = dict(re.findall(r'name="(first|last)" type="date" value="([^"]+)"', page))
    fields: dict[str, str | list[str]] = {
        **dates,
        "first_half": "night",
        "last": dates["first"],
        "last_half": "night",
        "max_travel_minutes": "60",
        "count_1": "2",
        "age_1": "30-44",
        "needs_1": ["intellectual_disability"],
        "group_1": "A",
        "legal_1": "none",
        **over,
    }
    reply = await coordinator.send(f"/exercices/{town.home_id}", fields, seen_on=address)
    assert reply.status_code == 303, reply.text[-1500:]
    return UUID(reply.headers["location"].rsplit("/", 1)[-1])


async def a_neighbour_s_offer(town: Town, capacity: int) -> UUID:
    async with town.db.write(town.community_id) as tx:
        return await an_offer(tx, town.neighbour_id, spans=await from_tonight(tx, capacity))


async def test_a_drill_is_asked_solved_read_and_applied(town: Town, solver: SolverProcess) -> None:
    coordinator = town[Role.COORDINATOR]
    await a_neighbour_s_offer(town, 3)
    drill_id = await asked(town)
    waiting = await coordinator.see(f"/exercices/{drill_id}")
    assert "Le calcul est en cours" in words_of(waiting)
    assert await run_drill(town.db, town.community_id, drill_id, solver, StraightLine())
    page = await coordinator.see(f"/exercices/{drill_id}")
    told = words_of(page)
    assert "Foyer des Tilleuls ferme" in told
    assert "Maison de la Borne" in told
    assert "groupe A" in told
    assert "aucun ne change" in told
    assert "hx-trigger" not in re.findall(r'<div id="exercice"[^>]*>', page)[0]
    keys = re.findall(r'name="residents" value="(\d+)"', page)
    address = f"/exercices/{drill_id}/application"
    refused = await coordinator.send(address, {"residents": keys}, seen_on=f"/exercices/{drill_id}")
    assert refused.status_code == 422
    assert "Cochez la case pour confirmer" in refused.text
    alone = await coordinator.send(address, {"residents": keys[0], "confirms": "yes"}, seen_on=f"/exercices/{drill_id}")
    assert alone.status_code == 422
    assert "se choisissent ensemble" in alone.text
    reply = await coordinator.send(address, {"residents": keys, "confirms": "yes"}, seen_on=f"/exercices/{drill_id}")
    assert reply.headers["location"] == f"/exercices/{drill_id}?fait=exercice-applique"
    references = set(
        re.findall(r"S-[A-Z0-9]{4}-[A-Z0-9]{2}", words_of(await coordinator.see(f"/exercices/{drill_id}")))
    )
    assert len(references) == 2
    for reference in references:
        assert "Maison de la Borne" in words_of(await coordinator.see(f"/situations/{reference}"))
    again = await coordinator.send(address, {"residents": keys, "confirms": "yes"}, seen_on="/")
    assert again.headers["location"].endswith("ecartes=1.already_applied-2.already_applied")
    assert "Résident 1 : déjà appliquée." in words_of(await coordinator.see(again.headers["location"]))
    assert "Foyer des Tilleuls" in words_of(await coordinator.see("/exercices"))


async def test_what_stays_unmet_is_told_with_what_stands_in_the_way(town: Town, solver: SolverProcess) -> None:
    drill_id = await asked(town, needs_1=["polyhandicap", "tube_feeding"])
    await run_drill(town.db, town.community_id, drill_id, solver, StraightLine())
    told = words_of(await town[Role.COORDINATOR].see(f"/exercices/{drill_id}"))
    assert "0 résident accueilli sur 2" in told
    assert "Sans réponse complète 2" in told
    assert "Appliquer les lignes choisies" not in told


async def test_reading_a_drill_is_reading_the_situations_of_its_residents(town: Town, solver: SolverProcess) -> None:
    async with town.db.write(town.community_id) as tx:
        await hold_answer(tx, town[Role.COORDINATOR].actor, HoldAnswer(town.situation_id, 1), now_of(tx))
    drill_id = await asked(town, age_1="", needs_1=[])
    await run_drill(town.db, town.community_id, drill_id, solver, StraightLine())
    assert town.reference in words_of(await town[Role.COORDINATOR].see(f"/exercices/{drill_id}"))
    async with town.db.read(town.community_id) as reader:
        looks = await reader.scalar(
            select(func.count()).where(
                AccessLogEntry.subject_id == town.situation_id, AccessLogEntry.purpose == "closing_drill"
            )
        )
    assert looks == 1


@pytest.mark.parametrize("role", OTHERS)
async def test_nobody_else_opens_a_drill(town: Town, role: Role) -> None:
    drill_id = await asked(town)
    for address in ("/exercices", "/exercices/nouveau", f"/exercices/{drill_id}"):
        assert (await town[role].http.get(address)).status_code == 403, address
    for address in (f"/exercices/{town.home_id}", f"/exercices/{drill_id}/application"):
        assert (await town[role].send(address, {})).status_code == 403, address


@pytest.mark.parametrize(
    ("over", "complaint"),
    [
        ({"needs_1": []}, "Choisissez au moins une réponse."),
        ({"age_1": ""}, "Dites l'âge de ces personnes."),
        ({"first": "2001-01-01", "last": "2001-01-02"}, "Cette date est passée."),
        ({"needs_1": ["autism", "polyhandicap", "ageing"]}, "deux"),
    ],
)
async def test_a_drill_that_cannot_be_asked_comes_back_with_its_complaint(
    town: Town, over: dict[str, str | list[str]], complaint: str
) -> None:
    coordinator = town[Role.COORDINATOR]
    address = f"/exercices/nouveau?lieu={town.home_id}"
    page = await coordinator.see(address)
    dates = dict(re.findall(r'name="(first|last)" type="date" value="([^"]+)"', page))
    fields = {
        **dates,
        "first_half": "night",
        "last_half": "night",
        "count_1": "2",
        "age_1": "30-44",
        "needs_1": ["intellectual_disability"],
        **over,
    }
    reply = await coordinator.send(f"/exercices/{town.home_id}", fields, seen_on=address)
    assert reply.status_code == 422
    assert complaint in words_of(reply.text)


async def test_the_pages_are_labelled_and_avoid_the_words_that_hurt(town: Town, solver: SolverProcess) -> None:
    coordinator = town[Role.COORDINATOR]
    await a_neighbour_s_offer(town, 3)
    drill_id = await asked(town)
    await run_drill(town.db, town.community_id, drill_id, solver, StraightLine())
    for address in (
        "/exercices",
        "/exercices/nouveau",
        f"/exercices/nouveau?lieu={town.home_id}",
        f"/exercices/{drill_id}",
    ):
        html = await coordinator.see(address)
        page = parsed(html)
        assert len(page.ids) == len(set(page.ids)), address
        assert page.unlabelled == [], address
        told = f" {words_of(html).lower()} "
        assert [word for word in ("placement", "prêt de", "plancher", "bénévole", "usager") if f" {word}" in told] == []


async def test_an_address_that_tells_nonsense_of_what_was_left_out_is_read_as_nothing(town: Town) -> None:
    drill_id = await asked(town)
    address = f"/exercices/{drill_id}?ecartes=1.moon-x.gone-%3Cscript%3E.gone-7.gone"
    told = words_of(await town[Role.COORDINATOR].see(address))
    assert "Résident 7 : la place ou la situation a changé" in told
    assert "script" not in told
