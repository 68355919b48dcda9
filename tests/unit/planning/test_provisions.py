"""Needs and provisions leave as numbers that neither the file nor its order explains."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from exchange.planning.provisions import Numbers, asked_by, codes_in_play, provided_by
from tests.unit.planning.test_rules import DAY, NIGHT, OFFER, SITUATION, segment

HERE, THERE = UUID(int=1), UUID(int=2)
CODES = ("awake_night", "hoist", "nurse_day", "closed_grounds", "crisis_trained")


def test_needs_become_what_a_place_must_provide_on_which_half() -> None:
    person = replace(SITUATION, need_codes=("autism", "night_waking", "nurse_daily", "hoist_transfers"))
    asked = asked_by(person, Numbers({code: code for code in CODES}))
    assert (asked.always, asked.by_night, asked.by_day) == (("hoist",), ("awake_night",), ("nurse_day",))


def test_what_is_asked_and_what_is_provided_share_their_numbers() -> None:
    offer = replace(OFFER, segments={DAY: segment("hoist"), NIGHT: segment("hoist", "awake_night")})
    numbers = Numbers.of(HERE, codes_in_play([SITUATION], [offer]))
    assert numbers.texts.keys() == {"hoist", "awake_night"}
    provided = provided_by({0: frozenset({"hoist"}), 1: frozenset({"hoist", "awake_night"})}, numbers)
    assert [set(each.codes) for each in provided] == [{numbers.texts["hoist"]}, set(numbers.texts.values())]
    assert asked_by(SITUATION, numbers).by_night == (numbers.texts["awake_night"],)


def test_numbers_follow_the_community_and_not_the_order_of_the_codes() -> None:
    here, there = Numbers.of(HERE, CODES), Numbers.of(THERE, CODES)
    assert here == Numbers.of(HERE, reversed(CODES))
    assert here != there
    assert sorted(here.texts.values()) == ["p1", "p2", "p3", "p4", "p5"]
