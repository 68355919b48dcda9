"""What is computed of a card at an instant and never stored, and how small counts are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.board.forecast import Clockwork, forecast, known_over, reporting_of
from exchange.board.views import AnyCard, AreaCounts, NeedCard, OfferCard, SituationCard
from exchange.kernel.periods import NIGHT_ENDS, NIGHT_STARTS, TONIGHT_TURNS
from exchange.kernel.small_cells import suppressed

UNTOUCHED_STATES = frozenset({"received", "searching"})
URGENT_TONIGHT = 4
FINAL_AFTER = timedelta(seconds=30)
"""A write transaction lives ten seconds at most, and dates what it shows from its start."""

_TURNS_OF_A_DATE = (TONIGHT_TURNS, NIGHT_ENDS, NIGHT_STARTS)
"""Besides midnight: the local times from which a board tells something else without any change."""


def is_final(at: datetime, now: datetime) -> bool:
    """Whether the board of an instant can no longer change: nothing under way may still date a card before it."""
    return at <= now - FINAL_AFTER


def is_to_confirm(state: str, fresh_until: datetime, at: datetime) -> bool:
    """Whether a published place has outlived its attestation: still visible, never proposed."""
    return state == "published" and fresh_until <= at


def is_turn_between(since: datetime, until: datetime, zone: ZoneInfo) -> bool:
    """Whether a turn of the territory's day lies in (since, until]: midnight, 05:00, 08:00 or 20:00.

    Until the next turn, "today", "tonight" and the running half are the same, so that what was rendered stays true.
    """
    return since < until and _part_of_day(since, zone) != _part_of_day(until, zone)


def _part_of_day(at: datetime, zone: ZoneInfo) -> tuple[date, int]:
    local = at.astimezone(zone)
    return local.date(), sum(local.time() >= turn for turn in _TURNS_OF_A_DATE)


def is_red(urgency: int, state: str, created_at: datetime, at: datetime, untouched_minutes: int) -> bool:
    """Whether an urgency 4 has waited `untouched_minutes` without anything being held for it."""
    waited = at - created_at
    return urgency == URGENT_TONIGHT and state in UNTOUCHED_STATES and waited >= timedelta(minutes=untouched_minutes)


def counts_of(area_id: UUID | None, cards: Iterable[AnyCard], clockwork: Clockwork) -> AreaCounts:
    """Count one living area's cards at an instant."""
    return _counts(area_id, [card for card in cards if card.area_id == area_id], clockwork)


def counts_of_all(cards: Iterable[AnyCard], clockwork: Clockwork) -> AreaCounts:
    """Count every card, whatever its living area."""
    return replace(_counts(None, list(cards), clockwork), is_whole=True)


def _counts(area_id: UUID | None, cards: Sequence[AnyCard], clockwork: Clockwork) -> AreaCounts:
    offers = [card for card in cards if isinstance(card, OfferCard)]
    situations = [card for card in cards if isinstance(card, SituationCard) and card.state != "effective"]
    known = forecast(offers, clockwork)
    reporting = reporting_of(offers, clockwork)
    return AreaCounts(
        area_id=area_id,
        situations=len(situations),
        red=sum(card.is_red for card in situations),
        places_free=known.tonight,
        to_confirm=sum(card.awaits_word for card in offers),
        seats_missing=sum(card.seats_missing for card in cards if isinstance(card, NeedCard) and card.state == "open"),
        places_unknown=known.tonight is None,
        places_over=known_over(offers, clockwork.tonight, clockwork),
        sites_expected=reporting.expected,
        sites_reporting=reporting.reporting,
        evening_asked=reporting.asked,
        horizons=known.horizons,
    )


def told_to_observers(counts: AreaCounts) -> AreaCounts:
    """Return the counts with every small one hidden."""

    def told(count: int | None) -> int | None:
        return None if count is None else suppressed(count)

    return replace(
        counts,
        situations=told(counts.situations),
        red=told(counts.red),
        places_free=told(counts.places_free),
        to_confirm=told(counts.to_confirm),
        seats_missing=told(counts.seats_missing),
        places_over=told(counts.places_over),
        sites_expected=told(counts.sites_expected),
        sites_reporting=told(counts.sites_reporting),
        horizons=tuple(replace(each, places=told(each.places)) for each in counts.horizons),
    )


_KIND_ORDER = {"situation": 0, "offer": 1, "need": 2, "placement": 3, "loan": 4}


def order_of(card: AnyCard) -> str:
    """Return the key by which cards are shown: by kind, most pressing first, then oldest first.

    A plain string, so that a browser can insert a new card where a reloaded page would show it.
    """
    pressing = 9 - card.urgency if isinstance(card, SituationCard | NeedCard) else 5
    rank = card.rank if hasattr(card, "rank") else 0
    return f"{_KIND_ORDER[card.kind]}-{pressing}-{rank}-{card.subject_id}"
