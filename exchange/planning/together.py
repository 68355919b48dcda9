"""Persons to be kept together, around the solve. Pure.

That a group has one roof or none is a rule of the matcher. Here: who forms a group, which open proposals of a group are
worth leaving alone, and whom a line that no longer holds takes along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

Groups = tuple[tuple[UUID, ...], ...]


def groups_of(together: Mapping[UUID, UUID | None]) -> Groups:
    """Return the groups of two persons or more, from each situation's `together_id`."""
    members: dict[UUID, list[UUID]] = defaultdict(list)
    for situation_id, together_id in together.items():
        if together_id is not None:
            members[together_id].append(situation_id)
    return tuple(tuple(sorted(ids)) for _, ids in sorted(members.items()) if len(ids) > 1)


def unsettled(
    groups: Groups, blocks: Mapping[UUID, Collection[UUID]], answered: Collection[tuple[UUID, UUID]]
) -> frozenset[UUID]:
    """Return the members of groups of which some block has no line yet: a newcomer may need another roof for all.

    `blocks`: of each situation; `answered`: (situation, block) with a line, promised or open.
    """
    return with_companions(
        groups,
        {
            member
            for group in groups
            for member in group
            if any((member, block) not in answered for block in blocks[member])
        },
    )


def with_companions(groups: Groups, some: Iterable[UUID]) -> frozenset[UUID]:
    """Return everyone in the groups to which some of these belong: a group loses its lines together."""
    touched = frozenset(some)
    return frozenset(member for group in groups if not touched.isdisjoint(group) for member in group)
