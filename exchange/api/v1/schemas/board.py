"""The board: its cards by kind, and each living area's counts."""

from __future__ import annotations

from datetime import datetime

from exchange.api.v1.schemas.values import Resource
from exchange.board.rules import is_final
from exchange.board.views import Area, AreaCounts, Board, LoanCard, NeedCard, OfferCard, PlacementCard, SituationCard


class BoardResource(Resource):
    """`at`: the instant shown. Cards are in the order in which boards show them; an observer gets counts alone.

    `is_final`: the board of this instant will read the same for ever; a live one, or one of seconds ago, may not.
    """

    at: datetime
    is_final: bool
    areas: list[Area]
    counts: list[AreaCounts]
    whole: AreaCounts
    situations: list[SituationCard]
    offers: list[OfferCard]
    staff_needs: list[NeedCard]
    placements: list[PlacementCard]
    loans: list[LoanCard]


def board_as_told(board: Board, now: datetime) -> BoardResource:
    """Return a board with its cards sorted by kind."""
    return BoardResource(
        at=board.at,
        is_final=is_final(board.at, now),
        areas=list(board.areas),
        counts=list(board.counts),
        whole=board.whole,
        situations=[card for card in board.cards if isinstance(card, SituationCard)],
        offers=[card for card in board.cards if isinstance(card, OfferCard)],
        staff_needs=[card for card in board.cards if isinstance(card, NeedCard)],
        placements=[card for card in board.cards if isinstance(card, PlacementCard)],
        loans=[card for card in board.cards if isinstance(card, LoanCard)],
    )
