"""What the people of a scenario do, one function an act, over HTTP and mailed links alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from exchange.kernel.periods import date_of
from tests.scenarios.cast import Cast, night_shift, today, tomorrow_night, tonight
from tests.smtp_sink import ReceivedMail, SmtpSink
from tests.stage import Stage, eventually

LINK = re.compile(r"https?://[^\s\"<>]+/lien/[\w~-]+")


async def publish_emergency_bed(cast: Cast, *, places: int = 1) -> str:
    """The host publishes a 24/24 place for tonight and tomorrow's night, and says until when it is valid."""
    offer = await cast.host.post(
        "/offers",
        {
            "facility_id": str(cast.houses.host_id),
            "kind": "emergency_bed",
            "care_mode": "immediate_stay",
            "populations": ["intellectual_disability"],
            "provides": ["awake_night", "night_arrival_possible"],
            "ages_from": 18,
            "ages_to": 70,
            "arrival_from": "00:00",
            "arrival_until": "23:59",
            "spans": [_until_tomorrow(date_of(tonight()), places)],
        },
    )
    return str(offer["id"])


async def publish_conditional_place(cast: Cast) -> str:
    """The home publishes a place that opens only if tomorrow's night worker is lent."""
    starts_at, ends_at = night_shift(today() + timedelta(days=1))
    offer = await cast.home.post(
        "/offers",
        {
            "facility_id": str(cast.houses.home_id),
            "kind": "conditional",
            "care_mode": "temporary_stay",
            "populations": ["intellectual_disability"],
            "provides": ["awake_night"],
            "ages_from": 18,
            "ages_to": 70,
            "spans": [_until_tomorrow(today() + timedelta(days=1), 1)],
            "coupled_need": {
                "qualifications_any": ["night_supervisor"],
                "urgency": 3,
                "reason": "extra_activity",
                "impact": "places_closed",
                "shifts": [{"starts_at": starts_at, "ends_at": ends_at, "headcount": 1}],
            },
        },
    )
    return str(offer["id"])


async def volunteer_for_the_night(cast: Cast, *, email: str = "volontaire@scenario.invalid") -> str:
    """The lender enters a night supervisor, states free time and releases the working time of tomorrow's night."""
    volunteer = await cast.lender.post(
        "/volunteers",
        {
            "facility_id": str(cast.houses.lender_id),
            "commune_code": "43157",
            "qualifications": ["night_supervisor"],
            "full_name": "Volontaire du scénario",
            "email": email,
            "max_travel_minutes": 60,
            "max_loan_minutes": 2880,
            "living_area_ids": [str(cast.houses.velay_id)],
            "may_be_asked_at_night": True,
            "ready_until": (datetime.now(UTC) + timedelta(days=60)).isoformat(),
        },
    )
    night = today() + timedelta(days=1)
    starts_at, ends_at = night_shift(night)
    early = (datetime.fromisoformat(starts_at) - timedelta(hours=1)).isoformat()
    late = (datetime.fromisoformat(ends_at) + timedelta(hours=1)).isoformat()
    path = f"/volunteers/{volunteer['id']}/times"
    await cast.lender.post(path, {"kind": "released", "periods": [{"starts_at": early, "ends_at": late}]})
    free = datetime.fromisoformat(ends_at) + timedelta(days=3)
    period = {"starts_at": free.isoformat(), "ends_at": (free + timedelta(hours=9)).isoformat()}
    await cast.lender.post(path, {"kind": "available", "periods": [period]})
    return str(volunteer["id"])


async def declare_shortage(cast: Cast, *, urgency: int = 4) -> str:
    """The home asks for a night worker tomorrow."""
    starts_at, ends_at = night_shift(today() + timedelta(days=1))
    need = await cast.home.post(
        "/staff-needs",
        {
            "facility_id": str(cast.houses.home_id),
            "qualifications_any": ["night_supervisor"],
            "urgency": urgency,
            "reason": "unplanned_absence",
            "impact": "unit_unsafe",
            "shifts": [{"starts_at": starts_at, "ends_at": ends_at, "headcount": 1}],
        },
    )
    return str(need["id"])


