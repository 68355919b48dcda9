"""What a situation must say, its deadline, its next check, and what each outcome asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import current_segment
from exchange.organisations.parameters import CommunityParameters
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import (
    HIDDEN_FROM_BOARDS,
    MAX_NEEDS_PER_SITUATION,
    MAX_POPULATIONS_PER_SITUATION,
    AgeBand,
    CareMode,
    LegalStatus,
    NeedCode,
    NeedFamily,
    Origin,
    Urgency,
    family_of,
    populations,
)
from exchange.reference.following import CallParty
from exchange.situations.free_text import check_free_text
from exchange.situations.inputs import CloseSituation, ReceiveSituation
from exchange.situations.transitions import SituationState
from exchange.staffing.values import check_between, check_count, check_instant, code_of, codes_of

MOST_BLOCKS = 31
MOST_SEGMENTS = 62
FARTHEST_SEGMENT = 2 * 400
MOST_EXCLUDED = 50
MOST_LINKED = 20
SEXES = ("female", "male")
FARTHEST_CALL_BACK = timedelta(days=90)
DETAILS_KEPT = timedelta(days=30)
"""Exact codes and free text are erased this long after the closing."""

LATEST_DEADLINE: Final[Mapping[Urgency, timedelta]] = MappingProxyType(
    {
        Urgency.TONIGHT: timedelta(hours=24),
        Urgency.WITHIN_48_HOURS: timedelta(hours=48),
        Urgency.WITHIN_7_DAYS: timedelta(days=7),
        Urgency.PLANNED: timedelta(days=400),
    }
)
"""What the name of each urgency promises; a later deadline means another urgency."""

USUAL_DEADLINE: Final[Mapping[Urgency, timedelta]] = MappingProxyType(
    {
        Urgency.TONIGHT: timedelta(hours=4),
        Urgency.WITHIN_48_HOURS: timedelta(hours=48),
        Urgency.WITHIN_7_DAYS: timedelta(days=7),
        Urgency.PLANNED: timedelta(days=30),
    }
)
"""The deadline of a situation whose receiver gave none."""

CHECKED_EVERY_ONCE_SAFE = timedelta(hours=24)

NOTED_OUTCOMES: Final = frozenset(
    {
        ClosingOutcome.PLACED_OFF_NETWORK,
        ClosingOutcome.COMMON_SERVICES,
        ClosingOutcome.CHILD_PROTECTION_RELAY,
        ClosingOutcome.NEED_GONE,
        ClosingOutcome.DECLINED_BY_PERSON,
        ClosingOutcome.UNREACHABLE,
    }
)
"""Outcomes that ask to say where, with whom, who said so, which choice was informed, or which attempts."""

ACKNOWLEDGED_OUTCOMES: Final = frozenset(
    {ClosingOutcome.CHILD_PROTECTION_RELAY, ClosingOutcome.MDPH_RELAY, ClosingOutcome.OTHER_COMMUNITY}
)
"""Taken over only once the other body said so."""

AGREED_OUTCOMES: Final = frozenset({ClosingOutcome.MDPH_RELAY})
"""Passed on only with the agreement of the person or their guardian."""

ATTEMPTS_ON_DAYS: Final = 3
"""Nobody is unreachable before calls were made in vain on as many days."""

PROMISED_CALLS: Final[Mapping[ClosingOutcome, tuple[CallParty, timedelta]]] = MappingProxyType(
    {
        ClosingOutcome.WITH_RELATIVES: (CallParty.CARER, timedelta(days=7)),
        ClosingOutcome.HOSPITALISED: (CallParty.OUTSIDE_SERVICE, timedelta(hours=48)),
        ClosingOutcome.DECLINED_BY_PERSON: (CallParty.PERSON, timedelta(days=7)),
    }
)
"""Endings that promise a call, whom to, and within how long."""

ARRIVED_OUTCOMES: Final = frozenset(
    {ClosingOutcome.PLACED_OFF_NETWORK, ClosingOutcome.SUPPORTED_AT_HOME, ClosingOutcome.USUAL_PLACE_RESUMED}
)
"""Real once the person has arrived, been visited a first time, or gone back."""


def check_situation_form(form: ReceiveSituation, now: datetime, zone: ZoneInfo) -> None:
    """Raise `InvalidValue` naming the field and the rule that the form breaks."""
    code_of(AgeBand, form.age_band, "age_band")
    check_needs(form.need_codes)
    if form.sex is not None and form.sex not in SEXES:
        raise InvalidValue(field="sex", rule="unknown-code")
    if form.free_text is not None:
        check_free_text(form.free_text, "free_text")
    code_of(CareMode, form.care_mode, "care_mode")
    check_blocks(form.blocks, now, zone)
    check_between(form.urgency, 1, 4, "urgency")
    check_between(form.max_travel_minutes, 5, 240, "max_travel_minutes")
    check_between(form.max_places, 1, 10, "max_places")
    check_count(form.excluded_facility_ids, 0, MOST_EXCLUDED, "excluded_facility_ids")
    check_count(form.incompatible_with, 0, MOST_LINKED, "incompatible_with")
    code_of(Origin, form.origin, "origin")
    code_of(LegalStatus, form.legal_status, "legal_status")
    if form.together_with is not None and form.together_with in form.incompatible_with:
        raise InvalidValue(field="incompatible_with", rule="also-together")
    _check_caller(form, now)


def _check_caller(form: ReceiveSituation, now: datetime) -> None:
    """Whoever does not say who they are can be rung at an hour, or cannot be rung: one of the two is said."""
    if form.call_back_at is not None:
        check_call_back(form.call_back_at, now, "call_back_at")
    if form.is_anonymous and (form.call_back_at is not None) == form.call_back_impossible:
        raise InvalidValue(field="call_back_at", rule="call-back-or-none")
    if form.call_back_impossible and not form.is_anonymous:
        raise InvalidValue(field="call_back_impossible", rule="anonymous-only")


def check_call_back(due_at: datetime, now: datetime, field: str = "due_at") -> None:
    """Raise `InvalidValue`: over already, or too far to mean anything."""
    check_instant(due_at, field)
    if due_at <= now:
        raise InvalidValue(field=field, rule="in-the-past")
    if due_at > now + FARTHEST_CALL_BACK:
        raise InvalidValue(field=field, rule="too-far")


def check_needs(need_codes: Sequence[str]) -> None:
    """Raise `InvalidValue` (field `need_codes`): none, unknown, twice, too many, or too many publics."""
    needs = codes_of(NeedCode, need_codes, "need_codes", at_least=1)
    check_count(needs, 1, MAX_NEEDS_PER_SITUATION, "need_codes")
    if len(populations(needs)) > MAX_POPULATIONS_PER_SITUATION:
        raise InvalidValue(field="need_codes", rule="too-many-populations", most=MAX_POPULATIONS_PER_SITUATION)


def check_blocks(blocks: Sequence[Sequence[int]], now: datetime, zone: ZoneInfo) -> None:
    """Raise `InvalidValue` (field `blocks`): empty, too long, over, too far, or sharing a segment."""
    check_count(blocks, 1, MOST_BLOCKS, "blocks")
    current = current_segment(now, zone)
    seen: set[int] = set()
    for block in blocks:
        check_count(block, 1, MOST_SEGMENTS, "blocks")
        for segment in block:
            if segment < current:
                raise InvalidValue(field="blocks", rule="in-the-past")
            if segment > current + FARTHEST_SEGMENT:
                raise InvalidValue(field="blocks", rule="too-far")
            if segment in seen:
                raise InvalidValue(field="blocks", rule="overlap")
            seen.add(segment)


def deadline_of(urgency: Urgency, asked: datetime | None, now: datetime) -> datetime:
    """Return the deadline of a new situation.

    Raises `InvalidValue` (field `deadline_at`): over already, or later than the urgency's name allows.
    """
    if asked is None:
        return now + USUAL_DEADLINE[urgency]
    check_instant(asked, "deadline_at")
    if asked <= now:
        raise InvalidValue(field="deadline_at", rule="in-the-past")
    if asked > now + LATEST_DEADLINE[urgency]:
        raise InvalidValue(field="deadline_at", rule="later-than-urgency")
    return asked


def checked_every(urgency: Urgency, clocks: CommunityParameters) -> timedelta:
    """Return the time between two looks at a situation that waits, by the clocks in force."""
    match urgency:
        case Urgency.TONIGHT:
            minutes = clocks.tonight_check_minutes
        case Urgency.WITHIN_48_HOURS:
            minutes = clocks.two_day_check_minutes
        case Urgency.WITHIN_7_DAYS:
            minutes = clocks.week_check_minutes
        case Urgency.PLANNED:
            minutes = clocks.planned_check_minutes
        case _:
            assert_never(urgency)
    return timedelta(minutes=minutes)


def next_check(
    urgency: Urgency, state: SituationState, deadline_at: datetime, now: datetime, clocks: CommunityParameters
) -> datetime:
    """Return when an open situation is looked at again.

    By default every 15 minutes for tonight (the silence after which a second on-call is called), 2 hours within 48
    hours, a day within 7 days, a week when planned; a day once confirmed or effective. Never after a deadline still to
    come.
    """
    if state in (SituationState.CONFIRMED, SituationState.EFFECTIVE):
        return now + CHECKED_EVERY_ONCE_SAFE
    check_at = now + checked_every(urgency, clocks)
    return deadline_at if now < deadline_at < check_at else check_at


def check_closing(closing: CloseSituation, now: datetime) -> ClosingOutcome:
    """Return the outcome, once what it asks for is said. Raises `InvalidValue` naming the field that lacks."""
    outcome = code_of(ClosingOutcome, closing.outcome, "outcome")
    if closing.note is not None:
        check_free_text(closing.note, "note")
    if outcome in NOTED_OUTCOMES and not (closing.note or "").strip():
        raise InvalidValue(field="note", rule="required")
    if outcome is ClosingOutcome.DUPLICATE and closing.duplicate_of_id is None:
        raise InvalidValue(field="duplicate_of", rule="required")
    _check_said("arrived_at", closing.arrived_at, now, required=outcome in ARRIVED_OUTCOMES)
    _check_said("acknowledged_at", closing.acknowledged_at, now, required=outcome in ACKNOWLEDGED_OUTCOMES)
    _check_said("agreed_at", closing.agreed_at, now, required=outcome in AGREED_OUTCOMES)
    return outcome


def _check_said(field: str, at: datetime | None, now: datetime, *, required: bool) -> None:
    if at is None:
        if required:
            raise InvalidValue(field=field, rule="required")
        return
    check_instant(at, field)
    if at > now:
        raise InvalidValue(field=field, rule="in-the-future")


def shown_families(need_codes: Iterable[str]) -> tuple[NeedFamily, ...]:
    """Return the families that the board may show, each once, in the order of the list."""
    needs = {NeedCode(code) for code in need_codes} - HIDDEN_FROM_BOARDS
    families = {family_of(need) for need in needs}
    return tuple(family for family in NeedFamily if family in families)
