"""Who acts, in which community, for which facilities, through which door."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a membership lets a person do; `system` is the workers' own."""

    FACILITY_MANAGER = "facility_manager"
    ON_CALL_MANAGER = "on_call_manager"
    COORDINATOR = "coordinator"
    PATHWAY_ADVISER = "pathway_adviser"
    OBSERVER = "observer"
    LOAN_VOLUNTEER = "loan_volunteer"
    SYSTEM = "system"


class Via(StrEnum):
    """The door through which an act came; kept with each event."""

    WEB = "web"
    API = "api"
    LINK = "link"
    PHONE = "phone"
    JOB = "job"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Actor:
    """One person (or the system) acting in one community at a time.

    `facility_ids`: the facilities whose word the actor may give; empty for coordination roles.
    `volunteer_id`: set only when a professional acts through their own link.
    """

    community_id: UUID
    role: Role
    via: Via
    account_id: UUID | None = None
    membership_id: UUID | None = None
    operator_id: UUID | None = None
    facility_ids: frozenset[UUID] = field(default_factory=frozenset)
    volunteer_id: UUID | None = None

    @classmethod
    def system(cls, community_id: UUID) -> Actor:
        """The actor of clocks and jobs: it records, expires and alerts, and says no yes for anyone."""
        return cls(community_id=community_id, role=Role.SYSTEM, via=Via.JOB)

    def speaks_for(self, facility_id: UUID) -> bool:
        """Whether this actor may give this facility's word."""
        return facility_id in self.facility_ids

    @property
    def coordinates(self) -> bool:
        """Whether the actor works for the whole community rather than for a facility."""
        return self.role in (Role.COORDINATOR, Role.PATHWAY_ADVISER)
