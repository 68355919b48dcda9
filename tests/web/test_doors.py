"""Who gets in, what a form must carry, and what never leaves."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from exchange.kernel.actor import Role
from exchange.kernel.db import Scope, now_of
from exchange.web.assets import assets
from exchange.web.opening import PUBLIC_KEY
from exchange.web.pages.identity import local_address
from tests.factories.ground import PASSWORD, ground
from tests.servers import FreshDatabase
from tests.web.conftest import Town, a_town, anonymous, parsed, words_of

PUBLIC_PATHS = {"/connexion", "/lien/{token:str}", "/actifs/{digest:str}/{name:str}"}
ROLES = (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER)


def web_handlers(app: Litestar) -> list[HTTPRouteHandler]:
    """Every handler of the web door, found by its module."""
    return [
        handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.fn.__module__.startswith("exchange.web.")
    ]


def test_only_the_sign_in_page_the_links_and_the_assets_open_without_login(app: Litestar) -> None:
    public = {path for handler in web_handlers(app) if handler.opt.get(PUBLIC_KEY) for path in handler.paths}
    assert public == PUBLIC_PATHS


async def test_a_stranger_is_sent_to_sign_in_from_every_page(town: Town) -> None:
    async with anonymous(town.app) as stranger:
        for address in pages_of(town):
            response = await stranger.get(address)
            assert response.status_code == 303, address
            assert response.headers["location"].startswith("/connexion")


async def test_a_stranger_cannot_act(town: Town) -> None:
    async with anonymous(town.app) as stranger:
        response = await stranger.post(f"/places/{town.offer_id}/confirmation", data={})
    assert response.status_code == 303
    assert response.headers["location"] == "/connexion"


async def test_signing_in_opens_a_session_under_a_fresh_identifier(town: Town) -> None:
    account = town[Role.COORDINATOR].actor.account_id
    async with ground(town.db, town.community_id) as tx:
        from exchange.identity.models import Account

        email = (await tx.get_one(Account, account)).email
    async with anonymous(town.app) as browser:
        browser.cookies.set("entraide", "x" * 43)
        response = await browser.post("/connexion", data={"email": email, "password": PASSWORD, "suite": "/tableau"})
        assert (response.status_code, response.headers["location"]) == (303, "/tableau")
        cookie = response.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "x" * 43 not in cookie
        browser.cookies.clear()
        browser.cookies.set("entraide", cookie.split("entraide=")[1].split(";")[0])
        assert "Ce soir" in (await browser.get("/")).text


async def test_a_wrong_password_is_told_politely_and_never_shown_again(town: Town) -> None:
    async with anonymous(town.app) as browser:
        response = await browser.post("/connexion", data={"email": "qui@essai.invalid", "password": "mauvais secret"})
    assert response.status_code == 401
    assert "qui@essai.invalid" in response.text
    assert "mauvais secret" not in response.text
    assert 'role="alert"' in response.text


async def test_signing_out_ends_the_session(town: Town) -> None:
    browser = town[Role.OBSERVER]
    assert (await browser.send("/deconnexion", {})).status_code == 303
    browser.http.cookies.set("entraide", browser.token)
    assert (await browser.http.get("/")).status_code == 303


@pytest.mark.parametrize("role", ROLES)
async def test_a_form_without_the_session_s_token_is_refused(town: Town, role: Role) -> None:
    http = town[role].http
    for fields in ({}, {"csrf_token": "forged"}):
        response = await http.post(f"/places/{town.offer_id}/confirmation", data=fields)
        assert response.status_code == 403, fields
    assert (await http.post("/places", data={}, headers={"X-CSRF-Token": "forged"})).status_code == 403


async def test_a_public_form_sent_by_another_site_is_refused(town: Town) -> None:
    async with anonymous(town.app) as browser:
        response = await browser.post(
            "/connexion", data={"email": "a@b.fr", "password": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
    assert response.status_code == 403


async def test_another_community_s_pages_do_not_exist(town: Town, app: Litestar, database: FreshDatabase) -> None:
    async with AsyncExitStack() as clients:
        other = await a_town(app, database, clients)
        for role in ROLES:
            for address in things_of(town):
                response = await other[role].http.get(address)
                assert response.status_code == 404, (role, address)


async def test_what_a_role_may_not_know_answers_like_what_does_not_exist(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    for address in (f"/situations/{town.reference}", f"/accueils/{town.placement_id}", "/situations/S-AAAA-AA"):
        assert (await manager.http.get(address)).status_code == 404, address


@pytest.mark.parametrize("role", ROLES)
async def test_no_page_names_an_outside_address(town: Town, role: Role) -> None:
    for address in ("/", "/tableau", *things_of(town)):
        response = await town[role].http.get(address)
        named = parsed(response.text).addresses
        assert named
        assert [each for each in named if not each.startswith(("/", "#"))] == []
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "unsafe" not in response.headers["content-security-policy"]
        assert " style=" not in response.text
        assert "<script>" not in response.text


@pytest.mark.parametrize("role", ROLES)
async def test_every_id_of_a_page_is_unique_and_every_field_is_labelled(town: Town, role: Role) -> None:
    for address in ("/", "/tableau", *FORMS, *FOLLOW_UP, *things_of(town)):
        response = await town[role].http.get(address)
        if response.status_code != 200:
            continue
        page = parsed(response.text)
        assert len(page.ids) == len(set(page.ids)), (address, sorted(page.ids))
        assert page.unlabelled == [], address
        assert 'href="#contenu"' in response.text
        assert 'lang="fr"' in response.text


async def test_assets_are_served_from_the_application_under_their_content(town: Town) -> None:
    page = parsed(await town[Role.COORDINATOR].see("/"))
    assets = {address for address in page.addresses if address.startswith("/actifs/")}
    assert {address.rsplit("/", 1)[-1] for address in assets} == {
        "entraide.css",
        "entraide.svg",
        "htmx.min.js",
        "live.js",
    }
    async with anonymous(town.app) as stranger:
        for address in assets:
            served = await stranger.get(address)
            assert served.status_code == 200
            assert "immutable" in served.headers["cache-control"]
            assert (await stranger.get(address.replace("/actifs/", "/actifs/0"))).status_code == 404


FOLLOW_UP = ("/taches", "/reunions", "/semaine", "/fiches-projet")
FORMS = (
    "/places/nouvelle",
    "/places/semaine-derniere",
    "/renforts/nouveau",
    "/volontaires/nouveau",
    "/situations/nouvelle",
)
FORBIDDEN_WORDS = (
    "placement",
    "lit ",
    "prêt de",
    "salarié prêté",
    "plancher",
    "bénévole",
    "usager",
    "matching",
    "appariement",
)


@pytest.mark.parametrize("role", ROLES)
async def test_screens_avoid_the_words_that_hurt(town: Town, role: Role) -> None:
    for address in ("/", "/tableau", "/volontaires", *FORMS, *FOLLOW_UP, *things_of(town)):
        response = await town[role].http.get(address)
        told = f" {words_of(response.text).lower()} "
        assert [word for word in FORBIDDEN_WORDS if f" {word}" in told] == [], address


async def test_a_revoked_role_is_signed_out_at_the_next_page(town: Town) -> None:
    browser = town[Role.PATHWAY_ADVISER]
    async with town.db.write(None, scope=Scope.IDENTITY) as tx:
        from exchange.identity.commands import sign_out

        await sign_out(tx, browser.token, now_of(tx))
    assert (await browser.http.get("/")).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("/tableau", "/tableau"),
        ("//ailleurs.example", ""),
        ("https://ailleurs.example", ""),
        ("/\\ailleurs.example", ""),
        ("", ""),
        (None, ""),
        ("/a\nb", ""),
    ],
)
def test_sign_in_never_sends_people_to_another_site(wanted: str | None, kept: str) -> None:
    assert local_address(wanted) == kept


def things_of(town: Town) -> tuple[str, ...]:
    """The address of one thing of each kind."""
    return (
        f"/places/{town.offer_id}",
        f"/places/{town.offer_id}/semaine-type",
        f"/places/{town.offer_id}/semaine-type/exception",
        f"/renforts/{town.need_id}",
        f"/situations/{town.reference}",
        f"/accueils/{town.placement_id}",
        f"/mises-a-disposition/{town.loan_id}",
        f"/volontaires/{town.volunteer_id}/disponibilites",
        f"/volontaires/{town.volunteer_id}/semaine-type",
        f"/volontaires/{town.volunteer_id}/semaine-derniere",
        f"/volontaires/{town.volunteer_id}/semaine-type/absence",
    )


def pages_of(town: Town) -> tuple[str, ...]:
    """Every page that is opened with GET and needs a login."""
    return ("/", "/tableau", "/flux", "/volontaires", *FORMS, *FOLLOW_UP, *things_of(town))


async def test_a_defect_is_said_plainly_and_shows_nothing_of_itself(town: Town, database: FreshDatabase) -> None:
    from sqlalchemy import NullPool, text
    from sqlalchemy.ext.asyncio import create_async_engine

    owner = create_async_engine(database.owner_url, poolclass=NullPool)
    async with owner.begin() as connection:
        await connection.execute(text("ALTER TABLE cards RENAME TO cards_away"))
    response = await town[Role.COORDINATOR].http.get("/")
    assert response.status_code == 500
    assert 'role="alert"' in response.text
    assert "Rien n&#39;a été enregistré" in response.text
    assert "cards" not in words_of(response.text)


async def test_every_page_and_asset_names_its_alphabet_once(town: Town) -> None:
    for address in ("/", "/tableau", *(asset.path for asset in assets().values())):
        told = (await town[Role.COORDINATOR].http.get(address)).headers["content-type"]
        assert told.count("charset") == told.startswith("text/"), (address, told)
