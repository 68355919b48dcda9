"""Tasks, meetings, the week, project records and referral files by programs alone."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from sqlalchemy import func, select, update

from exchange.kernel.actor import Role
from exchange.kernel.journals import AccessLogEntry
from exchange.meetings.models import Task
from exchange.situations.models import Situation
from tests.api.bodies import Json, a_situation_body, instant, tomorrow
from tests.api.conftest import World, a_world
from tests.api.test_story import posted, read
from tests.factories.meetings import aged
from tests.servers import FreshDatabase


async def waiting(world: World, *, days: int = 9, level: int = 1, **over: Any) -> Json:
    """A situation received that many days ago, at a level."""
    received = await posted(world[Role.PATHWAY_ADVISER], "/situations", a_situation_body(**over), 201)
    async with world.db.write(world.community_id) as tx:
        await aged(tx, UUID(received["id"]), days=days, level=level)
    return received


def a_task_body(**over: Any) -> Json:
    return {"action": "follow_up", "due_on": tomorrow().isoformat(), "assignee_body": "mdph", **over}


async def test_a_task_is_given_seen_by_its_site_and_done(world: World) -> None:
    coordinator, manager = world[Role.COORDINATOR], world[Role.FACILITY_MANAGER]
    body = a_task_body(assignee_body=None, assignee_facility_id=str(world.home_id))
    given = await posted(coordinator, "/tasks", body, 201)
    assert world.neighbour is not None
    for http, sees in ((coordinator, True), (manager, True), (world.neighbour.http, False)):
        assert [each["id"] for each in (await read(http, "/tasks"))["items"]] == ([given["id"]] if sees else [])
    refused = await world.neighbour.http.post(f"/api/v1/tasks/{given['id']}/completion")
    assert refused.status_code == 404
    await posted(manager, f"/tasks/{given['id']}/completion")
    assert (await read(coordinator, "/tasks"))["items"] == []
    again = await manager.post(f"/api/v1/tasks/{given['id']}/abandonment", json={"reason": "replaced"})
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")


async def test_a_second_tap_gives_no_second_task(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    headers = {"Idempotency-Key": uuid4().hex}
    replies = [await coordinator.post("/api/v1/tasks", json=a_task_body(), headers=headers) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].content == replies[1].content
    async with world.db.read(world.community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(Task)) == 1


async def test_a_refusal_names_the_field_and_the_rule(world: World) -> None:
    for over, field, rule in (
        ({"assignee_account_id": str(uuid4())}, "assignee_account_id", "one-assignee"),
        ({"due_on": (tomorrow() - timedelta(days=3)).isoformat()}, "due_on", "in-the-past"),
        ({"note": "voir www.exemple.fr"}, "note", "no-link"),
        ({"action": "other"}, "note", "note-required"),
        ({"situation_id": str(uuid4())}, "situation_id", "unknown-situation"),
    ):
        reply = await world[Role.COORDINATOR].post("/api/v1/tasks", json=a_task_body(**over))
        told = reply.json()
        assert (reply.status_code, told["field"], told["facts"]["rule"]) == (422, field, rule)


async def test_a_meeting_by_programs_from_its_agenda_to_its_minutes(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    received = await waiting(world, level=2)
    (line,) = (await read(coordinator, "/agenda-proposals"))["items"]
    assert (line["reference"], line["reasons"]) == (received["reference"], ["level_raised", "unsolved_too_long"])
    meeting = await posted(coordinator, "/case-meetings", {"held_at": instant(24), "bodies": ["mdph"]}, 201)
    here = f"/case-meetings/{meeting['id']}"
    decision = {"situation_id": received["id"], "decisions": ["prepare_referral"]}
    await posted(coordinator, f"{here}/decisions", decision)
    await posted(coordinator, "/tasks", a_task_body(situation_id=received["id"], meeting_id=meeting["id"]), 201)
    await posted(coordinator, f"{here}/minutes")
    minutes = await read(world[Role.PATHWAY_ADVISER], here)
    (item,) = minutes["items"]
    assert (minutes["state"], item["decisions"], len(item["tasks"])) == ("held", ["prepare_referral"], 1)
    closed = await coordinator.post(f"/api/v1{here}/cancellation")
    assert closed.status_code == 409
    async with world.db.read(world.community_id) as reader:
        looks = select(func.count()).where(
            AccessLogEntry.subject_id == UUID(received["id"]), AccessLogEntry.purpose == "case_meeting"
        )
        assert await reader.scalar(looks) == 2


async def test_a_weekly_sheet_read_later_is_the_same_document(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    received = await waiting(world)
    made = await posted(coordinator, "/weekly-sheets")
    before = await read(coordinator, f"/weekly-sheets/{made['id']}")
    assert [line["reference"] for area in before["document"]["areas"] for line in area["unsolved"]] == [
        received["reference"]
    ]
    async with world.db.write(world.community_id) as tx:
        await tx.execute(update(Situation).values(urgency=1, level=3))
    await posted(coordinator, "/tasks", a_task_body(weekly_sheet_id=made["id"]), 201)
    after = await read(world[Role.PATHWAY_ADVISER], f"/weekly-sheets/{made['id']}")
    assert after["document"] == before["document"]
    assert (after["content_hash"], len(after["tasks"])) == (before["content_hash"], 1)
    assert date.fromisoformat(after["week_of"]).weekday() == 0


async def test_a_shared_record_tells_an_authority_neither_references_nor_small_counts(world: World) -> None:
    coordinator, observer = world[Role.COORDINATOR], world[Role.OBSERVER]
    ids = [(await waiting(world, days=20))["id"] for _ in range(3)]
    (gap,) = (await read(coordinator, "/repeated-gaps"))["items"]
    assert (sorted(gap["situation_ids"]), gap["still_open"]) == (sorted(ids), 3)
    body = {"situation_ids": ids, "missing": "Accueil de nuit au Puy"}
    record = await posted(coordinator, "/project-records", body, 201)
    here = f"/project-records/{record['id']}"
    assert (await observer.get(f"/api/v1{here}")).status_code == 404
    await posted(coordinator, f"{here}/sharing")
    told = await read(observer, here)
    assert (told["situations"], told["linked"], told["state"]) == (None, [], "shared")
    assert (await read(coordinator, here))["situations"] == 3
    assert [each["id"] for each in (await read(observer, "/project-records"))["items"]] == [record["id"]]
    await posted(coordinator, f"{here}/answer", {"answer": "Étudiée au prochain comité"})
    await posted(coordinator, f"{here}/closing")
    assert (await read(observer, here))["answer"] == "Étudiée au prochain comité"


async def test_an_acknowledged_file_lets_the_situation_be_closed_as_taken_over(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    received = await waiting(world, level=3)
    here = f"/situations/{received['reference']}"
    refused = await adviser.post(f"/api/v1{here}/closing", json={"outcome": "mdph_relay"})
    assert (refused.status_code, refused.json()["field"]) == (422, "acknowledged_at")
    made = await posted(adviser, f"{here}/referral-files", None, 201)
    file = f"/referral-files/{made['id']}"
    first = await adviser.get(f"/api/v1{file}")
    assert first.json()["document"]["reference"] == received["reference"]
    early = await adviser.post(f"/api/v1{file}/acknowledgement", json={})
    assert (early.status_code, early.json()["code"]) == (409, "referral-not-sent")
    await posted(adviser, f"{file}/sending", {})
    await posted(adviser, f"{file}/acknowledgement", {})
    await posted(adviser, f"{here}/closing", {"outcome": "mdph_relay", "agreed_at": instant(-1)})
    later = await read(adviser, file)
    assert later["document"] == first.json()["document"]
    (line,) = await read(adviser, f"{here}/referral-files")
    assert line["acknowledged_at"] == later["acknowledged_at"] is not None


async def test_below_level_three_no_file_is_made(world: World) -> None:
    received = await waiting(world, level=2)
    reply = await world[Role.COORDINATOR].post(f"/api/v1/situations/{received['reference']}/referral-files")
    assert (reply.status_code, reply.json()["code"]) == (409, "situation-not-at-level-three")


async def test_another_communitys_things_are_absent_byte_for_byte(
    app: Litestar, world: World, database: FreshDatabase
) -> None:
    async with AsyncExitStack() as clients:
        other = await a_world(app, database, clients)
        theirs = await _one_of_each(other)
        before = await world.counts()
        for method, path, body in (
            ("POST", "/tasks/{task}/completion", None),
            ("POST", "/tasks/{task}/abandonment", {"reason": "replaced"}),
            ("GET", "/case-meetings/{meeting}", None),
            ("POST", "/case-meetings/{meeting}/minutes", None),
            ("POST", "/case-meetings/{meeting}/cancellation", None),
            ("GET", "/weekly-sheets/{sheet}", None),
            ("GET", "/project-records/{record}", None),
            ("POST", "/project-records/{record}/sharing", None),
            ("GET", "/referral-files/{file}", None),
            ("POST", "/referral-files/{file}/sending", {}),
        ):
            absent = {name: str(uuid4()) for name in theirs}
            replies = [
                await _sent(world[Role.COORDINATOR], method, path.format(**named), body) for named in (theirs, absent)
            ]
            assert [reply.status_code for reply in replies] == [404, 404], path
            assert replies[0].content == replies[1].content
        for listed in (
            "/tasks",
            "/case-meetings",
            "/weekly-sheets",
            "/project-records",
            "/repeated-gaps",
            "/agenda-proposals",
        ):
            assert (await read(world[Role.COORDINATOR], listed))["total"] == 0, listed
        assert await world.counts() == before


async def _sent(http: httpx.AsyncClient, method: str, path: str, body: Json | None) -> httpx.Response:
    return await http.request(method, f"/api/v1{path}", json=body)


async def _one_of_each(world: World) -> dict[str, str]:
    coordinator = world[Role.COORDINATOR]
    received = await waiting(world, level=3)
    file = await posted(coordinator, f"/situations/{received['reference']}/referral-files", None, 201)
    task = await posted(coordinator, "/tasks", a_task_body(situation_id=received["id"]), 201)
    meeting = await posted(coordinator, "/case-meetings", {"held_at": instant(24)}, 201)
    sheet = await posted(coordinator, "/weekly-sheets")
    record = await posted(coordinator, "/project-records", {"situation_ids": [received["id"]]}, 201)
    made = {"file": file, "task": task, "meeting": meeting, "sheet": sheet, "record": record}
    return {name: each["id"] for name, each in made.items()}
