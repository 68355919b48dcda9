"""A problem as arrays, every list sorted by id, so that the order of a file can never change a plan."""

from collections.abc import Container
from dataclasses import dataclass, replace

import numpy as np

from exchange.matching import figures
from exchange.matching.arrays import BoolArray, IntArray, integers, same
from exchange.matching.cutting import cuts_of
from exchange.matching.prices import line_prices
from exchange.matching.problem import (
    Block,
    Establishment,
    Need,
    Offer,
    PlacementLine,
    Problem,
    Shift,
    Situation,
    Volunteer,
)
from exchange.matching.rule_sets import joint_figures
from exchange.matching.slots import inside_a_period

__all__ = ["IntArray", "Tables", "tabulate"]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Parts sorted by id (shifts by shift id, blocks by situation then block) and what the rules read of them.

    `blocks` holds the `wanted` blocks of the file, then the parts into which some may be cut, block after block, each
    beginning before the end that completes it: `cut_from` is the block of each, itself for a whole one. All are placed
    alike, so "block" stands for either wherever a line is meant.

    Shapes: `shift_*` one entry per shift (`shift_rules`: rank of the host's rule set), `block_*` and `cut_from` per
    block, but for `block_weight`, per wanted one; volunteers
    × needs for `between_associations` (otherwise a move inside one) and `person_price`; blocks × offers for
    `block_travel` and `placement_price`; volunteers × shifts for all others. `counted_minutes` is what a loan adds to
    the person's week, nothing where the shift lies inside a released own shift (`inside_release`). Units: minutes, one
    way for travel. In `weekly_rest`, `days_in_row` and `average_limits` (number of weeks → most minutes), 0 means no
    such rule. Arrays may be read-only views.
    """

    problem: Problem
    establishments: dict[str, Establishment]
    volunteers: tuple[Volunteer, ...]
    needs: tuple[Need, ...]
    shifts: tuple[Shift, ...]
    offers: tuple[Offer, ...]
    situations: tuple[Situation, ...]
    blocks: tuple[Block, ...]
    volunteer_index: dict[str, int]
    shift_index: dict[str, int]
    offer_index: dict[str, int]
    wanted: int
    block_index: dict[tuple[str, str], int]
    part_index: dict[tuple[int, tuple[int, ...]], int]
    shift_need: IntArray
    shift_start: IntArray
    shift_end: IntArray
    shift_minutes: IntArray
    shift_day: IntArray
    shift_week: IntArray
    shift_rules: IntArray
    seat_weight: IntArray
    block_situation: IntArray
    cut_from: IntArray
    block_weight: IntArray
    situation_weight: IntArray
    loan_travel: IntArray
    block_travel: IntArray
    between_associations: BoolArray
    fairness_price: IntArray
    loan_price: IntArray
    person_price: IntArray
    placement_price: IntArray
    longest_shift: IntArray
    rest_minutes: IntArray
    week_limit: IntArray
    weekly_rest: IntArray
    days_in_row: IntArray
    average_limits: dict[int, IntArray]
    inside_release: BoolArray
    counted_minutes: IntArray

    def shift_is_critical(self, shift: int) -> bool:
        return self.needs[int(self.shift_need[shift])].urgency >= figures.CRITICAL_URGENCY

    def situation_is_critical(self, situation: int) -> bool:
        return self.situations[situation].urgency >= figures.CRITICAL_URGENCY

    def owner(self, block: int) -> Situation:
        return self.situations[int(self.block_situation[block])]

    def blocks_of(self, situation: int) -> range:
        """The wanted blocks of one person."""
        first, after = np.searchsorted(self.block_situation[: self.wanted], [situation, situation + 1])
        return range(int(first), int(after))

    def parts_of(self, block: int) -> range:
        """The parts of one wanted block: a beginning, its end, the next beginning, its end…"""
        first, after = np.searchsorted(self.cut_from[self.wanted :], [block, block + 1])
        return range(self.wanted + int(first), self.wanted + int(after))

    def lines_of(self, situation: int) -> list[int]:
        """Everything of one person that an offer may serve: blocks, then parts."""
        blocks = self.blocks_of(situation)
        return [*blocks, *(part for block in blocks for part in self.parts_of(block))]

    def alike(self, block: int) -> list[int]:
        """The whole block and every part of it."""
        whole = int(self.cut_from[block])
        return [whole, *self.parts_of(whole)]

    def other_part(self, part: int) -> int:
        """What completes a part."""
        return self.wanted + ((part - self.wanted) ^ 1)

    def rivals(self, block: int) -> list[int]:
        """What may not be served besides: the block itself, its parts but the one that completes this one."""
        return [one for one in self.alike(block) if block < self.wanted or one != self.other_part(block)]

    def line_index(self, line: PlacementLine) -> int:
        """The block, or the part of one, that the line places."""
        whole = self.block_index[line.situation, line.block]
        return self.part_index[whole, line.segments] if line.segments else whole

    def placement_line(self, block: int, offer: int) -> PlacementLine:
        part = () if block < self.wanted else self.blocks[block].segments
        return PlacementLine(self.owner(block).id, self.blocks[block].id, self.offers[offer].id, part)

    def unserved(self, placed: Container[int]) -> list[int]:
        """What these lines leave to serve, for each wanted block not served whole: the block, or its missing part."""
        left = []
        for block in range(self.wanted):
            begun = [part for part in self.parts_of(block) if part in placed]
            others = [self.other_part(part) for part in begun]
            if block not in placed and len(begun) < 2:
                left.append(others[0] if others else block)
        return left

    def minutes_done(self, span: int) -> IntArray:
        """Volunteers × weeks of the horizon: minutes worked outside loans in the `span` weeks that end with that one.

        Weeks before the horizon that a volunteer does not tell count 0.
        """
        past = [(*(0,) * span, *volunteer.past_week_minutes)[-span:] for volunteer in self.volunteers]
        rows = [(*told, *volunteer.week_minutes_done) for told, volunteer in zip(past, self.volunteers, strict=True)]
        weeks = -(-self.problem.days // 7)
        sums = np.cumsum(np.array(rows, dtype=np.int64).reshape(len(rows), span + weeks), axis=1)
        return sums[:, span:] - sums[:, :weeks]


def tabulate(problem: Problem) -> Tables:
    """Sort and index a valid problem."""
    establishments = {part.id: part for part in problem.establishments}
    volunteers = tuple(sorted(problem.volunteers, key=lambda part: part.id))
    needs = tuple(sorted(problem.needs, key=lambda part: part.id))
    offers = tuple(sorted(problem.offers, key=lambda part: part.id))
    situations = tuple(sorted(problem.situations, key=lambda part: part.id))
    located = sorted(
        ((shift, index) for index, need in enumerate(needs) for shift in need.shifts), key=lambda pair: pair[0].id
    )
    shifts = tuple(shift for shift, _ in located)
    shift_need = integers(index for _, index in located)
    owned = [
        (block, index)
        for index, situation in enumerate(situations)
        for block in sorted(situation.blocks, key=lambda part: part.id)
    ]
    parts = [
        (rank, replace(block, segments=segments))
        for rank, (block, index) in enumerate(owned)
        for cut in cuts_of(problem, situations[index], block)
        for segments in cut
    ]
    blocks = (*(block for block, _ in owned), *(part for _, part in parts))
    cut_from = integers((*range(len(owned)), *(rank for rank, _ in parts)))
    block_situation = integers(index for _, index in owned)[cut_from]
    start, end = integers(shift.start for shift in shifts), integers(shift.end for shift in shifts)
    minutes = end - start
    weights = figures.URGENCY_WEIGHT
    need_weight = integers(0 if need.coupled else weights[need.urgency] for need in needs)
    situation_weight = integers(weights[situation.urgency] for situation in situations)
    segments = integers(len(block.segments) for block, _ in owned)
    hosts_of = [establishments[needs[index].establishment] for index in shift_need]
    travel, commune = _travel(problem)
    hosts = integers(commune[host.commune] for host in hosts_of)
    homes = integers(commune[volunteer.commune] for volunteer in volunteers)
    places = integers(commune[establishments[offer.establishment].commune] for offer in offers)
    origins = integers(commune[situations[index].commune] for index in block_situation)
    loan_travel, block_travel = travel[np.ix_(homes, hosts)], travel[np.ix_(origins, places)]
    hosts_of_needs = [establishments[need.establishment].association for need in needs]
    between = ~same([volunteer.association for volunteer in volunteers], hosts_of_needs)
    prices = line_prices(
        problem,
        establishments,
        volunteers,
        needs,
        offers,
        situations,
        between_associations=between,
        shift_need=shift_need,
        shift_minutes=minutes,
        loan_travel=loan_travel,
        block_situation=block_situation,
        block_travel=block_travel,
    )
    working_time = joint_figures(problem, establishments, volunteers, hosts_of)
    derogation = np.array([volunteer.night12h_derogation for volunteer in volunteers], dtype=bool)
    inside_release = inside_a_period(start, end, [volunteer.released for volunteer in volunteers])
    counted = np.broadcast_to(minutes, inside_release.shape)
    if inside_release.any():
        counted = np.where(inside_release, 0, counted)
    return Tables(
        problem=problem,
        establishments=establishments,
        volunteers=volunteers,
        needs=needs,
        shifts=shifts,
        offers=offers,
        situations=situations,
        blocks=blocks,
        wanted=len(owned),
        volunteer_index={part.id: index for index, part in enumerate(volunteers)},
        shift_index={part.id: index for index, part in enumerate(shifts)},
        offer_index={part.id: index for index, part in enumerate(offers)},
        block_index={(situations[owner].id, block.id): index for index, (block, owner) in enumerate(owned)},
        part_index={(rank, part.segments): len(owned) + index for index, (rank, part) in enumerate(parts)},
        shift_need=shift_need,
        shift_start=start,
        shift_end=end,
        shift_minutes=minutes,
        shift_day=start // figures.DAY_MINUTES,
        shift_week=start // figures.WEEK_MINUTES,
        shift_rules=working_time.host,
        seat_weight=need_weight[shift_need] * (minutes // 60),
        block_situation=block_situation,
        cut_from=cut_from,
        block_weight=situation_weight[block_situation[: len(owned)]] * figures.SEGMENT_HOURS * segments,
        situation_weight=situation_weight * figures.UNSOLVED_SITUATION_HOURS,
        loan_travel=loan_travel,
        block_travel=block_travel,
        between_associations=between,
        fairness_price=prices.fairness,
        loan_price=prices.loan,
        person_price=prices.person,
        placement_price=prices.placement,
        longest_shift=working_time.longest_shift(start, derogation),
        rest_minutes=working_time.rest_minutes,
        week_limit=working_time.week_limit,
        weekly_rest=working_time.weekly_rest,
        days_in_row=working_time.days_in_row,
        average_limits=working_time.average_limits,
        inside_release=inside_release,
        counted_minutes=counted,
    )


def _travel(problem: Problem) -> tuple[IntArray, dict[str, int]]:
    size = len(problem.communes)
    matrix = np.array(problem.travel_min, dtype=np.int64).reshape(size, size)
    return matrix, {commune.id: index for index, commune in enumerate(problem.communes)}
