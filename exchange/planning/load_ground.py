"""Reading the snapshot: a dozen queries in one repeatable-read, read-only transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, PlaceOffer, SegmentRequirement
from exchange.availability.statuses import words_of
from exchange.kernel.db import UtcDateTime, now_of
from exchange.kernel.periods import current_segment, date_of
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.queries import declined_shifts
from exchange.loans.rules import BINDING, LoanKind, LoanState
from exchange.organisations import queries as organisations
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.queries import declined_pairs
from exchange.placements.rules import CLAIMING, PlacementState
from exchange.planning.calendar import monday_of, own_time, union
from exchange.planning.ground import (
    Ground,
    ReserveTerms,
    SeenBlock,
    SeenFacility,
    SeenLoan,
    SeenNeed,
    SeenOffer,
    SeenPlacement,
    SeenSegment,
    SeenShift,
    SeenSituation,
    SeenVolunteer,
    Slot,
)
from exchange.planning.past_weeks import past_week_minutes, weeks_looked_at
from exchange.reference import queries as reference
from exchange.situations.models import Incompatibility, Situation, SituationBlock, SituationDetails
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed, VolunteerTime
from exchange.staffing.rule_figures import rule_figures, set_of
from exchange.staffing.weeks.unrolling import is_proposable

HOURS_ALREADY_WORKED = timedelta(days=8)
"""Shifts of the current week count against its ceiling; one more day for the rest before its Monday."""


async def load_ground(reader: AsyncSession, community_id: UUID) -> Ground:
    """Read everything that a run may look at, as it stood at the transaction's instant."""
    now, zone = now_of(reader), await organisations.zone(reader)
    running = current_segment(now, zone)
    first_segment = running - running % 2
    areas = await organisations.living_areas(reader)
    needs, covered_started = await _needs(reader, now)
    # A derogation counts where it outlasts every shift asked for: the plan must not rest on one that is over by then.
    today = now.astimezone(zone).date()
    last_shift = max((shift.slot[1] for need in needs.values() for shift in need.shifts), default=now)
    figures = await rule_figures(reader, today, today, last_shift.astimezone(zone).date())
    agreements = {operator.id: operator.agreement_code for operator in await organisations.operators(reader)}
    facilities = {
        site.id: SeenFacility(
            id=site.id,
            operator_id=site.operator_id,
            association_is_public=site.operator_is_public,
            commune_code=site.commune_code,
            living_area_id=site.living_area_id,
            lends_at_most_per_day=site.lends_at_most_per_day,
            rule_set=set_of(agreements.get(site.operator_id, ""), figures),
        )
        for site in await organisations.facilities(reader)
    }
    owners = {shift.id: need.id for need in needs.values() for shift in need.shifts}
    loans, loan_slots, ledger = await _loans(reader, now, owners.keys(), facilities)
    weeks = weeks_looked_at(figures[site.rule_set] for site in facilities.values())
    past = await past_week_minutes(reader, zone, monday_of(date_of(first_segment)), weeks)
    volunteers = await _volunteers(reader, now, facilities, loan_slots, past)
    situations = await _situations(reader, first_segment)
    clocks = await organisations.parameters(reader)
    reserve = ReserveTerms(clocks.scarcity_window_days, clocks.scarcity_most_minutes)
    recent = await _recent(reader, now - timedelta(days=reserve.window_days)) if reserve.most_minutes else ()
    communes = {
        *(site.commune_code for site in facilities.values()),
        *(volunteer.commune_code for volunteer in volunteers.values()),
        *(situation.commune_code for situation in (*situations.values(), *recent)),
    }
    return Ground(
        community_id=community_id,
        zone=zone,
        at=now,
        first_segment=first_segment,
        living_area_ids=tuple(sorted(area.id for area in areas)),
        places=await reference.places(reader, communes),
        facilities=facilities,
        offers=await _offers(reader, now, first_segment),
        situations=situations,
        placements=await _placements(reader),
        volunteers=volunteers,
        needs=needs,
        loans=loans,
        refused_pairs=await declined_pairs(reader, situations),
        declined_pairs=frozenset(
            (volunteer, owners[shift]) for volunteer, shift in await declined_shifts(reader) if shift in owners
        ),
        covered_started_shifts=covered_started,
        ledger_minutes=ledger,
        rule_figures=figures,
        recent=recent,
        reserve=reserve,
        paperwork_minutes=clocks.loan_paperwork_minutes,
        split_minutes=clocks.split_minutes,
        rebalance_percent=clocks.rebalance_percent,
    )


