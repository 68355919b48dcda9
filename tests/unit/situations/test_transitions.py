"""What may happen to a situation, state by act; whatever is not listed here is forbidden."""

from __future__ import annotations

from itertools import product

import pytest

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.errors import ActForbidden, IllegalTransition
from exchange.kernel.ids import new_id
from exchange.reference.answers import ClosingOutcome
from exchange.situations.transitions import (
    FOLLOWING,
    Side,
    SituationAct,
    SituationState,
    after,
    closing_act,
    next_state,
    side_of,
)

S, A = SituationState, SituationAct

ALLOWED = {
    (S.RECEIVED, A.SEARCH): S.SEARCHING,
    (S.RECEIVED, A.HOLD): S.HELD,
    (S.SEARCHING, A.HOLD): S.HELD,
    (S.SEARCHING, A.CONFIRM): S.CONFIRMED,
    (S.SEARCHING, A.ARRIVE): S.EFFECTIVE,
    (S.HELD, A.SEARCH): S.SEARCHING,
    (S.HELD, A.CONFIRM): S.CONFIRMED,
    (S.CONFIRMED, A.SEARCH): S.SEARCHING,
    (S.CONFIRMED, A.HOLD): S.HELD,
    (S.CONFIRMED, A.ARRIVE): S.EFFECTIVE,
    (S.EFFECTIVE, A.SEARCH): S.SEARCHING,
    (S.EFFECTIVE, A.HOLD): S.HELD,
    (S.EFFECTIVE, A.CONFIRM): S.CONFIRMED,
    (S.EFFECTIVE, A.CLOSE_PLACED): S.CLOSED,
    (S.CLOSED, A.REOPEN): S.SEARCHING,
    **{(state, A.CLOSE): S.CLOSED for state in S if state is not S.CLOSED},
}
UNANSWERED = {S.RECEIVED, S.SEARCHING, S.HELD}
OPEN = set(S) - {S.CLOSED}
KEEPING = {
    A.AMEND: OPEN,
    A.IDENTIFY: OPEN,
    A.REVIEW_URGENCY: OPEN,
    A.CHANGE_LEVEL: OPEN,
    A.HAND_OVER: OPEN,
    A.CHECK: OPEN,
    A.STATE_NO_SOLUTION: UNANSWERED,
    A.ALERT: UNANSWERED,
    A.TELL_OUTSIDE: UNANSWERED,
    A.LOG_CALL: set(S),
}
ALLOWED |= {(state, act): state for act, states in KEEPING.items() for state in states}

BY_PROMISE = {A.SEARCH, A.HOLD, A.CONFIRM, A.ARRIVE}
BY_CLOCK = {A.CHECK, A.ALERT, A.HAND_OVER}
NOT_BY_COORDINATION = {A.CHECK, A.ALERT, *BY_PROMISE}
WHOSE = {
    Side.COORDINATION: set(A) - NOT_BY_COORDINATION,
    Side.PROMISE: BY_PROMISE,
    Side.CLOCK: BY_CLOCK,
}


@pytest.mark.parametrize(("state", "act"), sorted(ALLOWED))
def test_a_situation_moves_as_the_table_says(state: SituationState, act: SituationAct) -> None:
    assert after(state, act) is ALLOWED[state, act]


@pytest.mark.parametrize(("state", "act"), sorted(set(product(S, A)) - ALLOWED.keys()))
def test_every_other_act_is_refused_with_the_state_and_the_act(state: SituationState, act: SituationAct) -> None:
    with pytest.raises(IllegalTransition) as refused:
        after(state, act)
    assert refused.value.facts == {"state": state.value, "act": act.value}


def test_a_situation_closes_as_hosted_in_the_network_only_once_effective() -> None:
    act = closing_act(ClosingOutcome.PLACED_IN_NETWORK)
    assert {state for state in S if (state, act) in ALLOWED} == {S.EFFECTIVE}


@pytest.mark.parametrize("outcome", [each for each in ClosingOutcome if each is not ClosingOutcome.PLACED_IN_NETWORK])
def test_every_other_outcome_closes_from_any_open_state(outcome: ClosingOutcome) -> None:
    act = closing_act(outcome)
    assert {state for state in S if (state, act) in ALLOWED} == set(S) - {S.CLOSED}


def test_placements_lead_a_situation_everywhere_but_to_its_first_and_last_state() -> None:
    assert set(FOLLOWING) == set(S) - {S.RECEIVED, S.CLOSED}
    assert len(set(FOLLOWING.values())) == len(FOLLOWING)


def test_the_only_way_out_of_closed_is_to_reopen() -> None:
    assert {act for (state, act), to in ALLOWED.items() if state is S.CLOSED and to is not S.CLOSED} == {A.REOPEN}


@pytest.mark.parametrize(("state", "act", "side"), sorted(product(S, A, Side)))
def test_each_act_is_open_to_its_sides_alone_and_any_other_is_refused(
    state: SituationState, act: SituationAct, side: Side
) -> None:
    if act not in WHOSE[side]:
        with pytest.raises(ActForbidden):
            next_state(state, act, side)
    elif (state, act) in ALLOWED:
        assert next_state(state, act, side) is ALLOWED[state, act]
    else:
        with pytest.raises(IllegalTransition):
            next_state(state, act, side)


@pytest.mark.parametrize("role", list(Role))
def test_a_facility_s_people_stand_on_no_side_of_a_situation(role: Role) -> None:
    actor = Actor(community_id=new_id(), role=role, via=Via.WEB)
    sides = {Role.COORDINATOR: Side.COORDINATION, Role.PATHWAY_ADVISER: Side.COORDINATION, Role.SYSTEM: Side.CLOCK}
    if role in sides:
        assert side_of(actor) is sides[role]
        return
    with pytest.raises(ActForbidden):
        side_of(actor)
