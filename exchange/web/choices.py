"""What the forms offer to choose from: communes, sites, and the coded lists in French."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.organisations import queries as organisations
from exchange.organisations.models import LivingArea, LivingAreaCommune
from exchange.organisations.queries import FacilityView
from exchange.reference.code_lists import HOSTED_PUBLICS, NEEDS, NeedCode, NeedFamily
from exchange.reference.models import Commune
from exchange.wording.labels import label, label_of

Options = list[tuple[str, str]]


def listed(codes: Iterable[Enum]) -> Options:
    """The codes of a list with their French labels."""
    return [(str(code.value), label(code)) for code in codes]


PUBLICS: Final[Options] = listed(code for code in NeedCode if code in HOSTED_PUBLICS)


def needs_by_family() -> list[tuple[str, Options]]:
    """The need codes, family by family."""
    return [
        (label(family), listed(code for code, need in NEEDS.items() if need.family is family)) for family in NeedFamily
    ]


_USUAL: Final = (
    NeedCode.INTELLECTUAL_DISABILITY,
    NeedCode.AUTISM,
    NeedCode.POLYHANDICAP,
    NeedCode.MOTOR_DISABILITY,
    NeedCode.PSYCHIC_DISABILITY,
    NeedCode.BEHAVIOUR_DIFFICULTIES,
    NeedCode.CHILD_PROTECTION,
    NeedCode.CARER_RESPITE,
    NeedCode.NIGHT_WAKING,
    NeedCode.NURSE_DAILY,
    NeedCode.HOIST_TRANSFERS,
    NeedCode.STEP_FREE_ACCESS,
)
USUAL_NEEDS: Final[Options] = listed(_USUAL)
"""The tiles of the intake: what most calls are about, whatever their family."""

OTHER_NEEDS: Final[list[tuple[str, Options]]] = [
    (label(family), listed(code for code, need in NEEDS.items() if need.family is family and code not in _USUAL))
    for family in NeedFamily
]
"""All the others, family by family: nothing is out of reach."""


def urgencies(*, from_most_urgent: bool = True) -> Options:
    """The four urgencies."""
    codes = ("4", "3", "2", "1") if from_most_urgent else ("1", "2", "3", "4")
    return [(code, label_of("urgency", code)) for code in codes]


async def communes(reader: AsyncSession) -> Options:
    """The communes of the community's living areas, by name, with the area that each belongs to."""
    rows = await reader.execute(
        select(Commune.code, Commune.name, LivingArea.name)
        .join(LivingAreaCommune, LivingAreaCommune.commune_code == Commune.code)
        .join(LivingArea, LivingArea.id == LivingAreaCommune.living_area_id)
        .order_by(Commune.name, Commune.code)
    )
    return [(code, f"{name} ({area})") for code, name, area in rows]


async def own_facilities(reader: AsyncSession, actor: Actor) -> dict[UUID, FacilityView]:
    """The sites whose word the actor gives, by name."""
    return {site.id: site for site in await organisations.facilities(reader) if site.id in actor.facility_ids}


async def all_facilities(reader: AsyncSession) -> dict[UUID, FacilityView]:
    """Every site of the community, by name."""
    return {site.id: site for site in await organisations.facilities(reader)}


def named(sites: dict[UUID, FacilityView]) -> Options:
    """Sites as options."""
    return [(str(site_id), site.name) for site_id, site in sites.items()]
