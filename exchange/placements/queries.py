"""Reading placements: all of them for coordination, those that it was asked for a facility."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import PlaceOffer, SegmentRequirement
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import date_of
from exchange.organisations.models import Facility, LivingArea
from exchange.placements.lights import holding_back
from exchange.placements.models import AdmissionCondition, Placement, PlacementCover, PlacementSegment
from exchange.placements.policies import visible_placements
from exchange.placements.rules import CLAIMING, NO_UNIT_LEFT, PlacementState, blocks_in
from exchange.placements.stay_limits import Counter, counters_of
from exchange.placements.taken import taken_among
from exchange.reference.answers import REFUSALS, AskedAgain, RefusalReason
from exchange.reference.answers import AdmissionCondition as Light
from exchange.situations.models import Situation
from exchange.situations.policies import Solicited
from exchange.staffing.models import Shift


@dataclass(frozen=True, slots=True)
class LightView:
    """One condition of an arrival: red while `done_at` is absent; `role` is the function of who did it."""

    condition: str
    done_at: datetime | None
    role: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class PlacementView:
    """One placement, for the coordination or for the facility that it asks. Nothing identifies the person.

    `private_note`, `spoken_with` and `spoken_function` are for these two alone. `waits_for_cover`: accepted, and a
    shift that the place rests on has no agreed loan. `at_risk`: a cover was lost after the person arrived.
    `is_taken`: only proposed, and somebody else holds the place: it may be free again if that hold falls.
    `lights`: the conditions of the arrival, in their order, and `missing` those still red, before it or after;
    `holding_back`: those for which this arrival waits. `counters`: the limits that its frame puts on the stay.
    """

    id: UUID
    situation_id: UUID
    reference: str
    urgency: int
    age_band: str
    legal_status: str
    offer_id: UUID
    offer_kind: str
    care_mode: str
    max_stay_nights: int | None
    facility_id: UUID
    facility: str
    living_area: str | None
    rank: int
    state: PlacementState
    block_ids: tuple[UUID, ...]
    segments: tuple[int, ...]
    origin: str
    reasons: tuple[Mapping[str, object], ...]
    created_at: datetime
    held_until: datetime | None
    receiver_yes_at: datetime | None
    receiver_channel: str | None
    spoken_with: str | None = field(repr=False)
    spoken_function: str | None
    person_yes_at: datetime | None
    person_yes_from: str | None
    legal_basis_at: datetime | None
    legal_basis: str | None
    refusal_reason: str | None
    private_note: str | None = field(repr=False)
    admitted_at: datetime | None
    exit_on: date | None
    exit_solution: str | None
    temporary_days_before: int | None
    arrival_despite: str | None = field(repr=False)
    rests_on_loan: bool
    waits_for_cover: bool
    at_risk: bool
    is_taken: bool
    lights: tuple[LightView, ...]
    version: int

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(light.condition for light in self.lights if light.done_at is None)

    @property
    def holding_back(self) -> tuple[str, ...]:
        return holding_back(self.missing, self.urgency)

    @property
    def counters(self) -> tuple[Counter, ...]:
        first_on = date_of(min(self.segments))
        return counters_of(self.legal_basis, self.care_mode, first_on, self.temporary_days_before)


@dataclass(frozen=True, slots=True)
class AnswerView:
    """The placements of a situation at one rank: 1 is the plan, 2 and 3 its backups."""

    rank: int
    placements: tuple[PlacementView, ...]


async def placement(reader: AsyncSession, actor: Actor, placement_id: UUID) -> PlacementView:
    """Return one placement. Raises `NotFound` to whoever may not know of it."""
    views = await _views(reader, actor, Placement.id == placement_id)
    if not views:
        raise NotFound
    return views[0]


async def placements(reader: AsyncSession, actor: Actor, *, with_ended: bool = False) -> tuple[PlacementView, ...]:
    """Return the placements that the actor may see, the nearest end of hold first, then by creation."""
    return await _views(reader, actor, true() if with_ended else Placement.state.in_(_LIVE))


async def answers_of(
    reader: AsyncSession, actor: Actor, situation_id: UUID, *, with_ended: bool = False
) -> tuple[AnswerView, ...]:
    """Return the answers of a situation by rank; empty for whoever was not asked."""
    of_it = Placement.situation_id == situation_id
    views = await _views(reader, actor, of_it if with_ended else of_it & Placement.state.in_(_LIVE))
    ranked = sorted(views, key=lambda view: (view.rank, view.segments, view.id))
    return tuple(AnswerView(rank, tuple(of_rank)) for rank, of_rank in groupby(ranked, key=lambda view: view.rank))


async def placements_for_facilities(
    reader: AsyncSession, actor: Actor, *, with_ended: bool = False
) -> tuple[PlacementView, ...]:
    """Return what the actor's own facilities were asked: first what awaits their answer, soonest first."""
    if not actor.facility_ids:
        return ()
    of_theirs = PlaceOffer.facility_id.in_(actor.facility_ids)
    claiming = Placement.state.in_([state.value for state in CLAIMING])
    views = await _views(reader, actor, of_theirs if with_ended else of_theirs & claiming)
    return tuple(sorted(views, key=lambda view: (view.state is not PlacementState.HELD, view.held_until, view.id)))


