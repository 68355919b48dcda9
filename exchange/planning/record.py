"""What a plan becomes: the lines that still hold, put forward by the slices that own them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import lock_offers
from exchange.kernel.actor import Actor
from exchange.loans import commands as loans
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.rules import BINDING, LoanState
from exchange.matching.files import problem_from_json
from exchange.matching.problem import PlacementLine
from exchange.placements import commands as placements
from exchange.placements.models import Placement
from exchange.placements.rules import CLAIMING, PlacementState
from exchange.planning.demand import Run, settle_demand, still_holds
from exchange.planning.ground import SeenBlock
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.ports import Solution
from exchange.planning.promises import FIRST_RANK, Stay
from exchange.planning.reasons import (
    RoomLeft,
    needs_opening,
    persons_resting_on,
    reasons_of_loan,
    reasons_of_placement,
    room_left,
)
from exchange.planning.snapshot import Snapshot
from exchange.planning.together import with_companions
from exchange.situations.commands import lock_situations

LIVE_PLACEMENTS = frozenset({PlacementState.PROPOSED, *CLAIMING})
LIVE_LOANS = frozenset({LoanState.PROPOSED, *BINDING}) - {LoanState.COMPLETED}


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many lines of the plan still held and are new."""

    placements: int
    loans: int


async def keep_problem(tx: AsyncSession, run: Run, seen_at: datetime, document: Mapping[str, object]) -> None:
    """Keep the problem file of a run that is being solved, and the instant of its snapshot."""
    await tx.execute(
        update(MatchRun)
        .where(MatchRun.id == run.run_id, MatchRun.state == "solving")
        .values(snapshot_at=seen_at, problem=document)
    )


async def record_plan(
    tx: AsyncSession, run: Run, snapshot: Snapshot, solution: Solution, now: datetime
) -> Recorded | None:
    """Put the plan forward and settle the demand; nothing at all where another run has taken the lane over.

    A situation or a need answered since the snapshot, by a person or by the other lane, keeps that answer: whoever
    moved it has asked for a run of its own. A group to be kept together, which the plan serves whole, loses all its
    lines where one of them no longer holds. The promising slices drop, in the same transaction, every line whose terms
    have moved.
    """
    if not await still_holds(tx, run):
        return None
    actor = Actor.system(snapshot.ground.community_id)
    proposed = _placement_lines(snapshot, solution)
    judged = _judged_situations(run.lane, snapshot, proposed)
    await lock_situations(tx, with_companions(snapshot.groups, judged) | judged)
    moved = await _answered_since(tx, snapshot, judged)
    dropped = moved | with_companions(snapshot.groups, moved | await _outdated(tx, proposed))
    new_placements = await placements.put_forward(
        tx,
        actor,
        [line for line in proposed if line.situation_id in judged - dropped],
        run.run_id,
        now,
        judged=sorted(judged - moved),
    )
    moved_needs = await _needs_asked_since(tx, snapshot)
    lent = _loan_lines(snapshot, solution)
    judged_needs = _judged_needs(run.lane, snapshot, lent, proposed) - moved_needs
    new_loans = await loans.put_forward(
        tx,
        actor,
        [line for line in lent if line.need_id in judged_needs],
        run.run_id,
        now,
        judged=sorted(judged_needs),
    )
    await tx.execute(
        update(MatchRun)
        .where(MatchRun.id == run.run_id)
        .values(
            state="recorded",
            recorded_at=now,
            status=solution.plan.status.value,
            digest=solution.plan.digest,
            plan=solution.plan_document,
            **({} if solution.loosened_document is None else {"problem": solution.loosened_document}),
        )
    )
    await settle_demand(tx, run)
    return Recorded(len(new_placements), len(new_loans))


async def record_backups(
    tx: AsyncSession, run: Run, snapshot: Snapshot, solution: Solution, now: datetime
) -> tuple[UUID, ...]:
    """Put ranks 2 and 3 forward, a moment after rank 1; they too are dropped where their terms have moved.

    Those of a group are under one roof at each rank, and are dropped together.
    """
    lines = [
        line
        for line in _lines_at_ranks(snapshot, solution, solution.backups)
        if line.offer_id in snapshot.ground.offers
    ]
    judged = {line.situation_id for line in lines} | _with_open_backups(snapshot)
    if not judged:
        return ()
    await lock_situations(tx, judged)
    dropped = with_companions(snapshot.groups, await _outdated(tx, lines))
    actor = Actor.system(snapshot.ground.community_id)
    kept = [line for line in lines if line.situation_id not in dropped]
    return await placements.put_forward(tx, actor, kept, run.run_id, now, judged=sorted(judged), of_backups=True)


