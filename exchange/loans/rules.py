"""The life of a loan as data, and the hour by which its parties answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from exchange.kernel.errors import ActForbidden, IllegalTransition


class LoanState(StrEnum):
    """From a proposal to the end of a mission."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    SIGNED = "signed"
    RUNNING = "running"
    COMPLETED = "completed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class LoanKind(StrEnum):
    """A loan joins two employers; an internal move, two sites of one: same agreements, and no loan file to sign."""

    LOAN = "loan"
    INTERNAL_MOVE = "internal_move"


class LoanAct(StrEnum):
    """What a party, or a clock, does to a loan."""

    ASK = "ask"
    AGREE = "agree"
    BIND = "bind"
    DECLINE = "decline"
    WITHDRAW_CONSENT = "withdraw_consent"
    CANCEL = "cancel"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


class LoanParty(StrEnum):
    """The three whose agreement a loan needs (Labour Code, article L8241-2)."""

    LENDER = "lender"
    PERSON = "person"
    HOST = "host"


class LoanSide(StrEnum):
    """Whose word an act is."""

    LENDER = "lender"
    PERSON = "person"
    HOST = "host"
    COORDINATION = "coordination"
    CLOCK = "clock"


class LoanCancelCause(StrEnum):
    """Why a loan was called off."""

    BY_LENDER = "by_lender"
    BY_HOST = "by_host"
    BY_COORDINATION = "by_coordination"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    NEED_CANCELLED = "need_cancelled"


_S, _A = LoanState, LoanAct

BINDING: Final = frozenset({_S.AGREED, _S.SIGNED, _S.RUNNING, _S.COMPLETED})
"""States in which the person's time is taken and the seats are counted."""

_PARTIES = frozenset({LoanSide.LENDER, LoanSide.PERSON, LoanSide.HOST})

SIDES: Final[Mapping[LoanAct, frozenset[LoanSide]]] = MappingProxyType(
    {
        _A.ASK: frozenset({LoanSide.HOST, LoanSide.COORDINATION}),
        _A.AGREE: _PARTIES,
        _A.BIND: _PARTIES,
        _A.DECLINE: _PARTIES,
        _A.WITHDRAW_CONSENT: frozenset({LoanSide.PERSON}),
        _A.CANCEL: frozenset({LoanSide.LENDER, LoanSide.HOST, LoanSide.COORDINATION, LoanSide.CLOCK}),
        _A.EXPIRE: frozenset({LoanSide.CLOCK}),
        _A.SUPERSEDE: frozenset({LoanSide.CLOCK, LoanSide.COORDINATION}),
    }
)

TRANSITIONS: Final[Mapping[tuple[LoanState, LoanAct], LoanState]] = MappingProxyType(
    {
        (_S.PROPOSED, _A.ASK): _S.PROPOSED,
        (_S.PROPOSED, _A.AGREE): _S.PROPOSED,
        (_S.PROPOSED, _A.BIND): _S.AGREED,
        (_S.PROPOSED, _A.DECLINE): _S.DECLINED,
        (_S.PROPOSED, _A.WITHDRAW_CONSENT): _S.DECLINED,
        (_S.PROPOSED, _A.CANCEL): _S.CANCELLED,
        (_S.PROPOSED, _A.EXPIRE): _S.EXPIRED,
        (_S.PROPOSED, _A.SUPERSEDE): _S.SUPERSEDED,
        (_S.AGREED, _A.WITHDRAW_CONSENT): _S.CANCELLED,
        (_S.AGREED, _A.CANCEL): _S.CANCELLED,
        (_S.SIGNED, _A.WITHDRAW_CONSENT): _S.CANCELLED,
        (_S.SIGNED, _A.CANCEL): _S.CANCELLED,
        (_S.RUNNING, _A.WITHDRAW_CONSENT): _S.CANCELLED,
        (_S.RUNNING, _A.CANCEL): _S.CANCELLED,
    }
)
"""Every legal change; what is absent is refused. Signing, running and completing come with the documents."""


def next_state(state: LoanState, act: LoanAct, side: LoanSide) -> LoanState:
    """Return where an act leads. Raises `ActForbidden` (not theirs to do) or `IllegalTransition` (not now)."""
    if side not in SIDES[act]:
        raise ActForbidden
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise IllegalTransition(state=state.value, act=act.value) from None


def kind_between(lender_operator: object, host_operator: object) -> LoanKind:
    """Return what a line between sites of these two associations is."""
    return LoanKind.INTERNAL_MOVE if lender_operator == host_operator else LoanKind.LOAN


def words_given(party: LoanParty, sides: Collection[LoanSide], kind: LoanKind) -> tuple[LoanParty, ...]:
    """Return the parties for which one agreement of an actor counts, the named one first.

    Whoever speaks for both sites of one association decides an internal move once; between two employers each
    agreement is an act of its own. Nobody's agreement counts for the person.
    """
    sites = (LoanParty.LENDER, LoanParty.HOST)
    both = {LoanSide(site.value) for site in sites} <= set(sides)
    if kind is LoanKind.INTERNAL_MOVE and party in sites and both:
        return (party, *(site for site in sites if site is not party))
    return (party,)


def answer_due(now: datetime, first_shift_starts_at: datetime, travel_minutes: int, link_valid_hours: int) -> datetime:
    """Return by when the parties answer: while the link lives, and early enough to travel to the first shift."""
    leaves_at = first_shift_starts_at - timedelta(minutes=travel_minutes)
    return min(now + timedelta(hours=link_valid_hours), leaves_at)


def mission_key(shift_ids: Iterable[object]) -> str:
    """Return the shifts of a loan in one text, the same whatever their order."""
    return ",".join(sorted(str(shift_id) for shift_id in shift_ids))
