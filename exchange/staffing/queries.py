"""Reading volunteers, their times and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.organisations.models import Facility
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed, VolunteerIdentity, VolunteerTime
from exchange.staffing.policies import may_see_identity, visible_needs, visible_volunteers
from exchange.staffing.rules import OFF_THE_BOARD, NeedState, TimeKind


@dataclass(frozen=True, slots=True)
class TimeView:
    """Half-open. `is_weekly`: the volunteer's week says it."""

    kind: TimeKind
    starts_at: datetime
    ends_at: datetime
    is_weekly: bool = False


@dataclass(frozen=True, slots=True)
class VolunteerView:
    """`full_name`, `email` and `commune_code` are absent for whoever is not the employer."""

    id: UUID
    facility_id: UUID
    facility: str
    operator_id: UUID
    qualifications: tuple[str, ...]
    living_area_ids: tuple[UUID, ...]
    max_travel_minutes: int
    max_loan_minutes: int
    night12h_derogation: bool
    agrees_to_be_asked: bool
    ready_until: datetime | None
    paused_until: datetime | None
    terms_version: int
    version: int
    times: tuple[TimeView, ...]
    full_name: str | None
    email: str | None
    commune_code: str | None


@dataclass(frozen=True, slots=True)
class ContactView:
    """Where a volunteer is written to."""

    volunteer_id: UUID
    full_name: str
    email: str


