"""State by act by side: what may happen to a situation, by whom, and what it becomes. Pure; what is not listed is
forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden, IllegalTransition
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
    """`search`: no answer stands, or one fell. `close_placed`: hosted in the network. `close`: every other outcome.

    From `amend` on, acts that leave the state as it is. `alert`: start the overflow, or climb one step of it.
    """

    SEARCH = "search"
    HOLD = "hold"
    CONFIRM = "confirm"
    ARRIVE = "arrive"
    CLOSE_PLACED = "close_placed"
    CLOSE = "close"
    REOPEN = "reopen"
    AMEND = "amend"
    IDENTIFY = "identify"
    REVIEW_URGENCY = "review_urgency"
    CHANGE_LEVEL = "change_level"
    HAND_OVER = "hand_over"
    STATE_NO_SOLUTION = "state_no_solution"
    LOG_CALL = "log_call"
    CHECK = "check"
    ALERT = "alert"
    TELL_OUTSIDE = "tell_outside"


class Side(StrEnum):
    """Who acts. `promise`: the slice of placements, in the transaction of an act that it has allowed; `clock`: jobs."""

    COORDINATION = "coordination"
    PROMISE = "promise"
    CLOCK = "clock"


_S, _A = SituationState, SituationAct

OPEN: Final = tuple(state for state in _S if state is not _S.CLOSED)
_UNANSWERED = (_S.RECEIVED, _S.SEARCHING, _S.HELD)

_KEEPING: Final[Mapping[SituationAct, tuple[SituationState, ...]]] = MappingProxyType(
    {
        _A.AMEND: OPEN,
        _A.IDENTIFY: OPEN,
        _A.REVIEW_URGENCY: OPEN,
        _A.CHANGE_LEVEL: OPEN,
        _A.HAND_OVER: OPEN,
        _A.STATE_NO_SOLUTION: _UNANSWERED,
        # Somebody may ring after the end, and some endings promise a call.
        _A.LOG_CALL: tuple(_S),
        _A.CHECK: OPEN,
        _A.ALERT: _UNANSWERED,
        _A.TELL_OUTSIDE: _UNANSWERED,
    }
)

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
        # Reopened before its places were given back, or while the person is still there: it follows what stands.
        (_S.SEARCHING, _A.CONFIRM): _S.CONFIRMED,
        (_S.SEARCHING, _A.ARRIVE): _S.EFFECTIVE,
        **{(state, act): state for act, states in _KEEPING.items() for state in states},
    }
)

_FOLLOWING_ACTS = (_A.SEARCH, _A.HOLD, _A.CONFIRM, _A.ARRIVE)

SIDES: Final[Mapping[SituationAct, frozenset[Side]]] = MappingProxyType(
    {
        **{act: frozenset({Side.COORDINATION}) for act in _A},
        **{act: frozenset({Side.PROMISE}) for act in _FOLLOWING_ACTS},
        _A.CHECK: frozenset({Side.CLOCK}),
        # A referent who left is replaced by the clock too: nobody stays without one.
        _A.HAND_OVER: frozenset({Side.COORDINATION, Side.CLOCK}),
        _A.ALERT: frozenset({Side.CLOCK}),
    }
)
"""Which sides may carry out an act; every other one is forbidden."""

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


def next_state(state: SituationState, act: SituationAct, side: Side) -> SituationState:
    """Return the state that a side's act leads to. Raises `ActForbidden` first, then `IllegalTransition`."""
    if side not in SIDES[act]:
        raise ActForbidden
    return after(state, act)


def side_of(actor: Actor) -> Side:
    """Return the side that an actor stands on. Raises `ActForbidden` for who only answers for a facility."""
    if actor.coordinates:
        return Side.COORDINATION
    if actor.role is Role.SYSTEM:
        return Side.CLOCK
    raise ActForbidden


def closing_act(outcome: ClosingOutcome) -> SituationAct:
    """Return the act that an outcome stands for: hosted in the network asks for an arrival, seen and recorded."""
    return SituationAct.CLOSE_PLACED if outcome is ClosingOutcome.PLACED_IN_NETWORK else SituationAct.CLOSE
