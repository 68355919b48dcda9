"""State by act: what may happen to a situation, and what it becomes. Pure; what is not listed is forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from exchange.kernel.errors import IllegalTransition
from exchange.reference.answers import ClosingOutcome


class SituationState(StrEnum):
    """With a composed answer, the state of the least advanced block."""

    RECEIVED = "received"
    SEARCHING = "searching"
    HELD = "held"
    CONFIRMED = "confirmed"
    EFFECTIVE = "effective"
    CLOSED = "closed"


class SituationAct(StrEnum):
    """`search`: no answer stands, or one fell. `close_placed`: hosted in the network. `close`: every other outcome."""

    SEARCH = "search"
    HOLD = "hold"
    CONFIRM = "confirm"
    ARRIVE = "arrive"
    CLOSE_PLACED = "close_placed"
    CLOSE = "close"
    REOPEN = "reopen"


_S, _A = SituationState, SituationAct

TRANSITIONS: Final[Mapping[tuple[SituationState, SituationAct], SituationState]] = MappingProxyType(
    {
        (_S.RECEIVED, _A.SEARCH): _S.SEARCHING,
        (_S.RECEIVED, _A.HOLD): _S.HELD,
        (_S.RECEIVED, _A.CLOSE): _S.CLOSED,
        (_S.SEARCHING, _A.HOLD): _S.HELD,
        (_S.SEARCHING, _A.CLOSE): _S.CLOSED,
        (_S.HELD, _A.SEARCH): _S.SEARCHING,
        (_S.HELD, _A.CONFIRM): _S.CONFIRMED,
        (_S.HELD, _A.CLOSE): _S.CLOSED,
        (_S.CONFIRMED, _A.SEARCH): _S.SEARCHING,
        (_S.CONFIRMED, _A.HOLD): _S.HELD,
        (_S.CONFIRMED, _A.ARRIVE): _S.EFFECTIVE,
        (_S.CONFIRMED, _A.CLOSE): _S.CLOSED,
        # From effective backwards: another block of a composed answer fell, and is searched for, held, confirmed again.
        (_S.EFFECTIVE, _A.SEARCH): _S.SEARCHING,
        (_S.EFFECTIVE, _A.HOLD): _S.HELD,
        (_S.EFFECTIVE, _A.CONFIRM): _S.CONFIRMED,
        (_S.EFFECTIVE, _A.CLOSE_PLACED): _S.CLOSED,
        (_S.EFFECTIVE, _A.CLOSE): _S.CLOSED,
        (_S.CLOSED, _A.REOPEN): _S.SEARCHING,
    }
)

FOLLOWING: Final[Mapping[SituationState, SituationAct]] = MappingProxyType(
    {
        _S.SEARCHING: _A.SEARCH,
        _S.HELD: _A.HOLD,
        _S.CONFIRMED: _A.CONFIRM,
        _S.EFFECTIVE: _A.ARRIVE,
    }
)
"""The act by which a situation follows its placements into a state."""

UNTOUCHED: Final = frozenset({_S.RECEIVED, _S.SEARCHING})
"""Nobody holds anything for the person."""


def after(state: SituationState, act: SituationAct) -> SituationState:
    """Return the state that an act leads to. Raises `IllegalTransition` where the state forbids it."""
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise IllegalTransition(state=state.value, act=act.value) from None


def closing_act(outcome: ClosingOutcome) -> SituationAct:
    """Return the act that an outcome stands for: hosted in the network asks for an arrival, seen and recorded."""
    return SituationAct.CLOSE_PLACED if outcome is ClosingOutcome.PLACED_IN_NETWORK else SituationAct.CLOSE
