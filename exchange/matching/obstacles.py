"""What stands between a candidate and its place while every other line of the plan stays, and the lines in the way.

`commitments` decides whether anything does; this page only finds which lines to name. A rule that it does not know
is told as `several-lines`, without names.
"""

from collections.abc import Iterable, Sequence

from exchange.matching.commitments import TakenLoans, TakenPlaces, incompatible_pairs
from exchange.matching.explanation import Obstacle, Reason
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal, rested
from exchange.matching.standing import Standing

_OBSTACLES_OF_SETS = {
    LoanSetRefusal.REST: Obstacle.REST,
    LoanSetRefusal.WEEK_MINUTES: Obstacle.WEEK,
    LoanSetRefusal.WEEKLY_REST: Obstacle.WEEKLY_REST,
    LoanSetRefusal.DAYS_IN_ROW: Obstacle.DAYS_IN_ROW,
    LoanSetRefusal.AVERAGE_WEEK: Obstacle.AVERAGE_WEEK,
    LoanSetRefusal.LOAN_MINUTES: Obstacle.LOAN_MINUTES,
}


class Obstacles:
    """The lines of a plan, taken once, then asked about one candidate at a time."""

    def __init__(self, standing: Standing) -> None:
        self._standing, self._tables = standing, standing.tables
        self._loans = TakenLoans(standing.tables, standing.eligibility)
        for who, shift in sorted(standing.loans):
            self._loans.take(who, shift)
        # A full shift is no obstacle here: somebody who has a seat may be replaced.
        self._loans.seats.clear()
        self._places = TakenPlaces(
            standing.tables,
            standing.eligibility,
            is_open=lambda offer, segment: not standing.shifts_awaited(offer, segment),
        )
        for block, offer in standing.placements.items():
            self._places.take(block, offer)
        self._apart = incompatible_pairs(standing.tables)
        self._caps = {(cap.establishment, cap.day): cap.max_out for cap in self._tables.problem.lend_caps}

    def of_loan(self, who: int, shift: int) -> tuple[Reason, ...]:
        """For a candidate pair that the plan does not hold."""
        if self._loans.objection(who, shift) is None:
            return ()
        found = [
            self._reason_of_loans(_OBSTACLES_OF_SETS[broken], who, self._in_the_way(broken, who, shift))
            for broken, rule in LOAN_SET_RULES.items()
            if rule(self._tables, who, [*self._mine(who), shift])
        ]
        leaving = self._leaving_instead(who, shift)
        if leaving:
            lines = tuple(self._standing.loan_line(pair) for pair in leaving)
            found.append(Reason(Obstacle.LENDER_FLOOR, loans=lines))
        return tuple(found) or (Reason(Obstacle.SEVERAL_LINES),)

    def of_placement(self, block: int, offer: int) -> tuple[Reason, ...]:
        """For a candidate pair that the plan does not hold; the block's own place, if any, is given back first."""
        held = self._held(block)
        for one in held:
            self._places.give_back(one)
        refused = self._places.objection(block, offer) is not None
        for one, place in held.items():
            self._places.take(one, place)
        # Companions who would be left without a place are no line, so no objection tells of them.
        found = self._companions_elsewhere(block, offer)
        if refused:
            alone = (self._without_room, self._incompatible, self._too_many_places)
            found = [reason for rule in alone for reason in rule(block, offer)] + found
            found = found or [Reason(Obstacle.SEVERAL_LINES)]
        return tuple(found)

    def _held(self, block: int) -> dict[int, int]:
        """The lines of the plan that a line on this block would replace."""
        placed = self._standing.placements
        return {one: placed[one] for one in self._tables.rivals(block) if one in placed}

    def _reason_of_loans(self, code: Obstacle, who: int, shifts: Iterable[int]) -> Reason:
        return Reason(code, loans=tuple(self._standing.loan_line((who, shift)) for shift in shifts))

    def _mine(self, who: int) -> Sequence[int]:
        return self._standing.shifts_of.get(who, [])

    def _in_the_way(self, broken: LoanSetRefusal, who: int, shift: int) -> list[int]:
        """The loans of this person that break the rule with the new one.

        For rules over days and weeks, none to spare: loans are left out while the rule stays broken without them.
        """
        rule, mine = LOAN_SET_RULES[broken], list(self._mine(who))
        if broken is LoanSetRefusal.REST:
            return [other for other in mine if not rested(self._tables, who, other, shift)]
        if broken is LoanSetRefusal.WEEK_MINUTES:
            return [other for other in mine if self._tables.shift_week[other] == self._tables.shift_week[shift]]
        if broken is LoanSetRefusal.LOAN_MINUTES:
            return mine
        for other in self._mine(who):
            fewer = [one for one in mine if one != other]
            if rule(self._tables, who, [*fewer, shift]):
                mine = fewer
        return mine

    def _leaving_instead(self, who: int, shift: int) -> list[tuple[int, int]]:
        house, day = self._tables.volunteers[who].establishment, int(self._tables.shift_day[shift])
        leaving = [
            (other, taken)
            for other, taken in sorted(self._standing.loans)
            if self._tables.shift_day[taken] == day and self._tables.volunteers[other].establishment == house
        ]
        return leaving if len(leaving) >= self._caps.get((house, day), len(leaving) + 1) else []

    def _without_room(self, block: int, offer: int) -> list[Reason]:
        at, standing, mine = self._tables.offers[offer], self._standing, self._held(block)
        full: list[int] = []
        waiting: list[int] = []
        awaited: set[int] = set()
        holders: set[int] = set()
        for segment in self._tables.blocks[block].segments:
            held = [one for one in standing.holders.get((offer, segment), ()) if one not in mine]
            if len(held) < at.capacity[segment]:
                continue
            shifts = standing.shifts_awaited(offer, segment) if at.extra_capacity[segment] else ()
            if shifts and len(held) < at.capacity[segment] + at.extra_capacity[segment]:
                waiting.append(segment)
                awaited.update(shifts)
            elif shifts or len(held) >= at.capacity[segment] + at.extra_capacity[segment]:
                full.append(segment)
                holders.update(held)
        reasons: list[Reason] = []
        if waiting:
            names = tuple(self._tables.shifts[shift].id for shift in sorted(awaited))
            reasons.append(Reason(Obstacle.AWAITS_STAFF, segments=tuple(waiting), shifts=names))
        if full:
            reasons.append(self._reason_of_blocks(Obstacle.FULL, holders, full))
        return reasons

    def _incompatible(self, block: int, offer: int) -> list[Reason]:
        owner, wanted = int(self._tables.block_situation[block]), set(self._tables.blocks[block].segments)
        house = self._tables.offers[offer].establishment
        there = {
            other
            for other, place in self._standing.placements.items()
            if self._tables.offers[place].establishment == house
            and not wanted.isdisjoint(self._tables.blocks[other].segments)
            and tuple(sorted((owner, int(self._tables.block_situation[other])))) in self._apart
        }
        return [self._reason_of_blocks(Obstacle.INCOMPATIBLE, there, ())] if there else []

    def _too_many_places(self, block: int, offer: int) -> list[Reason]:
        owner = int(self._tables.block_situation[block])
        mine = self._held(block)
        others = [one for one in self._tables.lines_of(owner) if one not in mine and one in self._standing.placements]
        places = {self._standing.placements[one] for one in others} | {offer}
        if len(places) <= self._tables.situations[owner].max_places:
            return []
        return [self._reason_of_blocks(Obstacle.MAX_PLACES, others, ())]

    def _companions_elsewhere(self, block: int, offer: int) -> list[Reason]:
        house, placements = self._tables.offers[offer].establishment, self._standing.placements
        others = [one for one in self._standing.rules.companions.get(block, ()) if one != block]
        apart = [one for one in others if one in placements]
        apart = [one for one in apart if self._tables.offers[placements[one]].establishment != house]
        absent = [one for one in others if one not in placements]
        return [self._reason_of_blocks(Obstacle.GROUP, apart, ())] if apart or absent else []

    def _reason_of_blocks(self, code: Obstacle, blocks: Iterable[int], segments: Iterable[int]) -> Reason:
        placed = self._standing.placements
        lines = tuple(self._standing.placement_line(one, placed[one]) for one in sorted(blocks))
        return Reason(code, segments=tuple(segments), placements=lines)
