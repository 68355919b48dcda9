"""The figures of working time of every volunteer on every shift: of lender's and host's, the stricter, one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from exchange.matching import figures
from exchange.matching.arrays import BoolArray, IntArray
from exchange.matching.problem import Establishment, Problem, RuleSet, Volunteer

_BY_DEFAULT = RuleSet(id="")


@dataclass(frozen=True, slots=True, eq=False)
class JointFigures:
    """Volunteers × shifts, in minutes or days; 0 = no such rule in `weekly_rest`, `days_in_row`, `average_limits`.

    `average_limits`: number of consecutive weeks → the most minutes that they may hold together. An array that holds
    one figure throughout is a read-only view of it. `host`: for each shift, the rank of its host's rule set.
    """

    host: IntArray
    shift_limit: IntArray
    night_limit: IntArray
    night_starts_at: IntArray
    rest_minutes: IntArray
    week_limit: IntArray
    weekly_rest: IntArray
    days_in_row: IntArray
    average_limits: dict[int, IntArray]

    def longest_shift(self, starts: IntArray, has_derogation: BoolArray) -> IntArray:
        """The most minutes that each shift (one of `starts`) may last for each person (one of `has_derogation`)."""
        by_night = starts[None, :] % figures.DAY_MINUTES >= self.night_starts_at
        return np.where(by_night & has_derogation[:, None], self.night_limit, self.shift_limit)


def joint_figures(
    problem: Problem,
    establishments: dict[str, Establishment],
    volunteers: Sequence[Volunteer],
    hosts: Sequence[Establishment],
) -> JointFigures:
    """`hosts`: the establishment of each shift. Averages over other numbers of weeks are other rules: both hold."""
    sets = (_BY_DEFAULT, *problem.rules)
    rank = {rules.id: index for index, rules in enumerate(sets)}
    lenders = [rank[volunteer.rules or establishments[volunteer.establishment].rules or ""] for volunteer in volunteers]
    lender = np.array(lenders, dtype=np.int64)
    host = np.array([rank[at.rules or ""] for at in hosts], dtype=np.int64)

    def stricter(figure: Callable[[RuleSet], int], of_two: Callable[[IntArray, IntArray], IntArray]) -> IntArray:
        each = np.array([figure(rules) for rules in sets], dtype=np.int64)
        pairs = of_two(each[:, None], each[None, :])
        present = pairs[np.ix_(np.unique(lender), np.unique(host))]
        if present.size and present.min() == present.max():
            return np.broadcast_to(present.flat[0], (len(lender), len(host)))
        return pairs[np.ix_(lender, host)]

    spans = sorted({rules.average_weeks for rules in problem.rules} - {0})
    return JointFigures(
        host=host,
        shift_limit=stricter(lambda rules: rules.shift_minutes, np.minimum),
        night_limit=stricter(lambda rules: rules.night_shift_minutes, np.minimum),
        night_starts_at=stricter(lambda rules: rules.night_starts_at, np.maximum),
        rest_minutes=stricter(lambda rules: rules.rest_minutes, np.maximum),
        week_limit=stricter(lambda rules: rules.week_minutes, np.minimum),
        weekly_rest=stricter(lambda rules: rules.weekly_rest_minutes, np.maximum),
        days_in_row=stricter(lambda rules: rules.days_in_row, _least_asked),
        average_limits={weeks: stricter(_over(weeks), _least_asked) for weeks in spans},
    )


def _over(weeks: int) -> Callable[[RuleSet], int]:
    return lambda rules: rules.average_week_minutes * weeks if rules.average_weeks == weeks else 0


def _least_asked(one: IntArray, two: IntArray) -> IntArray:
    """The smaller figure of two, where 0 asks for nothing."""
    return np.where((one == 0) | (two == 0), np.maximum(one, two), np.minimum(one, two))
