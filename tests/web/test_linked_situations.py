"""Linking two situations by the references that people dictate."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from exchange.situations.models import Incompatibility, Situation
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.situations import incompatible_references, together_reference
from tests.web.conftest import Town
from tests.web.test_pages import count, intake, scalar


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        ("S-7K4Q-93", ["S-7K4Q-93"]),
        (" s-7k4q-93 ", ["S-7K4Q-93"]),
        ("7k4q93", ["S-7K4Q-93"]),
        ("S 7K4Q 93", ["S-7K4Q-93"]),
        ("S-7K4Q-93, s-acde-fg", ["S-7K4Q-93", "S-ACDE-FG"]),
        ("S-7K4Q-93 ; S-7K4Q-93", ["S-7K4Q-93"]),
        ("S-7K4Q-93 S-ACDE-FG", ["S-7K4Q-93", "S-ACDE-FG"]),
    ],
)
def test_references_are_read_as_people_type_them(typed: str, read: list[str]) -> None:
    form = PostedForm({"incompatible_references": [typed]})
    assert incompatible_references(form) == read
    assert form.errors == {}


@pytest.mark.parametrize("typed", ["mon frère", "S-7K4Q", "S-7K4Q-93 et sa sœur", "S-7K4Q-9345"])
def test_what_is_no_reference_is_complained_about(typed: str) -> None:
    form = PostedForm({"together_reference": [typed]})
    together_reference(form)
    assert "together_reference" in form.errors


async def test_a_couple_is_entered_by_reference_and_shares_one_group(town: Town) -> None:
    response = await intake(town, {"together_reference": town.reference.lower()})
    assert response.status_code == 303, response.text
    groups = select(func.count(Situation.together_id), func.count(Situation.together_id.distinct()))
    async with town.db.read(town.community_id) as reader:
        assert tuple((await reader.execute(groups)).one()) == (2, 1)


async def test_two_persons_who_must_not_meet_are_kept_apart(town: Town) -> None:
    response = await intake(town, {"incompatible_references": town.reference})
    assert response.status_code == 303, response.text
    async with town.db.read(town.community_id) as reader:
        pair = (await reader.execute(select(Incompatibility.first_id, Incompatibility.second_id))).one()
    assert town.situation_id in pair


@pytest.mark.parametrize("field", ["together_reference", "incompatible_references"])
async def test_a_reference_that_does_not_exist_is_told_beside_its_field(town: Town, field: str) -> None:
    response = await intake(town, {field: "S-AAAA-AA"})
    assert response.status_code == 422
    assert f'id="{field}-erreur"' in response.text
    assert 'value="S-AAAA-AA"' in response.text
    assert await count(town, Situation) == 1


async def test_nobody_is_both_kept_with_and_kept_from_the_same_person(town: Town) -> None:
    both = {"together_reference": town.reference, "incompatible_references": town.reference}
    response = await intake(town, both)
    assert response.status_code == 422
    assert 'id="incompatible_references-erreur"' in response.text
    assert await scalar(town, select(func.count(Situation.together_id))) == 0
