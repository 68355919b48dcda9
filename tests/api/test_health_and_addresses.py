"""What answers without a token, and how unknown addresses answer."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar

from exchange.app import create_app
from exchange.kernel.actor import Role
from exchange.settings import Settings
from tests.api.conftest import World, client
from tests.servers import FreshDatabase


async def test_service_is_well_while_its_database_answers(app: Litestar) -> None:
    async with client(app) as http:
        reply = await http.get("/sante")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


async def test_service_says_so_when_its_database_is_away(redis_url: str) -> None:
    settings = Settings.from_environment(
        {"DATABASE_URL": "postgresql://entraide_app@127.0.0.1:1/absent", "REDIS_URL": redis_url}
    )
    app = create_app(settings)
    async with app.lifespan(), client(app) as http:
        health = await http.get("/sante")
        read = await http.get("/api/v1/me", headers={"Authorization": "Bearer jeton"})
    assert (health.status_code, health.json()) == (503, {"status": "unavailable"})
    assert (read.status_code, read.json()["code"]) == (503, "busy")
    assert read.headers["retry-after"] == "1"


async def test_lost_redis_changes_no_answer(database: FreshDatabase) -> None:
    settings = Settings.from_environment({"DATABASE_URL": database.app_url, "REDIS_URL": "redis://127.0.0.1:1"})
    app = create_app(settings)
    async with app.lifespan(), client(app) as http:
        assert (await http.get("/sante")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nulle-part", 404, "route-unknown"),
        ("GET", "/api/v2/offers", 404, "route-unknown"),
        ("GET", "/api/v1/offers/pas-un-identifiant", 404, "route-unknown"),
        ("DELETE", "/api/v1/offers", 405, "method-not-allowed"),
        ("PUT", "/api/v1/me", 405, "method-not-allowed"),
    ],
)
async def test_unknown_address_is_a_problem(world: World, method: str, path: str, status: int, code: str) -> None:
    reply = await world[Role.COORDINATOR].request(method, path)
    assert reply.status_code == status
    assert_problem(reply, code)


async def test_browser_reads_a_page_where_no_page_is(app: Litestar) -> None:
    async with client(app) as http:
        page = await http.get("/nulle-part", headers={"Accept": "text/html"})
        data = await http.get("/api/v1/nulle-part", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert_problem(data, "route-unknown")


async def test_api_is_described_as_data_and_by_no_page(app: Litestar) -> None:
    async with client(app) as http:
        described = await http.get("/api/v1/openapi.json")
        pages = [await http.get(f"/api/v1{path}") for path in ("", "/docs", "/swagger", "/redoc", "/scalar")]
    assert described.json()["openapi"].startswith("3.1")
    assert "/api/v1/offers" in described.json()["paths"]
    assert {page.status_code for page in pages} == {404}
    schemas = described.json()["components"]["schemas"]
    bodies = {name: schema for name, schema in schemas.items() if name.endswith("Body")}
    assert len(bodies) > 12
    assert [name for name, schema in bodies.items() if schema["additionalProperties"] is not False] == []
    assert "http://" not in described.text.replace("http://127.0.0.1", "")


def assert_problem(reply: httpx.Response, code: str) -> None:
    """A problem with its stable code and French words."""
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert body["code"] == code
    assert body["status"] == reply.status_code
    assert body["title"]
    assert body["detail"]
