"""One line for those who coordinate: the search lasts, fails or has stopped; and the button that stops it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event, OutboxRow
from exchange.planning.models import MatchRun
from exchange.planning.troubles import MOST_FAILURES
from tests.web.conftest import Town, words_of

STOP, AGAIN = "Arrêter cette recherche", "Réessayer"


async def a_run(town: Town, state: str, *, seconds_ago: int = 10, **over: object) -> UUID:
    async with town.db.write(town.community_id) as tx:
        now = now_of(tx)
        began = now - timedelta(seconds=seconds_ago)
        ended = None if state == "solving" else began
        run = MatchRun(
            id=new_id(),
            lane="full",
            state=state,
            started_at=began,
            recorded_at=ended,
            lease_until=now + timedelta(seconds=20),
            **over,
        )
        tx.add(run)
        return run.id


async def test_a_search_that_lasts_is_told_and_a_coordinator_alone_may_stop_it(town: Town) -> None:
    run_id = await a_run(town, "solving")
    for role in (Role.COORDINATOR, Role.PATHWAY_ADVISER):
        seen = words_of(await town[role].see("/"))
        assert "Recherche en cours depuis" in seen
        assert "(réexamen complet)" in seen
        assert (STOP in seen) == (role is Role.COORDINATOR)
    assert "Recherche" not in words_of(await town[Role.FACILITY_MANAGER].see("/"))
    refused = await town[Role.PATHWAY_ADVISER].send(f"/calculs/{run_id}/arret", {})
    assert refused.status_code == 403
    stopped = await town[Role.COORDINATOR].send(f"/calculs/{run_id}/arret", {})
    assert (stopped.status_code, stopped.headers["location"]) == (303, "/?fait=recherche-arretee")
    seen = words_of(await town[Role.COORDINATOR].see("/?fait=recherche-arretee"))
    assert "La recherche est arrêtée." in seen
    assert "Recherche en cours" not in seen
    async with town.db.read(town.community_id) as reader:
        assert await reader.scalar(select(MatchRun.state).where(MatchRun.id == run_id)) == "cancelled"


async def test_a_search_that_has_just_begun_is_no_news(town: Town) -> None:
    await a_run(town, "solving", seconds_ago=1)
    assert "Recherche en cours" not in words_of(await town[Role.COORDINATOR].see("/"))


async def test_a_search_that_fails_says_why_and_one_that_stopped_says_what_to_do(town: Town) -> None:
    await a_run(town, "failed", failed_with="memory", seconds_ago=3600)
    seen = words_of(await town[Role.COORDINATOR].see("/"))
    assert "La recherche échoue depuis" in seen
    assert "mémoire insuffisante" in seen
    for _ in range(MOST_FAILURES):
        await a_run(town, "failed", failed_with="wall-cap", seconds_ago=600)
    seen = words_of(await town[Role.COORDINATOR].see("/"))
    assert "La recherche s'est arrêtée" in seen
    assert "délai dépassé" in seen
    assert "appelez les lieux" in seen
    await a_run(town, "recorded", seconds_ago=1)
    assert "La recherche" not in words_of(await town[Role.COORDINATOR].see("/"))


async def test_a_stopped_search_is_started_again_by_a_coordinator_alone(town: Town) -> None:
    await a_run(town, "failed", failed_with="memory", seconds_ago=3600)
    assert AGAIN not in words_of(await town[Role.COORDINATOR].see("/")), "it goes on by itself"
    early = await town[Role.COORDINATOR].send("/calculs/full/reprise", {})
    assert (early.status_code, "Elle continue d'elle-même" in words_of(early.text)) == (409, True)
    for _ in range(MOST_FAILURES):
        await a_run(town, "failed", failed_with="wall-cap", seconds_ago=600)
    assert AGAIN in words_of(await town[Role.COORDINATOR].see("/"))
    assert AGAIN not in words_of(await town[Role.PATHWAY_ADVISER].see("/"))
    assert (await town[Role.PATHWAY_ADVISER].send("/calculs/full/reprise", {})).status_code == 403
    assert (await town[Role.COORDINATOR].send("/calculs/slow/reprise", {})).status_code == 404
    asked = await town[Role.COORDINATOR].send("/calculs/full/reprise", {})
    assert (asked.status_code, asked.headers["location"]) == (303, "/?fait=recherche-relancee")
    async with town.db.write(town.community_id) as tx:
        told = (await tx.scalars(select(Event.actor_role).where(Event.kind == "search_asked_again"))).all()
        assert told == ["coordinator"]
        # What its reaction writes; the town of these tests has none.
        asked_for = {"job": "planning.full", "gather_key": "full", "due_at": now_of(tx)}
        tx.add(OutboxRow(id=new_id(), fact_id=new_id(), subject_id=new_id(), **asked_for))
    seen = words_of(await town[Role.COORDINATOR].see("/?fait=recherche-relancee"))
    assert "Un nouvel essai est demandé." in seen
    assert "Nouvel essai à" in seen
    assert AGAIN not in seen, "it is asked once"
