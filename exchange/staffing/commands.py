"""Writing who may be lent, when, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import IllegalTransition, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.kernel.versions import bump, require_seen
from exchange.organisations import queries as organisations
from exchange.organisations.models import LivingArea
from exchange.reference.models import Commune
from exchange.staffing.cards import card_of
from exchange.staffing.errors import NeedHasAgreedLoans, VolunteerEmailAlreadyListed
from exchange.staffing.events import NeedCancelled, NeedDeclared, TimesStated, TimesWithdrawn, VolunteerRegistered
from exchange.staffing.inputs import DeclareNeed, Period, RegisterVolunteer, ShiftAsked, StateTimes, WithdrawTimes
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed, VolunteerIdentity, VolunteerTime
from exchange.staffing.policies import require_times_of, require_word_of
from exchange.staffing.rules import (
    NeedState,
    TimeKind,
    check_need,
    check_periods,
    check_volunteer,
    cut_out,
    joined,
    overlaps,
)
from exchange.staffing.seats import announce_covered, give_back_seats, lock_shifts, take_seats
from exchange.staffing.values import code_of
from exchange.staffing.weeks.unrolling import (
    coming_of_week,
    except_by_hand,
    follow_week,
    has_week,
    is_of_week,
    make_room,
)

__all__ = [
    "DeclareNeed",
    "Period",
    "RegisterVolunteer",
    "ShiftAsked",
    "StateTimes",
    "TimeKind",
    "WithdrawTimes",
    "announce_covered",
    "cancel_need",
    "declare_need",
    "give_back_seats",
    "lock_shifts",
    "lock_volunteer",
    "register_volunteer",
    "state_times",
    "take_seats",
    "withdraw_times",
]


async def register_volunteer(tx: AsyncSession, actor: Actor, volunteer: RegisterVolunteer, now: datetime) -> UUID:
    """List an employee who agreed to be solicited; the name goes apart.

    Raises `NotFound` for another community's facility, `ActForbidden`, `InvalidValue`, `VolunteerEmailAlreadyListed`.
    """
    facility = await organisations.facility(tx, volunteer.facility_id)
    require_word_of(actor, facility.id)
    check_volunteer(volunteer)
    if await tx.get(Commune, volunteer.commune_code) is None:
        raise InvalidValue(field="commune_code", rule="unknown-code")
    areas = set(volunteer.living_area_ids)
    known = await tx.scalars(select(LivingArea.id).where(LivingArea.id.in_(areas)))
    if set(known) != areas:
        raise InvalidValue(field="living_area_ids", rule="unknown-code")
    email = volunteer.email.lower()
    await _refuse_listed_email(tx, facility.id, email)
    volunteer_id = new_id()
    tx.add(
        LoanVolunteer(
            id=volunteer_id,
            facility_id=facility.id,
            commune_code=volunteer.commune_code,
            qualifications=[str(code) for code in volunteer.qualifications],
            living_area_ids=sorted(areas),
            max_travel_minutes=volunteer.max_travel_minutes,
            max_loan_minutes=volunteer.max_loan_minutes,
            night12h_derogation=volunteer.night12h_derogation,
            may_be_asked_at_night=volunteer.may_be_asked_at_night,
            ready_until=volunteer.ready_until,
        )
    )
    await tx.flush()
    tx.add(
        VolunteerIdentity(
            volunteer_id=volunteer_id,
            operator_id=facility.operator_id,
            full_name=volunteer.full_name.strip(),
            email=email,
        )
    )
    await record(tx, actor, VolunteerRegistered(subject_id=volunteer_id, facility_id=facility.id), now)
    return volunteer_id


async def state_times(tx: AsyncSession, actor: Actor, stated: StateTimes, now: datetime) -> None:
    """Add periods to a volunteer's times of one kind.

    Availability and released time join what overlaps or touches them; an own shift that overlaps another is refused
    (`InvalidValue`, field `periods`). More time breaks no promise; one more own shift may, so it moves the terms.
    """
    kind = code_of(TimeKind, stated.kind, "kind")
    volunteer = await lock_volunteer(tx, stated.volunteer_id)
    require_times_of(actor, volunteer.id, volunteer.facility_id, kind)
    require_seen(tx, volunteer)
    check_periods(kind, stated.periods, now)
    known, follows = await _times(tx, volunteer.id, kind, now), await has_week(tx, volunteer.id)
    if kind is TimeKind.OWN_SHIFT:
        planned = (*known, *(await coming_of_week(tx, volunteer.id, kind, now) if follows else ()))
        if any(overlaps(period, other) for period in stated.periods for other in planned):
            raise InvalidValue(field="periods", rule="overlap")
        volunteer.terms_version += 1
        wanted = (*known, *stated.periods)
    else:
        wanted = joined((*known, *stated.periods))
    if follows:
        await make_room(tx, volunteer.id, kind, wanted, now)
    await _replace_times(tx, volunteer.id, kind, known, wanted, now)
    if follows:
        await follow_week(tx, volunteer.id, now)
    bump(volunteer)
    await follow_week(tx, volunteer.id, now)
    fact = TimesStated(subject_id=volunteer.id, facility_id=volunteer.facility_id, time_kind=kind)
    await record(tx, actor, fact, now)


async def withdraw_times(tx: AsyncSession, actor: Actor, withdrawn: WithdrawTimes, now: datetime) -> None:
    """Cut periods out of a volunteer's times of one kind, and move the terms. An agreed loan is not touched."""
    kind = code_of(TimeKind, withdrawn.kind, "kind")
    volunteer = await lock_volunteer(tx, withdrawn.volunteer_id)
    require_times_of(actor, volunteer.id, volunteer.facility_id, kind)
    require_seen(tx, volunteer)
    check_periods(TimeKind.AVAILABLE, withdrawn.periods, now)
    known = await _times(tx, volunteer.id, kind, now)
    left = await except_by_hand(tx, volunteer.id, kind, withdrawn.periods, now)
    remaining = (*cut_out(known, withdrawn.periods), *(left or ()))
    if left is None and remaining == known:
        raise InvalidValue(field="periods", rule="nothing-there")
    volunteer.terms_version += 1
    await _replace_times(tx, volunteer.id, kind, known, remaining, now)
    await follow_week(tx, volunteer.id, now)
    bump(volunteer)
    await follow_week(tx, volunteer.id, now)
    fact = TimesWithdrawn(subject_id=volunteer.id, facility_id=volunteer.facility_id, time_kind=kind)
    await record(tx, actor, fact, now)


