"""Bodies that are valid as they come, for the routes that read one; what matters to a test is said in the test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from exchange.kernel.periods import Half, date_of, segment_of
from tests.factories.availability import night_near
from tests.factories.ground import ZONE

Json = dict[str, Any]


def tomorrow() -> date:
    """The territory's date of tomorrow."""
    return datetime.now(ZONE).date() + timedelta(days=1)


def tomorrow_night() -> int:
    """A segment that `an_offer_body` opens."""
    return segment_of(tomorrow(), Half.NIGHT)


def tonight() -> int:
    """The night that runs or the next one, which `an_offer_body` opens too: an arrival may be said for it."""
    return night_near(datetime.now(UTC), ZONE)


def instant(hours: int) -> str:
    """An instant that many hours from now."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def an_offer_body(facility_id: UUID, **over: Any) -> Json:
    """One place, from tonight to the night after tomorrow's, for adults with an intellectual disability."""
    return {
        "facility_id": str(facility_id),
        "kind": "ordinary",
        "care_mode": "temporary_stay",
        "populations": ["intellectual_disability"],
        "provides": ["awake_night"],
        "ages_from": 18,
        "ages_to": 60,
        "spans": [
            {
                "first": date_of(tonight()).isoformat(),
                "last": (tomorrow() + timedelta(days=1)).isoformat(),
                "halves": ["day", "night"],
                "capacity": 1,
            }
        ],
        **over,
    }


def a_situation_body(**over: Any) -> Json:
    """An adult who needs tomorrow night, for tonight's urgency; somebody else than whoever looks alike."""
    return {
        "commune_code": "43157",
        "age_band": "30-44",
        "need_codes": ["intellectual_disability"],
        "care_mode": "temporary_stay",
        "blocks": [[tomorrow_night()]],
        "urgency": 4,
        "origin": "carer",
        "legal_status": "none",
        "confirmed_distinct": True,
        **over,
    }


def a_volunteer_body(facility_id: UUID, area_id: UUID, **over: Any) -> Json:
    return {
        "facility_id": str(facility_id),
        "commune_code": "43157",
        "qualifications": ["care_support_worker"],
        "living_area_ids": [str(area_id)],
        "full_name": "Camille Essai",
        "email": "camille@essai.invalid",
        "max_travel_minutes": 45,
        "max_loan_minutes": 2400,
        "ready_until": instant(24 * 30),
        **over,
    }


def a_need_body(facility_id: UUID, **over: Any) -> Json:
    return {
        "facility_id": str(facility_id),
        "qualifications_any": ["care_support_worker"],
        "urgency": 3,
        "reason": "unplanned_absence",
        "impact": "unit_unsafe",
        "shifts": [{"starts_at": instant(24), "ends_at": instant(32)}],
        **over,
    }
