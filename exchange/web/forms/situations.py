"""The intake of a situation, typed while the caller is on the phone; and its closing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.kernel.periods import Half, segment_of
from exchange.organisations.queries import FacilityView
from exchange.placements.inputs import HoldAnswer
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, NeedCode, Origin, Urgency
from exchange.situations.inputs import CloseSituation, ReceiveSituation
from exchange.situations.likeness import (
    USUAL_CARE_MODE,
    USUAL_LEGAL_STATUS,
    USUAL_ORIGIN,
    USUAL_PLACES,
    USUAL_TRAVEL_MINUTES,
    usual_blocks,
)
from exchange.web.forms.fields import NOT_LISTED, PostedForm
from exchange.web.forms.staffing import UrgencyText

ALIASES: Final = {
    "blocks": "first",
    "deadline_at": "deadline_day",
    "call_back_at": "call_back_day",
    "together_with": "together_reference",
    "incompatible_with": "incompatible_references",
}
CLOSING_ALIASES: Final = {
    "arrived_at": "arrived_day",
    "acknowledged_at": "acknowledged_day",
    "agreed_at": "agreed_day",
    "duplicate_of": "duplicate_reference",
}
MOST_DAYS: Final = 31
LONGEST_REFERENCES: Final = 300
MOST_INCOMPATIBLE: Final = 20


class Sex(StrEnum):
    """Said only where it decides."""

    FEMALE = "female"
    MALE = "male"


class Pattern(StrEnum):
    """How the dates are cut into blocks, each served whole by one place."""

    NIGHTS = "nights"
    DAYS = "days"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Linked:
    """The situations that the form names by their references."""

    together_with: UUID | None = None
    incompatible_with: tuple[UUID, ...] = ()


def together_reference(form: PostedForm) -> str | None:
    """Return the reference of whom the person is not parted, as it is written by us; nothing where none is named."""
    kept = _references(form, "keep_together")
    named = kept or _references(form, "together_reference")
    if len(named) > 1:
        form.wrong("together_reference", "Une seule référence : elle relie déjà tout son groupe.")
    return named[0] if named else None


def incompatible_references(form: PostedForm) -> list[str]:
    """Return the references of those with whom the person is not hosted."""
    named = _references(form, "incompatible_references")
    if len(named) > MOST_INCOMPATIBLE:
        form.wrong("incompatible_references", f"{MOST_INCOMPATIBLE} références au plus.")
    return named[:MOST_INCOMPATIBLE]


def _references(form: PostedForm, name: str) -> list[str]:
    """References as people type them: small letters, without their `S-`, separated by spaces, commas or semicolons."""
    typed = " ".join(form.values.get(name, ())).upper()
    if len(typed) > LONGEST_REFERENCES:
        form.wrong(name, f"{LONGEST_REFERENCES} caractères au plus.")
        return []
    found = _REFERENCE.findall(typed)
    if _REFERENCE.sub("", typed).strip(" ,;\n\t"):
        form.wrong(name, "Écrivez la référence comme elle se dicte, par exemple S-7K4Q-93.")
    return list(dict.fromkeys(f"S-{first}-{last}" for first, last in found))


_REFERENCE: Final = re.compile(r"(?:\bS[- ]?)?\b([A-Z0-9]{4})[- ]?([A-Z0-9]{2})\b")


def read_situation(
    form: PostedForm,
    communes: Sequence[str],
    sites: Mapping[UUID, FacilityView],
    zone: ZoneInfo,
    linked: Linked,
    now: datetime,
) -> ReceiveSituation:
    """Return the situation that the form enters: four answers suffice, the rest has its usual value.

    Raises `FormRejected` with every complaint.
    """
    urgency = form.choice("urgency", UrgencyText, UrgencyText.PLANNED)
    commune_code = form.one_of("commune_code", communes)
    age_band = form.choice("age_band", AgeBand, AgeBand.FROM_20)
    need_codes = form.choices("need_codes", NeedCode)
    care_mode = form.optional_choice("care_mode", CareMode) or USUAL_CARE_MODE[Urgency(int(urgency.value))]
    origin = form.optional_choice("origin", Origin) or USUAL_ORIGIN
    legal_status = form.optional_choice("legal_status", LegalStatus) or USUAL_LEGAL_STATUS
    blocks = read_blocks(form) if form.has_typed("first") else usual_blocks(Urgency(int(urgency.value)), now, zone)
    sex = form.optional_choice("sex", Sex)
    free_text = form.text("free_text", longest=300, required=False, paragraph=True)
    travel = form.whole("max_travel_minutes", least=5, most=240, default=60)
    places = form.whole("max_places", least=1, most=10, default=3)
    excluded = form.identifiers("excluded_facility_ids", sites)
    deadline = _said(form, "deadline", zone)
    call_back_at = _said(form, "call_back", zone)
    spoken = _references(form, "spoken_reference")
    form.done()
    return ReceiveSituation(
        commune_code=commune_code,
        age_band=age_band.value,
        need_codes=tuple(code.value for code in need_codes),
        sex=None if sex is None else sex.value,
        free_text=free_text or None,
        care_mode=care_mode.value,
        blocks=blocks,
        urgency=int(urgency.value),
        deadline_at=deadline,
        max_travel_minutes=travel,
        max_places=places,
        excluded_facility_ids=excluded,
        origin=origin.value,
        legal_status=legal_status.value,
        together_with=linked.together_with,
        incompatible_with=linked.incompatible_with,
        is_anonymous=form.ticked("is_anonymous"),
        call_back_at=call_back_at,
        call_back_impossible=form.ticked("call_back_impossible"),
        spoken_reference=spoken[0] if spoken else None,
        not_duplicate_of=tuple(_references(form, "distinct")),
    )


def read_blocks(form: PostedForm) -> tuple[tuple[int, ...], ...]:
    """Return the blocks: the whole stay together, or one block per week where it may be shared out."""
    pattern = form.choice("pattern", Pattern, Pattern.NIGHTS)
    first, last = form.day("first"), form.day("last", required=False)
    if first is None:
        return ()
    last = last or first
    if last < first or (last - first).days >= MOST_DAYS:
        form.wrong("last", f"La dernière date suit la première, de {MOST_DAYS} jours au plus.")
        return ()
    halves = _HALVES[pattern]
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    if form.ticked("may_be_shared"):
        return tuple(tuple(_segments([on], halves)) for on in days)
    return (tuple(_segments(days, halves)),)


def duplicate_reference(form: PostedForm) -> str | None:
    """Return the reference of the situation that stays, where this one is closed as a duplicate."""
    named = _references(form, "duplicate_reference")
    return named[0] if named else None


def read_closing(
    form: PostedForm, situation_id: UUID, zone: ZoneInfo, duplicate_of_id: UUID | None = None
) -> CloseSituation:
    """Return how the situation ends. Raises `FormRejected` with every complaint."""
    outcome = form.choice("outcome", ClosingOutcome, ClosingOutcome.NEED_GONE)
    note = form.text("note", longest=300, required=False, paragraph=True)
    arrived = _said(form, "arrived", zone)
    acknowledged = _said(form, "acknowledged", zone)
    agreed = _said(form, "agreed", zone)
    form.done()
    return CloseSituation(situation_id, outcome.value, note or None, arrived, acknowledged, agreed, duplicate_of_id)


def read_hold(form: PostedForm, situation_id: UUID) -> HoldAnswer:
    """Return which answer is held, and the places of it that the page showed. Raises `FormRejected`."""
    rank = form.whole("rank", least=1, most=99)
    shown: set[UUID] = set()
    for text in form.text("placements", longest=4_000).split():
        try:
            shown.add(UUID(text))
        except ValueError:
            form.wrong("placements", NOT_LISTED)
    form.done()
    return HoldAnswer(situation_id, rank, frozenset(shown))


def _said(form: PostedForm, name: str, zone: ZoneInfo) -> datetime | None:
    if not form.has_typed(f"{name}_day"):
        return None
    return form.instant(f"{name}_day", f"{name}_hour", zone)


_HALVES: Final = {
    Pattern.NIGHTS: (Half.NIGHT,),
    Pattern.DAYS: (Half.DAY,),
    Pattern.BOTH: (Half.DAY, Half.NIGHT),
}


def _segments(days: Sequence[date], halves: Sequence[Half]) -> list[int]:
    return [int(segment_of(on, half)) for on in days for half in halves]


def initial_situation() -> dict[str, str | list[str]]:
    """Return the intake of tonight's urgency; dates and care mode follow from it where nobody says them."""
    return {
        "urgency": UrgencyText.TONIGHT.value,
        "pattern": Pattern.NIGHTS.value,
        "max_travel_minutes": str(USUAL_TRAVEL_MINUTES),
        "max_places": str(USUAL_PLACES),
    }
