"""A volunteer's week from a phone: hours on some weekdays, one tap to confirm, dates away without a reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.staffing.models import VolunteerTime
from exchange.staffing.weeks.models import VolunteerPattern, VolunteerPatternException, VolunteerPatternHour
from tests.factories.ground import ZONE
from tests.web.conftest import FORM_KEY, Town, asked, words_of

DAY = timedelta(days=1)


async def read(town: Town, statement: Any) -> Any:
    async with town.db.read(town.community_id) as reader:
        return await reader.scalar(statement)


async def today_of(town: Town) -> date:
    async with town.db.read(town.community_id) as reader:
        return now_of(reader).astimezone(ZONE).date()


def page_of(town: Town) -> str:
    return f"/volontaires/{town.volunteer_id}/semaine-type"


async def send(town: Town, path: str = "", drawn: str | None = None, **fields: Any) -> Any:
    seen_on = f"{page_of(town)}/absence" if path == "/absence" else page_of(town)
    return await town["neighbour"].send(f"{page_of(town)}{path}", fields, seen_on=seen_on, drawn=drawn)


async def a_week(town: Town, **over: Any) -> Any:
    hours: dict[str, Any] = {
        "kind": "available",
        "weekdays": ["0", "1", "2", "3", "4", "5", "6"],
        "from_hour": "21:00",
        "until_hour": "07:00",
        "first": (await today_of(town)).isoformat(),
    }
    return await send(town, **{**hours, **over})


async def test_hours_are_added_on_some_weekdays_and_taken_out_line_by_line(town: Town) -> None:
    assert "Indiquer les horaires de la semaine" in words_of(await town["neighbour"].see(page_of(town)))
    response = await a_week(town, weekdays=["4", "5"])
    assert (response.status_code, response.headers["location"]) == (303, f"{page_of(town)}?fait=horaires-enregistres")
    await a_week(town, kind="own_shift", weekdays=["0"], from_hour="9h", until_hour="16h30")
    told = words_of(await town["neighbour"].see(page_of(town)))
    for words in (
        "Vendredi , de 21:00 à 07:00 le lendemain Disponible",
        "Lundi , de 09:00 à 16:30 Travaille",
        "Valable jusqu'à",
        "Rien n'a changé",
    ):
        assert words in told
    assert await read(town, select(func.count()).where(VolunteerTime.is_weekly)) >= 23
    await send(town, "/retrait", hours="available|4|21:00")
    assert await read(town, select(func.count()).select_from(VolunteerPatternHour)) == 2
    for line in ("available|5|21:00", "own_shift|0|09:00"):
        await send(town, "/retrait", hours=line)
    assert await read(town, select(func.count()).select_from(VolunteerPattern)) == 0
    assert await read(town, select(func.count()).where(VolunteerTime.is_weekly)) == 0


async def test_the_page_of_times_marks_what_the_week_says_and_shows_two_weeks_of_it(town: Town) -> None:
    await a_week(town)
    html = await town["neighbour"].see(f"/volontaires/{town.volunteer_id}/disponibilites")
    assert words_of(html).count("Disponible · semaine type") in (14, 15)
    assert page_of(town) in html


async def test_a_week_nobody_confirmed_says_so_and_one_tap_confirms_it(town: Town) -> None:
    await a_week(town)
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(VolunteerPattern).values(fresh_until=text("now() - interval '1 minute'")))
    told = words_of(await town["neighbour"].see(page_of(town)))
    assert "À confirmer" in told
    assert "n'est plus proposée" in told
    response = await send(town, "/confirmation")
    assert response.headers["location"] == f"{page_of(town)}?fait=place-confirmee"
    assert await read(town, select(VolunteerPattern.fresh_until > func.now()))


async def test_an_absence_is_said_without_a_reason_and_taken_back(town: Town) -> None:
    await a_week(town)
    first, last = (await today_of(town)) + 10 * DAY, (await today_of(town)) + 12 * DAY
    span = {"away_first": first.isoformat(), "away_last": last.isoformat()}
    html = await town["neighbour"].see(f"{page_of(town)}/absence")
    assert "jamais le motif" in words_of(html)
    assert "textarea" not in html
    response = await send(town, "/absence", **span)
    assert response.headers["location"] == f"{page_of(town)}?fait=absence-notee"
    assert "Non disponible" in words_of(await town["neighbour"].see(page_of(town)))
    assert await read(town, select(func.count()).select_from(VolunteerPatternException)) == 9
    await send(town, "/retour", **span)
    assert await read(town, select(func.count()).select_from(VolunteerPatternException)) == 0


async def test_what_is_promised_at_hours_no_longer_said_is_told_and_stands(town: Town) -> None:
    await asked(town)
    await a_week(town)
    assert "Déjà promis" not in words_of(await town["neighbour"].see(page_of(town)))
    today = await today_of(town)
    await send(town, "/absence", away_first=today.isoformat(), away_last=(today + 3 * DAY).isoformat())
    html = await town["neighbour"].see(page_of(town))
    assert "Déjà promis, hors des horaires indiqués" in words_of(html)
    assert f"/mises-a-disposition/{town.loan_id}" in html


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"weekdays": []}, "Choisissez au moins une réponse"),
        ({"from_hour": "vingt heures"}, "Écrivez une heure"),
        ({"first": "demain"}, "Écrivez une date"),
        ({"first": "2020-01-01", "last": "2020-02-01"}, "Cette date est passée."),
        ({"kind": "own_shift", "from_hour": "07:00", "until_hour": "06:00"}, "16 heures au plus"),
        ({"kind": "malade"}, "Choisissez une réponse de la liste"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_is_saved(
    town: Town, over: dict[str, Any], words: str
) -> None:
    response = await a_week(town, **over)
    assert response.status_code == 422
    assert words in words_of(response.text)
    assert await read(town, select(func.count()).select_from(VolunteerPattern)) == 0


async def test_the_same_hours_twice_are_refused_and_so_is_an_old_page_and_two_taps_are_one_act(town: Town) -> None:
    drawn = await town["neighbour"].see(page_of(town))
    for _ in range(2):
        assert (await a_week(town, drawn=drawn)).status_code == 303
    assert await read(town, select(func.count()).select_from(VolunteerPatternHour)) == 7
    old = FORM_KEY.sub('name="idempotency_key" value="another-tap"', drawn)
    assert (await a_week(town, drawn=old, from_hour="08:00", until_hour="09:00")).status_code == 409
    response = await a_week(town)
    assert response.status_code == 422
    assert "Deux périodes se recouvrent." in words_of(response.text)


async def test_only_the_employer_speaks_of_a_week(town: Town) -> None:
    await a_week(town)
    for who in (Role.FACILITY_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER):
        for path in ("", "/absence"):
            assert (await town[who].http.get(f"{page_of(town)}{path}")).status_code in (403, 404), who
        for path, fields in (("", {}), ("/retrait", {"hours": "x"}), ("/confirmation", {}), ("/absence", {})):
            response = await town[who].send(f"{page_of(town)}{path}", {**fields, "version": "2"})
            assert response.status_code in (403, 404), (who, path)
    assert await read(town, select(func.count()).select_from(VolunteerPatternHour)) == 7
