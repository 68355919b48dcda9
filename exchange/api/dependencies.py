"""What handlers of both doors may ask for by name: `db`, `actor`, and one transaction as `tx` or `reader`, with `now`.

There is exactly one yielding dependency: with two, a failed commit reached the client as a raw 500. It writes where
the handler names `tx`, and otherwise lets PostgreSQL itself forbid writing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from litestar.di import NamedDependency, Provide
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.problems import AnyRequest
from exchange.identity.errors import SignInRequired
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of


async def provide_db(request: AnyRequest) -> Database:
    """Return what opens transactions, for handlers that open their own."""
    db: Database = request.app.state["database"]
    return db


async def provide_actor(request: AnyRequest) -> Actor:
    """Return who acts. Raises `SignInRequired` where nobody does."""
    actor = request.scope.get("user")
    if not isinstance(actor, Actor):
        raise SignInRequired
    return actor


async def provide_transaction(
    request: AnyRequest, db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> AsyncIterator[AsyncSession]:
    """Open the one transaction of the request, in the actor's community; it commits before the answer leaves."""
    writes = "tx" in request.route_handler.parsed_fn_signature.parameters
    opened = db.write(actor.community_id) if writes else db.read(actor.community_id)
    async with opened as session:
        yield session


async def provide_tx(transaction: NamedDependency[AsyncSession]) -> AsyncSession:
    """Return the request's transaction to a handler that writes."""
    return transaction


async def provide_reader(transaction: NamedDependency[AsyncSession]) -> AsyncSession:
    """Return the request's transaction to a handler that reads."""
    return transaction


async def provide_now(transaction: NamedDependency[AsyncSession]) -> datetime:
    """Return the transaction's instant: the database's clock, one for all processes."""
    return now_of(transaction)


DEPENDENCIES: Final = {
    "db": Provide(provide_db),
    "actor": Provide(provide_actor),
    "transaction": Provide(provide_transaction),
    "tx": Provide(provide_tx),
    "reader": Provide(provide_reader),
    "now": Provide(provide_now),
}
