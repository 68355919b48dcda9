"""The forms of a shortage, of a volunteer and of their times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.kernel.periods import local_instant
from exchange.organisations.queries import FacilityView
from exchange.reference.answers import ShortageImpact, ShortageReason
from exchange.reference.qualifications import Qualification
from exchange.staffing.inputs import DeclareNeed, Period, RegisterVolunteer, ShiftAsked, StateTimes
from exchange.staffing.rules import MOST_PERMANENT_STAFF
from exchange.web.forms.fields import PostedForm
from exchange.wording.errors_staffing import RULES

NEED_ALIASES: Final = {"qualifications_any": "qualifications", "shifts": "first"}
TIMES_ALIASES: Final = {"periods": "first"}
LONGEST_REPEAT_DAYS: Final = 31


class StatedKind(StrEnum):
    """The kinds of time that an employer states."""

    RELEASED = "released"
    AVAILABLE = "available"
    OWN_SHIFT = "own_shift"


class UrgencyText(StrEnum):
    """The four urgencies as a form sends them."""

    TONIGHT = "4"
    WITHIN_48_HOURS = "3"
    WITHIN_7_DAYS = "2"
    PLANNED = "1"


def read_need(form: PostedForm, sites: Mapping[UUID, FacilityView], now: datetime, zone: ZoneInfo) -> DeclareNeed:
    """Return the shortage that the form declares; its urgency follows from its first date where none is said.

    Raises `FormRejected` with every complaint.
    """
    facility_id = form.identifier("facility_id", sites)
    qualifications = form.choices("qualifications", Qualification)
    urgency = form.optional_choice("urgency", UrgencyText)
    reason = form.choice("reason", ShortageReason, ShortageReason.UNPLANNED_ABSENCE)
    impact = form.choice("impact", ShortageImpact, ShortageImpact.COMFORT)
    headcount = form.whole("headcount", least=1, most=20, default=1)
    permanent = form.optional_whole("permanent_staff", least=0, most=MOST_PERMANENT_STAFF)
    floor = form.optional_whole("min_permanent_staff", least=0, most=MOST_PERMANENT_STAFF)
    if floor is not None and permanent is None:
        form.wrong("permanent_staff", RULES["permanent-staff-untold"])
    periods = read_periods(form, zone)
    if not form.ticked("no_striker"):
        form.wrong("no_striker", "Cochez cette case pour demander un renfort.")
    form.done()
    if facility_id is None:
        raise AssertionError("a missing field is complained about before")
    return DeclareNeed(
        facility_id=facility_id,
        qualifications_any=tuple(code.value for code in qualifications),
        urgency=int((urgency or urgency_of(min(period.starts_at for period in periods), now, zone)).value),
        is_coupled=False,
        reason=reason.value,
        impact=impact.value,
        shifts=tuple(ShiftAsked(period.starts_at, period.ends_at, headcount, permanent, floor) for period in periods),
    )


def urgency_of(starts_at: datetime, now: datetime, zone: ZoneInfo) -> UrgencyText:
    """Return the urgency of a shift by its local date: today, within two days, within seven, later."""
    match (starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days:
        case days if days <= 0:
            return UrgencyText.TONIGHT
        case days if days <= 2:
            return UrgencyText.WITHIN_48_HOURS
        case days if days <= 7:
            return UrgencyText.WITHIN_7_DAYS
        case _:
            return UrgencyText.PLANNED


def read_volunteer(
    form: PostedForm,
    sites: Mapping[UUID, FacilityView],
    areas: Mapping[UUID, object],
    communes: list[str],
    zone: ZoneInfo,
) -> RegisterVolunteer:
    """Return the volunteer that the form registers. Raises `FormRejected` with every complaint."""
    facility_id = form.identifier("facility_id", sites)
    full_name = form.text("full_name", longest=120)
    email = form.text("email", longest=254)
    commune_code = form.one_of("commune_code", communes)
    qualifications = form.choices("qualifications", Qualification)
    area_ids = form.identifiers("living_area_ids", areas)
    travel = form.whole("max_travel_minutes", least=5, most=240)
    loan_hours = form.whole("max_loan_hours", least=1, most=400)
    ready_on = form.day("ready_until", required=False)
    if not form.ticked("agrees"):
        form.wrong("agrees", "Cette personne doit avoir donné son accord pour être sollicitée.")
    form.done()
    if facility_id is None:
        raise AssertionError("a missing field is complained about before")
    return RegisterVolunteer(
        facility_id=facility_id,
        commune_code=commune_code,
        qualifications=tuple(code.value for code in qualifications),
        living_area_ids=area_ids,
        max_travel_minutes=travel,
        max_loan_minutes=loan_hours * 60,
        night12h_derogation=form.ticked("night12h_derogation"),
        may_be_asked_at_night=form.ticked("may_be_asked_at_night"),
        ready_until=None if ready_on is None else local_instant(ready_on, time(23, 59), zone),
        full_name=full_name,
        email=email,
    )


def read_times(form: PostedForm, volunteer_id: UUID, zone: ZoneInfo) -> StateTimes:
    """Return the times that the form states. Raises `FormRejected` with every complaint."""
    kind = form.choice("kind", StatedKind, StatedKind.RELEASED)
    periods = read_periods(form, zone)
    form.done()
    return StateTimes(volunteer_id, kind.value, periods)


def read_periods(form: PostedForm, zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the same hours on each date; past midnight when they end before they start."""
    first, last = form.day("first"), form.day("last", required=False)
    starts, ends = form.hour("from_hour"), form.hour("until_hour")
    if first is None or starts is None or ends is None:
        return ()
    last = last or first
    if last < first:
        form.wrong("last", "La dernière date vient avant la première.")
        return ()
    if (last - first).days >= LONGEST_REPEAT_DAYS:
        form.wrong("last", f"{LONGEST_REPEAT_DAYS} jours au plus en une fois.")
        return ()
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return tuple(_period(on, starts, ends, zone) for on in days)


def _period(on: date, starts: time, ends: time, zone: ZoneInfo) -> Period:
    until = on + timedelta(days=1) if ends <= starts else on
    return Period(local_instant(on, starts, zone), local_instant(until, ends, zone))


def initial_need(site: FacilityView, now: datetime, zone: ZoneInfo) -> dict[str, str | list[str]]:
    """Return the form of a shortage for tonight."""
    return {
        "facility_id": str(site.id),
        "first": now.astimezone(zone).date().isoformat(),
        "from_hour": "21:00",
        "until_hour": "07:00",
        "headcount": "1",
        "reason": ShortageReason.UNPLANNED_ABSENCE.value,
        "impact": ShortageImpact.UNIT_UNSAFE.value,
    }
