"""Founding a community and listing its members, as the application role under row-level security."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import ProgrammingError

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, DomainError, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.organisations import queries
from exchange.organisations.commands import AddOperator, FoundCommunity, add_operator, found_community
from exchange.organisations.errors import CommuneInAnotherLivingArea, CommuneUnknown, FacilityAlreadyListed
from exchange.organisations.policies import SHAPING_ROLES, may_know_address
from tests.factories.ground import (
    BRIVES,
    LE_PUY,
    YSSINGEAUX,
    a_community,
    a_facility,
    a_finess,
    a_living_area,
    an_operator,
    database_of,
    founder,
    ground,
)
from tests.servers import FreshDatabase


async def test_first_community_is_founded_by_the_application_role(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db, name="Communauté 360 d'essai", time_zone="Indian/Reunion")
    async with db.read(community_id) as reader:
        assert (await queries.community(reader)).name == "Communauté 360 d'essai"
        assert str(await queries.zone(reader)) == "Indian/Reunion"


async def test_community_cannot_be_founded_under_another_id_than_its_transaction(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = new_id()
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with db.write(community_id) as tx:
            await found_community(tx, founder(community_id), FoundCommunity(new_id(), "Autre"), now_of(tx))


@pytest.mark.parametrize("role", sorted(set(Role) - SHAPING_ROLES))
async def test_no_other_role_lists_an_operator(database: FreshDatabase, role: Role) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    actor = Actor(community_id=community_id, role=role, via=Via.WEB)
    with pytest.raises(ActForbidden):
        async with db.write(community_id) as tx:
            await add_operator(tx, actor, AddOperator("Association", a_finess(), "66"), now_of(tx))


async def test_facility_falls_into_the_living_area_of_its_commune(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        area_id = await a_living_area(tx, commune_codes=(LE_PUY,))
        inside = await a_facility(tx, commune_code=LE_PUY)
        outside = await a_facility(tx, commune_code=YSSINGEAUX)
    async with db.read(community_id) as reader:
        assert (await queries.facility(reader, inside)).living_area_id == area_id
        assert (await queries.facility(reader, outside)).living_area_id is None
        assert {view.id for view in await queries.facilities(reader)} == {inside, outside}


async def test_living_area_takes_all_communes_of_its_epci(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        area_id = await a_living_area(tx, commune_codes=(), epci_codes=("200073419",))
    async with db.read(community_id) as reader:
        assert await queries.living_area_of(reader, LE_PUY) == area_id
        assert await queries.living_area_of(reader, YSSINGEAUX) is None
        (area,) = await queries.living_areas(reader)
        assert area.communes > 50


async def test_commune_belongs_to_one_living_area_at_most(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await a_living_area(tx, commune_codes=(LE_PUY,))
    with pytest.raises(CommuneInAnotherLivingArea):
        async with ground(db, community_id) as tx:
            await a_living_area(tx, slug="autre", commune_codes=(LE_PUY, BRIVES))
    async with db.read(community_id) as reader:
        assert await queries.living_area_of(reader, BRIVES) is None


@pytest.mark.parametrize(
    ("over", "refusal", "field"),
    [
        ({"finess_et": "43000"}, InvalidValue, "finess_et"),
        ({"ages_from": 20, "ages_to": 6}, InvalidValue, "ages_from"),
        ({"ages_to": 121}, InvalidValue, "ages_from"),
        ({"name": "  "}, InvalidValue, "name"),
        ({"commune_code": "99999"}, CommuneUnknown, "commune_code"),
    ],
)
async def test_facility_that_says_something_impossible_is_refused(
    database: FreshDatabase, over: dict[str, object], refusal: type[DomainError], field: str
) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        with pytest.raises(refusal) as refused:
            await a_facility(tx, **over)
    assert refused.value.field == field


async def test_finess_number_is_listed_once_per_community_and_again_in_another(database: FreshDatabase) -> None:
    db = database_of(database)
    number = a_finess()
    first, second = await a_community(db), await a_community(db)
    for community_id in (first, second):
        async with ground(db, community_id) as tx:
            await a_facility(tx, finess_et=number)
    async with ground(db, first) as tx:
        with pytest.raises(FacilityAlreadyListed):
            await a_facility(tx, finess_et=number)


async def test_other_communitys_operator_is_absent(database: FreshDatabase) -> None:
    db = database_of(database)
    first, second = await a_community(db), await a_community(db)
    async with ground(db, first) as tx:
        foreign = await an_operator(tx)
    async with ground(db, second) as tx:
        with pytest.raises(NotFound):
            await a_facility(tx, operator_id=foreign)
    async with db.read(second) as reader:
        assert await queries.operators(reader) == ()


async def test_hidden_address_is_known_to_its_own_people_alone() -> None:
    facility_id, community_id = new_id(), new_id()
    own = Actor(community_id, Role.FACILITY_MANAGER, Via.WEB, facility_ids=frozenset({facility_id}))
    assert may_know_address(own, facility_id, hides_address=True)
    for role in set(Role) - {Role.SYSTEM}:
        stranger = Actor(community_id, role, Via.WEB)
        assert not may_know_address(stranger, facility_id, hides_address=True)
        assert may_know_address(stranger, facility_id, hides_address=False)


async def test_travel_points_are_degrees_in_france(database: FreshDatabase) -> None:
    async with database_of(database).read(None) as reader:
        points = await queries.travel_points(reader, [LE_PUY, "99999"])
    assert set(points) == {LE_PUY}
    assert 44 < points[LE_PUY].latitude < 46
    assert 3 < points[LE_PUY].longitude < 5
