"""The web door over a test's own PostgreSQL and Valkey, and browsers already signed in, one per role."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import httpx
import pytest_asyncio
from litestar import Litestar

from exchange.app import create_app
from exchange.identity.commands import open_session
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, now_of
from exchange.loans.commands.ask import ask
from exchange.loans.commands.put_forward import put_forward
from exchange.loans.inputs import ProposedLoan
from exchange.settings import Settings
from tests.api.conftest import running
from tests.factories.availability import an_offer, from_tonight, tonight
from tests.factories.ground import (
    BRIVES,
    LE_PUY,
    a_community,
    a_facility,
    a_living_area,
    actor_for,
    an_operator,
    database_of,
    ground,
)
from tests.factories.placements import proposed
from tests.factories.situations import a_situation
from tests.factories.staffing import a_need, a_volunteer, shifts_of, stated
from tests.servers import FreshDatabase

FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FORM = re.compile(r"<form.*?</form>", re.DOTALL)
HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
FORM_VERSION = re.compile(r'name="version" value="([^"]+)"')
EDITED = re.compile(
    r"(/(?:places|renforts|situations|accueils|mises-a-disposition)/[\w-]+|/volontaires/[\w-]+/disponibilites)"
)
FORM_KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')


@dataclass(slots=True)
class Browser:
    """Somebody signed in: cookies kept, redirects not followed unless asked."""

    actor: Actor
    token: str
    http: httpx.AsyncClient

    async def see(self, address: str, status: int = 200) -> str:
        """Open a page and return its HTML."""
        response = await self.http.get(address)
        assert response.status_code == status, (address, response.status_code, response.text[:800])
        return response.text

    async def send(
        self,
        address: str,
        fields: dict[str, str | list[str]],
        *,
        seen_on: str = "/",
        drawn: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a form as a page of ours would: with the token of the session, the page's own key and its version.

        `drawn`: the page as it was when it was opened, for one left open; by default it is opened now.
        """
        page = drawn or await self.see(seen_on)
        token, key = FORM_TOKEN.search(page), FORM_KEY.search(page)
        assert token is not None
        common = {"csrf_token": token[1], "idempotency_key": key[1] if key else ""}
        if "version" not in fields:
            common |= await self._drawn_with(address, fields, page)
        return await self.http.post(address, data={**common, **fields}, headers=headers or {})

    async def _drawn_with(self, address: str, fields: dict[str, str | list[str]], page: str) -> dict[str, str]:
        """What the form of this act hides, on the page seen or on that of its subject: the version it was drawn with.

        Where no page offers the act any more, the version that any form of the subject's page carries.
        """
        subject = EDITED.match(address)
        own_page = (await self.http.get(subject[1])).text if subject else ""
        for form in FORM.findall(page) + FORM.findall(own_page):
            hidden = {
                name: value for name, value in HIDDEN.findall(form) if name not in ("csrf_token", "idempotency_key")
            }
            if f'action="{address}"' in form and all(
                fields.get(name, value) == value for name, value in hidden.items()
            ):
                return hidden
        found = FORM_VERSION.search(own_page)
        return {"version": found[1] if found else "1"} if subject else {}


@dataclass(slots=True)
class Town:
    """A community of two sites, `home` and `neighbour`, with something of each kind on the board."""

    app: Litestar
    db: Database
    community_id: UUID
    home_id: UUID
    neighbour_id: UUID
    offer_id: UUID
    situation_id: UUID
    reference: str
    placement_id: UUID
    need_id: UUID
    volunteer_id: UUID
    loan_id: UUID
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __getitem__(self, who: Role | str) -> Browser:
        return self.browsers[str(who)]


@pytest_asyncio.fixture(loop_scope="session")
async def app(database: FreshDatabase, redis_url: str, tmp_path: Path) -> AsyncIterator[Litestar]:
    """The application as `entraide serve` makes it."""
    settings = Settings.from_environment(
        {"DATABASE_URL": database.app_url, "REDIS_URL": redis_url, "ENTRAIDE_DATA_DIR": str(tmp_path)}
    )
    made = create_app(settings)
    async with running(made):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def town(app: Litestar, database: FreshDatabase) -> AsyncIterator[Town]:
    """A community with one thing of each kind, and a browser per role."""
    async with AsyncExitStack() as clients:
        yield await a_town(app, database, clients)


