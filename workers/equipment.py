"""What a job may use: built once by `workers.settings`, handed to every job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from exchange.kernel.db import Database
from exchange.notifications.ports import Channel
from exchange.planning.ports import Solver
from exchange.reference.ports import TravelTimes


@dataclass(frozen=True, slots=True)
class Equipment:
    """`public_url` starts every link that leaves."""

    db: Database
    solver: Solver
    travel: TravelTimes
    channels: Mapping[str, Channel]
    public_url: str


@dataclass(frozen=True, slots=True)
class Call:
    """One outbox row in the hands of one run. `fence`: no later run has taken it; `attempts` counts this one."""

    row_id: UUID
    community_id: UUID
    fact_id: UUID
    job: str
    subject_id: UUID
    fence: int
    attempts: int
