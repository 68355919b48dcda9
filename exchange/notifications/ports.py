"""What notifications ask of whoever carries letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """One rendered message. `message_id` is stable over attempts: it lets the receiver recognise a second copy."""

    message_id: UUID
    to: str
    subject: str
    text: str
    html: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The carrier took the letter over."""


@dataclass(frozen=True, slots=True)
class Retryable:
    """Not this time: `code` names why, without an address."""

    code: str


@dataclass(frozen=True, slots=True)
class Permanent:
    """Never with this letter: `code` names why, without an address."""

    code: str


class Channel(Protocol):
    """One way to reach people. Never raises for what the network or the receiver may do: it says so."""

    async def send(self, letter: Letter) -> Receipt | Retryable | Permanent: ...
