"""Whether the places that a form names exist."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import InvalidValue
from exchange.organisations.models import Facility
from exchange.reference.models import Commune


async def check_commune(tx: AsyncSession, commune_code: str) -> None:
    """Raise `InvalidValue` (field `commune_code`) for a commune that the register does not know."""
    if await tx.get(Commune, commune_code) is None:
        raise InvalidValue(field="commune_code", rule="unknown-code")


async def check_excluded(tx: AsyncSession, facility_ids: Iterable[UUID]) -> None:
    """Raise `InvalidValue` (field `excluded_facility_ids`) for a facility that is not of the community."""
    excluded = set(facility_ids)
    if not excluded:
        return
    known = await tx.scalars(select(Facility.id).where(Facility.id.in_(excluded)))
    if set(known) != excluded:
        raise InvalidValue(field="excluded_facility_ids", rule="unknown-code")
