"""The evening's question, what a house says of itself, and which places may be proposed at an instant. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from exchange.availability.rules import EVENING_ANSWER, Lifetimes, OfferKind, fresh_until, is_stale
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import Half, date_of, half_of, local_instant, segment_of, starts_at, tonight_at
from exchange.reference.answers import StatusReason

FARTHEST_CLOSING = timedelta(days=400)


class Colour(StrEnum):
    """What a house says of itself. Green: it can host. Orange: it can, with care. Red: nothing is proposed there."""

    GREEN = "green"
    ORANGE = "orange"
    RED = "red"


class WhyNot(StrEnum):
    """Why a place is not proposed on a segment; the first that applies, in this order."""

    AWAITS_DEPARTURE = "awaits_departure"
    STALE = "stale"
    HOUSE_RED = "house_red"
    CLOSED = "closed"
    NOT_SAID_TONIGHT = "not_said_tonight"


@dataclass(frozen=True, slots=True)
class Word:
    """Everything said of an offer that decides whether it may be proposed.

    `red_until`: the end of its house's red, if one was said. `closed_until`: the start of the first day open again.
    """

    attested_at: datetime
    fresh_until: datetime
    red_until: datetime | None = None
    closed_until: datetime | None = None
    awaits_departure: bool = False


@lru_cache(maxsize=1_000)
def question_at(evening: date, lifetimes: Lifetimes, zone: ZoneInfo) -> datetime:
    """Return when the question of an evening is asked: a wall time of the territory, whatever clocks do."""
    return local_instant(evening, lifetimes.asked_at, zone)


def answers_from(evening: date, lifetimes: Lifetimes, zone: ZoneInfo) -> datetime:
    """Return from when a word already answers the question of an evening: within the hour before it."""
    return question_at(evening, lifetimes, zone) - EVENING_ANSWER


def evening_at(now: datetime, zone: ZoneInfo) -> date:
    """Return the evening that people call tonight's: until 05:00 that of the night that runs."""
    return date_of(tonight_at(now, zone))


def is_asked(now: datetime, lifetimes: Lifetimes, zone: ZoneInfo) -> bool:
    """Whether tonight's question has been asked by now, and is still worth an answer."""
    return now >= question_at(evening_at(now, zone), lifetimes, zone)


def is_said_for(segment: int, attested_at: datetime, now: datetime, lifetimes: Lifetimes, zone: ZoneInfo) -> bool:
    """Whether a word counts for a segment: once a night's question is asked, only an answer to it does.

    Before that question, and for a day, any word that is fresh counts.
    """
    evening = date_of(segment)
    if half_of(segment) is Half.DAY or now < question_at(evening, lifetimes, zone):
        return True
    return attested_at >= answers_from(evening, lifetimes, zone)


def why_out(word: Word, now: datetime) -> WhyNot | None:
    """Return why nothing may be proposed on an offer, whatever the date: not free, past its lifetime, or house red."""
    if word.awaits_departure:
        return WhyNot.AWAITS_DEPARTURE
    if is_stale(word.fresh_until, now):
        return WhyNot.STALE
    if word.red_until is not None and word.red_until > now:
        return WhyNot.HOUSE_RED
    return None


def why_not_proposed(word: Word, segment: int, now: datetime, lifetimes: Lifetimes, zone: ZoneInfo) -> WhyNot | None:
    """Return why a place may not be proposed on a segment at `now`, or nothing. Still visible, whatever the reason."""
    out = why_out(word, now)
    if out is not None:
        return out
    if word.closed_until is not None and starts_at(segment, zone) < word.closed_until:
        return WhyNot.CLOSED
    if not is_said_for(segment, word.attested_at, now, lifetimes, zone):
        return WhyNot.NOT_SAID_TONIGHT
    return None


def closed_until(last_on: date, now: datetime, zone: ZoneInfo, field: str = "until_on") -> datetime:
    """Return when a closure ends whose last date is given: with the day after it.

    Raises `InvalidValue` naming `field`: `in-the-past`, `too-far`.
    """
    today = now.astimezone(zone).date()
    if last_on < today:
        raise InvalidValue(field=field, rule="in-the-past")
    if last_on > today + FARTHEST_CLOSING:
        raise InvalidValue(field=field, rule="too-far")
    return starts_at(segment_of(last_on + timedelta(days=1), Half.DAY), zone)


def status_until(
    last_on: date | None, now: datetime, lifetimes: Lifetimes, zone: ZoneInfo, field: str = "until_on"
) -> datetime:
    """Return until when a colour holds: its last date, else as long as an answer about a 24/24 place given now."""
    if last_on is None:
        return fresh_until(OfferKind.EMERGENCY_BED, now, lifetimes, zone)
    return closed_until(last_on, now, zone, field)


def check_status(colour: Colour, reason: StatusReason | None, *, is_dated: bool, never_full: bool) -> None:
    """Raise `InvalidValue` (field `reason`): a dated closing says why; some houses may never say that they are full."""
    if colour is Colour.RED and is_dated and reason is None:
        raise InvalidValue(field="reason", rule="closing-says-why")
    if colour is Colour.RED and reason is StatusReason.FULL and never_full:
        raise InvalidValue(field="reason", rule="never-full")
    if colour is Colour.GREEN and reason is not None:
        raise InvalidValue(field="reason", rule="green-needs-none")