async def _offers(reader: AsyncSession, now: datetime, first_segment: int) -> dict[UUID, SeenOffer]:
    """Offers in force, and those no longer in force on which somebody still counts."""
    required: dict[tuple[UUID, int], list[UUID]] = defaultdict(list)
    for offer_id, segment, shift_id in await reader.execute(
        select(SegmentRequirement.offer_id, SegmentRequirement.segment, SegmentRequirement.shift_id)
        .where(SegmentRequirement.segment >= first_segment)
        .order_by(SegmentRequirement.shift_id)
    ):
        required[offer_id, segment].append(shift_id)
    offers = (await reader.scalars(select(PlaceOffer).order_by(PlaceOffer.id))).all()
    provides = {offer.id: frozenset(offer.provides) for offer in offers}
    told = await words_of(reader, offers, now)
    segments: dict[UUID, dict[int, SeenSegment]] = defaultdict(dict)
    for row in await reader.execute(
        select(
            OfferSegment.offer_id,
            OfferSegment.segment,
            OfferSegment.capacity,
            OfferSegment.over_capacity,
            OfferSegment.used,
            OfferSegment.provides,
        ).where(OfferSegment.segment >= first_segment)
    ):
        segments[row.offer_id][row.segment] = SeenSegment(
            room=row.capacity + row.over_capacity,
            used=row.used,
            provides=provides[row.offer_id] if row.provides is None else frozenset(row.provides),
            required=tuple(required.get((row.offer_id, row.segment), ())),
            is_told=told[row.offer_id].why_not(row.segment) is None,
        )
    return {
        offer.id: SeenOffer(
            id=offer.id,
            facility_id=offer.facility_id,
            kind=offer.kind,
            care_mode=offer.care_mode,
            populations=frozenset(offer.populations),
            ages=(offer.ages_from, offer.ages_to),
            max_stay_nights=offer.max_stay_nights,
            zone_communes=None if offer.zone_communes is None else frozenset(offer.zone_communes),
            is_proposable=offer.state == "published" and not told[offer.id].is_out,
            terms_version=offer.terms_version,
            segments=segments[offer.id],
            orange=told[offer.id].orange,
        )
        for offer in offers
        if segments[offer.id]
    }


async def _situations(reader: AsyncSession, first_segment: int) -> dict[UUID, SeenSituation]:
    blocks: dict[UUID, list[SeenBlock]] = defaultdict(list)
    for block in await reader.scalars(
        select(SituationBlock)
        .join(Situation, Situation.id == SituationBlock.situation_id)
        .where(SituationBlock.retired_at.is_(None), Situation.state != "closed")
        .order_by(SituationBlock.situation_id, SituationBlock.position, SituationBlock.id)
    ):
        if block.segments and max(block.segments) >= first_segment:
            blocks[block.situation_id].append(SeenBlock(block.id, tuple(sorted(block.segments))))
    apart: dict[UUID, set[UUID]] = defaultdict(set)
    for one, other in await reader.execute(select(Incompatibility.first_id, Incompatibility.second_id)):
        apart[one].add(other)
        apart[other].add(one)
    rows = await reader.execute(
        select(Situation, SituationDetails)
        .join(SituationDetails, SituationDetails.situation_id == Situation.id)
        .where(Situation.state != "closed")
        .order_by(Situation.id)
    )
    return {
        row.id: _seen(row, details, blocks[row.id], incompatible_with=apart[row.id])
        for row, details in rows
        if blocks[row.id]
    }