async def solicited(reader: AsyncSession, actor: Actor, placement_id: UUID) -> Solicited:
    """Return the proof by which a facility reads the situation it is asked about. Raises `NotFound` once it is no
    longer asked: whoever refused, or let the hour pass, sees no more."""
    view = await placement(reader, actor, placement_id)
    if view.state not in CLAIMING:
        raise NotFound
    return Solicited(
        situation_id=view.situation_id,
        facility_id=view.facility_id,
        placement_id=view.id,
        is_confirmed=view.state in (PlacementState.CONFIRMED, PlacementState.ADMITTED),
    )


async def declined_pairs(
    reader: AsyncSession, situation_ids: Iterable[UUID] | None = None
) -> frozenset[tuple[UUID, UUID]]:
    """Return the (situation, offer) pairs that a refusal rules out for now.

    Unsuitable premises rule out every offer of the facility. A lack of places is no such pair: the offer itself was
    corrected. Any other reason holds while neither the situation's nor the offer's terms have moved.
    """
    never = [reason for reason, refusal in REFUSALS.items() if refusal.asked_again is AskedAgain.NEVER]
    other = PlaceOffer.__table__.alias("other_offer")
    refused = (
        select(Placement.situation_id, other.c.id)
        .join(PlaceOffer, PlaceOffer.id == Placement.offer_id)
        .join(Situation, Situation.id == Placement.situation_id)
        .join(other, other.c.facility_id == PlaceOffer.facility_id)
        .where(
            Placement.state == PlacementState.REFUSED.value,
            Placement.refusal_reason.not_in([reason.value for reason in _CORRECTED]),
            or_(
                Placement.refusal_reason.in_([reason.value for reason in never]),
                (other.c.id == PlaceOffer.id)
                & (Situation.terms_version == Placement.situation_terms_version)
                & (PlaceOffer.terms_version == Placement.offer_terms_version),
            ),
        )
    )
    if situation_ids is not None:
        refused = refused.where(Placement.situation_id.in_(set(situation_ids)))
    return frozenset((situation_id, offer_id) for situation_id, offer_id in await reader.execute(refused))


_LIVE = [state.value for state in (PlacementState.PROPOSED, *CLAIMING)]

_CORRECTED: frozenset[RefusalReason] = frozenset(
    reason for reason, refusal in REFUSALS.items() if refusal.sequel in NO_UNIT_LEFT
)


async def _views(reader: AsyncSession, actor: Actor, where: ColumnElement[bool]) -> tuple[PlacementView, ...]:
    rows = (await reader.execute(_rows().where(visible_placements(actor), where))).all()
    ids = [row[0].id for row in rows]
    segments = await _segments(reader, ids)
    at_risk = frozenset(
        await reader.scalars(
            select(PlacementCover.placement_id).where(
                PlacementCover.placement_id.in_(ids), PlacementCover.covered.is_(False)
            )
        )
    )
    waiting = await _uncovered(reader, ids)
    taken = frozenset(await reader.scalars(taken_among(ids)))
    lights = await _lights(reader, ids)
    return tuple(
        _view(
            found,
            offer,
            situation,
            facility,
            living_area,
            segments[found.id],
            found.id in at_risk,
            found.id in waiting,
            found.id in taken,
            lights.get(found.id, ()),
        )
        for found, offer, situation, facility, living_area in rows
    )


