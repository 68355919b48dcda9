"""Repeating the last seven days from a phone: a list that says what will happen, then one tap."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from exchange.availability.models import OfferSegment
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.periods import local_instant
from exchange.staffing.models import VolunteerTime
from tests.factories.availability import tonight
from tests.factories.ground import ZONE
from tests.web.conftest import Town, words_of

DAY = timedelta(days=1)
PLACES = "/places/semaine-derniere"


async def read(town: Town, statement: Any) -> Any:
    async with town.db.read(town.community_id) as reader:
        return await reader.scalar(statement)


def shown_on(html: str) -> dict[str, Any]:
    found = {name: re.findall(rf'name="{name}" value="([^"]+)"', html) for name in ("shown", "seen", "weeks")}
    return {name: values for name, values in found.items() if values}


async def a_night_of_last_week(town: Town) -> int:
    async with town.db.write(town.community_id) as tx:
        night = await tonight(tx)
        tx.add(OfferSegment(offer_id=town.offer_id, segment=night - 2, capacity=1))
        tx.add(OfferSegment(offer_id=town.offer_id, segment=night - 4, capacity=1))
    return night


async def test_places_are_listed_with_what_will_happen_and_opened_as_listed(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    assert PLACES in await manager.see("/")
    assert "Rien n'a été saisi" in words_of(await manager.see(PLACES))
    night = await a_night_of_last_week(town)
    told = words_of(await manager.see(PLACES))
    assert told.count("existe déjà, reste comme elle est") == 2  # a whole week is open already
    assert "Il n'y a rien à ouvrir." in told
    html = await manager.see(f"{PLACES}?semaines=2")
    assert words_of(html).count("sera ouverte") == 2
    assert "Ouvrir 2 dates" in words_of(html)
    rows = await read(town, select(func.count()).select_from(OfferSegment))
    response = await manager.send(PLACES, shown_on(html), seen_on=f"{PLACES}?semaines=2")
    assert (response.status_code, response.headers["location"]) == (303, "/?fait=semaine-repetee")
    assert await read(town, select(func.count()).select_from(OfferSegment)) == rows + 2
    assert await read(town, select(func.count()).where(OfferSegment.segment.in_([night + 24, night + 26]))) == 2


async def test_a_list_that_has_changed_is_refused_politely(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    night = await a_night_of_last_week(town)
    fields = shown_on(await manager.see(f"{PLACES}?semaines=2"))
    async with town.db.write(town.community_id) as tx:
        tx.add(OfferSegment(offer_id=town.offer_id, segment=night + 26, capacity=1))
    response = await manager.send(PLACES, fields, seen_on=PLACES)
    assert response.status_code == 409
    assert "La liste a changé" in words_of(response.text)
    for wrong in ({"weeks": "1"}, {"weeks": "9", "shown": "x"}, {"weeks": "1", "shown": "x:y"}):
        assert (await manager.send(PLACES, {**wrong, "version": "1"}, seen_on=PLACES)).status_code == 422


async def test_nobody_repeats_the_places_of_another_site(town: Town) -> None:
    await a_night_of_last_week(town)
    fields = shown_on(await town[Role.FACILITY_MANAGER].see(f"{PLACES}?semaines=2"))
    rows = await read(town, select(func.count()).select_from(OfferSegment))
    assert (await town["neighbour"].send(PLACES, fields)).status_code == 403
    for who in (Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER):
        assert (await town[who].http.get(PLACES)).status_code == 403
        assert (await town[who].send(PLACES, fields)).status_code in (403, 404)
    assert await read(town, select(func.count()).select_from(OfferSegment)) == rows


async def test_a_volunteer_s_times_are_listed_and_added_as_listed(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        on = now_of(tx).astimezone(ZONE).date() - 2 * DAY
        slot = Range(local_instant(on, time(9), ZONE), local_instant(on, time(12), ZONE), bounds="[)")
        tx.add(
            VolunteerTime(volunteer_id=town.volunteer_id, kind="available", slot=slot, stated_at=now_of(tx) - 3 * DAY)
        )
    address = f"/volontaires/{town.volunteer_id}/semaine-derniere"
    employer = town["neighbour"]
    assert address in await employer.see(f"/volontaires/{town.volunteer_id}/disponibilites")
    html = await employer.see(address)
    assert "de 9 h à 12 h , Disponible : sera ajouté" in words_of(html).replace("\xa0", " ")
    response = await employer.send(address, shown_on(html), seen_on=address)
    assert response.status_code == 303, response.text
    assert await read(town, select(func.count()).where(VolunteerTime.kind == "available")) == 2
    assert "existe déjà" in words_of(await employer.see(address))
    assert (await employer.send(address, shown_on(html), seen_on=address)).status_code == 409
    assert (await town[Role.COORDINATOR].http.get(address)).status_code == 403
    assert (await town[Role.FACILITY_MANAGER].http.get(address)).status_code == 404
