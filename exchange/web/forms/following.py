"""What is typed on the sheet of a situation already open; each form has its own field names, for they share a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.kernel.periods import Half, date_of, half_of
from exchange.organisations.queries import FacilityView
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, NeedCode, Origin
from exchange.reference.following import (
    CallDirection,
    CallOutcome,
    CallParty,
    HandOverReason,
    LevelReason,
    SolutionTried,
)
from exchange.situations.inputs_following import (
    AmendSituation,
    ChangeLevel,
    HandOver,
    LogCall,
    PlanCallBack,
    ReviewUrgency,
    StateNoSolution,
    TellOutside,
)
from exchange.situations.queries import SituationView
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.situations import Pattern, Sex, read_blocks
from exchange.web.forms.staffing import UrgencyText

LONGEST_NOTE: Final = 300

URGENCY_ALIASES: Final = {"urgency": "new_urgency"}
LEVEL_ALIASES: Final = {"level": "level_reason", "reason": "level_reason", "note": "level_note"}
STATEMENT_ALIASES: Final = {"note": "statement_note"}
CALL_ALIASES: Final = {"outcome": "call_outcome", "party": "call_party"}
CALL_BACK_ALIASES: Final = {"due_at": "ring_day", "party": "ring_party"}
REFERENT_ALIASES: Final = {"to_account_id": "next_referent", "reason": "hand_over_reason"}
OUTSIDE_ALIASES: Final = {"spoken_with": "outside_spoken_with", "function": "outside_function"}
AMEND_ALIASES: Final = {"blocks": "first"}


def read_urgency(form: PostedForm, situation_id: UUID) -> ReviewUrgency:
    """Return the urgency said again. Raises `FormRejected`."""
    urgency = form.choice("new_urgency", UrgencyText, UrgencyText.PLANNED)
    form.done()
    return ReviewUrgency(situation_id, int(urgency.value))


def read_level(form: PostedForm, situation_id: UUID) -> ChangeLevel:
    """Return the level that the pressed button names. Raises `FormRejected`."""
    level = form.whole("level", least=1, most=3)
    reason = form.choice("level_reason", LevelReason, LevelReason.NO_ANSWER_NEARBY)
    note = form.text("level_note", longest=LONGEST_NOTE, required=False, paragraph=True)
    form.done()
    return ChangeLevel(situation_id, level, reason.value, note or None)


def read_statement(form: PostedForm, situation_id: UUID) -> StateNoSolution:
    """Return what was tried in vain. Raises `FormRejected`."""
    tried = form.choices("tried", SolutionTried)
    note = form.text("statement_note", longest=LONGEST_NOTE, required=False, paragraph=True)
    form.done()
    return StateNoSolution(situation_id, tuple(code.value for code in tried), note or None)


def read_call(form: PostedForm, situation_id: UUID, call_backs: Sequence[UUID]) -> LogCall:
    """Return a call just received or made. Raises `FormRejected`."""
    direction = form.choice("direction", CallDirection, CallDirection.RECEIVED)
    party = form.choice("call_party", CallParty, CallParty.CALLER)
    outcome = form.choice("call_outcome", CallOutcome, CallOutcome.SPOKEN)
    planned = form.identifier("call_back_id", dict.fromkeys(call_backs)) if form.has_typed("call_back_id") else None
    form.done()
    return LogCall(situation_id, direction.value, party.value, outcome.value, call_back_id=planned)


def read_call_back(form: PostedForm, situation_id: UUID, zone: ZoneInfo, now: datetime) -> PlanCallBack:
    """Return a call to make. Raises `FormRejected`."""
    party = form.choice("ring_party", CallParty, CallParty.CALLER)
    due_at = form.instant("ring_day", "ring_hour", zone)
    form.done()
    return PlanCallBack(situation_id, party.value, due_at or now)


def read_hand_over(form: PostedForm, situation_id: UUID, colleagues: Mapping[UUID, object]) -> HandOver:
    """Return who is to follow the situation, and why. Raises `FormRejected`."""
    to_account_id = form.identifier("next_referent", colleagues)
    reason = form.choice("hand_over_reason", HandOverReason, HandOverReason.END_OF_DUTY)
    form.done()
    return HandOver(situation_id, to_account_id or situation_id, reason.value)


def read_outside(form: PostedForm, situation_id: UUID, services: Sequence[str]) -> TellOutside:
    """Return who spoke for which service. Raises `FormRejected`."""
    service = form.one_of("service_code", services)
    spoken_with = form.text("outside_spoken_with", longest=120)
    function = form.text("outside_function", longest=120)
    form.done()
    return TellOutside(situation_id, service, spoken_with, function)


def read_amendment(
    form: PostedForm, situation: SituationView, communes: Sequence[str], sites: Mapping[UUID, FacilityView]
) -> AmendSituation:
    """Return what was completed or corrected. Raises `FormRejected` with every complaint."""
    terms_version = form.whole("terms_version", least=1, most=10**9 - 1)
    commune_code = form.one_of("commune_code", communes)
    age_band = form.choice("age_band", AgeBand, AgeBand.FROM_20)
    need_codes = form.choices("need_codes", NeedCode)
    care_mode = form.choice("care_mode", CareMode, CareMode.NIGHTS_ONLY)
    origin = form.choice("origin", Origin, Origin.CARER)
    legal_status = form.choice("legal_status", LegalStatus, LegalStatus.UNKNOWN)
    sex = form.optional_choice("sex", Sex)
    free_text = form.text("free_text", longest=LONGEST_NOTE, required=False, paragraph=True)
    travel = form.whole("max_travel_minutes", least=5, most=240)
    places = form.whole("max_places", least=1, most=10)
    excluded = form.identifiers("excluded_facility_ids", sites)
    blocks = read_blocks(form) if form.ticked("change_dates") else None
    form.done()
    return AmendSituation(
        situation_id=situation.id,
        terms_version=terms_version,
        commune_code=commune_code,
        age_band=age_band.value,
        need_codes=tuple(code.value for code in need_codes),
        sex=sex.value if sex else "",
        free_text=free_text,
        care_mode=care_mode.value,
        blocks=blocks,
        max_travel_minutes=travel,
        max_places=places,
        excluded_facility_ids=excluded,
        origin=origin.value,
        legal_status=legal_status.value,
    )


def amendment_of(situation: SituationView) -> dict[str, str | list[str]]:
    """Return the form of a situation as it stands."""
    segments = sorted(segment for block in situation.blocks for segment in block.segments)
    halves = {half_of(segment) for segment in segments}
    pattern = Pattern.BOTH if len(halves) > 1 else Pattern.DAYS if Half.DAY in halves else Pattern.NIGHTS
    first, last = (date_of(segments[0]), date_of(segments[-1])) if segments else (date.min, date.min)
    return {
        "terms_version": str(situation.terms_version),
        "commune_code": situation.commune_code,
        "age_band": situation.age_band,
        "need_codes": list(situation.need_codes),
        "care_mode": situation.care_mode,
        "origin": situation.origin,
        "legal_status": situation.legal_status,
        "sex": situation.sex or "",
        "free_text": situation.free_text or "",
        "max_travel_minutes": str(situation.max_travel_minutes),
        "max_places": str(situation.max_places),
        "excluded_facility_ids": [str(each) for each in situation.excluded_facility_ids],
        "pattern": pattern.value,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "may_be_shared": "yes" if len(situation.blocks) > 1 else "",
    }
