"""Qualifications as a problem states them, refusals included: its format knows no pair to leave out. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from exchange.planning.ground import Ground, SeenNeed, SeenVolunteer

NOT_DECLINED = "not-declined:"
"""Followed by a need's id: qualified for that need, and nobody has said no to this pair."""


@dataclass(frozen=True, slots=True)
class Titles:
    """`declined`: the volunteers who are not to be proposed again to a need; `contested`: the needs concerned."""

    contested: tuple[SeenNeed, ...]
    declined: Mapping[UUID, frozenset[UUID]]

    @classmethod
    def of(cls, ground: Ground) -> Titles:
        declined: dict[UUID, set[UUID]] = defaultdict(set)
        for volunteer_id, need_id in ground.declined_pairs:
            declined[need_id].add(volunteer_id)
        return cls(
            contested=tuple(need for need in ground.needs.values() if need.id in declined),
            declined={need_id: frozenset(who) for need_id, who in declined.items()},
        )

    def asked(self, need: SeenNeed) -> tuple[str, ...]:
        """Return what a need asks: its own list, or the one text that those who may still be proposed hold."""
        if need.id in self.declined:
            return (f"{NOT_DECLINED}{need.id}",)
        return tuple(sorted(need.qualifications_any))

    def held(self, volunteer: SeenVolunteer) -> tuple[str, ...]:
        """Return what a person holds: qualifications, and a text for each contested need that they may still serve."""
        still = {
            f"{NOT_DECLINED}{need.id}"
            for need in self.contested
            if volunteer.id not in self.declined[need.id]
            and not need.qualifications_any.isdisjoint(volunteer.qualifications)
        }
        return tuple(sorted(volunteer.qualifications | still))
