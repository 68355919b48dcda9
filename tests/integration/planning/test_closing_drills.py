"""« Cette maison ferme ce soir » on a real database: a drill promises nothing, and its chosen lines become ordinary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import NullPool, select, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import CapacitySpan, change_capacity, withdraw_offer
from exchange.availability.models import PlaceOffer
from exchange.demo.days import day_zero, segments_for
from exchange.demo.load import load_community
from exchange.demo.situations import SITUATIONS
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, now_of
from exchange.kernel.errors import ActForbidden, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event
from exchange.kernel.periods import current_segment, date_of
from exchange.loans.models import StaffLoan
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.placements.commands import HoldAnswer, hold_answer
from exchange.placements.models import Placement
from exchange.planning.drills.commands import ApplyDrill, LeftOut, apply_drill, ask_drill
from exchange.planning.drills.errors import DrillNotSolved, DrillOver
from exchange.planning.drills.models import ClosingDrill
from exchange.planning.drills.queries import DrillView, drill, drills
from exchange.planning.drills.run import run_drill
from exchange.planning.drills.terms import AskDrill, Headcount
from exchange.planning.drills.told import Result
from exchange.planning.ports import SolveRequest, SolverStopped
from exchange.planning.solver_process import SolverProcess
from exchange.reactions import reactions
from exchange.situations.commands import CloseSituation, close_situation
from exchange.situations.models import Situation
from migrations.metadata import METADATA
from tests.factories.availability import DAYS, NIGHTS, an_offer, from_tonight, tonight
from tests.factories.crisis import a_coordinator
from tests.factories.ground import a_community, a_facility, a_living_area, an_operator, database_of, ground
from tests.factories.placements import proposed
from tests.factories.situations import a_situation
from tests.factories.staffing import a_volunteer, speaker_for, stated
from tests.servers import FreshDatabase

DAY = timedelta(days=1)
ADULT = Headcount("30-44", ("intellectual_disability",))
OF_THE_DRILL = {"closing_drills", "events", "outbox", "access_log"}
"""The drill's own table, and the journals that tell who asked."""


@dataclass(frozen=True, slots=True)
class Valley:
    """A house that closes, and one neighbour with some places."""

    db: Database
    community_id: UUID
    house_id: UUID
    neighbour_id: UUID
    offer_id: UUID
    segment: int
    owner_url: str

    @property
    def coordinator(self) -> Actor:
        return a_coordinator(self.community_id)

    def asked(self, *headcount: Headcount, **over: object) -> AskDrill:
        form = AskDrill(self.house_id, self.segment, self.segment + 2, headcount=headcount)
        return replace(form, **over)  # type: ignore[arg-type]

    async def solved(self, solver: object, asked: AskDrill) -> tuple[UUID, Result]:
        """Ask, solve, reopen."""
        async with self.db.write(self.community_id) as tx:
            drill_id = await ask_drill(tx, self.coordinator, asked, now_of(tx))
        assert await run_drill(self.db, self.community_id, drill_id, solver, StraightLine())  # type: ignore[arg-type]
        result = (await self.seen(drill_id)).result
        assert result is not None
        return drill_id, result

    async def seen(self, drill_id: UUID) -> DrillView:
        async with self.db.read(self.community_id) as reader:
            return await drill(reader, self.coordinator, drill_id)

    async def hold(self, situation_id: UUID) -> None:
        """Keep the places of the first answer, as coordination does."""
        async with self.db.write(self.community_id) as tx:
            await hold_answer(tx, self.coordinator, HoldAnswer(situation_id, 1), now_of(tx))

    async def placements(self) -> list[tuple[UUID, UUID, str, str]]:
        async with self.db.read(self.community_id) as reader:
            rows = await reader.scalars(select(Placement).order_by(Placement.created_at, Placement.id))
            return [(row.situation_id, row.offer_id, row.state, row.origin) for row in rows]