@dataclass(frozen=True, slots=True)
class ShiftView:
    """Half-open. `permanent_staff`, `min_permanent_staff`: the host's own team, as far as it was told."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    headcount: int
    permanent_staff: int | None
    min_permanent_staff: int | None
    seats_agreed: int
    is_covered: bool


@dataclass(frozen=True, slots=True)
class NeedView:
    id: UUID
    facility_id: UUID
    facility: str
    living_area_id: UUID | None
    qualifications_any: tuple[str, ...]
    urgency: int
    is_coupled: bool
    reason: str
    impact: str
    state: NeedState
    created_at: datetime
    terms_version: int
    version: int
    shifts: tuple[ShiftView, ...]


async def volunteers(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[VolunteerView, ...]:
    """Return the volunteers that the actor may see, with their times not yet over, by facility."""
    rows = (await reader.execute(_volunteers(actor).order_by(Facility.name, LoanVolunteer.id))).all()
    times = await _times_of(reader, (row[0].id for row in rows), now)
    return tuple(_volunteer_view(actor, *row, times[row[0].id]) for row in rows)


async def volunteer(reader: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> VolunteerView:
    """Return one volunteer with the times not yet over. Raises `NotFound` to whoever may not know of them."""
    row = (await reader.execute(_volunteers(actor).where(LoanVolunteer.id == volunteer_id))).one_or_none()
    if row is None:
        raise NotFound
    times = await _times_of(reader, (volunteer_id,), now)
    return _volunteer_view(actor, *row, times[volunteer_id])


async def contact_of(reader: AsyncSession, volunteer_id: UUID) -> ContactView:
    """Return where to write to a volunteer; for messages alone, never for a page. Raises `NotFound`."""
    identity = await reader.get(VolunteerIdentity, volunteer_id)
    if identity is None:
        raise NotFound
    return ContactView(volunteer_id, identity.full_name, identity.email)


async def needs(reader: AsyncSession, actor: Actor) -> tuple[NeedView, ...]:
    """Return what is asked for and not over, the most urgent first, then the oldest."""
    asked = StaffNeed.state.not_in([state.value for state in OFF_THE_BOARD])
    rows = (
        await reader.execute(
            _needs(actor).where(asked).order_by(StaffNeed.urgency.desc(), StaffNeed.created_at, StaffNeed.id)
        )
    ).all()
    shifts = await _shifts_of(reader, (row[0].id for row in rows))
    return tuple(_need_view(*row, shifts[row[0].id]) for row in rows)


async def need(reader: AsyncSession, actor: Actor, need_id: UUID) -> NeedView:
    """Return one need. Raises `NotFound` to whoever may not know of it."""
    row = (await reader.execute(_needs(actor).where(StaffNeed.id == need_id))).one_or_none()
    if row is None:
        raise NotFound
    shifts = await _shifts_of(reader, (need_id,))
    return _need_view(*row, shifts[need_id])


def _volunteers(actor: Actor) -> Select[LoanVolunteer, Facility, VolunteerIdentity]:
    return (
        select(LoanVolunteer, Facility, VolunteerIdentity)
        .join(Facility, Facility.id == LoanVolunteer.facility_id)
        .join(VolunteerIdentity, VolunteerIdentity.volunteer_id == LoanVolunteer.id)
        .where(visible_volunteers(actor))
    )


def _needs(actor: Actor) -> Select[StaffNeed, Facility]:
    return select(StaffNeed, Facility).join(Facility, Facility.id == StaffNeed.facility_id).where(visible_needs(actor))


async def _times_of(
    reader: AsyncSession, volunteer_ids: Iterable[UUID], now: datetime
) -> defaultdict[UUID, tuple[TimeView, ...]]:
    rows = await reader.execute(
        select(VolunteerTime.volunteer_id, VolunteerTime.kind, VolunteerTime.slot, VolunteerTime.is_weekly)
        .where(VolunteerTime.volunteer_id.in_(set(volunteer_ids)), func.upper(VolunteerTime.slot) > now)
        .order_by(func.lower(VolunteerTime.slot), VolunteerTime.kind)
    )
    times: defaultdict[UUID, tuple[TimeView, ...]] = defaultdict(tuple)
    for row in rows:
        times[row.volunteer_id] += (TimeView(TimeKind(row.kind), row.slot.lower, row.slot.upper, row.is_weekly),)
    return times


async def _shifts_of(reader: AsyncSession, need_ids: Iterable[UUID]) -> defaultdict[UUID, tuple[ShiftView, ...]]:
    rows = await reader.execute(
        select(Shift, func.lower(Shift.slot), func.upper(Shift.slot))
        .where(Shift.need_id.in_(set(need_ids)))
        .order_by(func.lower(Shift.slot), Shift.id)
    )
    shifts: defaultdict[UUID, tuple[ShiftView, ...]] = defaultdict(tuple)
    for row, starts_at, ends_at in rows:
        view = ShiftView(
            id=row.id,
            starts_at=starts_at,
            ends_at=ends_at,
            headcount=row.headcount,
            permanent_staff=row.permanent_staff,
            min_permanent_staff=row.min_permanent_staff,
            seats_agreed=row.seats_agreed,
            is_covered=row.is_covered,
        )
        shifts[row.need_id] += (view,)
    return shifts


def _volunteer_view(
    actor: Actor,
    person: LoanVolunteer,
    facility: Facility,
    identity: VolunteerIdentity,
    times: tuple[TimeView, ...],
) -> VolunteerView:
    told = may_see_identity(actor, person.facility_id)
    return VolunteerView(
        id=person.id,
        facility_id=person.facility_id,
        facility=facility.name,
        operator_id=facility.operator_id,
        qualifications=tuple(person.qualifications),
        living_area_ids=tuple(person.living_area_ids),
        max_travel_minutes=person.max_travel_minutes,
        max_loan_minutes=person.max_loan_minutes,
        night12h_derogation=person.night12h_derogation,
        agrees_to_be_asked=person.agrees_to_be_asked,
        ready_until=person.ready_until,
        paused_until=person.paused_until,
        terms_version=person.terms_version,
        version=person.version,
        times=times,
        full_name=identity.full_name if told else None,
        email=identity.email if told else None,
        commune_code=person.commune_code if told else None,
    )


def _need_view(asked: StaffNeed, facility: Facility, shifts: tuple[ShiftView, ...]) -> NeedView:
    return NeedView(
        id=asked.id,
        facility_id=asked.facility_id,
        facility=facility.name,
        living_area_id=facility.living_area_id,
        qualifications_any=tuple(asked.qualifications_any),
        urgency=asked.urgency,
        is_coupled=asked.is_coupled,
        reason=asked.reason,
        impact=asked.impact,
        state=NeedState(asked.state),
        created_at=asked.created_at,
        terms_version=asked.terms_version,
        version=asked.version,
        shifts=shifts,
    )
