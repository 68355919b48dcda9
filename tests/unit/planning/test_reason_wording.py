"""One French sentence per reason, for every code that planning or the matcher can give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.explain import Contention
from exchange.planning import by_hand, reasons
from exchange.reference.qualifications import Qualification
from exchange.wording.errors_staffing import WORDING
from exchange.wording.reasons import (
    IN_SHORT,
    RESERVES,
    UNLOCKS,
    WHY,
    WHY_NOT,
    Reason,
    ReasonUnknown,
    obstacle_sentence,
    reason_sentence,
    reason_sentences,
    telling_sentence,
    unlock_sentence,
)

PARAMETERS = {
    "minutes": 42,
    "is_estimate": True,
    "blocks": 1,
    "of": 3,
    "need_id": "n",
    "places": 2,
    "reason": "infection",
    "breach": "travel",
    "qualification": Qualification.CARE_SUPPORT_WORKER.value,
}


def codes_given_by_planning() -> set[str]:
    """The codes written in the pages that give reasons."""
    pages = "".join(Path(str(page.__file__)).read_text(encoding="utf-8") for page in (by_hand, reasons))
    return set(re.findall(r'"code": "(\w+)"', pages))


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


NEAR = {"code": "travel_minutes", "minutes": 18, "is_estimate": True}
FAR = {"code": "travel_minutes", "minutes": 65, "is_estimate": False}
FITS, SAME_AREA, ONE_PLACE = ({"code": code} for code in ("fits_needs", "same_living_area", "one_place_for_all"))
PART = {"code": "part_of_answer", "blocks": 1, "of": 3}
IF_STAFFED, AGE = {"code": "opened_by_loan", "need_id": "n"}, {"code": "age_to_confirm"}
TITLE = {"code": "holds_qualification", "qualification": "night_supervisor"}


@pytest.mark.parametrize(
    ("reasons", "sentence"),
    [
        ((), ""),
        ((FITS,), "Ce lieu offre ce que les besoins demandent, sur toutes les périodes."),
        ((FITS, SAME_AREA, NEAR), "À 18 min (estimation), même bassin."),
        ((FITS, SAME_AREA, NEAR, ONE_PLACE), "À 18 min (estimation), même bassin, un seul lieu pour toutes les dates."),
        ((FITS, FAR, PART), "À 1 h 05 de route, pour 1 des 3 périodes."),
        ((FITS, NEAR, IF_STAFFED), "Sous réserve d'un renfort ; à 18 min (estimation)."),
        ((IF_STAFFED, AGE), "Sous réserve d'un renfort et âge à confirmer avec le lieu."),
        ((TITLE, NEAR), "À 18 min (estimation), Surveillant de nuit qualifié, nuit debout."),
        ((NEAR, {"code": "opens_places", "places": 2}), "À 18 min (estimation), ouvre 2 places."),
    ],
)
def test_one_sentence_tells_a_proposal_from_the_others(reasons: tuple[Reason, ...], sentence: str) -> None:
    assert telling_sentence(reasons) == sentence


def test_whatever_tells_a_proposal_is_said_in_short() -> None:
    true_of_all = {"fits_needs", "free_and_rested"}
    assert {*RESERVES, *IN_SHORT} == WHY.keys() - true_of_all
    with pytest.raises(ReasonUnknown):
        telling_sentence(({"code": "because"},))


def test_what_would_unlock_is_said_of_obstacles_alone_and_only_where_somebody_may_decide() -> None:
    assert UNLOCKS.keys() < WHY_NOT.keys()
    for code in WHY_NOT:
        told = [unlock_sentence(code, count) for count in (1, 7)]
        assert all(sentence is None for sentence in told) == (code not in UNLOCKS)
        assert all(sentence is None or (sentence.endswith(".") and "{" not in sentence) for sentence in told)


def test_an_unknown_code_is_refused_rather_than_shown() -> None:
    with pytest.raises(ReasonUnknown):
        reason_sentence({"code": "because"})
    with pytest.raises(ReasonUnknown):
        obstacle_sentence("because", 1)


def test_two_reasons_that_read_the_same_are_told_once() -> None:
    opened = [{"code": "opened_by_loan", "need_id": need} for need in ("one", "two")]
    assert len(reason_sentences([{"code": "fits_needs"}, *opened])) == 2


def test_a_place_that_waits_for_staff_does_not_say_whether_it_is_a_loan_or_an_internal_move() -> None:
    assert "mise à disposition" not in reason_sentence(IF_STAFFED)
    assert "mise à disposition" not in WORDING["need-has-agreed-loans"][1]


def test_an_estimated_road_says_so_and_a_computed_one_does_not() -> None:
    assert "estimation" in reason_sentence({"code": "travel_minutes", "minutes": 18, "is_estimate": True})
    assert reason_sentence({"code": "travel_minutes", "minutes": 18, "is_estimate": False}) == "À 18 minutes de route."