async def a_valley(fresh: FreshDatabase, capacity: int = 2) -> Valley:
    db = database_of(fresh, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await a_living_area(tx)
        house_id = await a_facility(tx, name="Maison qui ferme")
        neighbour_id = await a_facility(tx, name="Maison voisine")
        offer_id = await an_offer(tx, neighbour_id, spans=await from_tonight(tx, capacity))
        segment = await tonight(tx)
    return Valley(db, community_id, house_id, neighbour_id, offer_id, segment, fresh.owner_url)


async def digests(owner_url: str) -> Mapping[str, str]:
    """One digest per table that is none of the drill's own, with the owner's eyes."""
    engine = create_async_engine(owner_url, poolclass=NullPool)
    found = {}
    async with engine.connect() as connection:
        for table in sorted(set(METADATA.tables) - OF_THE_DRILL):
            rows = await connection.execute(
                text(f"SELECT md5(coalesce(string_agg(each::text, '\n' ORDER BY each::text), '')) FROM {table} each")
            )
            found[table] = str(rows.scalar_one())
    await engine.dispose()
    return found


async def test_residents_are_placed_as_far_as_places_go_and_the_others_are_told_why(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=2)
    drill_id, result = await valley.solved(solver, valley.asked(ADULT, ADULT, ADULT))
    assert [one.key for one in result.residents] == [1, 2, 3]
    assert {line.facility_id for line in result.lines} == {valley.neighbour_id}
    assert len({line.key for line in result.lines}) == 2
    (left,) = {one.key for one in result.unmet}
    assert left not in {line.key for line in result.lines}
    assert all(one.obstacles for one in result.unmet)
    view = await valley.seen(drill_id)
    assert (view.summary.state, view.summary.residents, view.summary.unmet) == ("solved", 3, 1)
    assert view.problem_digest is not None
    assert not await run_drill(valley.db, valley.community_id, drill_id, solver, StraightLine()), "solved once"


async def test_a_drill_leaves_every_table_but_its_own_as_it_was(database: FreshDatabase, solver: SolverProcess) -> None:
    valley = await a_valley(database)
    async with valley.db.write(valley.community_id) as tx:
        other = await a_situation(tx, blocks=((valley.segment,),))
        await proposed(tx, other.id, valley.offer_id)
    before = await digests(valley.owner_url)
    _, result = await valley.solved(solver, valley.asked(ADULT, ADULT))
    assert result.lines
    assert await digests(valley.owner_url) == before


async def test_what_is_held_for_others_stays_and_what_is_only_proposed_to_them_gives_way(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=2)
    async with valley.db.write(valley.community_id) as tx:
        kept = await a_situation(tx, blocks=((valley.segment,),))
        await proposed(tx, kept.id, valley.offer_id)
        waiting = await a_situation(tx, blocks=((valley.segment,),))
        await proposed(tx, waiting.id, valley.offer_id)
    await valley.hold(kept.id)
    _, result = await valley.solved(solver, valley.asked(ADULT, ADULT))
    assert len({line.key for line in result.lines} - {one.key for one in result.unmet}) == 1
    assert (result.others_kept, result.others_moved, result.others_displaced) == (1, 0, 1)


async def test_a_place_that_opens_tomorrow_costs_nobody_tonight(database: FreshDatabase, solver: SolverProcess) -> None:
    valley = await a_valley(database)
    async with ground(valley.db, valley.community_id) as tx:
        await withdraw_offer(tx, await speaker_for(tx, valley.neighbour_id), valley.offer_id, now_of(tx))
        first = date_of(valley.segment)
        tonight_only = (CapacitySpan(first, first, NIGHTS, 1), CapacitySpan(first + DAY, first + DAY, DAYS, 1))
        tonight_id = await an_offer(tx, valley.neighbour_id, spans=tonight_only)
        later = (
            CapacitySpan(first + DAY, first + 3 * DAY, NIGHTS, 1),
            CapacitySpan(first + 2 * DAY, first + 3 * DAY, DAYS, 1),
        )
        later_id = await an_offer(tx, valley.neighbour_id, spans=later)
    asked = valley.asked(ADULT, last_segment=valley.segment + 3)
    drill_id, result = await valley.solved(solver, asked)
    assert {line.offer_id: line.segments for line in result.lines} == {
        tonight_id: (valley.segment, valley.segment + 1),
        later_id: (valley.segment + 2, valley.segment + 3),
    }
    async with valley.db.write(valley.community_id) as tx:
        await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1,)), now_of(tx))
    assert {offer for _, offer, _, _ in await valley.placements()} == {tonight_id, later_id}
    async with ground(valley.db, valley.community_id) as tx:
        await withdraw_offer(tx, await speaker_for(tx, valley.neighbour_id), tonight_id, now_of(tx))
    _, poorer = await valley.solved(solver, asked)
    assert [line.offer_id for line in poorer.lines] == [later_id]
    assert [one.segments for one in poorer.unmet] == [(valley.segment, valley.segment + 1)]


