"""Holds that count down, the backups behind plan A, deals made on the phone, green lights, exits and prolongations."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.organisations import queries as organisations
from exchange.placements.commands import GiveYes, give_yes
from exchange.placements.models import Placement
from exchange.placements.rules import YesParty
from exchange.situations.models import Situation
from tests.factories.availability import an_offer, from_tonight
from tests.factories.ground import ZONE, a_facility, ground
from tests.factories.placements import proposed
from tests.web.conftest import Town, words_of
from tests.web.rows import scalar
from tests.web.test_pages import held


def in_days(count: int) -> str:
    return (datetime.now(ZONE).date() + timedelta(days=count)).isoformat()


async def confirmed(town: Town) -> str:
    """The town's placement with its three yeses; its page."""
    here = f"/accueils/{town.placement_id}"
    await held(town)
    await town[Role.FACILITY_MANAGER].send(f"{here}/oui", {}, seen_on=here)
    adviser = town[Role.PATHWAY_ADVISER]
    await adviser.send(f"{here}/accord", {"person_yes_from": "person"}, seen_on=here)
    sent = await adviser.send(f"{here}/cadre", {"legal_basis": "emergency_admission"}, seen_on=here)
    assert sent.status_code == 303, words_of(sent.text)
    return here


async def urgency_is(town: Town, urgency: int) -> None:
    async with town.db.write(town.community_id) as tx:
        (await tx.get_one(Situation, town.situation_id)).urgency = urgency


async def test_a_hold_counts_down_on_every_page_that_shows_it(town: Town) -> None:
    await held(town)
    pages = {
        f"/situations/{town.reference}": Role.PATHWAY_ADVISER,
        f"/accueils/{town.placement_id}": Role.FACILITY_MANAGER,
        "/tableau?genre=accueils": Role.COORDINATOR,
    }
    for address, role in (*pages.items(), ("/", Role.COORDINATOR), ("/", Role.FACILITY_MANAGER)):
        page = await town[role].see(address)
        timer = re.search(r'<time class="countdown"([^>]*)>([^<]*)</time>', page)
        assert timer is not None, address
        assert 'role="timer"' in timer[1]
        assert 'aria-live="off"' in timer[1], "a reader that listens is not told each minute"
        until, now = (datetime.fromisoformat(found) for found in re.findall(r'data-(?:until|now)="([^"]+)"', timer[1]))
        assert timedelta(minutes=28) < until - now <= timedelta(minutes=30)
        assert timer[2] in ("encore 29 min", "encore 30 min")


async def test_backups_are_shown_behind_plan_a_with_whether_the_person_agreed(town: Town) -> None:
    async with ground(town.db, town.community_id) as tx:
        others = [await a_facility(tx, name=name) for name in ("Foyer B", "Foyer C")]
        offers = [await an_offer(tx, site, spans=await from_tonight(tx)) for site in others]
    async with town.db.write(town.community_id) as tx:
        backups = [await proposed(tx, town.situation_id, offer, rank=rank) for rank, offer in enumerate(offers, 2)]
        yes = GiveYes(backups[0], YesParty.PERSON, person_yes_from="person")
        await give_yes(tx, town[Role.PATHWAY_ADVISER].actor, yes, now_of(tx))
    sheet = f"/situations/{town.reference}"
    assert "Si ce lieu ne peut pas" not in words_of(await town[Role.COORDINATOR].see(sheet))
    await held(town)
    told = words_of(await town[Role.COORDINATOR].see(sheet))
    assert (
        "Si ce lieu ne peut pas : Foyer B la personne est d'accord , puis Foyer C accord de la personne à demander ."
        in told
    )


async def test_a_call_holds_and_agrees_in_one_go(town: Town) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    deal = {"deal_place": str(town.offer_id), "spoken_with": "Une voix", "function": "Cheffe de service"}
    blank = await adviser.send(f"{sheet}/accord-telephone", {**deal, "function": ""}, seen_on=sheet)
    assert blank.status_code == 422
    assert 'value="Une voix"' in blank.text
    made = await adviser.send(f"{sheet}/accord-telephone", deal, seen_on=sheet)
    assert made.status_code == 303, words_of(made.text)
    told = words_of(await adviser.see(made.headers["location"]))
    assert "par téléphone avec Une voix (Cheffe de service), noté par la coordination" in told
    manager = words_of(await town[Role.FACILITY_MANAGER].see(made.headers["location"].partition("?")[0]))
    assert "Ce n'est pas notre accord" in manager


async def test_a_site_that_published_nothing_is_recorded_too(town: Town) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    deal = {"deal_place": str(town.neighbour_id), "spoken_with": "Une voix", "function": "Direction"}
    made = await adviser.send(f"{sheet}/accord-telephone", deal, seen_on=sheet)
    assert made.status_code == 303, words_of(made.text)
    told = words_of(await adviser.see(made.headers["location"]))
    assert "Maison de la Borne" in told


