"""Where an event meets what follows it. Every fact of the house has its line, even when nothing follows.

A demand is an outbox row, written with the fact: a planning lane that gathers, a clock with its hour, a message to
derive. `now` is the transaction's instant. One page by kind of fact; a fact stands on one page alone.
"""

from exchange.reactions import offers, promises, situations, together
from exchange.reactions.lines import LINES, UnknownFact, reactions

__all__ = ["LINES", "UnknownFact", "offers", "promises", "reactions", "situations", "together"]
