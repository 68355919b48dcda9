"""Nothing untrue in one tap, nothing empty that is not, and words that say something."""

from __future__ import annotations

import re

import pytest

from exchange.kernel.actor import Role
from tests.web.conftest import Town, words_of


@pytest.mark.parametrize("name", ["person_yes_from", "legal_basis"])
async def test_an_agreement_is_chosen_before_it_is_recorded(town: Town, name: str) -> None:
    adviser, here = town[Role.PATHWAY_ADVISER], f"/accueils/{town.placement_id}"
    page = await adviser.see(here)
    found = re.search(rf'<select id="{name}" name="{name}" required.*?</select>', page, re.DOTALL)
    assert found, page
    options = re.findall(r'<option value="(\w*)"( selected)?>([^<]*)', found[0])
    assert options[0] == ("", "", "Choisir")
    assert [selected for _, selected, _ in options if selected] == []
    door = "accord" if name == "person_yes_from" else "cadre"
    refused = await adviser.send(f"{here}/{door}", {name: ""}, seen_on=here)
    assert refused.status_code == 422
    assert f'id="{name}-erreur"' in refused.text


async def test_an_observer_is_told_that_the_volunteers_are_not_theirs_to_see(town: Town) -> None:
    told = words_of(await town[Role.OBSERVER].see("/volontaires", 403))
    assert "Aucun professionnel volontaire" not in told
    for role in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER):
        await town[role].see("/volontaires")
