"""A word about a place has a lifetime: past it the place is proposed no more, stays visible, and one tap restores it.

Over HTTP with real workers. The clock is frozen past the lifetime by moving the word, and the row that rings at its
end, as far back as the time that would have passed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from exchange.kernel.db import Scope
from tests.factories.ground import PASSWORD, database_of
from tests.scenarios import acts
from tests.scenarios.cast import Cast, Houses, on_stage, settle, tonight
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.stage import Stage, eventually, running_stage
from tests.web.conftest import FORM_KEY, FORM_TOKEN, words_of

TWO_DAYS = "interval '2 days'"


async def two_days_pass(stage: Stage, houses: Houses, offer_id: str) -> None:
    """The word is two days old, and so is the row that rings at its end."""
    db = database_of(stage.database)
    async with db.write(houses.community_id) as tx:
        await tx.execute(
            text(
                f"UPDATE place_offers SET attested_at = attested_at - {TWO_DAYS},"
                f" fresh_until = fresh_until - {TWO_DAYS} WHERE id = :offer"
            ),
            {"offer": UUID(offer_id)},
        )
        # The board reads its cards: the one shown since the word was given says the same hours.
        await tx.execute(
            text(
                "UPDATE cards SET card = card || jsonb_build_object("
                f" 'attested_at', (card->>'attested_at')::timestamptz - {TWO_DAYS},"
                f" 'fresh_until', (card->>'fresh_until')::timestamptz - {TWO_DAYS})"
                " WHERE subject_id = :offer AND shown_until = 'infinity'"
            ),
            {"offer": UUID(offer_id)},
        )
    async with db.write(None, scope=Scope.RELAY) as tx:
        await tx.execute(text("UPDATE outbox SET due_at = now() WHERE job = 'availability.ask_again'"))


async def proposed_offers(cast: Cast, reference: str) -> list[str]:
    told = await cast.adviser.get(f"/situations/{reference}/answers")
    return [placement["offer_id"] for answer in told["answers"] for placement in answer["placements"]]


async def the_offer(cast: Cast, offer_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await cast.host.get(f"/offers/{offer_id}")
    return found


class Manager:
    """The manager of the house, on a phone without JavaScript."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def sign_in(self, email: str) -> None:
        page = (await self.http.get("/connexion")).text
        token = FORM_TOKEN.search(page)
        fields = {"email": email, "password": PASSWORD, **({"csrf_token": token[1]} if token else {})}
        reply = await self.http.post("/connexion", data=fields)
        assert reply.status_code == 303, reply.text[:500]

    async def tonight(self) -> str:
        reply = await self.http.get("/")
        assert reply.status_code == 200
        return reply.text

    async def tap(self, address: str, **fields: str) -> None:
        page = await self.tonight()
        assert f'action="{address}"' in page, f"no such button on the page: {address}"
        token, key = FORM_TOKEN.search(page), FORM_KEY.search(page)
        assert token is not None
        assert key is not None
        data = {"csrf_token": token[1], "idempotency_key": f"{key[1]}-{address}", **fields}
        reply = await self.http.post(address, data=data)
        assert reply.status_code == 303, reply.text[:500]


async def test_past_its_lifetime_a_place_leaves_the_proposals_stays_visible_and_one_tap_restores_it(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with (
        running_stage(database, redis_url, smtp_sink, tmp_path) as stage,
        on_stage(stage, houses) as cast,
        httpx.AsyncClient(base_url=stage.url, timeout=20) as http,
    ):
        manager = Manager(http)
        await manager.sign_in("host@scenario.invalid")
        offer_id = await acts.publish_emergency_bed(cast)
        reference = await acts.call_for_help(cast, night=tonight())
        assert (await acts.first_answer(cast, reference))["offer_id"] == offer_id
        assert "Valable jusqu'à" in words_of(await manager.tonight())

        await two_days_pass(stage, houses, offer_id)

        async def none_left() -> bool:
            return await proposed_offers(cast, reference) == []

        await eventually(none_left, "the proposal gone")
        refused = await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1}, expect=409)
        assert refused["code"] == "answer-not-open"
        assert (await the_offer(cast, offer_id))["state"] == "to_confirm"
        board = await cast.coordinator.get("/board")
        assert [(card["subject_id"], card["to_confirm"]) for card in board["offers"]] == [(offer_id, True)]
        assert (board["whole"]["places_free"], board["whole"]["places_unknown"]) == (None, True), "unknown is not zero"
        page = words_of(await manager.tonight())
        assert "À confirmer" in page
        assert re.search(r"Confirmée par la direction .* \( ?(?:il y a 48.h|il y a 2.jours) ?\)", page)

        await manager.tap(f"/places/{offer_id}/confirmation")

        async def proposed_again() -> bool:
            return await proposed_offers(cast, reference) == [offer_id]

        await eventually(proposed_again, "the proposal back after one tap")
        assert (await the_offer(cast, offer_id))["state"] == "published"
        assert "Valable jusqu'à" in words_of(await manager.tonight())
        held = await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
        assert held["held_until"]


async def test_a_house_that_says_red_leaves_the_proposals_until_it_says_green(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with (
        running_stage(database, redis_url, smtp_sink, tmp_path) as stage,
        on_stage(stage, houses) as cast,
        httpx.AsyncClient(base_url=stage.url, timeout=20) as http,
    ):
        manager = Manager(http)
        await manager.sign_in("host@scenario.invalid")
        offer_id = await acts.publish_emergency_bed(cast)
        reference = await acts.call_for_help(cast, night=tonight())
        await acts.first_answer(cast, reference)
        await manager.tap(f"/lieux/{houses.host_id}/couleur", colour="red")

        async def none_left() -> bool:
            return await proposed_offers(cast, reference) == []

        await eventually(none_left, "nothing proposed in a red house")
        assert (await the_offer(cast, offer_id))["state"] == "published", "its places stay visible"
        (card,) = (await cast.coordinator.get("/board"))["offers"]
        assert (card["house"]["colour"], card["not_tonight"]) == ("red", "house_red")
        await cast.host.post(f"/facilities/{houses.host_id}/status", {"colour": "green"})

        async def proposed_again() -> bool:
            return await proposed_offers(cast, reference) == [offer_id]

        await eventually(proposed_again, "the proposal back once the house is green")