async def call_for_help(cast: Cast, *, urgency: int = 4, night: int | None = None) -> str:
    """The adviser enters an urgent situation, for tomorrow's night if none is said; returns the spoken reference."""
    received = await cast.adviser.post(
        "/situations",
        {
            "commune_code": "43157",
            "age_band": "45-59",
            "need_codes": ["intellectual_disability", "carer_respite", "night_waking"],
            "care_mode": "immediate_stay",
            "blocks": [[tomorrow_night() if night is None else night]],
            "urgency": urgency,
            "origin": "carer",
            "legal_status": "none",
            "max_travel_minutes": 45,
            "confirmed_distinct": True,
        },
    )
    return str(received["reference"])


async def first_answer(cast: Cast, reference: str) -> dict[str, Any]:
    """Wait for the proposal of rank 1; the placement as the adviser reads it."""

    async def look() -> dict[str, Any] | None:
        told = await cast.adviser.get(f"/situations/{reference}/answers")
        for answer in told["answers"]:
            if answer["rank"] == 1 and answer["placements"]:
                placement: dict[str, Any] = answer["placements"][0]
                return placement
        return None

    return await eventually(look, f"a proposal for {reference}")


async def placement(cast: Cast, placement_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await cast.adviser.get(f"/placements/{placement_id}")
    return found


async def agree_for_the_person(cast: Cast, placement_id: str, *, night: int | None = None) -> None:
    """The person and the legal basis, recorded by the adviser with the exit after tomorrow's night or the one said."""
    leaving = exit_day(tomorrow_night() if night is None else night)
    await cast.adviser.post(f"/placements/{placement_id}/person-agreement", {"given_by": "person"})
    await cast.adviser.post(
        f"/placements/{placement_id}/legal-basis", {"legal_basis": "emergency_admission", "exit_on": leaving}
    )


def exit_day(night: int) -> str:
    """The day on which a stay of one night ends: its morning."""
    return (date_of(night) + timedelta(days=1)).isoformat()


async def proposed_loan(cast: Cast, need_facility: str) -> dict[str, Any]:
    """Wait for a loan proposed to a facility; the loan as the coordinator reads it."""

    async def look() -> dict[str, Any] | None:
        for loan in await items(cast, "/loans"):
            if loan["host_facility_id"] == need_facility and loan["state"] == "proposed":
                return loan
        return None

    return await eventually(look, "a loan proposed")


async def items(cast: Cast, path: str) -> list[dict[str, Any]]:
    """A list as the coordinator reads it, paged or not."""
    told = await cast.coordinator.get(path)
    found: list[dict[str, Any]] = told["items"] if isinstance(told, dict) else told
    return found


async def mail_to(sink: SmtpSink, recipient: str, *, holding: str = "") -> ReceivedMail:
    """Wait for a mail to someone whose text holds some words."""

    async def look() -> ReceivedMail | None:
        for mail in list(sink.received):
            if recipient in mail.recipients and holding in mail.text:
                return mail
        return None

    return await eventually(look, f"a mail to {recipient} with « {holding} »", within_seconds=60)


async def consent_on_the_mailed_link(stage: Stage, recipient: str) -> None:
    """The professional opens the link (which changes nothing), ticks yes and presses the button."""
    await _act_on_the_mailed_link(stage, await mail_to(stage.sink, recipient, holding="/lien/"), {"choice": "yes"})


async def withdraw_on_the_mailed_link(stage: Stage, recipient: str) -> None:
    """The professional opens the link of the confirmed mission, ticks the withdrawal and presses the button."""
    confirmed = await mail_to(stage.sink, recipient, holding="retirer votre accord")
    await _act_on_the_mailed_link(stage, confirmed, {"withdraws": "yes"})


async def _act_on_the_mailed_link(stage: Stage, mail: ReceivedMail, ticked: dict[str, str]) -> None:
    found = LINK.search(mail.text)
    assert found, mail.text
    async with httpx.AsyncClient(base_url=stage.url, follow_redirects=True) as browser:
        page = await browser.get(found.group(0))
        assert page.status_code == 200, page.text
        fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text))
        done = await browser.post(found.group(0), data={**fields, **ticked})
        assert done.status_code == 200, done.text


def _until_tomorrow(first: date, places: int) -> dict[str, Any]:
    tomorrow = today() + timedelta(days=1)
    return {
        "first": first.isoformat(),
        "last": tomorrow.isoformat(),
        "halves": ["day", "night"],
        "capacity": places,
    }
