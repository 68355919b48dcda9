"""When the database refuses, is slow or is away, people read a page in French, never a program's problem."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from exchange.kernel.actor import Role
from exchange.wording.errors import ERROR_WORDING
from tests.web.conftest import Town, anonymous, words_of

BUSY = ERROR_WORDING["busy"][0]
DEFECT = "Une erreur est survenue de notre côté"


class Told(Exception):
    """What the driver says, with its SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("the driver's own words")
        self.sqlstate = sqlstate


def said(kind: type[DBAPIError], sqlstate: str) -> DBAPIError:
    return kind("SELECT 1", {}, Told(sqlstate))


TROUBLES = [
    (ConnectionRefusedError(111, "refused"), 503, BUSY),
    (PoolTimeout("no connection came free"), 503, BUSY),
    (said(OperationalError, "57014"), 503, BUSY),
    (said(OperationalError, "53300"), 503, BUSY),
    (said(ProgrammingError, "42P01"), 500, DEFECT),
    (RuntimeError("a defect"), 500, DEFECT),
]


@pytest.mark.parametrize(("trouble", "status", "title"), TROUBLES, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("where", ["exchange.web.pages.tonight.board_at", "exchange.identity.queries.actor_of_session"])
async def test_trouble_with_the_database_is_a_page(
    town: Town, monkeypatch: pytest.MonkeyPatch, trouble: Exception, status: int, title: str, where: str
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(where, fail)
    response = await town[Role.COORDINATOR].http.get("/")
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert title in words_of(response.text)
    assert "driver" not in response.text


async def test_an_act_that_the_database_refuses_is_told_on_its_own_form(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise said(OperationalError, "55P03")

    monkeypatch.setattr("exchange.availability.commands.publish_offer", fail)
    fields = {
        "facility_id": str(town.home_id), "kind": "ordinary", "care_mode": "nights_only", "ages_from": "18",
        "populations": "intellectual_disability", "ages_to": "60", "first": "2030-01-05", "halves": "night",
        "capacity": "3",
    }  # fmt: skip
    response = await town[Role.FACILITY_MANAGER].send("/places", fields, seen_on="/places/nouvelle")
    assert (response.status_code, response.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert BUSY in words_of(response.text)
    assert 'value="2030-01-05"' in response.text


async def test_a_mailed_link_is_told_so_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr("exchange.identity.queries.read_link", fail)
    async with anonymous(town.app) as person:
        response = await person.get("/lien/" + "a" * 43)
    assert (response.status_code, response.headers["content-type"]) == (503, "text/html; charset=utf-8")
