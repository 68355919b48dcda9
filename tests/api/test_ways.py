"""What would suffice, code by code and reader by reader: what may not be known is absent, its key included."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from exchange.kernel.actor import Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.kernel.periods import Half, segment_of
from exchange.planning.models import MatchRun
from tests.api.bodies import Json, a_situation_body, tomorrow
from tests.api.conftest import World, a_caller
from tests.factories.availability import an_offer
from tests.factories.ground import ZONE, a_facility, actor_for, ground, operator_of
from tests.factories.staffing import a_need, a_volunteer, shifts_of

NAME = "Camille Essai"
TOLD = {"code", "sentence"}
PERSON = {"volunteer_id", "volunteer"}
OF_PERSONS = {
    "longer-travel": PERSON | {"minutes"},
    "bassin-accepted": PERSON,
    "more-availability": PERSON | {"starts_at", "ends_at"},
}
OUTSIDER = {"shift_id", "facility_id", "facility", "starts_at", "ends_at", "qualifications_any", "night12h_derogation"}
PLACE = {"offer_id", "facility_id", "facility", "segments"}
SITUATION = {"situation_id", "reference", "minutes"}


@dataclass(frozen=True, slots=True)
class Facts:
    """A need of `home` that a volunteer of `neighbour` nearly covers, and a situation that home nearly serves."""

    world: World
    sibling: httpx.AsyncClient
    need_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    offer_id: UUID
    situation_id: str
    reference: str
    block_id: str

    def reader(self, who: str) -> httpx.AsyncClient:
        """`sibling`: another site of the neighbour's association; otherwise the neighbour, or a role."""
        assert self.world.neighbour is not None
        return {"sibling": self.sibling, "neighbour": self.world.neighbour.http}.get(who) or self.world[Role(who)]

    def change(self, code: str) -> Json:
        """A change as a plan file states it; `situation-travel` and `extra-place` stand for those of a block."""
        of_person = {"association": str(new_id()), "volunteer": str(self.volunteer_id)}
        given: Mapping[str, Json] = {
            "longer-travel": {**of_person, "minutes": 17},
            "bassin-accepted": {**of_person, "bassin": 0},
            "more-availability": {**of_person, "start": 1260, "end": 1860},
            "one-more-person": {
                "shift": str(self.shift_id), "qualifications": ["not-declined:x"], "night12h_derogation": False,
            },
            "one-more-place": {"offer": str(self.offer_id), "segments": [1, 3]},
            "situation-travel": {"situation": self.situation_id, "minutes": 17},
        }  # fmt: skip
        return {"code": code.replace("situation", "longer"), "cost": 123, **given[code]}

    async def recorded(self, *codes: str, of_need: bool) -> None:
        """A run that left the need, or the situation, short, and that one way with these changes would cover."""
        loan = {"volunteer": str(self.volunteer_id), "shift": str(self.shift_id)}
        line = {"situation": self.situation_id, "block": self.block_id, "offer": str(self.offer_id)}
        way = {
            "cost": 123,
            "changes": [self.change(code) for code in codes],
            "loans": [loan] if OF_PERSONS.keys() & set(codes) else [],
            "placements": [] if of_need else [line],
        }
        item: Json = {"missing": 1, "reasons": [{"code": "travel", "count": 1}], "relaxations": [way]}
        item |= (
            {"need": str(self.need_id), "shift": str(self.shift_id)}
            if of_need
            else {"situation": self.situation_id, "block": self.block_id}
        )
        async with self.world.db.write(self.world.community_id) as tx:
            now = now_of(tx)
            times = {"lease_until": now, "started_at": now, "recorded_at": now}
            problem = {"horizon_start": tomorrow().isoformat()}
            tx.add(
                MatchRun(id=new_id(), lane="full", state="recorded", plan={"unmet": [item]}, problem=problem, **times)
            )

    async def told(self, who: str, *, of_need: bool) -> list[Json] | None:
        """The ways on the page of the item; nothing where the reader is told nothing of what is unmet."""
        address = f"staff-needs/{self.need_id}" if of_need else f"situations/{self.reference}/answers"
        answer = await self.reader(who).get(f"/api/v1/{address}")
        if answer.status_code == 403 or "unmet" not in answer.json():
            return None
        (unmet,) = answer.json()["unmet"]
        ways: list[Json] = unmet["ways"]
        return ways

    async def own(self, who: str) -> list[Json] | None:
        """What the reader's own houses and people could do; nothing where that is not theirs to ask."""
        answer = await self.reader(who).get("/api/v1/own-ways")
        ways: list[Json] | None = answer.json() if answer.status_code == 200 else None
        return ways


@pytest_asyncio.fixture(loop_scope="session")
async def facts(world: World, app: Litestar) -> AsyncIterator[Facts]:
    received = (await world[Role.PATHWAY_ADVISER].post("/api/v1/situations", json=a_situation_body())).json()
    read = (await world[Role.COORDINATOR].get(f"/api/v1/situations/{received['reference']}")).json()
    async with AsyncExitStack() as clients:
        async with ground(world.db, world.community_id) as tx:
            sister_id = await a_facility(tx, operator_id=await operator_of(tx, world.neighbour_id))
            sister = await actor_for(tx, Role.FACILITY_MANAGER, via=Via.API, facility_id=sister_id)
            need_id = await a_need(tx, world.home_id)
            (shift_id,) = await shifts_of(tx, need_id)
            yielded = Facts(
                world=world,
                sibling=(await a_caller(tx, app, sister, clients)).http,
                need_id=need_id,
                shift_id=shift_id,
                volunteer_id=await a_volunteer(tx, world.neighbour_id, full_name=NAME),
                offer_id=await an_offer(tx, world.home_id),
                situation_id=received["id"],
                reference=received["reference"],
                block_id=read["blocks"][0]["id"],
            )
        yield yielded


