"""One loan on top of what the person already works: weekly rest, days in a row, averages over weeks.

Each function is true (volunteers × shifts) where the rule would be broken by that loan alone; `loan_sets` says the
same of several loans. Rules that no rule set asks for cost nothing.
"""

import numpy as np

from exchange.matching import figures
from exchange.matching.arrays import BoolArray, IntArray
from exchange.matching.problem import Period
from exchange.matching.tables import Tables

_FAR = 2**40


def leaves_no_weekly_rest(tables: Tables) -> BoolArray:
    if not tables.weekly_rest.any():
        return np.zeros(tables.loan_travel.shape, dtype=bool)
    week_start = tables.shift_week * figures.WEEK_MINUTES
    week_end = week_start + figures.WEEK_MINUTES
    # The shift cuts its week in two; the longest free period is the longest part of a gap in either half.
    longest = np.zeros(tables.loan_travel.shape, dtype=np.int64)
    gaps = [_gaps(volunteer.own_shifts) for volunteer in tables.volunteers]
    for rank in range(max(map(len, gaps))):
        opens, closes = np.array([own[min(rank, len(own) - 1)] for own in gaps], dtype=np.int64).T[:, :, None]
        np.maximum(longest, np.minimum(closes, tables.shift_start) - np.maximum(opens, week_start), out=longest)
        np.maximum(longest, np.minimum(closes, week_end) - np.maximum(opens, tables.shift_end), out=longest)
    return longest < tables.weekly_rest


def makes_too_many_days_in_row(tables: Tables) -> BoolArray:
    if not tables.days_in_row.any():
        return np.zeros(tables.loan_travel.shape, dtype=bool)
    # A run that reaches further from the horizon than the longest limit is too long already.
    margin = int(tables.days_in_row.max()) + 1
    worked = np.zeros((len(tables.volunteers), tables.problem.days + 2 * margin), dtype=bool)
    for who, volunteer in enumerate(tables.volunteers):
        days = np.array([start for start, _ in volunteer.own_shifts], dtype=np.int64) // figures.DAY_MINUTES + margin
        worked[who, days[(days >= 0) & (days < worked.shape[1])]] = True
    ending, starting = _runs(worked), _runs(worked[:, ::-1])[:, ::-1]
    day = tables.shift_day + margin
    in_row = ending[:, day - 1] + 1 + starting[:, day + 1]
    return (tables.days_in_row > 0) & (in_row > tables.days_in_row)


def exceeds_an_average(tables: Tables) -> BoolArray:
    refused = np.zeros(tables.loan_travel.shape, dtype=bool)
    weeks = -(-tables.problem.days // 7)
    for span, limits in tables.average_limits.items():
        done = tables.minutes_done(span)
        fullest = np.stack([done[:, week : week + span].max(axis=1) for week in range(weeks)], axis=1)
        refused |= (limits > 0) & (fullest[:, tables.shift_week] + tables.counted_minutes > limits)
    return refused


def _gaps(work: tuple[Period, ...]) -> list[Period]:
    """The periods free of work, ascending, the first and the last without end."""
    gaps, free_from = [], -_FAR
    for begins, ends in sorted(work):
        if begins > free_from:
            gaps.append((free_from, begins))
        free_from = max(free_from, ends)
    return [*gaps, (free_from, _FAR)]


def _runs(worked: BoolArray) -> IntArray:
    """How many worked days in a row end with each day."""
    runs = np.zeros(worked.shape, dtype=np.int64)
    runs[:, 0] = worked[:, 0]
    for day in range(1, worked.shape[1]):
        runs[:, day] = (runs[:, day - 1] + 1) * worked[:, day]
    return runs
