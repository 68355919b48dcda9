"""From the plans of a drill to what is told of it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from exchange.matching.plan import Plan, UnmetBlock
from exchange.planning.drills.copy import Copy, Resident
from exchange.planning.drills.followers import house_staff, window_shifts
from exchange.planning.drills.terms import AskDrill
from exchange.planning.drills.told import FollowerTold, LineTold, ResidentTold, Result, UnmetTold
from exchange.planning.ground import Ground, SeenBlock
from exchange.planning.reasons import needs_opening, reasons_of_placement
from exchange.planning.snapshot import Snapshot


def guests_of(snapshot: Snapshot, copy: Copy, plan: Plan) -> Counter[UUID]:
    """Return how many residents each host would have."""
    residents = {str(one.situation.id): one.key for one in copy.residents}
    hosted = {
        (snapshot.ground.offers[UUID(line.offer)].facility_id, residents[line.situation])
        for line in plan.placements
        if line.situation in residents
    }
    return Counter(host for host, _ in hosted)


def result_of(
    snapshot: Snapshot, copy: Copy, asked: AskDrill, plan: Plan, staff: tuple[Snapshot, Plan] | None
) -> Result:
    """Return what is told of a drill: of its own residents and staff, and of others only how many."""
    kept, moved = _others(snapshot, plan)
    return Result(
        residents=tuple(_told(one) for one in copy.residents),
        lines=_lines(snapshot, copy, plan),
        unmet=_unmet(copy, plan),
        followers=_followers(snapshot, asked, staff),
        staff_working=sum(bool(window_shifts(one, copy.ground, asked)) for one in house_staff(copy.ground, asked)),
        staff_obstacles=_staff_obstacles(staff),
        others_kept=kept,
        others_moved=moved,
        others_displaced=_displaced(snapshot, copy, plan),
        seen_at=snapshot.ground.at,
    )


def _told(one: Resident) -> ResidentTold:
    return ResidentTold(
        key=one.key,
        age_band=one.situation.age_band,
        need_codes=one.situation.need_codes,
        sex=one.situation.sex,
        care_mode=one.situation.care_mode,
        legal_status=one.legal_status,
        max_travel_minutes=one.situation.max_travel_minutes,
        blocks=tuple(block.segments for block in one.situation.blocks),
        group=one.group,
        source=one.source,
        reference=one.source_reference,
        source_terms_version=one.source_terms_version,
    )


def _lines(snapshot: Snapshot, copy: Copy, plan: Plan) -> tuple[LineTold, ...]:
    """One line per resident and place, whatever the blocks that it serves."""
    served: dict[tuple[int, UUID], list[SeenBlock]] = defaultdict(list)
    residents = {one.key: one for one in copy.residents}
    keys = {str(one.situation.id): one.key for one in copy.residents}
    for line in plan.placements:
        if line.situation in keys:
            key = keys[line.situation]
            block = next(each for each in residents[key].situation.blocks if str(each.id) == line.block)
            served[key, UUID(line.offer)].append(_served(snapshot, block, line.segments))
    return tuple(
        _line(snapshot, residents[key], offer_id, blocks) for (key, offer_id), blocks in sorted(served.items())
    )


def _served(snapshot: Snapshot, block: SeenBlock, segments: tuple[int, ...]) -> SeenBlock:
    mine = tuple(one for one in block.segments if not segments or snapshot.horizon.segment(one) in segments)
    return SeenBlock(block.id, mine)


def _line(snapshot: Snapshot, resident: Resident, offer_id: UUID, blocks: list[SeenBlock]) -> LineTold:
    situation, offer = resident.situation, snapshot.ground.offers[offer_id]
    site = snapshot.ground.facilities[offer.facility_id]
    return LineTold(
        key=resident.key,
        offer_id=offer.id,
        facility_id=offer.facility_id,
        care_mode=offer.care_mode,
        segments=tuple(sorted(segment for block in blocks for segment in block.segments)),
        minutes=snapshot.minutes(situation.commune_code, site.commune_code),
        reasons=tuple(dict(reason) for reason in reasons_of_placement(snapshot, situation, offer, blocks)),
        offer_terms_version=offer.terms_version,
        rests_on_need=bool(needs_opening(snapshot, offer, blocks)),
    )


def _unmet(copy: Copy, plan: Plan) -> tuple[UnmetTold, ...]:
    keys = {str(one.situation.id): one.key for one in copy.residents}
    blocks = {str(block.id): block.segments for one in copy.residents for block in one.situation.blocks}
    found = [
        UnmetTold(
            keys[one.situation],
            blocks[one.block],
            tuple((reason.code, reason.count) for reason in one.reasons),
        )
        for one in plan.unmet
        if isinstance(one, UnmetBlock) and one.situation in keys
    ]
    return tuple(sorted(found, key=lambda each: (each.key, each.segments)))


def _followers(snapshot: Snapshot, asked: AskDrill, staff: tuple[Snapshot, Plan] | None) -> tuple[FollowerTold, ...]:
    """The house's people lent for a place to open, and those whom the second solve sends along."""
    if staff is None:
        return ()
    ground, lines = staff[0].ground, staff[1].loans
    before = {(loan.volunteer_id, shift) for loan in snapshot.ground.loans for shift in loan.shift_ids}
    owners: Mapping[UUID, tuple[UUID, tuple[datetime, datetime]]] = {
        shift.id: (need.facility_id, shift.slot) for need in ground.needs.values() for shift in need.shifts
    }
    sent: dict[tuple[UUID, UUID], list[tuple[datetime, datetime]]] = defaultdict(list)
    for line in lines:
        volunteer, shift = UUID(line.volunteer), UUID(line.shift)
        if ground.volunteers[volunteer].facility_id == asked.facility_id and (volunteer, shift) not in before:
            host, slot = owners[shift]
            sent[volunteer, host].append(slot)
    return tuple(_follower(snapshot, ground, who, host, slots) for (who, host), slots in sorted(sent.items()))


