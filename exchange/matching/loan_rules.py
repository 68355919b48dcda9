"""Who may take which shift, taken pair by pair: one function per hard rule, each true where it refuses the pair."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from exchange.matching.arrays import BoolArray, integers, intersects, same
from exchange.matching.slots import inside_a_period, too_near_own_work
from exchange.matching.standing_work import exceeds_an_average, leaves_no_weekly_rest, makes_too_many_days_in_row
from exchange.matching.tables import Tables


class LoanRefusal(StrEnum):
    """Why one volunteer may not take one shift, law and contract before wishes."""

    SAME_EMPLOYER = "same-employer"
    PERMANENT_STAFF = "permanent-staff"
    QUALIFICATION = "qualification"
    SHIFT_LENGTH = "shift-length"
    REST_OWN_SHIFTS = "rest-own-shifts"
    WEEK_MINUTES = "week-minutes"
    WEEKLY_REST = "weekly-rest"
    DAYS_IN_ROW = "days-in-row"
    AVERAGE_WEEK = "average-week"
    FILE_NOT_READY = "file-not-ready"
    CONSENT = "no-consent"
    BASSIN = "host-bassin"
    TRAVEL = "travel"
    AVAILABILITY = "availability"
    LOAN_MINUTES = "loan-minutes"
    LEND_CAP = "lend-cap"


def same_employer(tables: Tables) -> BoolArray:
    """Another establishment of the same association is a move that some persons agree to; their own never is."""
    houses = [need.establishment for need in tables.needs]
    at_home = same([volunteer.establishment for volunteer in tables.volunteers], houses)
    moves = np.array([volunteer.internal_moves for volunteer in tables.volunteers], dtype=bool)
    return _over_needs(tables, ~tables.between_associations & (at_home | ~moves[:, None]))


def too_few_of_the_host(tables: Tables) -> BoolArray:
    short = [(shift.min_permanent_staff or 0) > (shift.permanent_staff or 0) for shift in tables.shifts]
    return np.broadcast_to(np.array(short, dtype=bool), tables.loan_travel.shape)


def no_common_qualification(tables: Tables) -> BoolArray:
    held = [frozenset(volunteer.qualifications) for volunteer in tables.volunteers]
    wanted = [frozenset(need.qualifications_any) for need in tables.needs]
    return _over_needs(tables, ~intersects(held, wanted))


def shift_too_long(tables: Tables) -> BoolArray:
    return np.greater(tables.shift_minutes, tables.longest_shift)


def too_close_to_own_shift(tables: Tables) -> BoolArray:
    """Own work that the lender releases is no obstacle to a shift that lies inside it."""
    own = [
        [(start, end, (start, end) in volunteer.released) for start, end in volunteer.own_shifts]
        for volunteer in tables.volunteers
    ]
    return too_near_own_work(tables.shift_start, tables.shift_end, tables.shift_rules, tables.rest_minutes, own)


def week_already_full(tables: Tables) -> BoolArray:
    weeks = -(-tables.problem.days // 7)
    done = np.array([volunteer.week_minutes_done for volunteer in tables.volunteers], dtype=np.int64).reshape(-1, weeks)
    refused: BoolArray = done[:, tables.shift_week] + tables.counted_minutes > tables.week_limit
    return refused


def file_not_ready(tables: Tables) -> BoolArray:
    """A move inside the association needs no file."""
    ready = integers(0 if volunteer.ready_from is None else volunteer.ready_from for volunteer in tables.volunteers)
    return _over_needs(tables, tables.between_associations) & np.less(tables.shift_start, ready[:, None])


def not_solicitable(tables: Tables) -> BoolArray:
    refuses = np.array([not volunteer.consent for volunteer in tables.volunteers], dtype=bool)
    return np.repeat(refuses[:, None], len(tables.shifts), axis=1)


def host_bassin_not_accepted(tables: Tables) -> BoolArray:
    accepted = [frozenset(volunteer.bassins) for volunteer in tables.volunteers]
    hosts = [frozenset((tables.establishments[need.establishment].bassin,)) for need in tables.needs]
    return _over_needs(tables, ~intersects(accepted, hosts))


def host_too_far(tables: Tables) -> BoolArray:
    limit = np.array([volunteer.max_travel_min for volunteer in tables.volunteers], dtype=np.int64)
    return np.greater(tables.loan_travel, limit[:, None])


def outside_availability(tables: Tables) -> BoolArray:
    windows = [volunteer.availability for volunteer in tables.volunteers]
    return ~(inside_a_period(tables.shift_start, tables.shift_end, windows) | tables.inside_release)


def beyond_loan_minutes(tables: Tables) -> BoolArray:
    ceiling = np.array([volunteer.max_loan_minutes for volunteer in tables.volunteers], dtype=np.int64)
    return tables.shift_minutes[None, :] > ceiling[:, None]


def lender_may_not_lend(tables: Tables) -> BoolArray:
    row = {name: index for index, name in enumerate(tables.establishments)}
    closed = np.zeros((len(row), tables.problem.days), dtype=bool)
    for cap in tables.problem.lend_caps:
        closed[row[cap.establishment], cap.day] = cap.max_out == 0
    lenders = integers(row[volunteer.establishment] for volunteer in tables.volunteers)
    return closed[np.ix_(lenders, tables.shift_day)]


def _over_needs(tables: Tables, by_need: BoolArray) -> BoolArray:
    return by_need[:, tables.shift_need]


LOAN_RULES: dict[LoanRefusal, Callable[[Tables], BoolArray]] = {
    LoanRefusal.SAME_EMPLOYER: same_employer,
    LoanRefusal.PERMANENT_STAFF: too_few_of_the_host,
    LoanRefusal.QUALIFICATION: no_common_qualification,
    LoanRefusal.SHIFT_LENGTH: shift_too_long,
    LoanRefusal.REST_OWN_SHIFTS: too_close_to_own_shift,
    LoanRefusal.WEEK_MINUTES: week_already_full,
    LoanRefusal.WEEKLY_REST: leaves_no_weekly_rest,
    LoanRefusal.DAYS_IN_ROW: makes_too_many_days_in_row,
    LoanRefusal.AVERAGE_WEEK: exceeds_an_average,
    LoanRefusal.FILE_NOT_READY: file_not_ready,
    LoanRefusal.CONSENT: not_solicitable,
    LoanRefusal.BASSIN: host_bassin_not_accepted,
    LoanRefusal.TRAVEL: host_too_far,
    LoanRefusal.AVAILABILITY: outside_availability,
    LoanRefusal.LOAN_MINUTES: beyond_loan_minutes,
    LoanRefusal.LEND_CAP: lender_may_not_lend,
}
