"""Whether a database will let a command work, asked before it starts, and told in one sentence when it will not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from exchange.kernel.db import APPLICATION_ROLE, make_engine

PATIENCE_SECONDS: Final = 10.0
DRIVER: Final = "postgresql+asyncpg"

NOT_PREPARED: Final = "n’est pas prête : lancez `entraide migrate` avec OWNER_DATABASE_URL"
REFUSALS: Final = {
    "28": "refuse ce compte ou son mot de passe",
    "3D": "n’existe pas sur ce serveur",
    "22": NOT_PREPARED,
    "42": f"n’autorise pas ce compte à agir comme {APPLICATION_ROLE}",
    "53": "n’a plus de connexion libre",
    "57": "est en train de démarrer ou de s’arrêter",
}
"""What a server means by each class of its codes (SQLSTATE, first two characters) before the first statement."""


class DatabaseRefused(Exception):
    """The database cannot be worked with; the text is one French sentence, without any password."""


async def require_database(url: str) -> None:
    """Return when the application's login may work in a migrated database. Raises `DatabaseRefused`."""
    _require_readable(url)
    if not await _answer(url, make_engine(url, pool_size=1), "SELECT to_regclass('public.communities') IS NOT NULL"):
        raise DatabaseRefused(_sentence(url, NOT_PREPARED))


async def require_owner(url: str) -> None:
    """Return when the owner's login may connect. Raises `DatabaseRefused`."""
    _require_readable(url)
    await _answer(url, create_async_engine(url), "SELECT true")


def _require_readable(url: str) -> None:
    try:
        readable = make_url(url).drivername == DRIVER
    except (ArgumentError, ValueError):
        readable = False
    if not readable:
        raise DatabaseRefused(
            "La base ne peut pas être jointe : son adresse ne se lit pas "
            "(forme attendue : postgresql://compte:mot-de-passe@serveur:5432/base)."
        )


async def _answer(url: str, engine: AsyncEngine, question: str) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), engine.connect() as connection:
            return bool(await connection.scalar(text(question)))
    except TimeoutError as error:
        raise DatabaseRefused(_sentence(url, "ne répond pas")) from error
    except Exception as error:
        # The driver's errors reach us with or without SQLAlchemy's around them: their code tells, else it is a defect.
        state = next(_codes(error), None)
        if state is None and not isinstance(error, (OSError, SQLAlchemyError)):
            raise
        told = "ne répond pas" if state is None else REFUSALS.get(state[:2], f"refuse la connexion (code {state})")
        raise DatabaseRefused(_sentence(url, told)) from error
    finally:
        await engine.dispose()


def _codes(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        state = getattr(error, "sqlstate", None)
        if isinstance(state, str):
            yield state
        error = error.__cause__


def _sentence(url: str, told: str) -> str:
    return f"La base {make_url(url).set(drivername='postgresql').render_as_string(hide_password=True)} {told}."
