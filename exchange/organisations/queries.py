"""Reading the community of the transaction: its clocks, its zone, its members, its areas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.db import UtcDateTime, now_of
from exchange.kernel.errors import NotFound
from exchange.organisations.models import Community, DatedParameters, Facility, LivingArea, LivingAreaCommune, Operator
from exchange.organisations.parameters import BASE, CRISIS, CommunityParameters
from exchange.organisations.rules import zone_named
from exchange.reference.models import Commune


@dataclass(frozen=True, slots=True)
class CommunityView:
    id: UUID
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class OperatorView:
    id: UUID
    name: str
    finess_ej: str
    agreement_code: str
    is_public: bool
    on_call_phone: str | None


@dataclass(frozen=True, slots=True)
class LivingAreaView:
    id: UUID
    slug: str
    name: str
    communes: int
    since: datetime


@dataclass(frozen=True, slots=True)
class FacilityView:
    """Everything that the house knows of a facility; what may be told depends on `policies.may_know_address`."""

    id: UUID
    name: str
    operator_id: UUID
    operator_name: str
    operator_is_public: bool
    on_call_phone: str | None
    finess_et: str
    category: str
    commune_code: str
    commune_name: str
    living_area_id: UUID | None
    living_area_name: str | None
    ages_from: int
    ages_to: int
    populations: tuple[str, ...]
    provides: tuple[str, ...]
    is_resource_site: bool
    hides_address: bool
    lends_at_most_per_day: int | None
    night_phone: str | None
    never_full: bool = False


@dataclass(frozen=True, slots=True)
class TravelPoint:
    """Where a commune is: degrees, WGS 84."""

    commune_code: str
    latitude: float
    longitude: float


_ZONE = "zone"
_OWN = func.current_community()
"""Named in every query: in the scope of sign-in, row-level security shows more than one community."""


async def community(tx: AsyncSession) -> CommunityView:
    """Return the transaction's community. Raises `NotFound`."""
    row = await tx.scalar(select(Community).where(Community.id == _OWN))
    if row is None:
        raise NotFound
    return CommunityView(id=row.id, name=row.name, time_zone=row.time_zone)


async def parameters(tx: AsyncSession, at: datetime | None = None) -> CommunityParameters:
    """Return the community's clocks in force at an instant, by default the transaction's.

    Its own figures over the defaults, and over both the clocks of the crisis that was open, if one was.
    """
    rows = await tx.execute(
        select(DatedParameters.overlay, DatedParameters.parameters).where(
            DatedParameters.community_id == _OWN, in_force(now_of(tx) if at is None else at)
        )
    )
    stored = {row.overlay: row.parameters for row in rows}
    if BASE not in stored:
        raise NotFound
    return CommunityParameters.from_stored(stored[BASE]).tightened(stored.get(CRISIS, {}))


async def own_parameters(tx: AsyncSession) -> CommunityParameters:
    """Return the community's own clocks in force now, whatever crisis is open."""
    stored = await tx.scalar(
        select(DatedParameters.parameters).where(
            DatedParameters.community_id == _OWN, DatedParameters.overlay == BASE, in_force(now_of(tx))
        )
    )
    if stored is None:
        raise NotFound
    return CommunityParameters.from_stored(stored)


def in_force(at: datetime) -> ColumnElement[bool]:
    """Return the filter of the dated parameters that hold at an instant."""
    return DatedParameters.during.op("@>", is_comparison=True)(literal(at, UtcDateTime()))


async def zone(tx: AsyncSession) -> ZoneInfo:
    """Return the zone in which the community's nights are dates. It never changes: one question a transaction."""
    known: ZoneInfo | None = tx.info.get(_ZONE)
    if known is not None:
        return known
    name = await tx.scalar(select(Community.time_zone).where(Community.id == _OWN))
    if name is None:
        raise NotFound
    tx.info[_ZONE] = found = zone_named(name)
    return found