def _follower(
    snapshot: Snapshot, ground: Ground, volunteer_id: UUID, host: UUID, slots: list[tuple[datetime, datetime]]
) -> FollowerTold:
    one = ground.volunteers[volunteer_id]
    home, there = ground.facilities[one.facility_id], ground.facilities[host]
    return FollowerTold(
        volunteer_id=one.id,
        facility_id=host,
        qualification=min(one.qualifications),
        is_internal=home.operator_id == there.operator_id,
        is_ready=one.is_ready,
        minutes=snapshot.minutes(one.commune_code, there.commune_code),
        shifts=tuple(sorted(slots)),
    )


_NOT_THEIRS = frozenset({"qualification", "competition", "same-employer"})
"""Each shift asks for its own titles, and is worked once: neither tells why somebody stays behind."""


def _staff_obstacles(staff: tuple[Snapshot, Plan] | None) -> tuple[tuple[str, int], ...]:
    """What stands first in the way of the house's people, at the shift where it stops most of them."""
    most: Counter[str] = Counter()
    for one in () if staff is None else staff[1].unmet:
        for reason in one.reasons:
            if reason.code not in _NOT_THEIRS:
                most[reason.code] = max(most[reason.code], reason.count)
    return tuple(sorted(most.items(), key=lambda each: (-each[1], each[0])))


def _others(snapshot: Snapshot, plan: Plan) -> tuple[int, int]:
    """How many promised lines reappear in the plan, and how many do not: the rules of today may refuse one."""
    frozen = snapshot.request.problem.frozen
    there = {*plan.placements, *plan.loans}
    kept = sum(line in there for line in (*frozen.placements, *frozen.loans))
    return kept, len(frozen.placements) + len(frozen.loans) - kept


def _displaced(snapshot: Snapshot, copy: Copy, plan: Plan) -> int:
    """Other people's open proposals for which no room is left once the residents are placed."""
    taken: Counter[tuple[UUID, int]] = Counter()
    for line in _lines(snapshot, copy, plan):
        taken.update((line.offer_id, segment) for segment in line.segments)
    offers = snapshot.ground.offers
    displaced = 0
    for proposal in copy.set_aside:
        segments = offers[proposal.offer_id].segments if proposal.offer_id in offers else {}
        displaced += any(
            taken[proposal.offer_id, at] and segments[at].room - segments[at].used <= taken[proposal.offer_id, at]
            for at in proposal.segments
            if at in segments
        )
    return displaced
