"""The life of a placement as data, who may agree for a person, which stays have an exit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from exchange.kernel.errors import ActForbidden, IllegalTransition
from exchange.reference.answers import RefusalSequel
from exchange.reference.code_lists import CareMode, LegalStatus


class PlacementState(StrEnum):
    """From a proposal to the end of a stay."""

    PROPOSED = "proposed"
    HELD = "held"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    ADMITTED = "admitted"
    ENDED = "ended"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class Act(StrEnum):
    """What somebody, or a clock, does to a placement."""

    HOLD = "hold"
    RECEIVER_YES = "receiver_yes"
    PHONE_YES = "phone_yes"
    PERSON_YES = "person_yes"
    LEGAL_BASIS = "legal_basis"
    SETTLE = "settle"
    PREPARE = "prepare"
    CONFIRM_ARRIVAL = "confirm_arrival"
    PROLONG = "prolong"
    END_STAY = "end_stay"
    REFUSE = "refuse"
    CONTEST_PHONE_YES = "contest_phone_yes"
    CANCEL = "cancel"
    EXPIRE = "expire"
    LOSE_COVER = "lose_cover"
    SUPERSEDE = "supersede"


class Side(StrEnum):
    """Whose word an act is."""

    COORDINATION = "coordination"
    RECEIVER = "receiver"
    CLOCK = "clock"


class YesParty(StrEnum):
    """The three yeses without which nothing is confirmed (decision 7)."""

    RECEIVER = "receiver"
    PERSON = "person"
    LEGAL_BASIS = "legal_basis"


class LegalBasis(StrEnum):
    """The frame in which the person is hosted."""

    CDAPH_DECISION = "cdaph_decision"
    EMERGENCY_ADMISSION = "emergency_admission"
    ASE_AGREEMENT = "ase_agreement"
    COURT_ORDER = "court_order"


class PersonYesFrom(StrEnum):
    """Who said the person's yes; `guardian` is any legal representative, parents included."""

    PERSON = "person"
    GUARDIAN = "guardian"
    ASE = "ase"
    JUDGE = "judge"


class CancelCause(StrEnum):
    """Why a placement was called off before arrival."""

    BY_COORDINATION = "by_coordination"
    PHONE_YES_CONTESTED = "phone_yes_contested"
    COVER_LOST = "cover_lost"
    OFFER_WITHDRAWN = "offer_withdrawn"
    SITUATION_CLOSED = "situation_closed"
    COMPANION_NOT_HOSTED = "companion_not_hosted"


_S, _A = PlacementState, Act
CLAIMING: Final = frozenset({_S.HELD, _S.ACCEPTED, _S.CONFIRMED, _S.ADMITTED})
"""States in which the segments are counted in the offer's `used`."""

NOT_YET_THERE: Final = frozenset({_S.HELD, _S.ACCEPTED, _S.CONFIRMED})
"""Promised, and still possible to call off: the person has not arrived."""

NO_UNIT_LEFT: Final = frozenset({RefusalSequel.CORRECT_OFFER, RefusalSequel.REDUCE_OFFER})
"""What follows a refusal for want of a place: the offer itself is corrected."""
_BOTH = frozenset({Side.COORDINATION, Side.RECEIVER})

SIDES: Final[Mapping[Act, frozenset[Side]]] = MappingProxyType(
    {
        _A.HOLD: frozenset({Side.COORDINATION, Side.CLOCK}),
        _A.RECEIVER_YES: frozenset({Side.RECEIVER}),
        _A.PHONE_YES: frozenset({Side.COORDINATION}),
        _A.PERSON_YES: frozenset({Side.COORDINATION}),
        _A.LEGAL_BASIS: frozenset({Side.COORDINATION}),
        _A.SETTLE: frozenset(Side),
        _A.PREPARE: _BOTH,
        _A.CONFIRM_ARRIVAL: _BOTH,
        _A.PROLONG: _BOTH,
        _A.END_STAY: _BOTH,
        _A.REFUSE: frozenset({Side.RECEIVER}),
        _A.CONTEST_PHONE_YES: frozenset({Side.RECEIVER}),
        _A.CANCEL: frozenset({Side.COORDINATION, Side.CLOCK}),
        _A.EXPIRE: frozenset(Side),
        _A.LOSE_COVER: frozenset({Side.CLOCK}),
        _A.SUPERSEDE: frozenset(Side),
    }
)
"""Whose act it may be. An overdue hold is ended by whoever wants the place next; a settlement follows the last yes."""

