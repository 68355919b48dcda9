"""A promise that a rule refuses is taken off the problem with the room that it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.matching import ProblemInvalid, solve
from exchange.matching.problem import (
    Association,
    Block,
    Commune,
    Establishment,
    Lines,
    LoanLine,
    Need,
    Offer,
    PlacementLine,
    Problem,
    Shift,
    Situation,
    Volunteer,
)
from exchange.planning.loosening import Accepted, without_refused_line

SEGMENTS = 14


def a_situation(name: str) -> Situation:
    return Situation(name, 30, "p", None, 4, None, "43157", 60, (Block("b", (1, 3)),), (), (), 3)


PROBLEM = Problem(
    id="p",
    horizon_start="2026-11-23",
    days=7,
    bassins=1,
    communes=(Commune("43157", 0),),
    travel_min=((10,),),
    associations=(Association("host", 0), Association("lender", 0)),
    establishments=(
        Establishment("house", "host", 0, "43157", False),
        Establishment("home", "lender", 0, "43157", False),
    ),
    volunteers=(
        Volunteer("v", "lender", "home", "43157", ("aes",), (0,), ((0, 6000),), (), (0,), 2400, 60, False, True),
    ),
    lend_caps=(),
    needs=(Need("n", "house", ("aes",), 3, None, False, (Shift("s1", 480, 960, 1), Shift("s2", 600, 1080, 1))),),
    offers=(Offer("o", "house", None, (18, 60), ("p",), (2,) * SEGMENTS, (0,) * SEGMENTS, ()),),
    situations=(a_situation("i"), a_situation("j")),
)
PLACED = PlacementLine("i", "b", "o")


def refused(key: str) -> ProblemInvalid:
    return ProblemInvalid(key, "une règle")


def with_frozen(loans: tuple[LoanLine, ...] = (), placements: tuple[PlacementLine, ...] = ()) -> Problem:
    return replace(PROBLEM, frozen=Lines(loans, placements))


def test_a_promised_place_is_one_place_less_and_its_block_is_no_longer_asked() -> None:
    accepted = Accepted(with_frozen(placements=(PLACED,)), 0, 1)
    looser = without_refused_line(accepted, refused("frozen.placements[0]"))
    assert looser is not None
    assert looser.problem.frozen == Lines()
    assert [situation.id for situation in looser.problem.situations] == ["j"]
    (offer,) = looser.problem.offers
    assert [offer.capacity[segment] for segment in range(5)] == [2, 1, 2, 1, 2]


def test_who_must_stay_with_a_promised_person_joins_them_or_nobody() -> None:
    other = Establishment("other", "host", 0, "43157", False)
    together = tuple(replace(a_situation(name), together="couple") for name in ("i", "j"))
    places = (*PROBLEM.offers, replace(PROBLEM.offers[0], id="elsewhere", establishment="other"))
    problem = replace(
        with_frozen(placements=(PLACED,)),
        establishments=(*PROBLEM.establishments, other),
        situations=(*together, a_situation("k")),
        offers=places,
    )
    looser = without_refused_line(Accepted(problem, 0, 1), refused("frozen.placements[0]"))
    assert looser is not None
    excluded = {one.id: one.excluded_establishments for one in looser.problem.situations}
    assert excluded == {"j": ("home", "other"), "k": ()}
    served = {line.situation: line.offer for line in solve(looser.problem).placements}
    assert served == {"j": "o", "k": "elsewhere"}


def test_an_open_proposal_is_only_dropped_and_its_block_asked_again() -> None:
    looser = without_refused_line(Accepted(with_frozen(placements=(PLACED,)), 0, 0), refused("frozen.placements[0]"))
    assert looser is not None
    assert looser.problem == PROBLEM


def test_a_promised_seat_is_taken_and_the_person_is_busy() -> None:
    accepted = Accepted(with_frozen(loans=(LoanLine("v", "s1"),)), 1, 0)
    looser = without_refused_line(accepted, refused("frozen.loans[0]"))
    assert looser is not None
    ((first, second),) = (need.shifts for need in looser.problem.needs)
    assert (first.headcount, second.headcount) == (0, 1)
    (volunteer,) = looser.problem.volunteers
    assert volunteer.own_shifts == ((480, 960),)
    assert (volunteer.week_minutes_done, volunteer.max_loan_minutes) == ((480,), 2400 - 480)
    # The second shift overlaps the promised one: nobody is left to hold it.
    assert solve(looser.problem).loans == ()


@pytest.mark.parametrize("key", ["offers[0].capacity", "volunteers[3].commune", "previous.loans[0].shift"])
def test_a_fault_elsewhere_is_no_promise_to_loosen(key: str) -> None:
    assert without_refused_line(Accepted(PROBLEM, 0, 0), refused(key)) is None


def test_a_loosened_problem_is_solvable() -> None:
    far = replace(PROBLEM, situations=(replace(a_situation("i"), max_travel_min=0), a_situation("j")))
    accepted = Accepted(replace(far, frozen=Lines((), (PLACED,))), 0, 1)
    with pytest.raises(ProblemInvalid) as refusal:
        solve(accepted.problem)
    looser = without_refused_line(accepted, refusal.value)
    assert looser is not None
    assert solve(looser.problem).placements == (PlacementLine("j", "b", "o"),)
