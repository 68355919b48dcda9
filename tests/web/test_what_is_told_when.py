"""The note about the person reaches the house that hosts, once confirmed; the codes, whoever is asked to answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from exchange.kernel.actor import Role
from exchange.situations.models import SituationDetails
from tests.web.conftest import Town, words_of
from tests.web.test_pages import held, placement_state, tomorrow

NOTE, CODE = "Chambre au rez-de-chaussée.", "Épilepsie avec traitement de secours"


async def told(town: Town, who: str | Role) -> tuple[bool, bool]:
    """Whether the page of the placement tells the codes, and the note."""
    page = words_of(await town[who].see(f"/accueils/{town.placement_id}"))
    return CODE in page, NOTE in page


async def test_the_note_waits_for_confirmation_and_the_codes_for_the_request(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(SituationDetails).values(free_text=NOTE))
    adviser, manager = town[Role.PATHWAY_ADVISER], town[Role.FACILITY_MANAGER]
    here = f"/accueils/{town.placement_id}"
    houses = (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER)

    async def all_told(expected: tuple[bool, bool]) -> None:
        assert await told(town, Role.PATHWAY_ADVISER) == (True, True)
        for who in houses:
            assert await told(town, who) == expected, (await placement_state(town), who)
        for who in ("neighbour", Role.OBSERVER):
            await town[who].see(here, 404)

    for who in houses:
        await town[who].see(here, 404)
    await held(town)
    await all_told((True, False))
    await manager.send(f"{here}/oui", {}, seen_on=here)
    await adviser.send(f"{here}/accord", {"person_yes_from": "person"}, seen_on=here)
    assert await placement_state(town) == "accepted"
    await all_told((True, False))
    await adviser.send(f"{here}/cadre", {"legal_basis": "emergency_admission"}, seen_on=here)
    assert await placement_state(town) == "confirmed"
    await all_told((True, True))
    leaves = (date.fromisoformat(tomorrow()) + timedelta(days=3)).isoformat()
    await manager.send(f"{here}/arrivee", {"exit_on": leaves}, seen_on=here)
    assert await placement_state(town) == "admitted"
    await all_told((True, True))


@pytest.mark.parametrize("address", ["/", "/tableau"])
async def test_no_board_tells_a_code_nor_the_note(town: Town, address: str) -> None:
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(SituationDetails).values(free_text=NOTE))
    await held(town)
    for browser in town.browsers.values():
        page = words_of(await browser.see(address))
        assert CODE not in page
        assert NOTE not in page
