"""Cards as fragments: the board page includes them, the stream sends them, from the same templates."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from exchange.board.views import AnyCard, AreaCounts
from exchange.organisations.crisis_views import CrisisView
from exchange.web.rendering import fragment


def card_html(card: AnyCard, now: datetime, zone: ZoneInfo) -> str:
    """Render one card, the same for every viewer of a class."""
    return fragment("board/_card.html", now, zone, card=card)


def counts_html(counts: AreaCounts, now: datetime, zone: ZoneInfo) -> str:
    """Render the counters of one living area."""
    return fragment("board/_counts.html", now, zone, counts=counts)


def crisis_html(crisis: CrisisView | None, now: datetime, zone: ZoneInfo) -> str:
    """Render the banner of whoever is signed in; nothing where no crisis organisation is open."""
    return "" if crisis is None else fragment("layout/_crisis.html", now, zone, crisis=crisis, signed_in=True)
