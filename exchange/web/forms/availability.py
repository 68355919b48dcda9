"""The place form: ordinary, 24/24, or open only once a shift is covered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.availability.inputs import CapacitySpan, PublishOffer
from exchange.kernel.periods import Half, local_instant
from exchange.organisations.queries import FacilityView
from exchange.reference.answers import ShortageImpact, ShortageReason
from exchange.reference.code_lists import CareMode, NeedCode, Provision
from exchange.reference.qualifications import Qualification
from exchange.staffing.inputs import DeclareNeed, ShiftAsked
from exchange.web.forms.fields import PostedForm

LONGEST_SPAN_DAYS: Final = 62

ALIASES: Final = {
    "spans": "first",
    "coupled_need": "need_qualifications",
    "qualifications_any": "need_qualifications",
    "shifts": "shift_from",
    "ages_from": "ages_from",
}


class PlaceKind(StrEnum):
    """The kinds that this form can publish."""

    EMERGENCY_BED = "emergency_bed"
    ORDINARY = "ordinary"
    CONDITIONAL = "conditional"


def read_offer(form: PostedForm, sites: Mapping[UUID, FacilityView], zone: ZoneInfo) -> PublishOffer:
    """Return what the form publishes. Raises `FormRejected` with every complaint."""
    facility_id = form.identifier("facility_id", sites)
    kind = form.choice("kind", PlaceKind, PlaceKind.ORDINARY)
    care_mode = form.choice("care_mode", CareMode, CareMode.NIGHTS_ONLY)
    populations = form.choices("populations", NeedCode)
    provides = form.choices("provides", Provision, required=False)
    ages = form.whole("ages_from", least=0, most=120), form.whole("ages_to", least=0, most=120)
    first, last = read_span(form)
    halves = frozenset(form.choices("halves", Half))
    capacity = form.whole("capacity", least=1, most=99)
    stay = form.whole("max_stay_nights", least=0, most=366, default=0)
    arrival = [form.hour(name, required=False) for name in ("arrival_from", "arrival_until")]
    need = read_coupled_need(form, facility_id, first, last, zone) if kind is PlaceKind.CONDITIONAL else None
    form.done()
    if facility_id is None or first is None or last is None:
        raise AssertionError("a missing field is complained about before")
    return PublishOffer(
        facility_id=facility_id,
        kind=kind.value,
        care_mode=care_mode.value,
        populations=tuple(code.value for code in populations),
        provides=tuple(code.value for code in provides),
        ages_from=ages[0],
        ages_to=ages[1],
        max_stay_nights=stay or None,
        zone_communes=None,
        arrival_from=arrival[0].strftime("%H:%M") if arrival[0] else None,
        arrival_until=arrival[1].strftime("%H:%M") if arrival[1] else None,
        spans=(CapacitySpan(first, last, halves, capacity),),
        coupled_need=need,
    )


def read_span(form: PostedForm) -> tuple[date | None, date | None]:
    """Return the first and last dates; a single date when the last is left empty."""
    first = form.day("first")
    last = form.day("last", required=False) or first
    if first is not None and last is not None:
        if last < first:
            form.wrong("last", "La dernière date vient avant la première.")
        elif (last - first).days > LONGEST_SPAN_DAYS:
            form.wrong("last", f"{LONGEST_SPAN_DAYS} jours au plus en une fois.")
    return first, last


def read_coupled_need(
    form: PostedForm, facility_id: UUID | None, first: date | None, last: date | None, zone: ZoneInfo
) -> DeclareNeed | None:
    """Return the shifts on which the place rests: the same hours on each of its dates."""
    qualifications = form.choices("need_qualifications", Qualification)
    starts, ends = form.hour("shift_from"), form.hour("shift_until")
    if form.errors or facility_id is None or first is None or last is None or starts is None or ends is None:
        return None
    shifts = []
    for offset in range((last - first).days + 1):
        on = first + timedelta(days=offset)
        until = on + timedelta(days=1) if ends <= starts else on
        shifts.append(ShiftAsked(local_instant(on, starts, zone), local_instant(until, ends, zone)))
    return DeclareNeed(
        facility_id=facility_id,
        qualifications_any=tuple(code.value for code in qualifications),
        urgency=3,
        is_coupled=True,
        reason=ShortageReason.EXTRA_ACTIVITY.value,
        impact=ShortageImpact.PLACES_CLOSED.value,
        shifts=tuple(shifts),
    )


def initial_offer(site: FacilityView, now: datetime, zone: ZoneInfo) -> dict[str, str | list[str]]:
    """Return the form of a place for tonight, filled from the site's own profile."""
    return {
        "facility_id": str(site.id),
        "kind": PlaceKind.EMERGENCY_BED.value,
        "care_mode": CareMode.IMMEDIATE_STAY.value,
        "populations": list(site.populations),
        "provides": list(site.provides),
        "ages_from": str(site.ages_from),
        "ages_to": str(site.ages_to),
        "first": now.astimezone(zone).date().isoformat(),
        "halves": [Half.NIGHT.value],
        "capacity": "1",
    }
