"""What has already happened around the situations of the demonstration, and whom the community calls in the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.demo.situations import SITUATIONS, DemoSituation
from exchange.kernel.actor import Actor
from exchange.reference.following import Audience, LevelReason, SolutionTried
from exchange.situations.commands import (
    ChangeLevel,
    StateNoSolution,
    change_level,
    set_outside_services,
    state_no_solution,
)
from exchange.situations.overflow import NATIONAL_SERVICES, Service

_A = Audience

SERVICES: Final = (
    *NATIONAL_SERVICES,
    Service("ase_on_call", "Astreinte de l'ASE (démonstration)", "04 65 71 00 19", frozenset({_A.CHILD})),
    Service(
        "community_360",
        "Communauté 360, aux heures d'ouverture",
        "0 800 360 360",
        frozenset({_A.ADULT, _A.CHILD}),
        time(9, 0),
        time(18, 0),
    ),
)
"""The national numbers, then two of the territory; the telephone of the on-call is fictional."""

LEVELS: Final[Mapping[int, LevelReason]] = MappingProxyType(
    {2: LevelReason.SEVERAL_PARTNERS, 3: LevelReason.PAG_REQUESTED}
)
"""Why a situation of the demonstration went up to each level."""

STATEMENTS: Final[Mapping[str, tuple[SolutionTried, ...]]] = MappingProxyType(
    {
        "S13": (SolutionTried.NETWORK_SEARCHED, SolutionTried.RELATIVES),
        "S20": (SolutionTried.NETWORK_SEARCHED, SolutionTried.NEIGHBOURS_CALLED, SolutionTried.PARTNERS_MET),
    }
)
"""Without solution to date, and what was tried."""


async def load_following(
    tx: AsyncSession, coordinator: Actor, situation_ids: Mapping[str, UUID], now: datetime
) -> None:
    """Name the outside services, bring each situation to its level, and say which are without solution to date."""
    await set_outside_services(tx, coordinator, SERVICES)
    for person in SITUATIONS:
        await _raise(tx, coordinator, person, situation_ids[person.id], now)
    for name, tried in STATEMENTS.items():
        codes = tuple(code.value for code in tried)
        await state_no_solution(tx, coordinator, StateNoSolution(situation_ids[name], codes), now)


async def _raise(
    tx: AsyncSession, coordinator: Actor, person: DemoSituation, situation_id: UUID, now: datetime
) -> None:
    for level in range(2, person.level + 1):
        await change_level(tx, coordinator, ChangeLevel(situation_id, level, LEVELS[level].value), now)
