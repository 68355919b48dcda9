"""Whatever the table does not allow is refused, by complement."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from exchange.kernel.errors import ActForbidden, IllegalTransition
from exchange.loans.rules import BINDING, LoanAct, LoanSide, LoanState, answer_due, mission_key, next_state

S, A, P = LoanState, LoanAct, LoanSide
PARTIES = {P.LENDER, P.PERSON, P.HOST}
CANCELLING = {P.LENDER, P.HOST, P.COORDINATION, P.CLOCK}

ALLOWED = {
    (S.PROPOSED, A.ASK): (S.PROPOSED, {P.HOST, P.COORDINATION}),
    (S.PROPOSED, A.AGREE): (S.PROPOSED, PARTIES),
    (S.PROPOSED, A.BIND): (S.AGREED, PARTIES),
    (S.PROPOSED, A.DECLINE): (S.DECLINED, PARTIES),
    (S.PROPOSED, A.WITHDRAW_CONSENT): (S.DECLINED, {P.PERSON}),
    (S.PROPOSED, A.CANCEL): (S.CANCELLED, CANCELLING),
    (S.PROPOSED, A.EXPIRE): (S.EXPIRED, {P.CLOCK}),
    (S.PROPOSED, A.SUPERSEDE): (S.SUPERSEDED, {P.CLOCK, P.COORDINATION}),
    **{(state, A.WITHDRAW_CONSENT): (S.CANCELLED, {P.PERSON}) for state in (S.AGREED, S.SIGNED, S.RUNNING)},
    **{(state, A.CANCEL): (S.CANCELLED, CANCELLING) for state in (S.AGREED, S.SIGNED, S.RUNNING)},
}
LEGAL = {(state, act, side): to for (state, act), (to, sides) in ALLOWED.items() for side in sides}


@pytest.mark.parametrize(("state", "act", "side"), sorted(LEGAL))
def test_a_listed_act_leads_where_the_table_says(state: S, act: A, side: P) -> None:
    assert next_state(state, act, side) is LEGAL[state, act, side]


@pytest.mark.parametrize(
    ("state", "act", "side"), [case for case in product(LoanState, LoanAct, LoanSide) if case not in LEGAL]
)
def test_every_other_act_is_refused(state: S, act: A, side: P) -> None:
    is_theirs = any(side in sides for (_, listed), (_, sides) in ALLOWED.items() if listed is act)
    with pytest.raises(IllegalTransition if is_theirs else ActForbidden):
        next_state(state, act, side)


@pytest.mark.parametrize("state", sorted(BINDING - {S.COMPLETED}))
def test_consent_can_be_taken_back_from_every_loan_that_binds(state: S) -> None:
    assert next_state(state, A.WITHDRAW_CONSENT, P.PERSON) is S.CANCELLED


@pytest.mark.parametrize("side", sorted(set(LoanSide) - {P.PERSON}))
def test_nobody_else_takes_a_persons_consent_back(side: P) -> None:
    for state in LoanState:
        with pytest.raises(ActForbidden):
            next_state(state, A.WITHDRAW_CONSENT, side)


NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_in", "travel_minutes", "due_in"),
    [
        (timedelta(hours=8), 30, timedelta(hours=7, minutes=30)),
        (timedelta(days=10), 30, timedelta(hours=72)),
        (timedelta(minutes=20), 30, timedelta(minutes=-10)),
    ],
)
def test_parties_answer_while_the_link_lives_and_in_time_to_travel(
    starts_in: timedelta, travel_minutes: int, due_in: timedelta
) -> None:
    assert answer_due(NOW, NOW + starts_in, travel_minutes, 72) == NOW + due_in


def test_the_same_shifts_in_any_order_are_the_same_mission() -> None:
    assert mission_key(("b", "a")) == mission_key(("a", "b")) != mission_key(("a",))
