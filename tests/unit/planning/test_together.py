"""Persons to be kept together, around the solve: who forms a group, whose proposals move, who loses theirs."""

from __future__ import annotations

from uuid import UUID

import pytest

from exchange.planning.together import groups_of, unsettled, with_companions

ONE, TWO, ALONE = UUID(int=1), UUID(int=2), UUID(int=3)
FIRST, SECOND, OTHER = UUID(int=11), UUID(int=12), UUID(int=13)
GROUPS = ((ONE, TWO),)
BLOCKS = {ONE: [FIRST], TWO: [SECOND], ALONE: [OTHER]}


def test_only_those_who_share_a_bond_form_a_group() -> None:
    bond = UUID(int=99)
    assert groups_of({ONE: bond, TWO: bond, ALONE: None}) == ((ONE, TWO),)
    assert groups_of({ONE: bond, ALONE: None}) == ()


@pytest.mark.parametrize(
    ("answered", "moves"),
    [
        ({(ONE, FIRST), (TWO, SECOND)}, set()),
        ({(ONE, FIRST)}, {ONE, TWO}),
        ({(TWO, SECOND)}, {ONE, TWO}),
        (set(), {ONE, TWO}),
    ],
    ids=["both answered", "only one", "only the other", "nobody"],
)
def test_a_group_not_wholly_answered_may_move_whole(answered: set[tuple[UUID, UUID]], moves: set[UUID]) -> None:
    assert unsettled(GROUPS, BLOCKS, answered) == moves


@pytest.mark.parametrize(
    ("touched", "lost"), [({ONE}, {ONE, TWO}), ({TWO, ALONE}, {ONE, TWO}), ({ALONE}, set()), (set(), set())]
)
def test_one_line_that_no_longer_holds_takes_the_group_along(touched: set[UUID], lost: set[UUID]) -> None:
    assert with_companions(GROUPS, touched) == lost
