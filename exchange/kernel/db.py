"""Tables' common ground, and the two kinds of transaction that a door may open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy import MetaData, Uuid, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from exchange.kernel.ids import new_id

if TYPE_CHECKING:
    from exchange.kernel.record import Demand, Fact

APPLICATION_ROLE = "entraide_app"
"""Owns nothing and bypasses nothing: row-level security applies to all that it reads and writes."""

CURRENT_COMMUNITY = text("current_community()")


class UtcDateTime(TypeDecorator[datetime]):
    """A `timestamptz` that refuses naive datetimes instead of guessing their zone."""

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise TypeError("an instant needs its zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # asyncpg gives `infinity` without a zone, as the last instant that Python knows: it must not be converted.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of every table; constraint names are stable, because errors are translated by them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, UUID: Uuid}  # noqa: RUF012


class HasId:
    """A UUIDv7 key made in Python."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class InCommunity:
    """A row of one community: the database fills the column in and hides the row from every other one."""

    community_id: Mapped[UUID] = mapped_column(server_default=CURRENT_COMMUNITY)


class Scope(StrEnum):
    """What a transaction may see besides its community's rows."""

    COMMUNITY = "community"
    IDENTITY = "identity"
    """Sign-in alone: accounts, sessions, memberships, links, before the community is known."""
    RELAY = "relay"
    """The outbox of every community: identifiers and due times, no content."""


def make_engine(url: str, *, pool_size: int = 5, max_overflow: int = 10) -> AsyncEngine:
    """Return an engine whose connections act as `entraide_app`, whatever login the address holds."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        connect_args={
            "server_settings": {
                "role": APPLICATION_ROLE,
                "application_name": "entraide",
                "jit": "off",
                "statement_timeout": "10000",
                "lock_timeout": "5000",
                "idle_in_transaction_session_timeout": "15000",
            }
        },
    )


class Reactions(Protocol):
    """What follows a fact. A protocol, since `Database` must be readable by those who resolve its annotations."""

    def __call__(self, fact: Fact, now: datetime, /) -> Iterable[Demand]: ...


def _no_reaction(fact: Fact, now: datetime) -> Iterable[Demand]:
    raise LookupError(f"no reactions were injected, yet {type(fact).__name__} was recorded")


Hint = Callable[[UUID, frozenset[UUID]], Awaitable[None]]
"""Told after a commit which subjects' cards changed. Identifiers only; it may be lost, so it must never raise."""


async def _no_hint(community_id: UUID, subject_ids: frozenset[UUID]) -> None:
    return None


LOST_RACES = frozenset({"40001", "40P01"})
"""Serialisation failure, deadlock: the database chose this transaction to give way. The same act may succeed now."""


@dataclass(slots=True)
class Attempt:
    """What became of the write transactions of one attempt at a request."""

    lost: bool = False
    committed: bool = False

    @property
    def may_be_tried_again(self) -> bool:
        """One gave way, and none of the community stands that would be done twice."""
        return self.lost and not self.committed


_attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def attempting() -> Iterator[Attempt]:
    """Follow the write transactions opened inside the block. For the outermost edge alone."""
    attempt = Attempt()
    token = _attempt.set(attempt)
    try:
        yield attempt
    finally:
        _attempt.reset(token)


@contextmanager
def _followed(scope: Scope) -> Iterator[None]:
    """Tell the attempt under way, where there is one, how a write transaction ended."""
    attempt = _attempt.get()
    if attempt is None:
        yield
        return
    try:
        yield
    except DBAPIError as error:
        attempt.lost = attempt.lost or getattr(error.orig, "sqlstate", None) in LOST_RACES
        raise
    # Who signs in, or is still there, may be written again.
    attempt.committed = attempt.committed or scope is Scope.COMMUNITY


@dataclass(frozen=True, slots=True)
class Database:
    """What a door needs to open transactions: the pool, what follows each fact, and whom to hint after a commit.

    Opened by the edge (request, job, command line), never by a slice. `session.info["now"]` is the transaction's
    instant, read from the database: one clock for all processes.
    """

    engine: AsyncEngine
    reactions: Reactions = field(default=_no_reaction)
    hint: Hint = field(default=_no_hint)

    @asynccontextmanager
    async def write(self, community_id: UUID | None, *, scope: Scope = Scope.COMMUNITY) -> AsyncIterator[AsyncSession]:
        """Open a write transaction; it commits when the block ends well, and leaves nothing otherwise."""
        with _followed(scope):
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                await self._enter(session, community_id, scope)
                yield session
        hinted: set[UUID] = session.info["hinted"]
        if community_id is not None and hinted:
            await self.hint(community_id, frozenset(hinted))

    @asynccontextmanager
    async def read(
        self, community_id: UUID | None, *, scope: Scope = Scope.COMMUNITY, repeatable: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """Open a transaction that PostgreSQL itself forbids to write."""
        level = "REPEATABLE READ" if repeatable else "READ COMMITTED"
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            await session.execute(text(f"SET TRANSACTION ISOLATION LEVEL {level} READ ONLY"))
            await self._enter(session, community_id, scope)
            yield session

    async def _enter(self, session: AsyncSession, community_id: UUID | None, scope: Scope) -> None:
        row = await session.execute(
            text(
                "SELECT set_config('entraide.community_id', :community, true),"
                " set_config('entraide.scope', :scope, true), now()"
            ),
            {"community": "" if community_id is None else str(community_id), "scope": scope.value},
        )
        info: dict[str, Any] = session.info
        info["now"] = row.one()[2].astimezone(UTC)
        info["reactions"] = self.reactions
        info["hinted"] = set()
        info["expected"] = {}
        info["versions"] = {}


def now_of(session: AsyncSession) -> datetime:
    """Return the instant of a transaction opened by `Database`."""
    now: datetime = session.info["now"]
    return now


async def narrow_to_community(tx: AsyncSession) -> None:
    """Leave the scope of sign-in for that of the transaction's community, for the rest of the transaction."""
    await tx.flush()
    await tx.execute(text("SELECT set_config('entraide.scope', :scope, true)"), {"scope": Scope.COMMUNITY.value})


def constraint_of(error: BaseException) -> str | None:
    """Return the name of the constraint that an `IntegrityError` broke, if the driver told it."""
    cause = getattr(getattr(error, "orig", None), "__cause__", None)
    name = getattr(cause, "constraint_name", None)
    return name if isinstance(name, str) else None