async def declare_need(tx: AsyncSession, actor: Actor, need: DeclareNeed, now: datetime) -> UUID:
    """Ask for shifts to be held, for a facility that the actor speaks for.

    Raises `NotFound` for another community's facility, `ActForbidden`, `InvalidValue`.
    """
    facility = await organisations.facility(tx, need.facility_id)
    require_word_of(actor, facility.id)
    check_need(need, now)
    need_id = new_id()
    tx.add(
        StaffNeed(
            id=need_id,
            facility_id=facility.id,
            qualifications_any=[str(code) for code in need.qualifications_any],
            urgency=need.urgency,
            is_coupled=need.is_coupled,
            reason=str(need.reason),
            impact=str(need.impact),
            state=NeedState.OPEN.value,
            created_at=now,
        )
    )
    await tx.flush()
    tx.add_all(
        Shift(
            need_id=need_id,
            slot=_slot(shift.starts_at, shift.ends_at),
            headcount=shift.headcount,
            permanent_staff=shift.permanent_staff,
            min_permanent_staff=shift.min_permanent_staff,
        )
        for shift in need.shifts
    )
    fact = NeedDeclared(
        subject_id=need_id,
        facility_id=facility.id,
        urgency=need.urgency,
        is_coupled=need.is_coupled,
        first_starts_at=min(shift.starts_at for shift in need.shifts),
        cards=(await card_of(tx, need_id),),
    )
    await record(tx, actor, fact, now)
    return need_id


