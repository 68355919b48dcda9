"""What an offer must say, the segments that it opens, and until when it is fresh. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.availability.inputs import CapacitySpan, PublishOffer
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import Segment, current_segment, date_of, local_instant, segments_between
from exchange.reference.code_lists import HOSTED_PUBLICS, OLDEST_AGE, CareMode, NeedCode, Provision
from exchange.staffing.values import check_between, check_count, code_of, codes_of

FARTHEST_DATE = timedelta(days=400)
MOST_SPANS = 62
MOST_CAPACITY = 99
MOST_REQUIRED_SHIFTS = 20
EVENING_ANSWER = timedelta(hours=1)
"""Said within the hour before the evening's question, "tonight" is already meant: asking again would insult."""

_WALL_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class OfferKind(StrEnum):
    """`caseload`: capacity without bed. `conditional`: opens only once its shifts are covered by loans."""

    ORDINARY = "ordinary"
    EMERGENCY_BED = "emergency_bed"
    CASELOAD = "caseload"
    CONDITIONAL = "conditional"


class OfferState(StrEnum):
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class ShownState(StrEnum):
    """What a reader is told: a published offer past its lifetime is to be confirmed, which is not stored."""

    PUBLISHED = "published"
    TO_CONFIRM = "to_confirm"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The community's clocks: hours of the day are local to its zone."""

    asked_at: time
    valid_until: time
    ordinary_hours: int


@dataclass(frozen=True, slots=True)
class OpenSegment:
    """One counter to open."""

    segment: Segment
    capacity: int
    requires_shift_ids: tuple[UUID, ...]
    provides: tuple[Provision, ...] | None = None


def fresh_until(kind: OfferKind, attested_at: datetime, lifetimes: Lifetimes, zone: ZoneInfo) -> datetime:
    """Return until when an attestation may be proposed on (clocks of the community, by default those of product).

    A 24/24 place: said from one hour before the evening's question on (16:00 for 17:00), it is valid until the
    morning hour of the next date (10:00); said earlier, until the question. Wall times of the territory: such a
    night lasts one hour more or less when clocks change. Any other place: `ordinary_hours` elapsed hours.
    """
    match kind:
        case OfferKind.EMERGENCY_BED:
            today = attested_at.astimezone(zone).date()
            asked_at = local_instant(today, lifetimes.asked_at, zone)
            if attested_at >= asked_at - EVENING_ANSWER:
                return local_instant(today + timedelta(days=1), lifetimes.valid_until, zone)
            return asked_at
        case OfferKind.ORDINARY | OfferKind.CASELOAD | OfferKind.CONDITIONAL:
            return attested_at + timedelta(hours=lifetimes.ordinary_hours)
        case _:
            assert_never(kind)


def is_stale(fresh_until: datetime, now: datetime) -> bool:
    """Whether an attestation has outlived its time: still visible, never proposed."""
    return fresh_until <= now


def shown_state(state: OfferState, fresh_until: datetime, now: datetime) -> ShownState:
    """Return the state as a reader is told it."""
    if state is OfferState.PUBLISHED and is_stale(fresh_until, now):
        return ShownState.TO_CONFIRM
    return ShownState(state.value)


def check_offer(offer: PublishOffer) -> OfferKind:
    """Raise `InvalidValue` naming the field and the rule that the form breaks; return the kind of the offer."""
    kind = code_of(OfferKind, offer.kind, "kind")
    care_mode = code_of(CareMode, offer.care_mode, "care_mode")
    for population in codes_of(NeedCode, offer.populations, "populations", at_least=1):
        if population not in HOSTED_PUBLICS:
            raise InvalidValue(field="populations", rule="not-a-population")
    codes_of(Provision, offer.provides, "provides")
    if not 0 <= offer.ages_from <= offer.ages_to <= OLDEST_AGE:
        raise InvalidValue(field="ages_from", rule="ages")
    if offer.max_stay_nights is not None:
        check_between(offer.max_stay_nights, 1, 366, "max_stay_nights")
    # Help at home that waits for staff has no bed either.
    goes_out = kind is OfferKind.CASELOAD or (kind is OfferKind.CONDITIONAL and care_mode is CareMode.HOME_SUPPORT)
    if bool(offer.zone_communes) is not goes_out:
        raise InvalidValue(field="zone_communes", rule="caseload-has-zone")
    _check_arrival(offer.arrival_from, offer.arrival_until)
    _check_conditions(kind, offer)
    return kind


def _check_arrival(arrival_from: str | None, arrival_until: str | None) -> None:
    for field, value in (("arrival_from", arrival_from), ("arrival_until", arrival_until)):
        if value is not None and not _WALL_TIME.fullmatch(value):
            raise InvalidValue(field=field, rule="wall-time")
    if (arrival_from is None) is not (arrival_until is None):
        raise InvalidValue(field="arrival_until", rule="both-or-none")


def _check_conditions(kind: OfferKind, offer: PublishOffer) -> None:
    required = [bool(span.requires_shift_ids) for span in offer.spans]
    if kind is not OfferKind.CONDITIONAL:
        # Firm and conditional places are two offers: one cannot be half a promise.
        if any(required):
            raise InvalidValue(field="spans", rule="firm-requires-nothing")
        if offer.coupled_need is not None:
            raise InvalidValue(field="coupled_need", rule="firm-requires-nothing")
        return
    if offer.coupled_need is None:
        if not all(required):
            raise InvalidValue(field="spans", rule="conditional-names-shifts")
        return
    if offer.coupled_need.facility_id != offer.facility_id:
        raise InvalidValue(field="coupled_need", rule="other-facility")
    if not offer.coupled_need.is_coupled:
        raise InvalidValue(field="coupled_need", rule="coupled")


def open_segments(spans: Sequence[CapacitySpan], now: datetime, zone: ZoneInfo) -> tuple[OpenSegment, ...]:
    """Return the counters that spans open, ascending, without those already over.

    Raises `InvalidValue` (field `spans`): empty, backwards, in the past, too far, overlapping, out of range.
    """
    check_count(spans, 1, MOST_SPANS, "spans")
    current = current_segment(now, zone)
    opened: dict[Segment, OpenSegment] = {}
    for span in spans:
        check_between(span.capacity, 1, MOST_CAPACITY, "spans")
        check_count(span.requires_shift_ids, 0, MOST_REQUIRED_SHIFTS, "spans")
        if not span.halves:
            raise InvalidValue(field="spans", rule="some-half")
        if span.last < span.first:
            raise InvalidValue(field="spans", rule="ends-before-start")
        if span.first < date_of(current):
            raise InvalidValue(field="spans", rule="in-the-past")
        if span.last > now.astimezone(zone).date() + FARTHEST_DATE:
            raise InvalidValue(field="spans", rule="too-far")
        required = tuple(dict.fromkeys(span.requires_shift_ids))
        provides = None if span.provides is None else codes_of(Provision, span.provides, "spans")
        for segment in segments_between(span.first, span.last, span.halves):
            if segment in opened:
                raise InvalidValue(field="spans", rule="overlap")
            if segment >= current:
                opened[segment] = OpenSegment(segment, span.capacity, required, provides)
    if not opened:
        raise InvalidValue(field="spans", rule="in-the-past")
    return tuple(opened[segment] for segment in sorted(opened))