async def _recent(reader: AsyncSession, since: datetime) -> tuple[SeenSituation, ...]:
    """Situations received since an instant, whatever became of them, with every block that they asked for."""
    blocks: dict[UUID, list[SeenBlock]] = defaultdict(list)
    situations: dict[UUID, tuple[Situation, SituationDetails]] = {}
    for row, details, block in await reader.execute(
        select(Situation, SituationDetails, SituationBlock)
        .join(SituationDetails, SituationDetails.situation_id == Situation.id)
        .join(SituationBlock, SituationBlock.situation_id == Situation.id)
        .where(Situation.created_at > since, SituationBlock.retired_at.is_(None))
        .order_by(Situation.id, SituationBlock.position, SituationBlock.id)
    ):
        situations[row.id] = row, details
        if block.segments:
            blocks[row.id].append(SeenBlock(block.id, tuple(sorted(block.segments))))
    return tuple(_seen(row, details, blocks[row.id]) for row, details in situations.values())


def _seen(
    row: Situation, details: SituationDetails, blocks: Collection[SeenBlock], incompatible_with: Collection[UUID] = ()
) -> SeenSituation:
    return SeenSituation(
        id=row.id,
        reference=row.reference,
        together_id=row.together_id,
        commune_code=row.commune_code,
        living_area_id=row.living_area_id,
        age_band=row.age_band,
        max_travel_minutes=row.max_travel_minutes,
        max_places=row.max_places,
        excluded_facility_ids=frozenset(row.excluded_facility_ids),
        care_mode=row.care_mode,
        urgency=row.urgency,
        created_at=row.created_at,
        terms_version=row.terms_version,
        need_codes=tuple(details.need_codes),
        sex=details.sex,
        incompatible_with=frozenset(incompatible_with),
        blocks=tuple(blocks),
    )


async def _placements(reader: AsyncSession) -> tuple[SeenPlacement, ...]:
    rows = await reader.execute(
        select(
            Placement.id,
            Placement.situation_id,
            Placement.offer_id,
            Placement.rank,
            Placement.state,
            func.array_agg(PlacementSegment.block_id.distinct()),
            func.array_agg(PlacementSegment.segment),
        )
        .join(PlacementSegment, PlacementSegment.placement_id == Placement.id)
        .where(Placement.state.in_((PlacementState.PROPOSED, *CLAIMING)))
        .group_by(Placement.id)
        .order_by(Placement.id)
    )
    return tuple(
        SeenPlacement(id_, situation, offer, rank, state in CLAIMING, tuple(sorted(blocks)), frozenset(segments))
        for id_, situation, offer, rank, state, blocks, segments in rows
    )


async def _needs(reader: AsyncSession, now: datetime) -> tuple[dict[UUID, SeenNeed], frozenset[UUID]]:
    """Needs with a shift yet to start; and, apart, the covered shifts that have started."""
    shifts: dict[UUID, list[SeenShift]] = defaultdict(list)
    covered_started: set[UUID] = set()
    for shift in await reader.scalars(
        select(Shift)
        .join(StaffNeed, StaffNeed.id == Shift.need_id)
        .where(StaffNeed.state.in_(("open", "covered")), func.upper(Shift.slot) > now)
        .order_by(Shift.id)
    ):
        slot = slot_of(shift.slot)
        if slot[0] > now:
            shifts[shift.need_id].append(
                SeenShift(
                    id=shift.id,
                    slot=slot,
                    headcount=shift.headcount,
                    is_covered=shift.is_covered,
                    permanent_staff=shift.permanent_staff,
                    min_permanent_staff=shift.min_permanent_staff,
                )
            )
        elif shift.is_covered:
            covered_started.add(shift.id)
    needs = await reader.scalars(select(StaffNeed).where(StaffNeed.id.in_(list(shifts))).order_by(StaffNeed.id))
    seen = {
        need.id: SeenNeed(
            id=need.id,
            facility_id=need.facility_id,
            qualifications_any=frozenset(need.qualifications_any),
            urgency=need.urgency,
            is_coupled=need.is_coupled,
            created_at=need.created_at,
            terms_version=need.terms_version,
            shifts=tuple(shifts[need.id]),
        )
        for need in needs
    }
    return seen, frozenset(covered_started)


