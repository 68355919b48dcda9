"""What would suffice is behind « Détails » of what is missing, and on the first page of whoever could do it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.organisations import queries as organisations
from exchange.planning.models import MatchRun
from exchange.situations.models import Situation, SituationBlock
from tests.factories.availability import local_date, tomorrow_night
from tests.factories.situations import a_situation
from tests.factories.staffing import a_need, shifts_of
from tests.web.conftest import Town, words_of

OWN = "Ce qui suffirait chez vous"
CHOICE = "Ce qui suffirait, au choix :"


async def recorded_run(town: Town, *unmet: Mapping[str, object], lane: str = "full") -> None:
    """A run whose horizon starts tomorrow and that left these without an answer."""
    async with town.db.write(town.community_id) as tx:
        now = now_of(tx)
        monday = local_date(now, await organisations.zone(tx)).isoformat()
        times = {"lease_until": now, "started_at": now, "recorded_at": now}
        plan, problem = {"unmet": list(unmet)}, {"horizon_start": monday}
        tx.add(MatchRun(id=new_id(), lane=lane, state="recorded", plan=plan, problem=problem, **times))


def way(*changes: Mapping[str, object], **lines: object) -> dict[str, object]:
    priced = [{"cost": 1, **change} for change in changes]
    return {"cost": len(changes), "changes": priced, "loans": [], "placements": [], **lines}


def longer(**of: object) -> dict[str, object]:
    return {"code": "longer-travel", "minutes": 12, **of}


async def short_of_people(town: Town, *ways: Mapping[str, object]) -> None:
    async with town.db.read(town.community_id) as reader:
        (shift_id,) = await shifts_of(reader, town.need_id)
    reasons = [{"code": "travel", "count": 1}]
    item = {"need": str(town.need_id), "shift": str(shift_id), "missing": 1, "reasons": reasons}
    await recorded_run(town, {**item, "relaxations": list(ways)})


def volunteer_of(town: Town) -> dict[str, object]:
    return {"association": str(new_id()), "volunteer": str(town.volunteer_id)}


async def test_each_date_of_a_situation_says_what_would_suffice_for_it(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        night = await tomorrow_night(tx)
        received = await a_situation(tx, blocks=((night,), (night + 2,)))
        blocks = (
            await tx.scalars(
                select(SituationBlock.id)
                .where(SituationBlock.situation_id == received.id)
                .order_by(SituationBlock.position)
            )
        ).all()
    reasons = [{"code": "capacity", "count": 1}, {"code": "travel", "count": 1}]
    place = {"code": "one-more-place", "offer": str(town.offer_id), "segments": [1]}
    farther = longer(situation=str(received.id))
    line = {"situation": str(received.id), "block": str(blocks[1]), "offer": str(town.offer_id)}
    items = [{"situation": str(received.id), "block": str(block), "missing": 1, "reasons": reasons} for block in blocks]
    await recorded_run(
        town,
        {**items[0], "relaxations": [way(place), way(farther)]},
        {**items[1], "relaxations": [way(farther, placements=[line])]},
    )
    told = words_of(await town[Role.PATHWAY_ADVISER].see(f"/situations/{received.reference}"))
    asked = f"accepter 12 min de trajet de plus (situation {received.reference})"
    assert "Détails : ce qui suffirait" in told
    assert CHOICE in told
    assert "une place de plus, Foyer des Tilleuls, Accueil temporaire avec hébergement (nuit du" in told
    assert f"Ce qui suffirait : {asked}, pour Foyer des Tilleuls." in told, "the one way of the second date, and where"
    assert told.count(asked) == 2


async def test_dates_for_which_the_same_suffices_are_told_once(town: Town) -> None:
    async with town.db.read(town.community_id) as reader:
        situation = await reader.get_one(Situation, town.situation_id)
        block_id: UUID | None = await reader.scalar(
            select(SituationBlock.id).where(SituationBlock.situation_id == situation.id)
        )
    assert block_id is not None
    item = {"situation": str(town.situation_id), "block": str(block_id), "missing": 1, "reasons": []}
    await recorded_run(town, {**item, "relaxations": [way(longer(situation=str(town.situation_id)))]})
    seen = words_of(await town[Role.COORDINATOR].see(f"/situations/{town.reference}"))
    assert "Ce qui suffirait" not in seen, "it has a proposal: nothing is missing"


async def test_a_person_of_another_house_is_somebody_on_the_page_of_a_shortage(town: Town) -> None:
    other_hours = {"code": "more-availability", "start": 1260, "end": 1860, **volunteer_of(town)}
    await short_of_people(town, way(longer(**volunteer_of(town))), way(other_hours))
    for who in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER):
        told = words_of(await town[who].see(f"/renforts/{town.need_id}"))
        assert CHOICE in told, who
        assert "accepter un trajet plus long (une personne d'un autre lieu)" in told, who
        assert "être disponible sur ces horaires (une personne d'un autre lieu)" in told, who
        assert "12 min de trajet de plus" not in told, who
        assert "Camille" not in told, who
    seen = words_of(await town["neighbour"].see(f"/renforts/{town.need_id}"))
    assert "Ce qui suffirait" not in seen


async def test_an_employer_reads_on_its_first_page_who_could_do_what(town: Town) -> None:
    async with town.db.read(town.community_id) as reader:
        (shift_id,) = await shifts_of(reader, town.need_id)
    loan = {"volunteer": str(town.volunteer_id), "shift": str(shift_id)}
    await short_of_people(town, way(longer(**volunteer_of(town)), loans=[loan]))
    told = words_of(await town["neighbour"].see("/"))
    assert OWN in told
    assert "Accepter 12 min de trajet de plus (Camille Essai), pour Foyer des Tilleuls, " in told
    for who in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.OBSERVER):
        seen = words_of(await town[who].see("/"))
        assert OWN not in seen, who
        assert "12 min de trajet de plus" not in seen, who


async def test_a_house_reads_that_one_place_more_would_do_and_not_for_whom(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        received = await a_situation(tx)
        block_id = await tx.scalar(select(SituationBlock.id).where(SituationBlock.situation_id == received.id))
    place = {"code": "one-more-place", "offer": str(town.offer_id), "segments": [1]}
    line = {"situation": str(received.id), "block": str(block_id), "offer": str(town.offer_id)}
    item = {"situation": str(received.id), "block": str(block_id), "missing": 1, "reasons": []}
    await recorded_run(town, {**item, "relaxations": [way(place, placements=[line])]})
    page = await town[Role.FACILITY_MANAGER].see("/")
    assert "Une place de plus, chez vous, Accueil temporaire avec hébergement (nuit du" in words_of(page)
    assert received.reference not in page
    assert str(received.id) not in page
    assert OWN not in words_of(await town["neighbour"].see("/"))


async def test_a_page_that_only_the_fast_search_has_told_looks_again_for_what_would_suffice(town: Town) -> None:
    async with town.db.read(town.community_id) as reader:
        (shift_id,) = await shifts_of(reader, town.need_id)
    item = {"need": str(town.need_id), "shift": str(shift_id), "missing": 1, "reasons": []}
    await recorded_run(town, item, lane="fast")
    page = await town[Role.COORDINATOR].see(f"/renforts/{town.need_id}")
    assert 'id="manque"' in page
    assert 'hx-trigger="load delay:6s"' in page
    await recorded_run(town, item, lane="full")
    page = await town[Role.COORDINATOR].see(f"/renforts/{town.need_id}")
    assert 'id="manque"' in page
    assert "load delay" not in page, "nothing more is to come"


async def test_a_page_as_young_as_its_search_says_so_and_looks_again(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        received = await a_situation(tx)
        need_id = await a_need(tx, town.home_id)
    searching = "La recherche est en cours."
    for who, address in (
        (Role.COORDINATOR, f"/situations/{received.reference}"),
        (Role.FACILITY_MANAGER, f"/renforts/{need_id}"),
    ):
        page = await town[who].see(address)
        assert searching in page
        assert 'hx-trigger="load delay:6s"' in page
    assert searching not in await town["neighbour"].see(f"/renforts/{need_id}"), "nothing is told to them"
    assert searching not in await town[Role.COORDINATOR].see(f"/renforts/{town.need_id}"), "it has a proposal"
