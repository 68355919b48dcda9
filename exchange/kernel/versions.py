"""The version that a form was drawn with: what moved meanwhile is told, never overwritten.

The door states what its page showed (`expect`); whoever locks that row compares (`require_seen`), so that no command
can forget it nor compare before the lock. Every change of a row passes through `bump`, and the journal keeps the
version that each event left behind: what happened since version n is a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, object_session

from exchange.kernel.db import HasId
from exchange.kernel.errors import DomainError
from exchange.kernel.journals import Event

MOST_CHANGES = 20
"""What a refusal tells at most; the page itself shows the rest."""


class Versioned(HasId):
    """A row that forms edit."""

    version: Mapped[int] = mapped_column(server_default=text("1"))


@dataclass(frozen=True, slots=True)
class Change:
    """One event that a form did not know of. `facts` are the journal's: codes, dates and counts."""

    at: datetime
    kind: str
    role: str
    facts: dict[str, str | int | bool | None]


class StaleVersion(DomainError):
    """The row has changed since the form was drawn; `changes` tells what, where the reader may know it."""

    code = "stale-version"
    status = 409

    def __init__(self, subject_id: UUID, seen: int, current: int) -> None:
        super().__init__(seen=seen, current=current)
        self.subject_id = subject_id
        self.seen = seen
        self.changes: tuple[str, ...] = ()


class VersionUnchecked(RuntimeError):
    """A door stated a version that no lock compared: a defect of ours, never an input's."""


def expect(tx: AsyncSession, subject_id: UUID, version: int) -> None:
    """State which version of a row the coming act was decided upon."""
    tx.info["expected"][subject_id] = version


def require_seen(tx: AsyncSession, *rows: Versioned) -> None:
    """Compare rows just locked with what the door stated of them; once, since the act itself moves them.

    Raises `StaleVersion`.
    """
    for row in rows:
        seen = tx.info["expected"].pop(row.id, None)
        if seen is not None and seen != row.version:
            raise StaleVersion(row.id, seen, row.version)


def require_all_compared(tx: AsyncSession) -> None:
    """Raise `VersionUnchecked` where an act ended without locking what its form edits."""
    if tx.info["expected"]:
        raise VersionUnchecked(f"no lock compared the version of {sorted(map(str, tx.info['expected']))}")


def bump(row: Versioned) -> None:
    """Move a locked row's version; the events recorded from here on in the transaction carry it."""
    row.version += 1
    session = object_session(row)
    if session is None:
        raise RuntimeError("a row without its transaction has no version to move")
    session.info["versions"][row.id] = row.version


async def changes_since(reader: AsyncSession, subject_id: UUID, seen: int) -> tuple[Change, ...]:
    """Return what the journal tells of a row since a version, oldest first. The caller has proven who may know."""
    rows = await reader.execute(
        select(Event.recorded_at, Event.kind, Event.actor_role, Event.facts)
        .where(Event.subject_id == subject_id, Event.subject_version > seen)
        .order_by(Event.recorded_at.desc(), Event.id.desc())
        .limit(MOST_CHANGES)
    )
    return tuple(reversed([Change(*row) for row in rows]))