async def _loans(
    reader: AsyncSession, now: datetime, shift_ids: Collection[UUID], facilities: dict[UUID, SeenFacility]
) -> tuple[tuple[SeenLoan, ...], dict[UUID, list[Slot]], dict[UUID, int]]:
    """Live loans on shifts yet to start; other binding shifts, as busy slots by volunteer; what was lent so far."""
    lines: dict[UUID, list[UUID]] = defaultdict(list)
    loans: dict[UUID, StaffLoan] = {}
    busy: dict[UUID, list[Slot]] = defaultdict(list)
    ledger: dict[UUID, int] = defaultdict(int)
    rows = await reader.execute(
        select(StaffLoan, Shift.id, Shift.slot, LoanVolunteer.facility_id, StaffNeed.facility_id)
        .join(LoanShift, LoanShift.loan_id == StaffLoan.id)
        .join(Shift, Shift.id == LoanShift.shift_id)
        .join(LoanVolunteer, LoanVolunteer.id == StaffLoan.volunteer_id)
        .join(StaffNeed, StaffNeed.id == StaffLoan.need_id)
        .where(StaffLoan.state.in_((LoanState.PROPOSED, *BINDING)))
        .order_by(StaffLoan.id, Shift.id)
    )
    for loan, shift_id, shift_slot, lender_id, host_id in rows:
        slot = slot_of(shift_slot)
        if shift_id in shift_ids:
            loans[loan.id] = loan
            lines[loan.id].append(shift_id)
        elif loan.state in BINDING:
            busy[loan.volunteer_id].append(slot)
            if slot[1] <= now:
                minutes = int((slot[1] - slot[0]).total_seconds()) // 60
                ledger[facilities[lender_id].operator_id] += minutes
                ledger[facilities[host_id].operator_id] -= minutes
    seen = tuple(
        SeenLoan(
            id=loan.id,
            volunteer_id=loan.volunteer_id,
            need_id=loan.need_id,
            is_promised=loan.state in BINDING or loan.asked_at is not None,
            is_internal=loan.kind == LoanKind.INTERNAL_MOVE,
            shift_ids=tuple(lines[loan.id]),
        )
        for loan in loans.values()
    )
    return seen, busy, dict(ledger)


async def _volunteers(
    reader: AsyncSession,
    now: datetime,
    facilities: dict[UUID, SeenFacility],
    busy: dict[UUID, list[Slot]],
    past: Mapping[UUID, tuple[int, ...]],
) -> dict[UUID, SeenVolunteer]:
    times: dict[tuple[UUID, str], list[Slot]] = defaultdict(list)
    # Both bounds as columns: thousands of periods, which the driver would first wrap as ranges.
    for volunteer_id, kind, start, end in await reader.execute(
        select(
            VolunteerTime.volunteer_id,
            VolunteerTime.kind,
            func.lower(VolunteerTime.slot, type_=UtcDateTime),
            func.upper(VolunteerTime.slot, type_=UtcDateTime),
        ).where(func.upper(VolunteerTime.slot) > now - HOURS_ALREADY_WORKED, is_proposable(now))
    ):
        times[volunteer_id, kind].append((start, end))
    volunteers = (await reader.scalars(select(LoanVolunteer).order_by(LoanVolunteer.id))).all()
    own = {
        one.id: own_time(times[one.id, "own_shift"], times[one.id, "released"], busy.get(one.id, ()))
        for one in volunteers
    }
    return {
        one.id: SeenVolunteer(
            id=one.id,
            facility_id=one.facility_id,
            commune_code=one.commune_code,
            qualifications=frozenset(one.qualifications),
            living_area_ids=tuple(one.living_area_ids),
            max_travel_minutes=one.max_travel_minutes,
            max_loan_minutes=one.max_loan_minutes,
            night12h_derogation=one.night12h_derogation,
            agrees=one.agrees_to_be_asked and not (one.paused_until is not None and one.paused_until > now),
            is_ready=_is_ready(one, facilities[one.facility_id], now),
            terms_version=one.terms_version,
            free=union((*times[one.id, "available"], *own[one.id].besides)),
            own_shifts=own[one.id].shifts,
            released=own[one.id].released,
            past_week_minutes=past.get(one.id, ()),
        )
        for one in volunteers
    }


def _is_ready(volunteer: LoanVolunteer, facility: SeenFacility, now: datetime) -> bool:
    return not facility.association_is_public and volunteer.ready_until is not None and volunteer.ready_until > now


def slot_of(stored: Range[datetime]) -> Slot:
    """Return a stored period as two instants; the tables forbid unbounded ones."""
    if stored.lower is None or stored.upper is None:
        raise ValueError("an unbounded period")
    return stored.lower, stored.upper
