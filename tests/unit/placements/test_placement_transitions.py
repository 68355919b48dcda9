"""Whatever the table does not allow is refused: the forbidden cases are the complement, so that a new state or act
lands on the forbidden side by itself."""

from itertools import product

import pytest

from exchange.kernel.errors import ActForbidden, IllegalTransition
from exchange.placements.rules import CLAIMING, Act, PlacementState, Side, next_state

S, A = PlacementState, Act
COORDINATION, RECEIVER, CLOCK = Side.COORDINATION, Side.RECEIVER, Side.CLOCK

ALLOWED = {
    (S.PROPOSED, A.HOLD): (S.HELD, {COORDINATION, CLOCK}),
    (S.PROPOSED, A.PERSON_YES): (S.PROPOSED, {COORDINATION}),
    (S.PROPOSED, A.LEGAL_BASIS): (S.PROPOSED, {COORDINATION}),
    (S.PROPOSED, A.SUPERSEDE): (S.SUPERSEDED, {COORDINATION, RECEIVER, CLOCK}),
    (S.HELD, A.RECEIVER_YES): (S.ACCEPTED, {RECEIVER}),
    (S.HELD, A.PHONE_YES): (S.ACCEPTED, {COORDINATION}),
    (S.HELD, A.PERSON_YES): (S.HELD, {COORDINATION}),
    (S.HELD, A.LEGAL_BASIS): (S.HELD, {COORDINATION}),
    (S.HELD, A.REFUSE): (S.REFUSED, {RECEIVER}),
    (S.HELD, A.CANCEL): (S.CANCELLED, {COORDINATION, CLOCK}),
    (S.HELD, A.EXPIRE): (S.EXPIRED, {COORDINATION, RECEIVER, CLOCK}),
    (S.ACCEPTED, A.PERSON_YES): (S.ACCEPTED, {COORDINATION}),
    (S.ACCEPTED, A.LEGAL_BASIS): (S.ACCEPTED, {COORDINATION}),
    (S.ACCEPTED, A.SETTLE): (S.CONFIRMED, {COORDINATION, RECEIVER, CLOCK}),
    (S.ACCEPTED, A.REFUSE): (S.REFUSED, {RECEIVER}),
    (S.ACCEPTED, A.CONTEST_PHONE_YES): (S.CANCELLED, {RECEIVER}),
    (S.ACCEPTED, A.CANCEL): (S.CANCELLED, {COORDINATION, CLOCK}),
    (S.CONFIRMED, A.PREPARE): (S.CONFIRMED, {COORDINATION, RECEIVER}),
    (S.CONFIRMED, A.CONFIRM_ARRIVAL): (S.ADMITTED, {COORDINATION, RECEIVER}),
    (S.CONFIRMED, A.REFUSE): (S.REFUSED, {RECEIVER}),
    (S.CONFIRMED, A.CONTEST_PHONE_YES): (S.CANCELLED, {RECEIVER}),
    (S.CONFIRMED, A.CANCEL): (S.CANCELLED, {COORDINATION, CLOCK}),
    (S.CONFIRMED, A.LOSE_COVER): (S.CANCELLED, {CLOCK}),
    (S.ADMITTED, A.PREPARE): (S.ADMITTED, {COORDINATION, RECEIVER}),
    (S.ADMITTED, A.PROLONG): (S.ADMITTED, {COORDINATION, RECEIVER}),
    (S.ADMITTED, A.END_STAY): (S.ENDED, {COORDINATION, RECEIVER}),
}

EVERY_CASE = list(product(PlacementState, Act, Side))
LEGAL = {(state, act, side): to for (state, act), (to, sides) in ALLOWED.items() for side in sides}


@pytest.mark.parametrize(("state", "act", "side"), sorted(LEGAL))
def test_a_listed_act_leads_where_the_table_says(state: S, act: A, side: Side) -> None:
    assert next_state(state, act, side) is LEGAL[state, act, side]


@pytest.mark.parametrize(("state", "act", "side"), [case for case in EVERY_CASE if case not in LEGAL])
def test_every_other_act_is_refused(state: S, act: A, side: Side) -> None:
    is_theirs = any(side in sides for (_, listed), (_, sides) in ALLOWED.items() if listed is act)
    with pytest.raises(IllegalTransition if is_theirs else ActForbidden):
        next_state(state, act, side)


@pytest.mark.parametrize("act", [A.RECEIVER_YES, A.REFUSE, A.CONTEST_PHONE_YES])
@pytest.mark.parametrize("side", [COORDINATION, CLOCK])
def test_only_the_facility_gives_its_own_word(act: A, side: Side) -> None:
    for state in PlacementState:
        with pytest.raises(ActForbidden):
            next_state(state, act, side)


def test_no_act_brings_an_ended_placement_back() -> None:
    over = set(PlacementState) - CLAIMING - {S.PROPOSED}
    assert over == {S.ENDED, S.REFUSED, S.EXPIRED, S.CANCELLED, S.SUPERSEDED}
    assert not [case for case in LEGAL if case[0] in over]


def test_nobody_who_has_arrived_is_sent_away_by_a_clock() -> None:
    assert not [act for (state, act, side) in LEGAL if state is S.ADMITTED and side is CLOCK]