TRANSITIONS: Final[Mapping[tuple[PlacementState, Act], PlacementState]] = MappingProxyType(
    {
        (_S.PROPOSED, _A.HOLD): _S.HELD,
        (_S.PROPOSED, _A.SUPERSEDE): _S.SUPERSEDED,
        # A yes of the person to a proposal makes it a backup that may be held without asking again.
        (_S.PROPOSED, _A.PERSON_YES): _S.PROPOSED,
        (_S.PROPOSED, _A.LEGAL_BASIS): _S.PROPOSED,
        (_S.HELD, _A.RECEIVER_YES): _S.ACCEPTED,
        (_S.HELD, _A.PHONE_YES): _S.ACCEPTED,
        (_S.HELD, _A.PERSON_YES): _S.HELD,
        (_S.HELD, _A.LEGAL_BASIS): _S.HELD,
        (_S.HELD, _A.REFUSE): _S.REFUSED,
        (_S.HELD, _A.CANCEL): _S.CANCELLED,
        (_S.HELD, _A.EXPIRE): _S.EXPIRED,
        (_S.ACCEPTED, _A.PERSON_YES): _S.ACCEPTED,
        (_S.ACCEPTED, _A.LEGAL_BASIS): _S.ACCEPTED,
        (_S.ACCEPTED, _A.SETTLE): _S.CONFIRMED,
        (_S.ACCEPTED, _A.REFUSE): _S.REFUSED,
        (_S.ACCEPTED, _A.CONTEST_PHONE_YES): _S.CANCELLED,
        (_S.ACCEPTED, _A.CANCEL): _S.CANCELLED,
        (_S.CONFIRMED, _A.PREPARE): _S.CONFIRMED,
        (_S.CONFIRMED, _A.CONFIRM_ARRIVAL): _S.ADMITTED,
        (_S.CONFIRMED, _A.REFUSE): _S.REFUSED,
        (_S.CONFIRMED, _A.CONTEST_PHONE_YES): _S.CANCELLED,
        (_S.CONFIRMED, _A.CANCEL): _S.CANCELLED,
        (_S.CONFIRMED, _A.LOSE_COVER): _S.CANCELLED,
        # What the texts let follow within days is done once the person is there.
        (_S.ADMITTED, _A.PREPARE): _S.ADMITTED,
        (_S.ADMITTED, _A.PROLONG): _S.ADMITTED,
        (_S.ADMITTED, _A.END_STAY): _S.ENDED,
    }
)
"""Every legal change; what is absent is refused with `IllegalTransition`."""


def next_state(state: PlacementState, act: Act, side: Side) -> PlacementState:
    """Return where an act leads. Raises `ActForbidden` (not theirs to do) or `IllegalTransition` (not now)."""
    if side not in SIDES[act]:
        raise ActForbidden
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise IllegalTransition(state=state.value, act=act.value) from None


WHO_MAY_AGREE: Final[Mapping[LegalStatus, frozenset[PersonYesFrom]]] = MappingProxyType(
    {
        LegalStatus.UNKNOWN: frozenset(),
        LegalStatus.NONE: frozenset({PersonYesFrom.PERSON}),
        LegalStatus.PARENTAL_AUTHORITY: frozenset({PersonYesFrom.GUARDIAN}),
        LegalStatus.CURATORSHIP: frozenset({PersonYesFrom.PERSON, PersonYesFrom.GUARDIAN}),
        LegalStatus.GUARDIANSHIP: frozenset({PersonYesFrom.PERSON, PersonYesFrom.GUARDIAN}),
        LegalStatus.ASE_EMERGENCY: frozenset({PersonYesFrom.ASE, PersonYesFrom.JUDGE}),
        LegalStatus.ASE_ENTRUSTED: frozenset({PersonYesFrom.ASE, PersonYesFrom.JUDGE}),
        LegalStatus.OPP: frozenset({PersonYesFrom.ASE, PersonYesFrom.JUDGE}),
    }
)
"""Child welfare or the judge decide the place of an entrusted child; a protected adult chooses their home while their
state allows it (civil code, article 459-2). To be validated by practitioners."""

PERMANENT_MODES: Final = frozenset(
    {
        CareMode.BOARDING_FULL,
        CareMode.BOARDING_WEEK,
        CareMode.DAYS_ONLY,
        CareMode.SEQUENTIAL,
        CareMode.FAMILY_CARE,
        CareMode.HOME_SUPPORT,
    }
)
"""Modes that may last without a date; every other one is a stay with an exit."""


def needs_exit_date(offer_kind: str, care_mode: str, max_stay_nights: int | None) -> bool:
    """Whether an arrival on this offer needs an exit date: all but a permanent care on an ordinary place."""
    return offer_kind != "ordinary" or max_stay_nights is not None or care_mode not in PERMANENT_MODES


def blocks_key(block_ids: Iterable[UUID], parts: Mapping[UUID, Sequence[int]] = MappingProxyType({})) -> str:
    """Return the blocks of a line in one text, the same whatever their order; parts with their ends."""
    named = ((one, parts.get(one)) for one in sorted(block_ids, key=str))
    return ",".join(f"{one}:{min(part)}-{max(part)}" if part else str(one) for one, part in named)


def blocks_in(key: str) -> tuple[UUID, ...]:
    """Return the blocks of which a `blocks_key` names the whole or a part."""
    return tuple(UUID(one.partition(":")[0]) for one in key.split(","))
