"""The crisis organisation on screen: a banner on every page, and a page that opens, prolongs and closes it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.organisations.crisis import close_crisis, open_crisis
from exchange.web.feed import LiveFeed
from tests.factories.crisis import an_order
from tests.web.conftest import Town, anonymous, parsed, words_of
from tests.web.test_links import a_link
from tests.web.test_stream import NOBODY_LISTENS, instant, watching

EVERYBODY = (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER)
BANNER = "Organisation de crise ouverte par la communauté aujourd'hui à"


async def order_of(town: Town, **over: str) -> dict[str, str]:
    async with town.db.read(town.community_id) as reader:
        until = now_of(reader) + timedelta(days=7)
    return {
        "requested_by": "health_agency",
        "order_reference": "message du 20 mars",
        "until_day": until.date().isoformat(),
        "until_hour": "18:00",
        "confirms": "yes",
        **over,
    }


async def test_everybody_reads_the_banner_once_a_coordinator_has_opened_it(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    assert "Aucune organisation de crise n'est ouverte" in words_of(await coordinator.see("/crise"))
    reply = await coordinator.send("/crise", await order_of(town), seen_on="/crise")
    assert (reply.status_code, reply.headers["location"]) == (303, "/crise?fait=crise-ouverte")
    for role in EVERYBODY:
        for address in ("/", "/tableau", "/crise"):
            told = words_of(await town[role].see(address))
            assert BANNER in told, (role, address)
            assert "à la demande de l'ARS" in told
    page = await coordinator.see("/crise")
    assert "15 min (d'ordinaire 30 min)" in words_of(page)
    closing = next(address for address in parsed(page).addresses if address.endswith("/fermeture"))
    refused = await coordinator.send(closing, {}, seen_on="/crise")
    assert refused.status_code == 422
    reply = await coordinator.send(closing, {"confirms_end": "yes"}, seen_on="/crise")
    assert reply.headers["location"] == "/crise?fait=crise-fermee"
    assert BANNER not in words_of(await town[Role.OBSERVER].see("/"))
    assert "Fermée aujourd'hui" in words_of(await coordinator.see("/crise"))


async def test_it_is_prolonged_by_a_new_act_on_the_page(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    await coordinator.send("/crise", await order_of(town), seen_on="/crise")
    page = await coordinator.see("/crise")
    address = next(each for each in parsed(page).addresses if each.endswith("/prolongation"))
    async with town.db.read(town.community_id) as reader:
        later = (now_of(reader) + timedelta(days=14)).date().isoformat()
    order = await order_of(town, requested_by="prefect", until_day=later)
    reply = await coordinator.send(address, order, seen_on="/crise")
    assert reply.headers["location"] == "/crise?fait=crise-prolongee"
    assert "à la demande du préfet" in words_of(await town[Role.FACILITY_MANAGER].see("/"))


async def test_nothing_is_opened_unless_it_is_confirmed_and_the_typed_form_comes_back(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    order = await order_of(town)
    del order["confirms"]
    reply = await coordinator.send("/crise", order, seen_on="/crise")
    assert reply.status_code == 422
    assert "Cochez la case pour confirmer" in reply.text
    assert "message du 20 mars" in reply.text
    assert "Aucune organisation de crise" in words_of(await coordinator.see("/crise"))


@pytest.mark.parametrize("role", [role for role in EVERYBODY if role is not Role.COORDINATOR])
async def test_others_read_the_page_and_order_nothing(town: Town, role: Role) -> None:
    page = await town[role].see("/crise")
    assert re.findall(r'action="(/crise[^"]*)"', page) == []
    reply = await town[role].send("/crise", await order_of(town))
    assert reply.status_code == 403
    assert "Aucune organisation de crise" in words_of(await town[role].see("/crise"))


async def test_a_derogation_is_noted_with_its_text_and_listed(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    async with town.db.read(town.community_id) as reader:
        today = now_of(reader).date()
    asked = {
        "rule_set": "law",
        "figure": "week_minutes",
        "amount": "3600",
        "text_reference": "décret du 20 mars",
        "issued_by": "Premier ministre",
        "first_day": (today + timedelta(days=1)).isoformat(),
        "last_day": (today + timedelta(days=9)).isoformat(),
    }
    reply = await coordinator.send("/crise/derogations", asked, seen_on="/crise")
    assert reply.headers["location"] == "/crise?fait=derogation-notee"
    told = words_of(await town[Role.FACILITY_MANAGER].see("/crise"))
    assert "Durée d'une semaine : 60 h (Code du travail)" in told
    assert "décret du 20 mars, Premier ministre" in told
    refused = await coordinator.send("/crise/derogations", {**asked, "amount": "6000"}, seen_on="/crise")
    assert refused.status_code == 422


async def test_the_page_is_labelled_and_avoids_the_words_that_hurt(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    for _ in range(2):
        html = await coordinator.see("/crise")
        page = parsed(html)
        assert len(page.ids) == len(set(page.ids))
        assert page.unlabelled == []
        assert "mode crise" not in words_of(html).lower()
        await coordinator.send("/crise", await order_of(town), seen_on="/crise")


async def test_a_professional_reads_it_on_their_own_link_without_signing_in(town: Town) -> None:
    address = await a_link(town)
    async with anonymous(town.app) as person:
        assert BANNER not in words_of((await person.get(address)).text)
        await town[Role.COORDINATOR].send("/crise", await order_of(town), seen_on="/crise")
        html = (await person.get(address)).text
    assert BANNER in words_of(html)
    assert "/crise" not in parsed(html).addresses, "a page that asks to sign in is no use to them"


async def test_a_page_left_open_learns_that_a_crisis_opens_and_ends(town: Town) -> None:
    feed = LiveFeed(town.db, NOBODY_LISTENS, town.community_id)
    coordinator, manager = town[Role.COORDINATOR], town[Role.FACILITY_MANAGER]
    async with watching(feed, coordinator, manager, since=await instant(town)) as screens:
        async with town.db.write(town.community_id) as tx:
            crisis_id = await open_crisis(tx, coordinator.actor, an_order(now_of(tx)), now_of(tx))
        for screen in screens:
            await screen.until(lambda screen=screen: "crisis" in screen.kinds(), within=12.0)
        async with town.db.write(town.community_id) as tx:
            await close_crisis(tx, coordinator.actor, crisis_id, now_of(tx))
        for screen in screens:
            await screen.until(lambda screen=screen: screen.kinds().count("crisis") == 2, within=12.0)
            told = [data["html"] for event, data in screen.events if event == "crisis"]
            assert "ouverte par la communauté aujourd'hui" in unescape(told[0])
            assert told[1] == ""
