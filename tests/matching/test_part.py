"""The small problem of a question decides what the whole problem decides with the same lines kept."""

from collections.abc import Iterator

import pytest

from exchange.matching.answering import best_lines
from exchange.matching.standing import QUESTION_LIMITS, Question, Standing, posed, re_solve
from tests.matching.part_search import is_lawful
from tests.matching.plans_in_place import InPlace, in_place
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_cuts, tiny_problem_with_groups

SEEDS = range(9)


def _crowded(seed: int) -> InPlace:
    makers = (tiny_problem, tiny_problem_with_groups, tiny_problem_with_cuts)
    return in_place(makers[seed % len(makers)](seed, scale=3))


def _questions(standing: Standing) -> Iterator[Question]:
    """Every person out of their seats, every seat left empty, every situation moved, every other offer imposed."""
    tables = standing.tables
    everybody = range(len(tables.volunteers))
    for who, shifts in standing.shifts_of.items():
        freed = frozenset((who, shift) for shift in shifts)
        yield Question(free_loans=freed, barred_loans=freed)
        yield Question(free_loans=freed, barred_loans=frozenset((one, shift) for one in everybody for shift in shifts))
    for situation in range(len(tables.situations)):
        mine = {block for block in tables.lines_of(situation) if block in standing.placements}
        barred = frozenset((block, standing.placements[block]) for block in mine)
        yield Question(free_blocks=frozenset(mine), barred_placements=barred)
    for block in range(tables.wanted):
        for offer in range(len(tables.offers)):
            if not standing.eligibility.placements[block, offer] and standing.placements.get(block) != offer:
                others = {one for one, place in standing.placements.items() if place == offer}
                yield Question(free_blocks=frozenset({block, *others}), imposed_placements={block: offer})
                yield Question(free_blocks=frozenset({block}), imposed_placements={block: offer})
    for who in everybody:
        for shift in range(len(tables.shifts)):
            if not standing.eligibility.loans[who, shift] and (who, shift) not in standing.loans:
                freed = frozenset(pair for pair in standing.loans if pair[0] == who or pair[1] == shift)
                yield Question(free_loans=freed, imposed_loans=frozenset({(who, shift)}))
                yield Question(imposed_loans=frozenset({(who, shift)}))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_part_has_the_levels_of_the_whole_and_lawful_lines(seed: int) -> None:
    at = _crowded(seed)
    standing = at.standing
    tables = standing.tables
    met = 0
    for question in _questions(standing):
        eligibility, kept, _ = posed(standing, question)
        whole = best_lines(tables, eligibility, kept, standing.previous, QUESTION_LIMITS)
        part = re_solve(standing, question)
        assert (whole is None) == (part is None), question
        if whole is not None and part is not None:
            assert part.levels == whole.levels, question
            loans = {(line.volunteer, line.shift) for line in map(standing.loan_line, part.lines[0])}
            placed = [standing.placement_line(*pair) for pair in part.lines[1].items()]
            assert is_lawful(
                at.problem, loans, {(line.situation, line.block, line.offer, *line.segments) for line in placed}
            )
            met += 1
    assert met