async def operators(tx: AsyncSession) -> tuple[OperatorView, ...]:
    """Return the community's operators by name."""
    rows = await tx.scalars(select(Operator).where(Operator.community_id == _OWN).order_by(Operator.name))
    return tuple(
        OperatorView(
            id=row.id,
            name=row.name,
            finess_ej=row.finess_ej,
            agreement_code=row.agreement_code,
            is_public=row.is_public,
            on_call_phone=row.on_call_phone,
        )
        for row in rows
    )


async def living_areas(tx: AsyncSession) -> tuple[LivingAreaView, ...]:
    """Return the community's living areas by name, each with its number of communes."""
    rows = await tx.execute(
        select(
            LivingArea.id,
            LivingArea.slug,
            LivingArea.name,
            func.count(LivingAreaCommune.commune_code),
            LivingArea.since,
        )
        .join(LivingAreaCommune, LivingAreaCommune.living_area_id == LivingArea.id, isouter=True)
        .where(LivingArea.community_id == _OWN)
        .group_by(LivingArea.id)
        .order_by(LivingArea.name)
    )
    return tuple(LivingAreaView(*row) for row in rows)


async def living_area_of(tx: AsyncSession, commune_code: str) -> UUID | None:
    """Return the living area that a commune belongs to, if the community gave it one."""
    return await tx.scalar(
        select(LivingAreaCommune.living_area_id).where(
            LivingAreaCommune.community_id == _OWN, LivingAreaCommune.commune_code == commune_code
        )
    )


async def facility(tx: AsyncSession, facility_id: UUID) -> FacilityView:
    """Return one facility of the community. Raises `NotFound`."""
    row = (await tx.execute(_facilities().where(Facility.id == facility_id))).one_or_none()
    if row is None:
        raise NotFound
    return _view(row)


async def facilities(tx: AsyncSession) -> tuple[FacilityView, ...]:
    """Return the community's facilities by name."""
    return tuple(_view(row) for row in await tx.execute(_facilities().order_by(Facility.name, Facility.id)))


async def travel_points(tx: AsyncSession, commune_codes: Iterable[str]) -> dict[str, TravelPoint]:
    """Return where these communes are, by code; those without known coordinates are absent."""
    rows = await tx.execute(
        select(Commune.code, Commune.latitude, Commune.longitude).where(
            Commune.code.in_(set(commune_codes)), Commune.latitude.is_not(None), Commune.longitude.is_not(None)
        )
    )
    return {code: TravelPoint(code, float(latitude or 0), float(longitude or 0)) for code, latitude, longitude in rows}


def _facilities() -> Select[Facility, Operator, str, str]:
    return (
        select(Facility, Operator, Commune.name, LivingArea.name)
        .join(Operator, Operator.id == Facility.operator_id)
        .join(Commune, Commune.code == Facility.commune_code)
        .join(LivingArea, LivingArea.id == Facility.living_area_id, isouter=True)
        .where(Facility.community_id == _OWN)
    )


def _view(row: Row[Facility, Operator, str, str]) -> FacilityView:
    # The last name is absent where the commune is in no living area: the join is an outer one.
    site, operator, commune_name, area_name = row
    return FacilityView(
        id=site.id,
        name=site.name,
        operator_id=operator.id,
        operator_name=operator.name,
        operator_is_public=operator.is_public,
        on_call_phone=operator.on_call_phone,
        finess_et=site.finess_et,
        category=site.category,
        commune_code=site.commune_code,
        commune_name=commune_name,
        living_area_id=site.living_area_id,
        living_area_name=area_name,
        ages_from=site.ages_from,
        ages_to=site.ages_to,
        populations=tuple(site.populations),
        provides=tuple(site.provides),
        is_resource_site=site.is_resource_site,
        hides_address=site.hides_address,
        lends_at_most_per_day=site.lends_at_most_per_day,
        night_phone=site.night_phone,
        never_full=site.never_full,
    )
