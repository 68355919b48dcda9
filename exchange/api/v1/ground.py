"""Who is calling, and with whom this community pools."""

from __future__ import annotations

from functools import partial
from typing import Final

from litestar import get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import SIGNED_IN, only
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS
from exchange.api.v1.schemas.ground import CommunityResource, FacilityResource, MeResource, facility_as_told_to
from exchange.api.v1.schemas.values import told_as
from exchange.identity import queries as identity
from exchange.kernel.actor import Actor
from exchange.organisations import queries as organisations


@get("/me", opt=only(SIGNED_IN), responses=READ_PROBLEMS, tags=["communauté"])
async def show_me(reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]) -> MeResource:
    """Dire qui appelle, dans quelle communauté et pour quels établissements."""
    name = None if actor.account_id is None else await identity.display_name(reader, actor.account_id)
    return MeResource(
        account_id=actor.account_id,
        display_name=name,
        role=actor.role,
        community=told_as(CommunityResource, await organisations.community(reader)),
        operator_id=actor.operator_id,
        facility_ids=sorted(actor.facility_ids),
    )


@get("/facilities", opt=only(SIGNED_IN), responses=READ_PROBLEMS, tags=["communauté"])
async def list_facilities(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[FacilityResource]:
    """Lister les établissements de la communauté, par nom."""
    views = await organisations.facilities(reader)
    return page_of(views, partial(facility_as_told_to, actor), limit, offset)


READS: Final = (show_me, list_facilities)
