"""Arrivals played three ways: repeatable, nobody refused to spare a place, and a table that adds up."""

from dataclasses import replace

from bench.arrivals import Outcome, Season, compare, season, share_closed, summary


def a_short_season() -> Season:
    drawn = season(7)
    return replace(drawn, calls=drawn.calls[:6])


def test_the_same_seed_draws_the_same_season_and_rare_needs_call_late() -> None:
    drawn = season(7)
    assert drawn == season(7)
    rare = [call for call in drawn.calls if call.situation.needs or call.situation.profile == "polyhandicap"]
    assert len(rare) == 10
    assert all(call.day >= 7 for call in rare)
    for call in drawn.calls:
        assert min(segment for block in call.situation.blocks for segment in block.segments) > 2 * call.day


def test_calls_before_the_horizon_are_those_of_the_two_weeks_before() -> None:
    assert {call.day < 0 and call.day >= -14 for call in season(7).before} == {True}


def test_without_a_price_both_ways_one_by_one_are_the_same() -> None:
    outcome = compare(a_short_season(), most=0)
    assert outcome.with_price == outcome.without_price
    assert (outcome.priced, outcome.moved) == (0, 0)


def test_a_price_moves_answers_and_the_measure_is_repeatable() -> None:
    outcome = compare(a_short_season(), most=300)
    assert outcome == compare(a_short_season(), most=300)
    assert outcome.moved > 0


def test_the_share_closed_is_that_of_all_gaps_together() -> None:
    outcomes = [
        Outcome(1, without_price=300, with_price=200, hindsight=100, priced=1, moved=2),
        Outcome(2, without_price=100, with_price=120, hindsight=100, priced=1, moved=2),
    ]
    assert share_closed(outcomes) == 0.4
    *rows, last = summary(outcomes)
    assert [row[4] for row in rows] == ["50 %", "—"]
    assert last[:5] == ("médiane", "200", "160", "100", "40 %")
    assert share_closed([Outcome(3, 100, 100, 100, 0, 0)]) is None
