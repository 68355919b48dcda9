"""The values and the link of each message, read at the moment of sending; nothing that names or describes a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.evening import evening_at
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.kernel.periods import current_segment, date_of, local_instant
from exchange.loans.models import LoanShift, StaffLoan
from exchange.meetings.models import Task
from exchange.notifications.evening import sites_to_answer
from exchange.organisations import queries as organisations
from exchange.organisations.crisis_views import crises
from exchange.organisations.queries import FacilityView
from exchange.placements.models import Placement, PlacementSegment
from exchange.planning.models import MatchRun
from exchange.situations.models import Situation
from exchange.situations.queries_alerts import services_to_call
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed
from exchange.wording.crisis import Ordered, crisis_sentence
from exchange.wording.labels import label_of
from exchange.wording.messages import FRAME, STAYS_FREE, WHAT, spoken_day, spoken_hour, spoken_hours, spoken_instant
from exchange.wording.search import LANES, why_failed

ABOUT_SITUATIONS = frozenset({"still_unanswered", "escalated", "outside_to_call", "follow_asked", "follow_yours"})


@dataclass(frozen=True, slots=True)
class Contents:
    """`path` follows the public address; the two instants bound a one-act link, where the template needs one."""

    values: dict[str, str]
    path: str
    answer_by: datetime | None = None
    mission_ends_at: datetime | None = None


async def contents_of(
    tx: AsyncSession, template: str, subject_id: UUID, now: datetime, *, to_volunteer: bool = False
) -> Contents:
    """Return what a message says about its subject, in the community's local time.

    `to_volunteer`: the reader is the professional themselves, who may take their consent back.
    """
    zone = await organisations.zone(tx)
    if template in ABOUT_SITUATIONS:
        return await _of_situation(tx, template, subject_id, now, zone)
    if template == "search_stopped":
        return await _of_run(tx, subject_id, now, zone)
    if template.startswith("crisis_"):
        return await _of_crisis(tx, subject_id, now, zone)
    if template == "places_to_confirm":
        return await _of_offer(tx, subject_id, now, zone)
    if template == "evening_question":
        return await _of_evening(tx, subject_id, now, zone)
    if template in ("task_due", "task_overdue"):
        return await _of_task(tx, subject_id)
    if template.startswith(("loan_", "release_")):
        return await _of_loan(tx, subject_id, now, zone, to_volunteer=to_volunteer)
    return await _of_placement(tx, template, subject_id, now, zone)


async def _of_placement(tx: AsyncSession, template: str, placement_id: UUID, now: datetime, zone: ZoneInfo) -> Contents:
    placement, situation, facility_id, first = (
        await tx.execute(
            select(Placement, Situation, PlaceOffer.facility_id, func.min(PlacementSegment.segment))
            .join(Situation, Situation.id == Placement.situation_id)
            .join(PlaceOffer, PlaceOffer.id == Placement.offer_id)
            .join(PlacementSegment, PlacementSegment.placement_id == Placement.id)
            .where(Placement.id == placement_id)
            .group_by(Placement.id, Situation.id, PlaceOffer.facility_id)
        )
    ).one()
    site = await organisations.facility(tx, facility_id)
    exit_on: date | None = placement.exit_on
    reason = placement.refusal_reason
    to_referent = template in ("stay_declined_next", "stay_silent_next", "stay_called_off")
    values = {
        "ref": situation.reference,
        "site": shown_name(site),
        "area": await _area_name(tx, situation.living_area_id),
        "age": label_of("age_band", situation.age_band),
        "first_day": spoken_day(date_of(first)) + (" au soir" if first % 2 else ""),
        "until": spoken_instant(placement.held_until.astimezone(zone), now.astimezone(zone).date())
        if placement.held_until
        else "la fin du délai",
        "reason": "non précisé" if reason is None else _inside_sentence(label_of("refusal_reason", reason)),
        "exit_day": "date à préciser" if exit_on is None else spoken_day(exit_on),
        "exit_line": "" if exit_on is None else f"Sortie prévue le {spoken_day(exit_on)}.",
    }
    path = f"/situations/{situation.reference}" if to_referent else f"/accueils/{placement_id}"
    return Contents(values, path)


async def _of_situation(tx: AsyncSession, template: str, situation_id: UUID, now: datetime, zone: ZoneInfo) -> Contents:
    situation = (await tx.execute(select(Situation).where(Situation.id == situation_id))).scalar_one()
    values = {
        "ref": situation.reference,
        "urgency": _inside_sentence(label_of("urgency", str(situation.urgency))),
        "minutes": str(int((now - situation.created_at).total_seconds()) // 60),
    }
    if template == "outside_to_call":
        services = await services_to_call(tx, situation_id, now, zone)
        values["services"] = " ; ".join(f"{service.name} ({service.phone})" for service in services)
    return Contents(values, f"/situations/{situation.reference}")


async def _of_task(tx: AsyncSession, task_id: UUID) -> Contents:
    task = await tx.get_one(Task, task_id)
    situation = None if task.situation_id is None else await tx.get_one(Situation, task.situation_id)
    values = {
        "task": label_of("task_action", task.action),
        "about": "" if situation is None else f" ({situation.reference})",
        "day": spoken_day(task.due_on),
    }
    return Contents(values, "/taches")


async def _of_run(tx: AsyncSession, run_id: UUID, now: datetime, zone: ZoneInfo) -> Contents:
    run = (await tx.execute(select(MatchRun).where(MatchRun.id == run_id))).scalar_one()
    values = {
        "lane": LANES[run.lane],
        "why": why_failed(run.failed_with or ""),
        "at": spoken_instant((run.recorded_at or now).astimezone(zone), now.astimezone(zone).date()),
        "run": str(run.id),
    }
    return Contents(values, "/")


async def _of_crisis(tx: AsyncSession, crisis_id: UUID, now: datetime, zone: ZoneInfo) -> Contents:
    crisis = next(each for each in await crises(tx) if each.id == crisis_id)
    today = now.astimezone(zone).date()
    ordered = Ordered(crisis.requested_by, crisis.order_reference, crisis.opened_at, crisis.acts[-1].planned_until)
    values = {
        "order": crisis_sentence(ordered, zone, today),
        "crisis_until": spoken_instant(crisis.acts[-1].planned_until.astimezone(zone), today),
        "crisis_over": spoken_instant(crisis.until.astimezone(zone), today),
        "reference": crisis.order_reference,
    }
    return Contents(values, "/crise")


async def _of_offer(tx: AsyncSession, offer_id: UUID, now: datetime, zone: ZoneInfo) -> Contents:
    offer = (await tx.execute(select(PlaceOffer).where(PlaceOffer.id == offer_id))).scalar_one()
    left = await tx.scalar(
        select(func.max(OfferSegment.capacity + OfferSegment.over_capacity - OfferSegment.used)).where(
            OfferSegment.offer_id == offer_id, OfferSegment.segment >= current_segment(now, zone)
        )
    )
    free = left or 0
    values = {
        "site": shown_name(await organisations.facility(tx, offer.facility_id)),
        "places": "1 place annoncée" if free == 1 else f"{free} places annoncées",
    }
    return Contents(values, f"/places/{offer_id}")


async def _of_evening(tx: AsyncSession, account_id: UUID, now: datetime, zone: ZoneInfo) -> Contents:
    sites = [await organisations.facility(tx, site_id) for site_id in await sites_to_answer(tx, account_id, now)]
    clocks = await organisations.parameters(tx)
    tomorrow = evening_at(now, zone) + timedelta(days=1)
    until = local_instant(tomorrow, clocks.emergency_valid_until, zone)
    values = {
        "sites": "1 lieu" if len(sites) == 1 else f"vos {len(sites)} lieux",
        "names": ", ".join(dict.fromkeys(shown_name(site) for site in sites)),
        "until": spoken_instant(until.astimezone(zone), now.astimezone(zone).date()),
    }
    return Contents(values, "/")


async def _of_loan(tx: AsyncSession, loan_id: UUID, now: datetime, zone: ZoneInfo, *, to_volunteer: bool) -> Contents:
    loan, need, lender_id = (
        await tx.execute(
            select(StaffLoan, StaffNeed, LoanVolunteer.facility_id)
            .join(StaffNeed, StaffNeed.id == StaffLoan.need_id)
            .join(LoanVolunteer, LoanVolunteer.id == StaffLoan.volunteer_id)
            .where(StaffLoan.id == loan_id)
        )
    ).one()
    slots = (
        await tx.scalars(
            select(Shift.slot)
            .join(LoanShift, LoanShift.shift_id == Shift.id)
            .where(LoanShift.loan_id == loan_id)
            .order_by(func.lower(Shift.slot))
        )
    ).all()
    periods = [
        (slot.lower.astimezone(zone), slot.upper.astimezone(zone)) for slot in slots if slot.lower and slot.upper
    ]
    host = await organisations.facility(tx, need.facility_id)
    until = loan.answer_by or now
    values = {
        "site": shown_name(host),
        "commune": f"secteur {host.living_area_name}" if host.hides_address else host.commune_name,
        "lender": (await organisations.facility(tx, lender_id)).name,
        "qualification": label_of("qualification", need.qualifications_any[0]),
        "first_day": spoken_day(periods[0][0].date()),
        "hours": spoken_hours(*periods[0]),
        "more_shifts": _other_shifts(periods[1:]),
        "minutes": str(loan.travel_minutes),
        "what": WHAT[loan.kind],
        "frame": FRAME[loan.kind],
        "stays_free": STAYS_FREE if to_volunteer else "",
        "until": spoken_instant(until.astimezone(zone), now.astimezone(zone).date()),
    }
    return Contents(values, f"/mises-a-disposition/{loan_id}", answer_by=loan.answer_by, mission_ends_at=periods[-1][1])


def _other_shifts(periods: list[tuple[datetime, datetime]]) -> str:
    if not periods:
        return ""
    told = ", ".join(f"{spoken_day(start.date())} {spoken_hour(start)} – {spoken_hour(end)}" for start, end in periods)
    return f"Puis : {told}."


def _inside_sentence(label: str) -> str:
    """A label within a sentence: without its capital, its acronyms kept."""
    return label[:1].lower() + label[1:]


def shown_name(site: FacilityView) -> str:
    """Return how a facility is named outside it: a protected site is only « un lieu » of its living area."""
    if not site.hides_address:
        return site.name
    return "un lieu protégé" if site.living_area_name is None else f"un lieu protégé, secteur {site.living_area_name}"


async def _area_name(tx: AsyncSession, living_area_id: UUID | None) -> str:
    for area in await organisations.living_areas(tx):
        if area.id == living_area_id:
            return area.name
    return "hors bassin"