def _placement_lines(snapshot: Snapshot, solution: Solution) -> list[placements.ProposedPlacement]:
    """The plan's placements but for those already promised, one line per situation and offer."""
    new = (
        (FIRST_RANK, line)
        for line in solution.plan.placements
        if Stay(UUID(line.situation), UUID(line.block), line.segments) not in snapshot.promised_blocks
    )
    return _lines_at_ranks(snapshot, solution, new, room_left(snapshot, solution.plan))


def _lines_at_ranks(
    snapshot: Snapshot, solution: Solution, lines: Iterable[tuple[int, PlacementLine]], left: RoomLeft | None = None
) -> list[placements.ProposedPlacement]:
    grouped: dict[tuple[int, UUID, UUID], dict[UUID, tuple[int, ...]]] = defaultdict(dict)
    stated = _stated(snapshot, solution)
    for rank, line in lines:
        served = line.segments or stated[line.block]
        grouped[rank, UUID(line.situation), UUID(line.offer)][UUID(line.block)] = served
    found = []
    for (rank, situation_id, offer_id), segments in sorted(grouped.items()):
        situation, offer = snapshot.ground.situations[situation_id], snapshot.ground.offers[offer_id]
        asked = {block.id: block for block in situation.blocks if block.id in segments}
        blocks = [_served(snapshot, block, segments[block.id]) for block in asked.values()]
        found.append(
            placements.ProposedPlacement(
                situation_id=situation_id,
                offer_id=offer_id,
                block_ids=tuple(sorted(segments)),
                parts={block.id: block.segments for block in blocks if block != asked[block.id]},
                rank=rank,
                reasons=reasons_of_placement(snapshot, situation, offer, blocks, left),
                situation_terms_version=situation.terms_version,
                offer_terms_version=offer.terms_version,
            )
        )
    return found


def _stated(snapshot: Snapshot, solution: Solution) -> dict[str, tuple[int, ...]]:
    """The segments of each block in the problem that was really solved: a promise beside it leaves the rest alone."""
    loosened = solution.loosened_document
    problem = snapshot.request.problem if loosened is None else problem_from_json(loosened)
    return {block.id: block.segments for one in problem.situations for block in one.blocks}


def _served(snapshot: Snapshot, block: SeenBlock, served: tuple[int, ...]) -> SeenBlock:
    """The block as far as an offer serves it: `served` counts from the horizon's first segment."""
    mine = tuple(segment for segment in block.segments if snapshot.horizon.segment(segment) in served)
    return replace(block, segments=mine)


def _loan_lines(snapshot: Snapshot, solution: Solution) -> list[loans.ProposedLoan]:
    """The plan's loans but for those already asked for, one line per person and need."""
    owners = {shift.id: need for need in snapshot.ground.needs.values() for shift in need.shifts}
    resting = persons_resting_on(snapshot, solution.plan)
    grouped: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for line in solution.plan.loans:
        seat = (UUID(line.volunteer), UUID(line.shift))
        if seat not in snapshot.promised_seats:
            grouped[seat[0], owners[seat[1]].id].append(seat[1])
    found = []
    for (volunteer_id, need_id), shift_ids in sorted(grouped.items()):
        volunteer, need = snapshot.ground.volunteers[volunteer_id], snapshot.ground.needs[need_id]
        shifts = tuple(sorted(shift_ids))
        host = snapshot.ground.facilities[need.facility_id]
        found.append(
            loans.ProposedLoan(
                volunteer_id=volunteer_id,
                need_id=need_id,
                shift_ids=shifts,
                travel_minutes=snapshot.minutes(volunteer.commune_code, host.commune_code),
                reasons=reasons_of_loan(snapshot, resting, volunteer, need, shifts),
                volunteer_terms_version=volunteer.terms_version,
                need_terms_version=need.terms_version,
            )
        )
    return found


def _judged_situations(lane: Lane, snapshot: Snapshot, proposed: list[placements.ProposedPlacement]) -> frozenset[UUID]:
    """The situations of which this run says something: all of them, or on the fast lane those whose answer changes."""
    standing: dict[UUID, set[tuple[UUID, frozenset[int]]]] = defaultdict(set)
    for placement in snapshot.ground.placements:
        if not placement.is_promised and placement.rank == FIRST_RANK:
            standing[placement.situation_id].add((placement.offer_id, placement.segments))
    everyone = snapshot.ground.situations.keys() | standing.keys()
    if lane is Lane.FULL:
        return frozenset(everyone)
    wanted: dict[UUID, set[tuple[UUID, frozenset[int]]]] = defaultdict(set)
    for line in proposed:
        segments = (segment for block in _blocks_of(snapshot, line) for segment in block.segments)
        wanted[line.situation_id].add((line.offer_id, frozenset(segments)))
    return frozenset(one for one in everyone if standing[one] != wanted[one])