def keys_of(ways: list[Json] | None) -> list[set[str]] | None:
    """The keys of each change of the only way, empty without any way."""
    if not ways:
        return None if ways is None else []
    (way,) = ways
    return [set(change) for change in way["changes"]]


WHO = ("coordinator", "pathway_adviser", "facility_manager", "on_call_manager", "neighbour", "sibling", "observer")
OF_NEED = ("coordinator", "pathway_adviser", "facility_manager", "on_call_manager")
COORDINATION = ("coordinator", "pathway_adviser")
HOME = ("facility_manager", "on_call_manager")


@pytest.mark.parametrize("code", [*OF_PERSONS, "one-more-person"])
async def test_a_near_miss_of_a_shift_is_a_code_for_all_but_its_employer(facts: Facts, code: str) -> None:
    await facts.recorded(code, of_need=True)
    for who in WHO:
        keys = keys_of(await facts.told(who, of_need=True))
        shown = TOLD | (OUTSIDER if code == "one-more-person" else set())
        assert keys == ([shown] if who in OF_NEED else None), who
        own = await facts.own(who)
        if who == "neighbour" and code in OF_PERSONS:
            assert keys_of(own) == [TOLD | OF_PERSONS[code]]
            assert own is not None
            assert own[0]["need_id"] == str(facts.need_id)
            assert (own[0]["changes"][0]["volunteer"], NAME in own[0]["sentence"]) == (NAME, True)
        else:
            assert own == (None if who in (*COORDINATION, "observer") else []), who


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        (("one-more-place",), [TOLD | PLACE]),
        (("situation-travel",), [TOLD | SITUATION]),
        (("more-availability",), [TOLD]),
        (("one-more-person",), [TOLD | OUTSIDER]),
        (("situation-travel", "one-more-place", "longer-travel"), [TOLD | SITUATION, TOLD | PLACE, TOLD]),
    ],
)
async def test_what_would_serve_a_situation_is_for_coordination_and_its_own_places_for_a_house(
    facts: Facts, codes: tuple[str, ...], shown: list[set[str]]
) -> None:
    await facts.recorded(*codes, of_need=False)
    for who in WHO:
        assert keys_of(await facts.told(who, of_need=False)) == (shown if who in COORDINATION else None), who
        own = await facts.own(who)
        if who in HOME and codes == ("one-more-place",):
            assert own is not None
            assert keys_of(own) == [TOLD | PLACE]
            assert set(own[0]) == {"sentence", "changes"}
            assert "chez vous" in own[0]["sentence"]
        elif who == "neighbour" and codes == ("more-availability",):
            assert keys_of(own) == [TOLD | OF_PERSONS["more-availability"]]
            assert own is not None
            assert own[0]["need_id"] == str(facts.need_id), "the shift that would open the place"
        else:
            assert own == (None if who in (*COORDINATION, "observer") else []), who


async def test_neither_a_name_nor_a_situation_is_anywhere_in_what_others_read(facts: Facts) -> None:
    await facts.recorded(*OF_PERSONS, of_need=True)
    for who in set(WHO) - {"neighbour"}:
        for address in (f"staff-needs/{facts.need_id}", "own-ways"):
            text = (await facts.reader(who).get(f"/api/v1/{address}")).text
            assert str(facts.volunteer_id) not in text, (who, address)
            assert NAME not in text, (who, address)
            assert "17 min" not in text, (who, address)
    await facts.recorded("one-more-place", of_need=False)
    for who in set(WHO) - set(COORDINATION):
        text = (await facts.reader(who).get("/api/v1/own-ways")).text
        assert facts.reference not in text, who
        assert facts.situation_id not in text, who
        assert facts.block_id not in text, who


async def test_dates_and_hours_are_those_of_the_community_and_posts_those_of_the_need(facts: Facts) -> None:
    await facts.recorded("one-more-place", of_need=False)
    (way,) = await facts.told("coordinator", of_need=False) or []
    first = segment_of(tomorrow(), Half.NIGHT)
    assert way["changes"][0]["segments"] == [first, first + 2]
    after = tomorrow() + timedelta(days=1)
    assert f"(nuits du {tomorrow():%d/%m} au {after:%d/%m})" in way["sentence"]
    await facts.recorded("more-availability", of_need=True)
    (way,) = await facts.own("neighbour") or []
    began, over = (datetime.fromisoformat(way["changes"][0][key]) for key in ("starts_at", "ends_at"))
    assert [at.astimezone(ZONE).isoformat()[:16] for at in (began, over)] == [f"{tomorrow()}T21:00", f"{after}T07:00"]
    assert f"du {tomorrow():%d/%m} à 21\u00a0h au {after:%d/%m} à 7\u00a0h" in way["sentence"]
    await facts.recorded("one-more-person", of_need=True)
    (way,) = await facts.told("coordinator", of_need=True) or []
    assert way["changes"][0]["qualifications_any"] == ["care_support_worker"]
    assert "Accompagnant éducatif et social (AES)" in way["sentence"]
