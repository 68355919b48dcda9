"""The plan that always exists: the accepted lines, then whatever still fits, taken in order of urgency.

It is returned when the limits end the search too early, so it only has to be lawful and decent.
"""

from collections import Counter

import numpy as np

from exchange.matching.columns import single_columns
from exchange.matching.commitments import TakenLoans, TakenPlaces
from exchange.matching.eligibility import CodeArray, Eligibility
from exchange.matching.errors import refuse
from exchange.matching.formulation import Lines
from exchange.matching.frozen import Fixed
from exchange.matching.limits import Limits, Spending
from exchange.matching.loans import add_loans
from exchange.matching.objective import Costs
from exchange.matching.programme import ProgrammeBuilder
from exchange.matching.search import search
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks

# Finding people for a handful of shifts is immediate; this only stops a pathological file.
_SEARCH_TIME = 5.0


def accepted_plan(tables: Tables, eligibility: Eligibility, fixed: Fixed, limits: Limits) -> Lines:
    """Accepted lines as loans and placements; raises `ProblemInvalid` where an accepted place can never open."""
    placements = dict(sorted(fixed.placements.items()))
    opened = _shifts_to_cover(tables, fixed)
    filled = Counter(shift for _, shift in fixed.loans)
    if all(filled[shift] >= tables.shifts[shift].headcount for shift in opened):
        return tuple(sorted(fixed.loans)), placements
    builder = ProgrammeBuilder()
    columns = single_columns(tables, Eligibility(_only_for(tables, eligibility, fixed, opened), eligibility.placements))
    loans = add_loans(builder, tables, columns, fixed, prices_persons=False)
    for shift in opened:
        builder.add_row(loans.missing[[shift]], 1, 0, 0)
    programme = builder.finished()
    nothing = Costs(np.zeros(programme.width, dtype=np.int64), 0)
    spending = Spending(Limits(_SEARCH_TIME, limits.wall_seconds, limits.seed, limits.workers))
    found = search(programme, nothing, spending)
    if found.point is None:
        shift = min(opened)
        refuse(f"frozen.placements[{opened[shift]}]", "les vacations dont dépend cette place ne peuvent être couvertes")
    taken = found.point[loans.chosen] > 0
    return tuple(sorted(zip(columns.who[taken].tolist(), columns.shift[taken].tolist(), strict=True))), placements


def _only_for(tables: Tables, eligibility: Eligibility, fixed: Fixed, opened: dict[int, int]) -> CodeArray:
    """The refusals of loans, where every pair but the accepted ones and those of the opened shifts is refused too."""
    kept = np.zeros(eligibility.loans.shape, dtype=bool)
    kept[:, list(opened)] = True
    for who, shift in fixed.loans:
        kept[who, shift] = True
    codes: CodeArray = np.where(kept, eligibility.loans, np.maximum(eligibility.loans, 1))
    return codes


def completed_by_urgency(tables: Tables, eligibility: Eligibility, accepted: Lines) -> Lines:
    """The accepted plan, then each seat and each block in order of urgency, to the nearest candidate that fits."""
    loans = TakenLoans(tables, eligibility)
    for who, shift in accepted[0]:
        loans.take(who, shift)
    urgency = [tables.needs[int(need)].urgency for need in tables.shift_need]
    for shift in sorted(range(len(tables.shifts)), key=lambda shift: (-urgency[shift], tables.shifts[shift].start)):
        candidates = np.flatnonzero(eligibility.loans[:, shift] == 0)
        for who in sorted(candidates.tolist(), key=lambda who: int(tables.loan_travel[who, shift])):
            if loans.seats[shift] >= tables.shifts[shift].headcount:
                break
            if (who, shift) not in loans.lines and loans.objection(who, shift) is None:
                loans.take(who, shift)

    def is_open(offer: int, segment: int) -> bool:
        required = next((one.shifts for one in tables.offers[offer].requires if one.segment == segment), ())
        indices = [tables.shift_index[shift] for _, shift in required]
        return all(loans.seats[index] >= tables.shifts[index].headcount for index in indices)

    places = TakenPlaces(tables, eligibility, is_open)
    for block, offer in accepted[1].items():
        places.take(block, offer)
    bound = bound_blocks(tables)
    tied = {block for blocks in bound for block in blocks}
    units = sorted([*bound, *((block,) for block in range(tables.wanted) if block not in tied)])
    # Of the same urgency, those who need several places at once come first: they have fewer houses to choose from.
    for unit in sorted(units, key=lambda blocks: (-max(tables.owner(one).urgency for one in blocks), -len(blocks))):
        _serve_whole(tables, eligibility, places, unit)
    return tuple(sorted(loans.lines)), dict(sorted(places.lines.items()))


def _serve_whole(tables: Tables, eligibility: Eligibility, places: TakenPlaces, unit: tuple[int, ...]) -> None:
    """Serve a block, or all the blocks bound to one roof, where the nearest place of the first leaves room for all."""
    for first in _nearest(tables, eligibility, unit[0]):
        house = tables.offers[first].establishment
        taken: list[int] = []
        for block in unit:
            offers = _nearest(tables, eligibility, block) if taken else [first]
            here = (offer for offer in offers if tables.offers[offer].establishment == house)
            free = next((offer for offer in here if places.objection(block, offer) is None), None)
            if free is None:
                break
            places.take(block, free)
            taken.append(block)
        if len(taken) == len(unit):
            return
        for block in taken:
            places.give_back(block)


def _nearest(tables: Tables, eligibility: Eligibility, block: int) -> list[int]:
    candidates = np.flatnonzero(eligibility.placements[block] == 0)
    return sorted(candidates.tolist(), key=lambda offer: int(tables.block_travel[block, offer]))


def _shifts_to_cover(tables: Tables, fixed: Fixed) -> dict[int, int]:
    """Shifts that accepted places beyond ordinary capacity require → rank, in the file, of the first such line."""
    used: Counter[tuple[int, int]] = Counter()
    for block, offer in fixed.placements.items():
        used.update((offer, segment) for segment in tables.blocks[block].segments)
    needed: dict[int, int] = {}
    for rank, line in enumerate(tables.problem.frozen.placements):
        offer = tables.offer_index[line.offer]
        at = tables.offers[offer]
        segments = tables.blocks[tables.line_index(line)].segments
        for requirement in at.requires:
            segment = requirement.segment
            if segment in segments and used[offer, segment] > at.capacity[segment]:
                for _, shift in requirement.shifts:
                    needed.setdefault(tables.shift_index[shift], rank)
    return needed
