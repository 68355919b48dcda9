"""Who is calling, and the facilities of the community."""

from __future__ import annotations

from uuid import UUID

from exchange.api.v1.schemas.values import Resource
from exchange.kernel.actor import Actor, Role
from exchange.organisations.policies import may_know_address
from exchange.organisations.queries import FacilityView


class CommunityResource(Resource):
    id: UUID
    name: str
    time_zone: str


class MeResource(Resource):
    """The membership that the token stands for; `facility_ids`: whose word it may give."""

    account_id: UUID | None
    display_name: str | None
    role: Role
    community: CommunityResource
    operator_id: UUID | None
    facility_ids: list[UUID]


class FacilityResource(Resource):
    """`commune` is absent where the facility hides its address; phones are for members, who call at night."""

    id: UUID
    name: str
    operator_id: UUID
    operator: str
    finess_et: str
    category: str
    commune_code: str | None
    commune: str | None
    living_area_id: UUID | None
    living_area: str | None
    ages_from: int
    ages_to: int
    populations: list[str]
    provides: list[str]
    is_resource_site: bool
    night_phone: str | None
    on_call_phone: str | None


def facility_as_told_to(actor: Actor, view: FacilityView) -> FacilityResource:
    """Return a facility as one actor may know it."""
    knows_address = may_know_address(actor, view.id, hides_address=view.hides_address)
    calls = actor.role is not Role.OBSERVER
    return FacilityResource(
        id=view.id,
        name=view.name,
        operator_id=view.operator_id,
        operator=view.operator_name,
        finess_et=view.finess_et,
        category=view.category,
        commune_code=view.commune_code if knows_address else None,
        commune=view.commune_name if knows_address else None,
        living_area_id=view.living_area_id,
        living_area=view.living_area_name,
        ages_from=view.ages_from,
        ages_to=view.ages_to,
        populations=list(view.populations),
        provides=list(view.provides),
        is_resource_site=view.is_resource_site,
        night_phone=view.night_phone if calls else None,
        on_call_phone=view.on_call_phone if calls else None,
    )
