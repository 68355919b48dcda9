"""The chosen lines of a drill become ordinary; what has moved meanwhile is left out, and said."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update

from exchange.adapters.straight_line import StraightLine
from exchange.availability.models import PlaceOffer
from exchange.demo.days import day_zero, segments_for
from exchange.demo.load import load_community
from exchange.demo.situations import SITUATIONS
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event
from exchange.kernel.periods import current_segment
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.planning.drills.commands import ApplyDrill, LeftOut, apply_drill, ask_drill
from exchange.planning.drills.errors import DrillNotSolved, DrillOver
from exchange.planning.drills.models import ClosingDrill
from exchange.planning.drills.queries import drill, drills
from exchange.planning.drills.run import run_drill
from exchange.planning.drills.terms import AskDrill, Headcount
from exchange.planning.ports import SolveRequest, SolverStopped
from exchange.planning.solver_process import SolverProcess
from exchange.reactions import reactions
from exchange.situations.commands import CloseSituation, close_situation
from exchange.situations.models import Situation
from tests.factories.availability import an_offer, from_tonight
from tests.factories.crisis import a_coordinator
from tests.factories.ground import database_of, ground
from tests.factories.placements import proposed
from tests.factories.situations import a_situation
from tests.integration.planning.drill_ground import ADULT, Valley, a_valley, digests
from tests.servers import FreshDatabase


async def test_chosen_lines_become_situations_of_the_house_with_their_proposals(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=3)
    pair = replace(ADULT, group="A")
    drill_id, _ = await valley.solved(solver, valley.asked(ADULT, pair, pair))
    async with valley.db.write(valley.community_id) as tx:
        with pytest.raises(InvalidValue) as refused:
            await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (2,)), now_of(tx))
        assert refused.value.facts["rule"] == "whole-group"
        applied = await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (2, 3)), now_of(tx))
    assert (set(applied.received), applied.left_out) == ({2, 3}, {})
    async with valley.db.read(valley.community_id) as reader:
        situations = {row.id: row for row in await reader.scalars(select(Situation))}
    assert {row.reference for row in situations.values()} == set(applied.received.values())
    assert {(row.origin, row.urgency, row.state) for row in situations.values()} == {("facility", 4, "received")}
    assert len({row.together_id for row in situations.values()} - {None}) == 1
    assert {row.excluded_facility_ids[0] for row in situations.values()} == {valley.house_id}
    assert [(offer, state, origin) for _, offer, state, origin in await valley.placements()] == [
        (valley.offer_id, "proposed", "person")
    ] * 2
    async with valley.db.write(valley.community_id) as tx:
        again = await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1, 2, 3, 9)), now_of(tx))
    assert list(again.received) == [1]
    assert again.left_out == {2: LeftOut.ALREADY_APPLIED, 3: LeftOut.ALREADY_APPLIED, 9: LeftOut.UNKNOWN}
    assert (await valley.seen(drill_id)).applied == {**applied.received, **again.received}
    # A place proposed is held by the ordinary command, which looks at everything again.
    await valley.hold(next(iter(situations)))
    assert Counter(state for _, _, state, _ in await valley.placements()) == {"held": 2, "proposed": 1}


async def test_a_line_whose_place_has_moved_is_left_out_with_its_companions_and_said(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=3)
    pair = replace(ADULT, group="A")
    drill_id, _ = await valley.solved(solver, valley.asked(ADULT, pair, pair))
    async with valley.db.write(valley.community_id) as tx:
        await tx.execute(
            update(PlaceOffer)
            .where(PlaceOffer.id == valley.offer_id)
            .values(terms_version=PlaceOffer.terms_version + 1)
        )
    async with valley.db.write(valley.community_id) as tx:
        applied = await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1, 2, 3)), now_of(tx))
    assert (applied.received, set(applied.left_out.values())) == ({}, {LeftOut.GONE})
    assert await valley.placements() == []


async def test_a_resident_whose_own_situation_was_closed_meanwhile_is_left_out(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database)
    async with ground(valley.db, valley.community_id) as tx:
        own_id = await an_offer(tx, valley.house_id, spans=await from_tonight(tx))
        guest = await a_situation(tx, blocks=((valley.segment,),))
        await proposed(tx, guest.id, own_id)
    await valley.hold(guest.id)
    drill_id, _ = await valley.solved(solver, valley.asked(ADULT))
    async with valley.db.write(valley.community_id) as tx:
        closing = CloseSituation(guest.id, "with_relatives")
        await close_situation(tx, replace(valley.coordinator, role=Role.PATHWAY_ADVISER), closing, now_of(tx))
    async with valley.db.write(valley.community_id) as tx:
        applied = await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1, 2)), now_of(tx))
    assert (list(applied.received), applied.left_out) == ([2], {1: LeftOut.GONE})


async def test_a_drill_of_a_past_evening_is_reopened_and_not_applied(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database)
    drill_id, _ = await valley.solved(solver, valley.asked(ADULT))
    async with valley.db.write(valley.community_id) as tx:
        await tx.execute(update(ClosingDrill).values(first_segment=ClosingDrill.first_segment - 4))
    async with valley.db.write(valley.community_id) as tx:
        with pytest.raises(DrillOver):
            await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1,)), now_of(tx))
    assert (await valley.seen(drill_id)).summary.is_over


class Stopped:
    """A solver that never answers in time."""

    async def solve(self, request: SolveRequest) -> object:
        raise SolverStopped("wall-cap")


async def test_a_solver_that_stops_leaves_a_drill_that_says_so_and_has_nothing_to_apply(
    database: FreshDatabase,
) -> None:
    valley = await a_valley(database)
    async with valley.db.write(valley.community_id) as tx:
        drill_id = await ask_drill(tx, valley.coordinator, valley.asked(ADULT), now_of(tx))
        with pytest.raises(DrillNotSolved):
            await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1,)), now_of(tx))
    assert await run_drill(valley.db, valley.community_id, drill_id, Stopped(), StraightLine())  # type: ignore[arg-type]
    view = await valley.seen(drill_id)
    assert (view.summary.state, view.summary.failed_with, view.result) == ("failed", "wall-cap", None)
    async with valley.db.read(valley.community_id) as reader:
        kinds = (await reader.scalars(select(Event.kind).where(Event.subject_id == drill_id))).all()
    assert sorted(kinds) == ["drill_asked", "drill_failed"]


async def test_only_a_coordinator_asks_reads_and_applies_a_drill(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database)
    drill_id, _ = await valley.solved(solver, valley.asked(ADULT))
    for role in set(Role) - {Role.COORDINATOR}:
        actor = replace(valley.coordinator, role=role)
        async with valley.db.write(valley.community_id) as tx:
            for attempt in (
                ask_drill(tx, actor, valley.asked(ADULT), now_of(tx)),
                apply_drill(tx, actor, ApplyDrill(drill_id, (1,)), now_of(tx)),
                drill(tx, actor, drill_id),
                drills(tx, actor),
            ):
                with pytest.raises(ActForbidden):
                    await attempt


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"first_segment": 9_000}, "first_segment"),
        ({"last_segment": 9_000}, "last_segment"),
        ({"last_segment": 100_000}, "last_segment"),
        ({"facility_id": UUID(int=5)}, "facility_id"),
        ({"offer_ids": (UUID(int=5),)}, "offer_ids"),
        ({"max_travel_minutes": 500}, "max_travel_minutes"),
        ({"headcount": (replace(ADULT, age_band="old"),)}, "age_band"),
        ({"headcount": (replace(ADULT, need_codes=()),)}, "need_codes"),
        ({"headcount": (replace(ADULT, need_codes=("autism", "polyhandicap", "ageing")),)}, "need_codes"),
        ({"headcount": (replace(ADULT, sex="other"),)}, "sex"),
        ({"headcount": (replace(ADULT, legal_status="none of these"),)}, "legal_status"),
        ({"headcount": (replace(ADULT, group="x" * 21),)}, "group"),
        ({"headcount": (ADULT,) * 61}, "headcount"),
    ],
)
async def test_what_a_drill_may_not_ask_is_refused_by_name(
    database: FreshDatabase, over: dict[str, object], field: str
) -> None:
    valley = await a_valley(database)
    async with valley.db.write(valley.community_id) as tx:
        with pytest.raises(InvalidValue) as refused:
            await ask_drill(tx, valley.coordinator, valley.asked(**over), now_of(tx))
        assert refused.value.field == field
        with pytest.raises(NotFound):
            await apply_drill(tx, valley.coordinator, ApplyDrill(new_id(), (1,)), now_of(tx))


async def test_the_unit_without_heating_of_the_demonstration_is_rehoused_in_pairs(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    """S17: six residents of F20 go to F27, F09 or F03, by two at least; what keeps the staff is told."""
    db = database_of(database, reactions)
    async with db.read(None) as reader:
        now = now_of(reader)
    community_id = await load_community(db, "not a password", now)
    async with db.read(community_id) as reader:
        now, zone = now_of(reader), await organisations.zone(reader)
        names = {row.id: row.name for row in await reader.scalars(select(Facility))}
        house_id = next(site for site, name in names.items() if name == "MAS Les Orgues")
        unit = tuple(await reader.scalars(select(PlaceOffer.id).where(PlaceOffer.facility_id == house_id)))
    people = [person for person in SITUATIONS if person.situation == "S17"]
    segments = segments_for(people[0].blocks[0], day_zero(now, zone))
    asked = AskDrill(
        house_id,
        max(segments[0], current_segment(now, zone)),
        segments[-1],
        unit,
        tuple(
            Headcount(
                person.age_band.value,
                tuple(code.value for code in person.needs),
                None,
                person.together,
                person.legal_status.value,
            )
            for person in people
        ),
    )
    demo = Valley(db, community_id, house_id, house_id, house_id, 0, database.owner_url)
    before = await digests(demo.owner_url)
    drill_id, result = await demo.solved(solver, asked)
    assert await digests(demo.owner_url) == before
    assert result.unmet == ()
    hosts = {line.key: names[line.facility_id] for line in result.lines}
    assert set(hosts.values()) <= {
        "La Halte du Mézenc, accueil temporaire adultes",
        "MAS Les Airelles",
        "EAM Les Fayards",
    }
    assert all(hosts[first] == hosts[first + 1] for first in (1, 3, 5)), "by two at least"
    assert (result.others_moved, result.staff_working > 0) == (0, True)
    assert result.followers or result.staff_obstacles
    async with db.write(community_id) as tx:
        chosen = ApplyDrill(drill_id, tuple(hosts))
        applied = await apply_drill(tx, a_coordinator(community_id), chosen, now_of(tx))
    assert (set(applied.received), applied.left_out) == (set(hosts), {})