async def test_a_place_is_proposed_without_search_and_a_breach_says_why(town: Town) -> None:
    async with ground(town.db, town.community_id) as tx:
        site = await a_facility(tx, name="Foyer écarté")
        lacking = await an_offer(tx, site, spans=await from_tonight(tx), provides=())
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    refused = await adviser.send(f"{sheet}/proposition", {"hand_offer": str(lacking)}, seen_on=sheet)
    assert refused.status_code == 422
    assert "le lieu ne fournit pas tout ce dont la personne a besoin" in words_of(refused.text)
    asked = {"hand_offer": str(lacking), "hand_reason": "L'équipe a été formée hier"}
    made = await adviser.send(f"{sheet}/proposition", asked, seen_on=sheet)
    assert made.status_code == 303, words_of(made.text)
    told = words_of(await adviser.see(sheet))
    assert "Foyer écarté" in told
    assert "Avec un écart accepté" in told


async def test_the_lights_of_an_arrival_are_turned_by_either_side(town: Town) -> None:
    here = await confirmed(town)
    manager = town[Role.FACILITY_MANAGER]
    page = await manager.see(here)
    assert "Ce qui manque avant l'arrivée" in page
    assert words_of(page).count("C'est fait") == 6  # the exit plan has its own form
    done = await manager.send(f"{here}/conditions", {"condition": "transport", "is_done": "yes"}, seen_on=here)
    assert done.status_code == 303
    told = words_of(await town[Role.COORDINATOR].see(here))
    assert re.search(r"Transport, aujourd'hui \d+ h( \d+)? · Direction", told), told
    assert "Pas encore" in told
    undone = {"condition": "transport", "is_done": "no"}
    assert (await town[Role.COORDINATOR].send(f"{here}/conditions", undone, seen_on=here)).status_code == 303
    assert words_of(await manager.see(here)).count("C'est fait") == 6


async def test_below_tonight_s_urgency_the_arrival_says_what_it_waits_for(town: Town) -> None:
    await urgency_is(town, 2)
    here = await confirmed(town)
    manager = town[Role.FACILITY_MANAGER]
    assert "Il manque encore : transport, traitement et ordonnance" in words_of(await manager.see(here))
    refused = await manager.send(f"{here}/arrivee", {"exit_on": in_days(3)}, seen_on=here)
    assert refused.status_code == 409
    assert 'id="despite-erreur"' in refused.text
    arrival = {"exit_on": in_days(3), "despite": "Tout suit demain matin"}
    assert (await manager.send(f"{here}/arrivee", arrival, seen_on=here)).status_code == 303
    assert "malgré ce qui manquait : Tout suit demain matin" in words_of(await manager.see(here))


async def test_an_exit_is_planned_counted_and_put_off(town: Town) -> None:
    here = await confirmed(town)
    adviser = town[Role.PATHWAY_ADVISER]
    too_far = {"planned_exit_on": in_days(15), "solution": "relatives"}
    refused = await adviser.send(f"{here}/sortie", too_far, seen_on=here)
    assert refused.status_code == 422
    assert "moins de 15 jours" in words_of(refused.text)
    plan = {"planned_exit_on": in_days(3), "solution": "relatives"}
    assert (await adviser.send(f"{here}/sortie", plan, seen_on=here)).status_code == 303
    told = words_of(await adviser.see(here))
    assert "accueil par un proche" in told
    assert "jour 1 sur 15, sortie au jour 4" in told
    assert (await adviser.send(f"{here}/arrivee", {"exit_on": in_days(3)}, seen_on=here)).status_code == 303
    board = words_of(await town[Role.COORDINATOR].see("/tableau?genre=accueils"))
    assert "Admission d'urgence : jour 1 sur 15, sortie au jour 4" in board
    longer = {
        "new_exit_on": in_days(20), "new_person_yes_from": "person", "spoken_with": "Une voix", "function": "Direction",
    }  # fmt: skip
    refused = await adviser.send(f"{here}/prolongation", longer, seen_on=here)
    assert refused.status_code in (409, 422)
    assert f'value="{in_days(20)}"' in refused.text, "what was typed stays"
    silent = await adviser.send(f"{here}/prolongation", {**longer, "spoken_with": ""}, seen_on=here)
    assert silent.status_code == 422


async def test_days_already_spent_are_asked_with_the_frame_and_counted(town: Town) -> None:
    here = f"/accueils/{town.placement_id}"
    await held(town)
    adviser = town[Role.PATHWAY_ADVISER]
    async with town.db.read(town.community_id) as reader:
        assert await organisations.zone(reader) == ZONE
    asks = "Jours d'accueil temporaire déjà faits cette année" in words_of(await adviser.see(here))
    given = {"legal_basis": "cdaph_decision", "temporary_days_before": "84"}
    assert (await adviser.send(f"{here}/cadre", given, seen_on=here)).status_code == 303
    kept = await scalar(town, select(Placement.temporary_days_before))
    assert (asks, kept) == (True, 84)
    assert "Accueil temporaire cette année jour 85 sur 90" in words_of(await adviser.see(here))
