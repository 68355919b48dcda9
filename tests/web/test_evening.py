"""The evening's answer on a phone: every site on one page, one tap each."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape

from sqlalchemy import func, select

from exchange.availability.models import FacilityStatus, OfferSegment
from exchange.kernel.actor import Role
from tests.factories.availability import local_date, night_near
from tests.factories.evening import ask_before_now, said_this_morning
from tests.factories.ground import ZONE
from tests.web.conftest import Town, parsed, words_of
from tests.web.rows import column, scalar

BUTTON = re.compile(r"<button[^>]*>([^<]+)</button>")


def tapped(page: str) -> set[str]:
    """What the buttons of a page say."""
    return {unescape(label).strip() for label in BUTTON.findall(page)}


async def past_the_question(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        await ask_before_now(tx, town.community_id)
        await said_this_morning(tx, town.offer_id)
    # The card shown says what the last word said.
    response = await town[Role.ON_CALL_MANAGER].send(f"/lieux/{town.home_id}/couleur", {"colour": "green"})
    assert response.status_code == 303


async def test_an_on_call_manager_answers_for_each_site_and_place_from_one_page(town: Town) -> None:
    await past_the_question(town)
    page = await town[Role.ON_CALL_MANAGER].see("/")
    told = words_of(page)
    assert "Question du soir : 1 place attend votre réponse" in told
    assert "À confirmer pour ce soir" in told
    assert "il y a 4 h" in told
    assert {"✓ Vert", "Orange", "Rouge", "Rien n'a changé", "−1 ce soir", "+1 ce soir"} <= tapped(page)
    assert parsed(page).unlabelled == []
    assert f"/places/{town.offer_id}/fermeture" in parsed(page).addresses
    assert "Foyer des Tilleuls" in told
    assert "Maison de la Borne" not in told.split("Renforts")[0], "another association's site is not one's own"


async def test_one_tap_for_everything_answers_the_question(town: Town) -> None:
    await past_the_question(town)
    response = await town[Role.ON_CALL_MANAGER].send("/ce-soir/rien-n-a-change", {})
    assert response.headers["location"] == "/?fait=tout-confirme"
    told = words_of(await town[Role.ON_CALL_MANAGER].see("/?fait=tout-confirme"))
    assert "rien n'a changé dans aucun de vos lieux" in told
    assert "Question du soir" not in told
    assert re.search(r"Confirmée par l'astreinte aujourd'hui", told)
    assert "Valable jusqu'à" in told


async def test_one_less_tonight_touches_tonight_alone_and_says_so_when_the_place_is_used(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    offered = select(func.array_agg(OfferSegment.capacity)).where(OfferSegment.offer_id == town.offer_id)
    before = await scalar(town, offered)
    fields = {"delta": "-1", "portee": "ce-soir"}
    for _ in range(2):
        assert (await manager.send(f"/places/{town.offer_id}/capacite", fields)).status_code == 303
    after = await scalar(town, offered)
    assert isinstance(before, list)
    assert isinstance(after, list)
    assert sum(before) - sum(after) == 2
    refused = await manager.send(f"/places/{town.offer_id}/capacite", fields)
    assert refused.status_code == 409
    assert "Place déjà promise" in words_of(refused.text)


async def test_a_colour_said_is_shown_with_who_said_it_and_until_when(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    response = await manager.send(f"/lieux/{town.home_id}/couleur", {"colour": "red", "reason": "infection"})
    assert response.headers["location"] == "/?fait=couleur-dite"
    told = words_of(await manager.see("/"))
    assert re.search(r"Rouge : Épidémie dans la maison, dit par la direction .* valable jusqu'à", told)
    board = words_of(await town[Role.COORDINATOR].see("/tableau"))
    assert "Rouge : Épidémie dans la maison, jusqu'à" in board
    assert "0 places ce soir" in board, "a red house has spoken: this is a zero that is known"
    assert await column(town, FacilityStatus.colour, FacilityStatus.facility_id == town.home_id) == "red"
    assert (await town["neighbour"].send(f"/lieux/{town.home_id}/couleur", {"colour": "green"})).status_code == 403
    dated = {"colour": "red", "until_on": tomorrow().isoformat()}
    refused = await manager.send(f"/lieux/{town.home_id}/couleur", dated)
    assert refused.status_code == 422
    assert "donne sa raison" in words_of(refused.text)


def tomorrow() -> date:
    return local_date(datetime.now(ZONE), ZONE)


async def test_a_place_is_closed_until_a_date_stays_visible_and_is_opened_again(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    form = {"until_on": (tomorrow() + timedelta(days=2)).isoformat(), "reason": "works"}
    response = await manager.send(f"/places/{town.offer_id}/fermeture", form)
    assert response.headers["location"] == "/?fait=place-fermee"
    assert "Fermée jusqu'à" in words_of(await town["neighbour"].see("/tableau"))
    page = await manager.see("/")
    assert "Rouvrir" in tapped(page)
    assert (await manager.send(f"/places/{town.offer_id}/reouverture", {})).status_code == 303
    assert "Fermée jusqu'à" not in words_of(await manager.see("/"))


async def test_beyond_capacity_is_signed_on_the_place_s_page_and_told_on_the_board_without_a_name(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    night = night_near(datetime.now(ZONE), ZONE)
    form: dict[str, str | list[str]] = {"segments": [str(night)], "units": "1", "reason": "no_other_answer"}
    response = await manager.send(f"/places/{town.offer_id}/sureffectif", form)
    assert response.headers["location"] == f"/places/{town.offer_id}?fait=sureffectif-decide"
    told = words_of(await manager.see(f"/places/{town.offer_id}"))
    assert re.search(r"1 place de plus, nuit, aujourd'hui, décidé par Compte d'essai \(la direction\)", told)
    board = words_of(await town["neighbour"].see("/tableau"))
    assert "Dont 1 en sureffectif, décidé par la direction" in board
    assert "dont 1 en sureffectif décidé" in board
    assert "Compte d'essai" not in board.split("Se déconnecter")[1]
    refused = await manager.send(f"/places/{town.offer_id}/sureffectif", {**form, "segments": []})
    assert refused.status_code == 422


async def test_the_board_tells_who_answered_and_never_shows_the_unknown_as_zero(town: Town) -> None:
    """The house said green, and nothing of its place: how many are free tonight is not known."""
    await past_the_question(town)
    board = words_of(await town[Role.COORDINATOR].see("/tableau"))
    assert "1 établissement sur 1 a répondu pour ce soir" in board, "a colour is an answer"
    assert "? places ce soir, pas encore de réponse" in board
    assert "Places connues libres" in board