async def cancel_need(tx: AsyncSession, actor: Actor, need_id: UUID, now: datetime) -> None:
    """Stop asking. Raises `NeedHasAgreedLoans` while somebody is promised, `IllegalTransition` once over."""
    # Shifts are immutable: their ids may be read before they are locked, and shifts come before their need.
    shift_ids = tuple(await tx.scalars(select(Shift.id).where(Shift.need_id == need_id)))
    shifts = await lock_shifts(tx, shift_ids)
    need = await tx.scalar(
        select(StaffNeed)
        .where(StaffNeed.id == need_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if need is None:
        raise NotFound
    require_word_of(actor, need.facility_id)
    require_seen(tx, need)
    if need.state != NeedState.OPEN and need.state != NeedState.COVERED:
        raise IllegalTransition(state=need.state, act="cancel")
    if any(shift.seats_agreed for shift in shifts.values()):
        raise NeedHasAgreedLoans
    need.state = NeedState.CANCELLED.value
    need.terms_version += 1
    bump(need)
    cards = (await card_of(tx, need_id),)
    await record(tx, actor, NeedCancelled(subject_id=need_id, facility_id=need.facility_id, cards=cards), now)


async def lock_volunteer(tx: AsyncSession, volunteer_id: UUID) -> LoanVolunteer:
    """Lock one volunteer until the end of the transaction, and read it again. Raises `NotFound`."""
    volunteer = await tx.scalar(
        select(LoanVolunteer)
        .where(LoanVolunteer.id == volunteer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if volunteer is None:
        raise NotFound
    return volunteer


async def _refuse_listed_email(tx: AsyncSession, facility_id: UUID, email: str) -> None:
    listed = await tx.scalar(
        select(VolunteerIdentity.volunteer_id)
        .join(LoanVolunteer, LoanVolunteer.id == VolunteerIdentity.volunteer_id)
        .where(LoanVolunteer.facility_id == facility_id, VolunteerIdentity.email == email)
        .limit(1)
    )
    if listed is not None:
        raise VolunteerEmailAlreadyListed(field="email")


async def _times(tx: AsyncSession, volunteer_id: UUID, kind: TimeKind, now: datetime) -> tuple[Period, ...]:
    """What was stated by hand, or has begun: the rest is the week's, which follows."""
    slots = await tx.scalars(
        select(VolunteerTime.slot)
        .where(VolunteerTime.volunteer_id == volunteer_id, VolunteerTime.kind == kind.value, ~is_of_week(now))
        .order_by(func.lower(VolunteerTime.slot))
    )
    return tuple(Period(slot.lower, slot.upper) for slot in slots if slot.lower and slot.upper)


async def _replace_times(
    tx: AsyncSession,
    volunteer_id: UUID,
    kind: TimeKind,
    known: Iterable[Period],
    wanted: Iterable[Period],
    now: datetime,
) -> None:
    before, after = set(known), set(wanted)
    gone = [_slot(period.starts_at, period.ends_at) for period in before - after]
    await tx.execute(
        delete(VolunteerTime).where(
            VolunteerTime.volunteer_id == volunteer_id,
            VolunteerTime.kind == kind.value,
            VolunteerTime.slot.in_(gone),
        )
    )
    tx.add_all(
        VolunteerTime(
            volunteer_id=volunteer_id,
            kind=kind.value,
            slot=_slot(period.starts_at, period.ends_at),
            stated_at=now,
        )
        for period in sorted(after - before, key=lambda each: each.starts_at)
    )
    await tx.flush()


def _slot(starts_at: datetime, ends_at: datetime) -> Range[datetime]:
    return Range(starts_at, ends_at, bounds="[)")