def _rows() -> Select[Placement, PlaceOffer, Situation, Facility, str]:
    return (
        select(Placement, PlaceOffer, Situation, Facility, LivingArea.name)
        .join(PlaceOffer, PlaceOffer.id == Placement.offer_id)
        .join(Situation, Situation.id == Placement.situation_id)
        .join(Facility, Facility.id == PlaceOffer.facility_id)
        .join(LivingArea, LivingArea.id == Facility.living_area_id, isouter=True)
        .order_by(Placement.held_until.asc().nulls_last(), Placement.id)
    )


async def _segments(reader: AsyncSession, ids: list[UUID]) -> dict[UUID, tuple[int, ...]]:
    rows = await reader.execute(
        select(PlacementSegment.placement_id, func.array_agg(PlacementSegment.segment))
        .where(PlacementSegment.placement_id.in_(ids))
        .group_by(PlacementSegment.placement_id)
    )
    return {placement_id: tuple(sorted(segments)) for placement_id, segments in rows}


async def _uncovered(reader: AsyncSession, ids: list[UUID]) -> frozenset[UUID]:
    found = await reader.scalars(
        select(PlacementSegment.placement_id)
        .distinct()
        .join(
            SegmentRequirement,
            (SegmentRequirement.offer_id == PlacementSegment.offer_id)
            & (SegmentRequirement.segment == PlacementSegment.segment),
        )
        .join(Shift, Shift.id == SegmentRequirement.shift_id)
        .where(PlacementSegment.placement_id.in_(ids), Shift.is_covered.is_(False))
    )
    return frozenset(found)


async def _lights(reader: AsyncSession, ids: list[UUID]) -> dict[UUID, tuple[LightView, ...]]:
    rows = await reader.scalars(select(AdmissionCondition).where(AdmissionCondition.placement_id.in_(ids)))
    lights: dict[UUID, tuple[LightView, ...]] = {}
    for row in sorted(rows, key=lambda row: _LIGHTS.index(row.condition)):
        light = LightView(row.condition, row.done_at, row.done_role, row.channel)
        lights[row.placement_id] = (*lights.get(row.placement_id, ()), light)
    return lights


_LIGHTS = [light.value for light in Light]


def _view(
    found: Placement,
    offer: PlaceOffer,
    situation: Situation,
    facility: Facility,
    living_area: str | None,
    segments: tuple[int, ...],
    is_at_risk: bool,
    is_uncovered: bool,
    is_taken: bool,
    lights: tuple[LightView, ...],
) -> PlacementView:
    state = PlacementState(found.state)
    return PlacementView(
        id=found.id,
        situation_id=situation.id,
        reference=situation.reference,
        urgency=situation.urgency,
        age_band=situation.age_band,
        legal_status=situation.legal_status,
        offer_id=offer.id,
        offer_kind=offer.kind,
        care_mode=offer.care_mode,
        max_stay_nights=offer.max_stay_nights,
        facility_id=facility.id,
        facility=facility.name,
        living_area=living_area,
        rank=found.rank,
        state=state,
        block_ids=blocks_in(found.blocks_key),
        segments=segments,
        origin=found.origin,
        reasons=tuple(found.reasons),
        created_at=found.created_at,
        held_until=found.held_until,
        receiver_yes_at=found.receiver_yes_at,
        receiver_channel=found.receiver_channel,
        spoken_with=found.spoken_with,
        spoken_function=found.spoken_function,
        person_yes_at=found.person_yes_at,
        person_yes_from=found.person_yes_from,
        legal_basis_at=found.legal_basis_at,
        legal_basis=found.legal_basis,
        refusal_reason=found.refusal_reason,
        private_note=found.private_note,
        admitted_at=found.admitted_at,
        exit_on=found.exit_on,
        exit_solution=found.exit_solution,
        temporary_days_before=found.temporary_days_before,
        arrival_despite=found.arrival_despite,
        rests_on_loan=offer.kind == "conditional",
        waits_for_cover=is_uncovered and state is PlacementState.ACCEPTED,
        at_risk=is_at_risk,
        is_taken=is_taken,
        lights=lights,
        version=found.version,
    )
