"""Each code of the matcher's explanations has one French sentence, and no sentence is idle."""

from __future__ import annotations

import re

import pytest

from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.explanation import Grounds, Obstacle, Shortage, Use
from exchange.matching.families import Family
from exchange.matching.ways import Relaxation
from exchange.wording.explanations import (
    CHANGES,
    FAMILIES,
    GROUNDS,
    NEAR_MISSES,
    OBSTACLES,
    REFUSALS,
    SHORTAGES,
    USES,
    change_sentence,
    cost_sentence,
    period_said,
    phrase_of,
    segment_name,
    segments_said,
    verdict_sentence,
    way_sentence,
)
from exchange.wording.reasons import ReasonUnknown

PARAMETERS = {
    "found": 75,
    "limit": 60,
    "minutes": 15,
    "volunteer": "v1",
    "situation": "ana",
    "offer": "o1",
    "place": "offre o1",
    "posts": "AES ou ES",
    "shift": "s1",
    "shifts": ["s1", "s2"],
    "segments": ["nuit du 06/03"],
    "period": "du 06/03 à 21 h au 07/03 à 7 h",
    "loans": [{"volunteer": "v1", "shift": "s3"}],
    "placements": [{"situation": "ana", "block": "lundi", "offer": "o1"}],
}


def test_every_code_has_its_sentence_and_no_sentence_is_idle() -> None:
    assert REFUSALS.keys() == {code.value for codes in (LoanRefusal, PlacementRefusal) for code in codes}
    assert OBSTACLES.keys() == {code.value for code in Obstacle}
    assert SHORTAGES.keys() == {code.value for code in Shortage}
    assert USES.keys() == {code.value for code in Use}
    assert GROUNDS.keys() == {code.value for code in Grounds}
    assert FAMILIES.keys() == {code.value for code in Family}
    assert CHANGES.keys() == NEAR_MISSES.keys() == {code.value for code in Relaxation}
    assert not REFUSALS.keys() & OBSTACLES.keys()


@pytest.mark.parametrize("code", sorted([*REFUSALS, *OBSTACLES]))
def test_a_reason_reads_as_the_rest_of_a_sentence(code: str) -> None:
    sentence = verdict_sentence({"code": code, **PARAMETERS})
    assert sentence
    assert not sentence.endswith(".")
    assert not re.search(r"[{}_\[\]]|None", sentence)


@pytest.mark.parametrize("code", sorted(CHANGES))
def test_a_change_reads_as_the_rest_of_a_sentence_whether_or_not_the_person_may_be_named(code: str) -> None:
    for hidden in ({}, {"volunteer": None, "situation": None, "minutes": None, "period": None}):
        sentence = change_sentence({"code": code, **PARAMETERS, **hidden})
        assert not re.search(r"[{}_\[\]]|None", sentence)
    assert ("v1" in sentence) is False


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ((0, 0, 0), "sans rien changer aux totaux"),
        ((8, 0, -12), "+8 de besoin urgent sans réponse, -12 de charge"),
        ((0, 4, 3), "+4 d'autre besoin sans réponse, +3 de charge"),
    ],
)
def test_a_cost_tells_each_level_that_changes(levels: tuple[int, int, int], sentence: str) -> None:
    assert cost_sentence(*levels) == sentence


def test_lines_in_the_way_are_named() -> None:
    told = verdict_sentence({"code": "rest-other-loan", **PARAMETERS})
    assert told == "il manquerait le repos dû avec un autre renfort (v1 → s3, ana/lundi → o1)"


@pytest.mark.parametrize(("segment", "name"), [(0, "jour du 02/03"), (9, "nuit du 06/03")])
def test_a_night_bears_the_date_on_which_it_starts(segment: int, name: str) -> None:
    assert segment_name("2026-03-02", segment) == name


def test_dates_in_a_row_are_told_as_one_run_days_before_nights() -> None:
    assert segments_said("2026-03-02", [1, 3, 5, 9, 2]) == ["jour du 03/03", "nuits du 02/03 au 04/03", "nuit du 06/03"]


def test_a_way_tells_every_change_and_one_without_any_says_that_nothing_more_is_asked() -> None:
    changes = [{"code": code, **PARAMETERS} for code in ("bassin-accepted", "one-more-place")]
    assert way_sentence(changes) == ("accepter ce bassin de vie (v1) et une place de plus, offre o1 (nuit du 06/03)")
    assert way_sentence(changes[:1], "Les Tilleuls") == "accepter ce bassin de vie (v1), pour Les Tilleuls"
    assert way_sentence([]).startswith("une réponse existe, sans rien demander de plus")


@pytest.mark.parametrize(
    ("start", "period", "told"),
    [
        ("2026-03-02", (4 * 1440 + 1260, 5 * 1440 + 420), "du 06/03 à 21 h au 07/03 à 7 h"),
        ("2026-03-02", (4 * 1440 + 390, 4 * 1440 + 840), "le 06/03 de 6 h 30 à 14 h"),
        ("2026-03-02T00:00", (-60, 30), "du 01/03 à 23 h au 02/03 à 0 h 30"),
        ("9999-12-27", (10 * 1440, 10 * 1440 + 60), "le 11e jour de 0 h à 1 h"),
    ],
)
def test_a_period_is_told_by_its_dates_even_before_the_horizon_or_past_the_calendar(
    start: str, period: tuple[int, int], told: str
) -> None:
    assert period_said(start, *period).replace("\u00a0", " ") == told


def test_an_unknown_code_is_refused_rather_than_shown() -> None:
    with pytest.raises(ReasonUnknown):
        verdict_sentence({"code": "because"})
    with pytest.raises(ReasonUnknown):
        change_sentence({"code": "because"})
    with pytest.raises(ReasonUnknown):
        phrase_of(GROUNDS, "because")
