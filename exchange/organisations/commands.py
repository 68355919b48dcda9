"""Writing who pools with whom. The very first rows are written by the same functions as all others.

A community's id is made by the caller, who opens `db.write(community_id, scope=Scope.IDENTITY)` with the id to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, or_, select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.organisations.errors import (
    CommuneInAnotherLivingArea,
    CommuneUnknown,
    FacilityAlreadyListed,
    OperatorAlreadyListed,
)
from exchange.organisations.models import (
    Community,
    DatedParameters,
    Facility,
    LivingArea,
    LivingAreaCommune,
    Operator,
)
from exchange.organisations.parameters import BASE, CommunityParameters
from exchange.organisations.policies import require_shaping
from exchange.organisations.rules import check_ages, check_finess, check_name, zone_named
from exchange.reference.code_lists import NeedCode, Provision
from exchange.reference.models import Commune


@dataclass(frozen=True, slots=True)
class FoundCommunity:
    """`parameters`: the community's own figures over the defaults (see `CommunityParameters`)."""

    community_id: UUID
    name: str
    time_zone: str = "Europe/Paris"
    parameters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AddOperator:
    name: str
    finess_ej: str
    agreement_code: str
    is_public: bool = False
    on_call_phone: str | None = None


@dataclass(frozen=True, slots=True)
class AddLivingArea:
    """The communes named, and all those of the inter-municipal bodies (EPCI) named."""

    slug: str
    name: str
    commune_codes: tuple[str, ...] = ()
    epci_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddFacility:
    """Ages in whole years, both included. The living area follows from the commune."""

    operator_id: UUID
    name: str
    finess_et: str
    category: str
    commune_code: str
    ages_from: int
    ages_to: int
    populations: tuple[NeedCode, ...] = ()
    provides: tuple[Provision, ...] = ()
    is_resource_site: bool = False
    hides_address: bool = False
    lends_at_most_per_day: int | None = None
    night_phone: str | None = None
    never_full: bool = False


async def found_community(tx: AsyncSession, actor: Actor, community: FoundCommunity, now: datetime) -> UUID:
    """Open a community under the id that the transaction was opened for."""
    require_shaping(actor)
    check_name(community.name)
    zone_named(community.time_zone)
    CommunityParameters.from_stored(community.parameters)
    tx.add(Community(id=community.community_id, name=community.name.strip(), time_zone=community.time_zone))
    tx.add(
        DatedParameters(
            overlay=BASE,
            during=Range(None, None),
            parameters=dict(community.parameters),
            recorded_at=now,
        )
    )
    await tx.flush()
    return community.community_id


async def state_parameters(tx: AsyncSession, actor: Actor, figures: Mapping[str, int], now: datetime) -> None:
    """Replace the community's own figures from now on; what was reckoned before keeps those of its time.

    Raises `ActForbidden`, `InvalidValue` naming the figure at fault.
    """
    require_shaping(actor)
    CommunityParameters.from_stored(figures)
    standing = (
        await tx.execute(
            select(DatedParameters)
            .where(
                DatedParameters.community_id == actor.community_id,
                DatedParameters.overlay == BASE,
                func.upper_inf(DatedParameters.during),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one()
    standing.during = Range(standing.during.lower, now)
    await tx.flush()
    tx.add(DatedParameters(overlay=BASE, during=Range(now, None), parameters=dict(figures), recorded_at=now))
    await tx.flush()


async def add_operator(tx: AsyncSession, actor: Actor, operator: AddOperator, now: datetime) -> UUID:
    """List a legal entity. Raises `OperatorAlreadyListed` where its FINESS number is known."""
    require_shaping(actor)
    check_name(operator.name)
    check_finess(operator.finess_ej, "finess_ej")
    added = await tx.execute(
        insert(Operator)
        .values(
            id=new_id(),
            name=operator.name.strip(),
            finess_ej=operator.finess_ej,
            agreement_code=operator.agreement_code,
            is_public=operator.is_public,
            on_call_phone=operator.on_call_phone,
        )
        .on_conflict_do_nothing(index_elements=["community_id", "finess_ej"])
        .returning(Operator.id)
    )
    operator_id = added.scalar_one_or_none()
    if operator_id is None:
        raise OperatorAlreadyListed(field="finess_ej")
    return operator_id


async def add_living_area(tx: AsyncSession, actor: Actor, area: AddLivingArea, now: datetime) -> UUID:
    """Define a living area. Raises `CommuneUnknown`, `CommuneInAnotherLivingArea`."""
    require_shaping(actor)
    check_name(area.name)
    check_name(area.slug, "slug")
    known = set(await tx.scalars(select(Commune.code).where(Commune.code.in_(area.commune_codes))))
    if known != set(area.commune_codes):
        raise CommuneUnknown(field="commune_codes")
    area_id = new_id()
    tx.add(LivingArea(id=area_id, slug=area.slug, name=area.name.strip(), since=now))
    await tx.flush()
    wanted = select(Commune.code, literal(area_id)).where(
        or_(Commune.code.in_(area.commune_codes), Commune.epci.in_(area.epci_codes))
    )
    asked = len((await tx.execute(wanted)).all())
    taken = await tx.execute(
        insert(LivingAreaCommune)
        .from_select(["commune_code", "living_area_id"], wanted)
        .on_conflict_do_nothing()
        .returning(LivingAreaCommune.commune_code)
    )
    if len(taken.all()) != asked:
        raise CommuneInAnotherLivingArea(field="commune_codes")
    if not asked:
        raise InvalidValue(field="commune_codes", rule="some-commune")
    return area_id


async def add_facility(tx: AsyncSession, actor: Actor, facility: AddFacility, now: datetime) -> UUID:
    """List a site or service of an operator. Raises `NotFound`, `CommuneUnknown`, `FacilityAlreadyListed`."""
    require_shaping(actor)
    check_name(facility.name)
    check_finess(facility.finess_et, "finess_et")
    check_ages(facility.ages_from, facility.ages_to)
    # Asked by community: in the scope of sign-in, other communities' operators are visible too.
    operator = await tx.scalar(
        select(Operator.id).where(Operator.id == facility.operator_id, Operator.community_id == actor.community_id)
    )
    if operator is None:
        raise NotFound(field="operator_id")
    if await tx.get(Commune, facility.commune_code) is None:
        raise CommuneUnknown(field="commune_code")
    area = await tx.get(LivingAreaCommune, (actor.community_id, facility.commune_code))
    added = await tx.execute(
        insert(Facility)
        .values(
            id=new_id(),
            operator_id=facility.operator_id,
            name=facility.name.strip(),
            finess_et=facility.finess_et,
            category=facility.category,
            commune_code=facility.commune_code,
            living_area_id=None if area is None else area.living_area_id,
            ages_from=facility.ages_from,
            ages_to=facility.ages_to,
            populations=[code.value for code in facility.populations],
            provides=[code.value for code in facility.provides],
            is_resource_site=facility.is_resource_site,
            hides_address=facility.hides_address,
            lends_at_most_per_day=facility.lends_at_most_per_day,
            night_phone=facility.night_phone,
            never_full=facility.never_full,
        )
        .on_conflict_do_nothing(index_elements=["community_id", "finess_et"])
        .returning(Facility.id)
    )
    facility_id = added.scalar_one_or_none()
    if facility_id is None:
        raise FacilityAlreadyListed(field="finess_et")
    return facility_id
