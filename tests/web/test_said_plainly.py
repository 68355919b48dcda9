"""Nothing untrue in one tap, nothing empty that is not, and words that say something."""

from __future__ import annotations

import re

import pytest

from exchange.kernel.actor import Role
from exchange.kernel.errors import InvalidValue
from exchange.staffing.errors import VolunteerEmailAlreadyListed
from exchange.wording.errors import next_step_of, sentence_of
from tests.web.conftest import Town, words_of
from tests.web.test_pages import held, intake


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


async def test_what_is_held_without_a_fallback_is_not_told_as_nothing_found(town: Town) -> None:
    await held(town)
    sheet = words_of(await town[Role.PATHWAY_ADVISER].see(f"/situations/{town.reference}"))
    assert "Aucune autre proposition en réserve" in sheet
    assert "Aucune proposition pour l'instant" not in sheet


async def test_a_situation_that_has_a_proposal_says_so_and_when_it_is_wanted(town: Town) -> None:
    adviser = town[Role.PATHWAY_ADVISER]
    evening = words_of(await adviser.see("/"))
    sheet = words_of(await adviser.see(f"/situations/{town.reference}"))
    for told in (evening, sheet):
        assert "1 proposition" in told
        assert "Reçue" not in told
    assert "Recherche en cours" in words_of(await adviser.see("/tableau"))
    assert re.search(rf"{town.reference} (Ce soir|Urgent) 1 proposition", sheet), sheet
    assert sheet.count(" Nuit, ") == 2
    assert " nuit, " not in sheet


async def test_a_mistake_elsewhere_does_not_unfold_the_sites(town: Town) -> None:
    for over, opened in (({"age_band": ""}, 0), ({"max_places": "99"}, 1), ({"excluded_facility_ids": ["x"]}, 2)):
        response = await intake(town, over)
        assert response.status_code == 422
        assert response.text.count("<details open>") == opened, over


async def test_volunteers_are_one_line_each_under_their_house_and_one_house_is_open(town: Town) -> None:
    page = await town[Role.COORDINATOR].see("/volontaires")
    assert page.count('<details class="site" open>') == page.count('<details class="site"') == 1
    assert "Maison de la Borne 1" in words_of(page)
    assert "Accompagnant éducatif et social (AES) · " in words_of(page)


async def test_the_board_and_the_evening_fold_on_a_phone(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    assert '<details class="content" open data-fold="velay">' in await coordinator.see("/tableau")
    assert f'<details open data-fold="{town.reference}">' in await coordinator.see("/")


def test_a_length_is_told_with_its_unit_and_a_known_address_with_a_step_that_fits() -> None:
    assert sentence_of(InvalidValue(field="periods", rule="too-long", most=744))[1].endswith("744 heures au plus.")
    assert sentence_of(InvalidValue(field="private_note", rule="too-long", most=300))[1].endswith(
        "300 caractères au plus."
    )
    step = next_step_of(VolunteerEmailAlreadyListed(field="email"))
    assert step is not None
    assert "l'adresse" in step
