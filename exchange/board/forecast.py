"""Which places are known to be free, tonight and at the horizons of the ROR, and who has answered. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.availability.evening import WhyNot, Word, answers_from, is_asked, why_not_proposed
from exchange.availability.rules import Lifetimes, OfferKind
from exchange.board.views import HorizonCount, OfferCard
from exchange.kernel.periods import Segment, current_segment, date_of
from exchange.reference.code_lists import CareMode

HORIZONS: Final = (
    ("now", timedelta(0)),
    ("1h", timedelta(hours=1)),
    ("24h", timedelta(hours=24)),
    ("48h", timedelta(hours=48)),
    ("7d", timedelta(days=7)),
)
"""The five temporalities of the ROR (TRE_R331, codes 01 to 05)."""

SILENT: Final = frozenset({WhyNot.STALE, WhyNot.NOT_SAID_TONIGHT})
"""Nothing is known then; the other reasons are words of the house, and mean no place."""

_WITHOUT_BED: Final = (CareMode.HOME_SUPPORT.value, CareMode.MOBILE_TEAM.value)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What computing a card needs besides its content."""

    at: datetime
    tonight: int
    untouched_red_minutes: int
    lifetimes: Lifetimes
    zone: ZoneInfo


def horizon_segments(at: datetime, zone: ZoneInfo) -> tuple[tuple[str, Segment], ...]:
    """Return the half of a day that runs at each horizon: the same wall time of a later date, whatever clocks do.

    One hour ahead is an elapsed hour.
    """
    local = at.astimezone(zone)

    def ahead(delay: timedelta) -> datetime:
        return at + delay if delay < timedelta(days=1) else (local + delay).astimezone(UTC)

    return tuple((name, current_segment(ahead(delay), zone)) for name, delay in HORIZONS)


def word_of(card: OfferCard) -> Word:
    """Return everything that a card says of its offer."""
    is_red = card.house is not None and card.house.colour == "red"
    return Word(
        attested_at=card.attested_at,
        fresh_until=card.fresh_until,
        red_until=card.house.until if is_red and card.house is not None else None,
        closed_until=None if card.closing is None else card.closing.until,
        awaits_departure=card.awaits_departure,
    )


def why_not(word: Word, segment: int, clockwork: Clockwork) -> WhyNot | None:
    """Return why an offer is not proposed on a segment, by the one rule of availability."""
    return why_not_proposed(word, segment, clockwork.at, clockwork.lifetimes, clockwork.zone)


def as_of(card: OfferCard, clockwork: Clockwork) -> OfferCard:
    """Return a card with what is computed at an instant: what has ended is gone, and why it is not proposed tonight."""
    at = clockwork.at
    shown = replace(
        card,
        house=card.house if card.house is not None and card.house.until > at else None,
        closing=card.closing if card.closing is not None and card.closing.until > at else None,
    )
    if not any(segment == clockwork.tonight for segment, _, _ in card.segments):
        return shown
    reason = why_not(word_of(shown), clockwork.tonight, clockwork)
    return replace(shown, not_tonight=None if reason is None else reason.value)


def has_firm_beds(card: OfferCard) -> bool:
    """Whether a card counts as places: not a caseload, nor what opens only if staff or a departure allow."""
    return card.offer_kind != OfferKind.CASELOAD and not card.is_conditional and card.care_mode not in _WITHOUT_BED


def known_free(cards: Iterable[OfferCard], segments: Collection[int], clockwork: Clockwork) -> dict[int, int | None]:
    """Return the places known free on each segment; None where places are published then, and no house has said."""
    free = dict.fromkeys(segments, 0)
    published: set[int] = set()
    spoken: set[int] = set()
    for card in cards:
        if not has_firm_beds(card):
            continue
        word = word_of(card)
        for segment, capacity, used in card.segments:
            if segment not in free:
                continue
            published.add(segment)
            reason = why_not(word, segment, clockwork)
            if reason not in SILENT:
                spoken.add(segment)
            if reason is None:
                free[segment] += capacity - used
    unknown = published - spoken
    return {segment: None if segment in unknown else count for segment, count in free.items()}


def known_over(cards: Iterable[OfferCard], segment: int, clockwork: Clockwork) -> int:
    """Return how many of the free places of a segment were decided beyond capacity."""
    return sum(
        min(card.over_on(segment), card.free_on(segment))
        for card in cards
        if card.over and has_firm_beds(card) and why_not(word_of(card), segment, clockwork) is None
    )


@dataclass(frozen=True, slots=True)
class Forecast:
    """Places known free tonight, and at each horizon."""

    tonight: int | None
    horizons: tuple[HorizonCount, ...]


def forecast(cards: Sequence[OfferCard], clockwork: Clockwork) -> Forecast:
    """Return the places known free tonight and at each horizon."""
    horizons = horizon_segments(clockwork.at, clockwork.zone)
    free = known_free(cards, {clockwork.tonight, *(segment for _, segment in horizons)}, clockwork)
    return Forecast(
        tonight=free[clockwork.tonight],
        horizons=tuple(HorizonCount(name, segment, free[segment]) for name, segment in horizons),
    )


@dataclass(frozen=True, slots=True)
class Reporting:
    """`reporting` of `expected` houses have said something that counts. `asked`: for tonight, else at all."""

    expected: int
    reporting: int
    asked: bool


def reporting_of(cards: Sequence[OfferCard], clockwork: Clockwork) -> Reporting:
    """Count the houses with a bed published tonight, and those of them whose word counts.

    Once the question is asked, a word since then (or within the hour before), a colour said since then, or a red that
    still runs. Before it, any word that still holds.
    """
    expected = {
        card.facility_id
        for card in cards
        if card.offer_kind != OfferKind.CASELOAD
        and card.care_mode not in _WITHOUT_BED
        and any(segment == clockwork.tonight for segment, _, _ in card.segments)
    }
    asked = is_asked(clockwork.at, clockwork.lifetimes, clockwork.zone)
    since = answers_from(date_of(clockwork.tonight), clockwork.lifetimes, clockwork.zone)
    answered: set[UUID] = set()
    for card in cards:
        said = card.attested_at >= since if asked else card.fresh_until > clockwork.at
        if card.house is not None and card.house.until > clockwork.at:
            said = said or not asked or card.house.said_at >= since or card.house.colour == "red"
        if said:
            answered.add(card.facility_id)
    return Reporting(len(expected), len(expected & answered), asked)
