"""Who or what would come instead: bar the chosen candidate for one item, solve again with the rest kept, and again."""

from collections.abc import Iterable

from exchange.matching.answering import Outcome
from exchange.matching.explanation import RunnerUp
from exchange.matching.standing import Pair, Question, Standing, difference, re_solve

MOST_RUNNERS_UP = 3
MOST_SOLVES_PER_NEED = 6
"""A need with many volunteers gets fewer runners-up for each, and one at least."""


def runners_up_of_situation(standing: Standing, situation: int) -> tuple[RunnerUp, ...]:
    """Other answers to the blocks that the plan serves, none of which shares a line with one before.

    The last has no line where nothing else would serve. Accepted lines are not put in question.
    """
    blocks = [
        block
        for block in standing.tables.lines_of(situation)
        if block in standing.placements and block not in standing.accepted.placements
    ]
    alike = {one for block in blocks for one in standing.tables.alike(block)} - standing.accepted.placements.keys()
    barred = {(block, standing.placements[block]) for block in blocks}
    found: list[RunnerUp] = []
    while blocks and len(found) < MOST_RUNNERS_UP:
        question = Question(free_blocks=frozenset(blocks), barred_placements=frozenset(barred))
        outcome = re_solve(standing, question)
        if outcome is None:
            break
        served = {(block, offer) for block, offer in outcome.lines[1].items() if block in alike}
        found.append(_runner_up(standing, outcome, (), served))
        if not served:
            break
        barred |= served
    return tuple(found)


def runners_up_of_volunteer(
    standing: Standing, who: int, shifts: Iterable[int], most: int = MOST_RUNNERS_UP
) -> tuple[RunnerUp, ...]:
    """Others who would take these shifts of one need; the last has no line where nobody would."""
    freed = frozenset((who, shift) for shift in shifts) - standing.accepted.loans
    concerned = sorted({shift for _, shift in freed})
    barred = {who}
    found: list[RunnerUp] = []
    while freed and len(found) < most:
        barred_loans = frozenset((one, shift) for one in barred for shift in concerned) - (standing.loans - freed)
        outcome = re_solve(standing, Question(free_loans=freed, barred_loans=barred_loans))
        if outcome is None:
            break
        taken = set(outcome.lines[0]) - (standing.loans - freed)
        found.append(_runner_up(standing, outcome, taken, ()))
        if not taken:
            break
        barred |= {one for one, _ in taken}
    return tuple(found)


def _runner_up(standing: Standing, outcome: Outcome, loans: Iterable[Pair], placements: Iterable[Pair]) -> RunnerUp:
    return RunnerUp(
        tuple(sorted(standing.loan_line(pair) for pair in loans)),
        tuple(sorted(standing.placement_line(*pair) for pair in placements)),
        difference(standing, outcome.levels),
    )
