"""What a card calls for: the filters of the board and the colour of its edge."""

from __future__ import annotations

from exchange.board.views import AnyCard, LoanCard, OfferCard, PlacementCard, SituationCard


def flags_of(card: AnyCard) -> tuple[str, ...]:
    """Return the flags of a card, as the board's filters name them."""
    flags = []
    if isinstance(card, OfferCard) and card.awaits_word:
        flags.append("to_confirm")
    if isinstance(card, SituationCard) and card.is_red:
        flags.append("red")
    if isinstance(card, PlacementCard) and card.awaits_receiver:
        flags.append("waiting")
    if isinstance(card, LoanCard) and card.is_asked:
        flags.append("waiting")
    return tuple(flags)