async def test_persons_not_to_be_parted_go_together_or_stay_together(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=3)
    pair = replace(ADULT, group="A")
    _, result = await valley.solved(
        solver, valley.asked(pair, pair, replace(ADULT, group="B"), replace(ADULT, group="B"))
    )
    placed = Counter(one.group for one in result.residents if one.key in {line.key for line in result.lines})
    assert sorted(placed.values()) == [2]


async def test_the_residents_whom_entraide_placed_here_are_counted_from_their_own_stays(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database)
    async with ground(valley.db, valley.community_id) as tx:
        own_id = await an_offer(tx, valley.house_id, spans=await from_tonight(tx))
        guest = await a_situation(tx, blocks=((valley.segment, valley.segment + 1, valley.segment + 4),))
        await proposed(tx, guest.id, own_id)
    await valley.hold(guest.id)
    drill_id, result = await valley.solved(solver, valley.asked())
    (resident,) = result.residents
    assert (resident.source, resident.reference) == (guest.id, guest.reference)
    assert resident.blocks == ((valley.segment, valley.segment + 1),), "only while the house is closed"
    (line,) = result.lines
    assert line.offer_id == valley.offer_id
    async with valley.db.write(valley.community_id) as tx:
        applied = await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1,)), now_of(tx))
    assert list(applied.received) == [1]
    assert applied.received[1] != guest.reference, "the first stay goes on until somebody says that it ends"


async def test_a_unit_that_closes_may_send_its_residents_to_the_other_places_of_the_house(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database)
    async with ground(valley.db, valley.community_id) as tx:
        unit_id = await an_offer(tx, valley.house_id, spans=await from_tonight(tx))
        other_id = await an_offer(tx, valley.house_id, spans=await from_tonight(tx))
        await change_capacity(tx, await speaker_for(tx, valley.neighbour_id), valley.offer_id, -2, None, now_of(tx))
    _, of_unit = await valley.solved(solver, valley.asked(ADULT, offer_ids=(unit_id,)))
    assert [line.offer_id for line in of_unit.lines] == [other_id]
    _, of_house = await valley.solved(solver, valley.asked(ADULT))
    assert of_house.lines == ()


async def test_staff_follows_the_residents_by_a_loan_or_inside_the_association(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await a_living_area(tx)
        operator_id = await an_operator(tx)
        house_id = await a_facility(tx, operator_id=operator_id)
        sister_id = await a_facility(tx, operator_id=operator_id)
        other_id = await a_facility(tx)
        segment = await tonight(tx)
        offers = [await an_offer(tx, one, spans=await from_tonight(tx)) for one in (sister_id, other_id)]
        people = [await a_volunteer(tx, house_id) for _ in range(3)]
        starts_at = now_of(tx) + timedelta(days=1)
        for person in people[:2]:
            await stated(tx, house_id, person, "own_shift", starts_at, starts_at + timedelta(hours=8))
    valley = Valley(db, community_id, house_id, other_id, offers[1], segment, database.owner_url)
    _, result = await valley.solved(solver, valley.asked(ADULT, ADULT, last_segment=segment + 4))
    assert {line.facility_id for line in result.lines} == {sister_id, other_id}
    assert {(one.facility_id, one.is_internal) for one in result.followers} == {(sister_id, True), (other_id, False)}
    assert {one.volunteer_id for one in result.followers} == set(people[:2])
    assert {shift for one in result.followers for shift in one.shifts} == {(starts_at, starts_at + timedelta(hours=8))}
    assert result.staff_working == 2
    async with db.read(community_id) as reader:
        assert (await reader.scalars(select(StaffLoan))).all() == [], "nobody is asked anything"


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
