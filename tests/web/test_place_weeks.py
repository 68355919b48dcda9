"""A week of places from a phone: seven days, seven nights, and the dates that differ."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from exchange.availability.models import OfferSegment
from exchange.availability.weeks.models import PlacePattern, PlacePatternException
from exchange.kernel.actor import Role
from exchange.kernel.periods import Half, date_of, segment_of
from tests.factories.availability import tonight
from tests.web.conftest import Town, words_of

DAY = timedelta(days=1)
EVERY_NIGHT: dict[str, Any] = {f"c{place}": str(2 * (place % 2)) for place in range(14)}


async def first_date(town: Town) -> Any:
    async with town.db.read(town.community_id) as reader:
        return date_of(await tonight(reader))


async def read(town: Town, statement: Any) -> Any:
    async with town.db.read(town.community_id) as reader:
        return await reader.scalar(statement)


async def a_week(town: Town) -> Any:
    """The home's offer follows two persons each night; what was entered by hand stays."""
    address = f"/places/{town.offer_id}/semaine-type"
    first = await first_date(town)
    fields = {**EVERY_NIGHT, "first": first.isoformat(), "last": ""}
    return first, await town[Role.FACILITY_MANAGER].send(address, fields, seen_on=address)


async def test_a_week_is_set_from_one_page_and_read_again_there(town: Town) -> None:
    address = f"/places/{town.offer_id}/semaine-type"
    assert "Exceptions" not in words_of(await town[Role.FACILITY_MANAGER].see(address))
    assert "semaine-type" in await town[Role.FACILITY_MANAGER].see(f"/places/{town.offer_id}")
    _, response = await a_week(town)
    assert (response.status_code, response.headers["location"]) == (303, f"{address}?fait=semaine-enregistree")
    nights = select(func.count()).where(OfferSegment.capacity == 2, OfferSegment.segment % 2 == 1)
    assert await read(town, nights) == 56
    html = await town[Role.FACILITY_MANAGER].see(address)
    assert 'name="c1" type="number" min="0" max="99" inputmode="numeric" value="2"' in html
    told = words_of(html)
    assert "Saisi ou corrigé à la main" in told  # the days entered before the week
    assert "Revenir à la semaine type" in told


async def test_dates_are_closed_and_opened_again(town: Town) -> None:
    first, _ = await a_week(town)
    manager, address = town[Role.FACILITY_MANAGER], f"/places/{town.offer_id}/semaine-type"
    night = segment_of(first + 20 * DAY, Half.NIGHT)
    capacity = select(OfferSegment.capacity).where(OfferSegment.segment == night)
    span = {"first": (first + 20 * DAY).isoformat(), "last": (first + 22 * DAY).isoformat(), "halves": ["night"]}
    fields = {**span, "capacity": "0", "reason": "works"}
    response = await manager.send(f"{address}/exception", fields, seen_on=f"{address}/exception")
    assert response.headers["location"] == f"{address}?fait=exception-notee"
    assert await read(town, capacity) == 0
    assert "Fermé , la nuit · Travaux" in words_of(await manager.see(address))
    response = await manager.send(f"{address}/reprise", {**span, "half": "night"}, seen_on=address)
    assert response.headers["location"] == f"{address}?fait=semaine-reprise"
    assert await read(town, capacity) == 2
    assert await read(town, select(func.count()).where(PlacePatternException.segment == night)) == 0


async def test_a_week_is_left_and_its_open_dates_stay(town: Town) -> None:
    await a_week(town)
    rows = await read(town, select(func.count()).select_from(OfferSegment))
    address = f"/places/{town.offer_id}/semaine-type"
    response = await town[Role.FACILITY_MANAGER].send(f"{address}/fin", {}, seen_on=address)
    assert response.headers["location"] == f"/places/{town.offer_id}?fait=semaine-finie"
    assert await read(town, select(func.count()).select_from(OfferSegment)) == rows
    assert await read(town, select(func.count()).select_from(PlacePattern)) == 0


async def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_is_saved(town: Town) -> None:
    manager, address = town[Role.FACILITY_MANAGER], f"/places/{town.offer_id}/semaine-type"
    for fields, words in (
        ({**EVERY_NIGHT, "c3": "beaucoup", "first": "2026-01-01"}, "un nombre entre 0 et 99"),
        ({**EVERY_NIGHT, "first": "hier"}, "Écrivez une date"),
        ({"first": "2026-01-01"}, "Indiquez au moins une place dans la semaine."),
    ):
        response = await manager.send(address, fields, seen_on=address)
        assert response.status_code == 422
        assert words in words_of(response.text)
        assert 'role="alert"' in response.text
    await a_week(town)
    wrong = {"first": "2026-01-02", "last": "2026-01-01", "halves": ["day"], "capacity": "x", "reason": "grippe"}
    response = await manager.send(f"{address}/exception", wrong, seen_on=f"{address}/exception")
    assert response.status_code == 422
    for words in ("vient avant la première", "Écrivez un nombre entier", "Choisissez une réponse de la liste"):
        assert words in words_of(response.text)
    assert (await manager.send(f"{address}/reprise", {"version": "2"}, seen_on=address)).status_code == 422


async def test_two_taps_on_the_same_form_are_one_act(town: Town) -> None:
    first = await first_date(town)
    address = f"/places/{town.offer_id}/semaine-type"
    fields = {**EVERY_NIGHT, "first": first.isoformat()}
    drawn = await town[Role.FACILITY_MANAGER].see(address)
    replies = [await town[Role.FACILITY_MANAGER].send(address, fields, drawn=drawn) for _ in range(2)]
    assert {reply.headers["location"] for reply in replies} == {f"{address}?fait=semaine-enregistree"}


async def test_only_the_site_s_own_people_set_its_week(town: Town) -> None:
    await a_week(town)
    address = f"/places/{town.offer_id}/semaine-type"
    for who in ("neighbour", Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER):
        for path, fields in (("", EVERY_NIGHT), ("/exception", {}), ("/fin", {})):
            response = await town[who].send(f"{address}{path}", fields)
            assert response.status_code in (403, 404, 422), (who, path)
        assert (await town[who].http.get(address)).status_code in (403, 404), who
    assert await read(town, select(func.count()).select_from(PlacePattern)) == 1


async def test_a_week_drawn_before_its_place_changed_is_refused_with_what_changed(town: Town) -> None:
    manager, address = town[Role.FACILITY_MANAGER], f"/places/{town.offer_id}/semaine-type"
    first, drawn = await first_date(town), await manager.see(address)
    await manager.send(f"/places/{town.offer_id}/capacite", {"delta": "1"}, seen_on=f"/places/{town.offer_id}")
    response = await manager.send(address, {**EVERY_NIGHT, "first": first.isoformat()}, drawn=drawn)
    assert response.status_code == 409
    assert await read(town, select(func.count()).select_from(PlacePattern)) == 0
