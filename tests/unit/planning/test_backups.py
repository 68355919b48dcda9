"""Ranks 2 and 3 of persons to be kept together: another roof for all of them, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from exchange.matching import solve
from exchange.matching.problem import (
    Association,
    Block,
    Commune,
    Establishment,
    Lines,
    Offer,
    PlacementLine,
    Problem,
    Situation,
)
from exchange.planning.backups import backups_of

SEGMENTS = 14
NOTHING = Lines()
MINUTES = {"town": 5, "near": 10, "far": 40}


def a_problem(rooms: Mapping[str, int], *, group: str | None = "couple", frozen: Lines = NOTHING) -> Problem:
    """A house in each commune; `rooms` gives the places of each offer, named after the house and a letter."""
    communes = tuple(MINUTES)
    return Problem(
        id="p",
        horizon_start="2026-11-23",
        days=7,
        bassins=1,
        communes=tuple(Commune(name, 0) for name in communes),
        travel_min=tuple(tuple(MINUTES[name] for name in communes) for _ in communes),
        associations=(Association("a", 0),),
        establishments=tuple(Establishment(name, "a", 0, name, False) for name in communes),
        volunteers=(),
        lend_caps=(),
        needs=(),
        offers=tuple(
            Offer(name, name[:-1], None, (18, 60), ("p",), (room,) * SEGMENTS, (0,) * SEGMENTS, ())
            for name, room in rooms.items()
        ),
        situations=tuple(
            Situation(name, 30, "p", None, 4, None, "town", 60, (Block("b", (1, 3)),), (), (), 3, group)
            for name in ("him", "her")
        ),
        frozen=frozen,
    )


def found(problem: Problem) -> dict[int, dict[str, str]]:
    ranks: dict[int, dict[str, str]] = {}
    for rank, line in backups_of(problem, solve(problem)):
        ranks.setdefault(rank, {})[line.situation] = line.offer
    return ranks


def test_each_rank_is_another_roof_for_both_nearest_first() -> None:
    ranks = found(a_problem({"farA": 2, "nearA": 2, "townA": 2}))
    assert ranks == {2: {"him": "nearA", "her": "nearA"}, 3: {"him": "farA", "her": "farA"}}


def test_a_roof_with_one_place_is_passed_over_and_two_offers_of_one_roof_make_two() -> None:
    ranks = found(a_problem({"townA": 2, "nearA": 1, "farA": 1, "farB": 1}))
    assert set(ranks) == {2}
    assert set(ranks[2].values()) == {"farA", "farB"}


@pytest.mark.parametrize("rooms", [{"townA": 4}, {"townA": 2, "nearA": 1, "farA": 1}])
def test_no_other_roof_with_room_for_both_means_no_backup(rooms: Mapping[str, int]) -> None:
    assert found(a_problem(rooms)) == {}


def test_the_same_persons_alone_would_have_backups_in_two_houses() -> None:
    ranks = found(a_problem({"townA": 2, "nearA": 1, "farA": 1}, group=None))
    assert set(ranks[2].values()) == {"nearA"}
    assert set(ranks[3].values()) == {"farA"}


def test_a_group_served_in_part_by_a_promise_has_no_backup() -> None:
    promised = Lines(placements=(PlacementLine("him", "b", "townA"),))
    assert found(a_problem({"townA": 1, "nearA": 2}, frozen=promised)) == {}