async def a_town(app: Litestar, database: FreshDatabase, clients: AsyncExitStack) -> Town:
    """Make one more community with its browsers."""
    db = database_of(database)
    community_id = await a_community(db)
    actors: dict[str, Actor] = {}
    async with ground(db, community_id) as tx:
        area_id = await a_living_area(tx, commune_codes=(LE_PUY, BRIVES))
        operator_id = await an_operator(tx)
        home_id = await a_facility(tx, operator_id=operator_id, name="Foyer des Tilleuls")
        neighbour_id = await a_facility(tx, commune_code=BRIVES, name="Maison de la Borne")
        for role, side in (
            (Role.FACILITY_MANAGER, {"facility_id": home_id}),
            (Role.ON_CALL_MANAGER, {"operator_id": operator_id}),
            (Role.COORDINATOR, {}),
            (Role.PATHWAY_ADVISER, {}),
            (Role.OBSERVER, {}),
        ):
            actors[role.value] = await actor_for(tx, role, **side)
        actors["neighbour"] = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=neighbour_id)
        offer_id = await an_offer(tx, home_id, spans=await from_tonight(tx, capacity=2))
        volunteer_id = await a_volunteer(tx, neighbour_id, living_area_ids=(area_id,))
        need_id = await a_need(tx, home_id)
    async with db.write(community_id) as tx:
        needs = ("intellectual_disability", "seizures_rescue")
        received = await a_situation(tx, need_codes=needs, blocks=((await tonight(tx),),))
        placement_id = await proposed(tx, received.id, offer_id)
        starts_at = now_of(tx) + timedelta(days=1)
        await stated(
            tx, neighbour_id, volunteer_id, "released", starts_at - timedelta(hours=2), starts_at + timedelta(hours=12)
        )
        shift_ids = tuple(await shifts_of(tx, need_id))
    async with db.write(community_id) as tx:
        reasons = ({"code": "holds_qualification", "qualification": "care_support_worker"},)
        line = ProposedLoan(volunteer_id, need_id, shift_ids, 12, reasons, *(await terms(tx, volunteer_id, need_id)))
        (loan_id,) = await put_forward(tx, Actor.system(community_id), (line,), None, now_of(tx))
    town = Town(
        app, db, community_id, home_id, neighbour_id, offer_id, received.id, received.reference, placement_id,
        need_id, volunteer_id, loan_id,
    )  # fmt: skip
    for who, actor in actors.items():
        town.browsers[who] = await a_browser(app, db, actor, clients)
    return town


async def terms(tx, volunteer_id: UUID, need_id: UUID) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    """The versions as they stand."""
    from exchange.staffing.models import LoanVolunteer, StaffNeed

    volunteer = await tx.get_one(LoanVolunteer, volunteer_id)
    need = await tx.get_one(StaffNeed, need_id)
    return volunteer.terms_version, need.terms_version


async def asked(town: Town) -> None:
    """The coordinator asks the three parties of the loan."""
    async with town.db.write(town.community_id) as tx:
        await ask(tx, town[Role.COORDINATOR].actor, town.loan_id, now_of(tx))


async def a_browser(app: Litestar, db: Database, actor: Actor, clients: AsyncExitStack) -> Browser:
    """Open a session for an actor's membership and a client that holds its cookie."""
    assert actor.account_id is not None
    assert actor.membership_id is not None
    async with ground(db, actor.community_id) as tx:
        opened = await open_session(tx, actor.account_id, actor.membership_id, now_of(tx))
    http = await clients.enter_async_context(anonymous(app))
    http.cookies.set("entraide", opened.token)
    return Browser(actor, opened.token, http)


def anonymous(app: Litestar) -> httpx.AsyncClient:
    """A browser without a session."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://entraide.test", headers={"Accept": "text/html"})


class Words(HTMLParser):
    """The text of a page, and every address that it names."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[str] = []
        self._labels = 0

    @property
    def unlabelled(self) -> list[str]:
        """Fields that no label names and none contains."""
        return [field for field in self.fields if field not in self.labelled]

    def handle_endtag(self, tag: str) -> None:
        self._labels -= tag == "label"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._labels += tag == "label"
        if tag == "label" and named.get("for"):
            self.labelled.add(str(named["for"]))
        if tag in ("input", "select", "textarea") and named.get("type") != "hidden" and not self._labels:
            self.fields.append(str(named.get("id")))
        for name, value in attrs:
            if name in ("href", "src", "action", "hx-post", "hx-get") and value:
                self.addresses.append(value)
            if name == "id" and value:
                self.ids.append(value)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def words_of(html: str) -> str:
    """The text of a page on one line."""
    return " ".join(" ".join(parsed(html).text).split())


def parsed(html: str) -> Words:
    """The page's text, addresses and ids."""
    words = Words()
    words.feed(html)
    return words
