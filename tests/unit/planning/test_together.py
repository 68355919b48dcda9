"""Persons to be kept together: one roof for all, or nothing."""

from __future__ import annotations

from uuid import UUID

import pytest

from exchange.planning.together import apart, groups_of, narrowed

ONE, TWO, ALONE = UUID(int=1), UUID(int=2), UUID(int=3)
NEAR, FAR = UUID(int=10), UUID(int=11)
NEAR_ROOM, NEAR_ANNEX, FAR_ROOM = UUID(int=20), UUID(int=21), UUID(int=22)
FACILITY = {NEAR_ROOM: NEAR, NEAR_ANNEX: NEAR, FAR_ROOM: FAR}
GROUPS = ((ONE, TWO),)


def test_only_those_who_share_a_bond_form_a_group() -> None:
    bond = UUID(int=99)
    assert groups_of({ONE: bond, TWO: bond, ALONE: None}) == ((ONE, TWO),)
    assert groups_of({ONE: bond, ALONE: None}) == ()


@pytest.mark.parametrize(
    ("room_near", "room_far", "kept"),
    [
        (2, 2, {NEAR_ROOM, NEAR_ANNEX}),
        (1, 2, {FAR_ROOM}),
        (1, 1, set()),
    ],
    ids=["the nearest", "the one with room", "none has room for all"],
)
def test_a_group_is_narrowed_to_one_roof_that_can_take_it_whole(room_near: int, room_far: int, kept: set[UUID]) -> None:
    everywhere = frozenset(FACILITY)
    found = narrowed(
        {ONE: everywhere, TWO: everywhere, ALONE: everywhere},
        GROUPS,
        FACILITY,
        {(who, NEAR): room_near for who in (ONE, TWO)} | {(who, FAR): room_far for who in (ONE, TWO)},
        {(who, NEAR): 10 for who in (ONE, TWO)} | {(who, FAR): 50 for who in (ONE, TWO)},
    )
    assert found == {ONE: frozenset(kept), TWO: frozenset(kept), ALONE: everywhere}


@pytest.mark.parametrize(
    ("placed", "dropped"),
    [
        ([(ONE, NEAR_ROOM), (TWO, NEAR_ANNEX)], set()),
        ([(ONE, NEAR_ROOM), (TWO, FAR_ROOM)], {ONE, TWO}),
        ([(ONE, NEAR_ROOM)], {ONE, TWO}),
        ([], {ONE, TWO}),
    ],
    ids=["same roof", "two roofs", "half of them", "nobody"],
)
def test_what_would_part_them_is_dropped(placed: list[tuple[UUID, UUID]], dropped: set[UUID]) -> None:
    assert apart(GROUPS, {ONE: 1, TWO: 1}, [*placed, (ALONE, FAR_ROOM)], FACILITY) == dropped


def test_a_member_placed_for_some_nights_only_leaves_the_group_apart() -> None:
    placed = [(ONE, NEAR_ROOM), (TWO, NEAR_ROOM)]
    assert apart(GROUPS, {ONE: 2, TWO: 1}, placed, FACILITY) == {ONE, TWO}
