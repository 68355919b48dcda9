"""Persons to be kept together: one facility for all of them, or none. Pure.

The matcher's format places persons one by one. So the facility is chosen here, before the solve, by narrowing each
member to the offers of the facility that can take the most of them; what still comes back apart is dropped afterwards.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

Acceptable = Mapping[UUID, frozenset[UUID]]
"""Offers that suit each situation."""


def groups_of(together: Mapping[UUID, UUID | None]) -> tuple[tuple[UUID, ...], ...]:
    """Return the groups of two persons or more, from each situation's `together_id`."""
    members: dict[UUID, list[UUID]] = defaultdict(list)
    for situation_id, together_id in together.items():
        if together_id is not None:
            members[together_id].append(situation_id)
    return tuple(tuple(sorted(ids)) for _, ids in sorted(members.items()) if len(ids) > 1)


def narrowed(
    acceptable: Acceptable,
    groups: Collection[tuple[UUID, ...]],
    facility_of: Mapping[UUID, UUID],
    room: Mapping[tuple[UUID, UUID], int],
    distance: Mapping[tuple[UUID, UUID], int],
) -> dict[UUID, frozenset[UUID]]:
    """Return the acceptable offers with each group narrowed to one facility that could take all of it.

    `room`: persons that a facility's offers can take on every segment that a member wants, by (member, facility).
    `distance`: minutes, by (member, facility). The nearest facility in total wins, then the lowest id; a group that
    no facility can take whole keeps no offer at all: half an answer would be the wrong answer.
    """
    result = dict(acceptable)
    for group in groups:
        able = [
            facility
            for facility in sorted({facility_of[offer] for member in group for offer in acceptable[member]})
            if all(
                any(facility_of[offer] == facility for offer in acceptable[member])
                and room[member, facility] >= len(group)
                for member in group
            )
        ]
        best = min(able, key=lambda facility: sum(distance[member, facility] for member in group), default=None)
        for member in group:
            result[member] = frozenset(offer for offer in acceptable[member] if facility_of[offer] == best)
    return result


def apart(
    groups: Iterable[tuple[UUID, ...]],
    blocks_wanted: Mapping[UUID, int],
    placed: Iterable[tuple[UUID, UUID]],
    facility_of: Mapping[UUID, UUID],
) -> frozenset[UUID]:
    """Return the situations whose lines must be dropped: their group is not whole, or not under one roof.

    `placed`: one (situation, offer) per placed block, promised ones included; `blocks_wanted`: blocks of each.
    """
    counted: Counter[UUID] = Counter()
    roofs: dict[UUID, set[UUID]] = defaultdict(set)
    for situation_id, offer_id in placed:
        counted[situation_id] += 1
        roofs[situation_id].add(facility_of[offer_id])
    dropped: set[UUID] = set()
    for group in groups:
        under = {facility for member in group for facility in roofs[member]}
        whole = all(counted[member] >= blocks_wanted[member] for member in group)
        if len(under) != 1 or not whole:
            dropped.update(group)
    return frozenset(dropped)