def _judged_needs(
    lane: Lane,
    snapshot: Snapshot,
    lent: list[loans.ProposedLoan],
    placed: list[placements.ProposedPlacement],
) -> frozenset[UUID]:
    """The needs of which this run says something: all of them, or on the fast lane those whose loans change.

    A loan on which a new place rests says so among its reasons, and is among them.
    """
    if lane is Lane.FULL:
        return frozenset(snapshot.ground.needs)
    standing: dict[UUID, set[tuple[UUID, UUID]]] = defaultdict(set)
    for loan in snapshot.ground.loans:
        if not loan.is_promised:
            standing[loan.need_id].update((loan.volunteer_id, shift_id) for shift_id in loan.shift_ids)
    wanted: dict[UUID, set[tuple[UUID, UUID]]] = defaultdict(set)
    for line in lent:
        wanted[line.need_id].update((line.volunteer_id, shift_id) for shift_id in line.shift_ids)
    judged = _judged_situations(lane, snapshot, placed)
    opening = {
        need_id
        for line in placed
        if line.situation_id in judged
        for need_id in needs_opening(snapshot, snapshot.ground.offers[line.offer_id], _blocks_of(snapshot, line))
    }
    return frozenset(one for one in snapshot.ground.needs if standing[one] != wanted[one] or one in opening)


def _blocks_of(snapshot: Snapshot, line: placements.ProposedPlacement) -> list[SeenBlock]:
    """The blocks of a line, as far as it serves them."""
    blocks = snapshot.ground.situations[line.situation_id].blocks
    return [replace(one, segments=line.parts.get(one.id, one.segments)) for one in blocks if one.id in line.block_ids]


def _with_open_backups(snapshot: Snapshot) -> set[UUID]:
    return {
        placement.situation_id
        for placement in snapshot.ground.placements
        if not placement.is_promised and placement.rank > FIRST_RANK
    }


async def _answered_since(tx: AsyncSession, snapshot: Snapshot, judged: frozenset[UUID]) -> frozenset[UUID]:
    """Situations whose live placements are no longer those of the snapshot; their rows are locked by now."""
    seen = {
        (each.situation_id, each.id, each.is_promised)
        for each in snapshot.ground.placements
        if each.situation_id in judged
    }
    rows = await tx.execute(
        select(Placement.situation_id, Placement.id, Placement.state).where(
            Placement.situation_id.in_(judged), Placement.state.in_(LIVE_PLACEMENTS)
        )
    )
    there = {(situation_id, id_, state != PlacementState.PROPOSED) for situation_id, id_, state in rows}
    return frozenset(situation_id for situation_id, _, _ in seen ^ there)


async def _needs_asked_since(tx: AsyncSession, snapshot: Snapshot) -> frozenset[UUID]:
    """Needs of which a loan was asked, agreed, ended or newly proposed since the snapshot.

    Like the snapshot, it looks at shifts yet to start: a first night already lent must not silence the next ones.
    """
    seen = {(each.need_id, each.id, each.is_promised) for each in snapshot.ground.loans}
    shifts = [shift.id for need in snapshot.ground.needs.values() for shift in need.shifts]
    rows = await tx.execute(
        select(StaffLoan.need_id, StaffLoan.id, StaffLoan.state, StaffLoan.asked_at)
        .join(LoanShift, LoanShift.loan_id == StaffLoan.id)
        .where(LoanShift.shift_id.in_(shifts), StaffLoan.state.in_(LIVE_LOANS))
        .distinct()
    )
    there = {(need_id, id_, state != LoanState.PROPOSED or asked is not None) for need_id, id_, state, asked in rows}
    return frozenset(need_id for need_id, _, _ in seen ^ there)


async def _outdated(tx: AsyncSession, lines: list[placements.ProposedPlacement]) -> frozenset[UUID]:
    """Situations with a line that its offer or its situation, moved since the snapshot, no longer allows."""
    situations = await lock_situations(tx, {line.situation_id for line in lines})
    offers = await lock_offers(tx, {line.offer_id for line in lines})
    return frozenset(
        line.situation_id
        for line in lines
        if situations[line.situation_id].terms_version != line.situation_terms_version
        or offers[line.offer_id].terms_version != line.offer_terms_version
        or offers[line.offer_id].state != "published"
    )
