"""What follows a commit: clocks, the ladder of backups, what a cover gained or lost makes of those who rest on it."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime

from bench.storm.plain import lending, places
from bench.storm.plain.promises import (
    MAKES,
    MOST_PLACES,
    end,
    expire_overdue,
    follow,
    hold_all,
    hold_end,
    overdue_offers,
    settle,
)
from bench.storm.plain.world import CLAIMING, Placement, Plain


def run(plain: Plain, job: str, subject: str, now: datetime) -> None:
    """Do what a job is for; a job that tells somebody changes nothing here."""
    match job:
        case "situations.check":
            places.check(plain, subject, now)
        case "placements.expire_hold":
            one = plain.placements[subject]
            if one.state == "held" and one.held_until is not None and one.held_until <= now:
                end(plain, one, "expired")
        case "placements.advance_ladder":
            advance_ladder(plain, subject, now)
        case "placements.settle_waiting":
            for key, one in plain.placements.items():
                if one.state in ("held", "accepted") and subject in plain.offers[one.offer].requires:
                    settle(plain, key, now)
        case "placements.drop_uncovered":
            drop_uncovered(plain, subject, now)
        case "placements.drop_withdrawn":
            for one in plain.placements.values():
                if one.offer == subject and one.state in ("proposed", "held"):
                    end(plain, one, "superseded" if one.state == "proposed" else "cancelled")
        case "placements.drop_closed":
            if plain.situations[subject].state == "closed":
                drop_closed(plain, subject)
        case "loans.expire_request":
            loan = plain.loans[subject]
            if loan.state == "proposed" and loan.answer_by is not None and loan.answer_by <= now:
                lending.end(plain, loan, "expired")
        case "loans.drop_cancelled":
            for loan in plain.loans.values():
                if loan.need == subject and loan.state == "proposed":
                    lending.end(plain, loan, "cancelled" if loan.asked else "superseded")
        case _:
            pass


def drop_closed(plain: Plain, situation: str) -> None:
    for one in plain.of_situation(situation, "proposed", "held", "accepted", "confirmed").values():
        end(plain, one, "superseded" if one.state == "proposed" else "cancelled")


def drop_uncovered(plain: Plain, shift: str, now: datetime) -> None:
    """Whoever has not arrived loses the place that a lost loan had opened; whoever has, stays."""
    if plain.shifts[shift].is_covered:
        return
    for one in plain.placements.values():
        if one.state == "confirmed" and shift in one.rests_on:
            end(plain, one, "cancelled")
            follow(plain, one.situation, now)


def advance_ladder(plain: Plain, situation: str, now: datetime) -> None:
    """Hold the best backups, to which the person agreed, for what is left bare; none: the search again."""
    if plain.situations[situation].state == "closed":
        return
    group = plain.group(situation)
    found = [pair for member in group for pair in plain.of_situation(member, "proposed").items()]
    lines = [one for _, one in sorted(found, key=lambda pair: (pair[1].rank, pair[0])) if "person" in one.yeses]
    kept = [one for member in group for one in plain.of_situation(member, *CLAIMING).values()]
    expire_overdue(plain, {one.offer for one in (*lines, *kept)} | overdue_offers(plain, group, now), now)
    part_no_companions(plain, group)
    until = hold_end(plain, group, now)
    if len(group) == 1:
        rungs = [[one] for one in lines]
    else:
        rungs = [[one for one in lines if one.rank == rank] for rank in sorted({one.rank for one in lines})]
        rungs = [rung for rung in rungs if {one.situation for one in rung} == set(group)]
    for rung in rungs:
        if is_wanted(plain, group, rung):
            try_rung(plain, rung, until, now)
    for member in group:
        follow(plain, member, now)


def part_no_companions(plain: Plain, group: list[str]) -> None:
    """Some of those to be kept together lost theirs: what was not yet confirmed for the others is given back."""
    if len(group) == 1 or all(plain.of_situation(member, *CLAIMING) for member in group):
        return
    for member in group:
        for one in plain.of_situation(member, "held", "accepted").values():
            end(plain, one, "cancelled")


def is_wanted(plain: Plain, group: list[str], rung: list[Placement]) -> bool:
    """Only what nobody serves or served, and not one place too many for a person."""
    for member in group:
        mine = [one for one in rung if one.situation == member]
        taken = frozenset().union(*(one.segments for one in plain.of_situation(member, *MAKES).values()))
        if any(one.segments & taken for one in mine):
            return False
        used = {one.offer for one in plain.of_situation(member, *CLAIMING).values()}
        if len(used | {one.offer for one in mine}) > MOST_PLACES:
            return False
    return True


def try_rung(plain: Plain, rung: list[Placement], until: datetime, now: datetime) -> None:
    kept = [(plain.offers[one.offer], deepcopy(plain.offers[one.offer].counters)) for one in rung]
    before = [(one, one.state, one.held_until) for one in rung]
    if hold_all(plain, rung, until, now):
        for offer, counters in reversed(kept):
            offer.counters = counters
        for one, state, held_until in before:
            one.state, one.held_until = state, held_until
