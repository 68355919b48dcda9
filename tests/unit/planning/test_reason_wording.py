"""One French sentence per reason, for every code that planning or the matcher can give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.explain import Contention
from exchange.planning import reasons
from exchange.reference.qualifications import Qualification
from exchange.wording.reasons import WHY, WHY_NOT, ReasonUnknown, obstacle_sentence, reason_sentence, reason_sentences

PARAMETERS = {
    "minutes": 42,
    "is_estimate": True,
    "blocks": 1,
    "of": 3,
    "need_id": "n",
    "places": 2,
    "qualification": Qualification.CARE_SUPPORT_WORKER.value,
}


def codes_given_by_planning() -> set[str]:
    """The codes written in the page that gives reasons."""
    return set(re.findall(r'"code": "(\w+)"', Path(reasons.__file__).read_text(encoding="utf-8")))


def test_every_reason_that_planning_gives_has_its_sentence_and_no_sentence_is_idle() -> None:
    assert codes_given_by_planning() == WHY.keys()


@pytest.mark.parametrize("code", sorted(WHY))
def test_a_reason_is_one_plain_sentence(code: str) -> None:
    sentence = reason_sentence({"code": code, **PARAMETERS})
    assert sentence[0].isupper() or sentence[0] == "À"
    assert sentence.endswith(".")
    assert not re.search(r"[{}_]", sentence)


def test_every_refusal_of_the_matcher_is_worded() -> None:
    given = {code.value for refusals in (LoanRefusal, PlacementRefusal, Contention) for code in refusals}
    assert given == WHY_NOT.keys()


@pytest.mark.parametrize("code", sorted(WHY_NOT))
def test_an_obstacle_agrees_in_number(code: str) -> None:
    assert obstacle_sentence(code, 1).startswith("1 ")
    assert obstacle_sentence(code, 7).startswith("7 ")


def test_an_unknown_code_is_refused_rather_than_shown() -> None:
    with pytest.raises(ReasonUnknown):
        reason_sentence({"code": "because"})
    with pytest.raises(ReasonUnknown):
        obstacle_sentence("because", 1)


def test_two_reasons_that_read_the_same_are_told_once() -> None:
    opened = [{"code": "opened_by_loan", "need_id": need} for need in ("one", "two")]
    assert len(reason_sentences([{"code": "fits_needs"}, *opened])) == 2


def test_an_estimated_road_says_so_and_a_computed_one_does_not() -> None:
    assert "estimation" in reason_sentence({"code": "travel_minutes", "minutes": 18, "is_estimate": True})
    assert reason_sentence({"code": "travel_minutes", "minutes": 18, "is_estimate": False}) == "À 18 minutes de route."
