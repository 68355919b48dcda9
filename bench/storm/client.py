"""Somebody's program calling the API: each call is written in the history before it leaves and after it came back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from bench.storm.history import History, Outcome, Scalar
from bench.storm.sockets import NoAnswer, Reply, Sockets

T = TypeVar("T")
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Caller:
    """A token, connections, and the history in which its calls are told. `number`: which client of the figure it is."""

    http: Sockets
    history: History
    token: str
    number: int = 0

    async def post(
        self,
        act: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        empty: bool = False,
        targets: Iterable[UUID | str] = (),
        turn: int = 0,
        key: str | None = None,
        **detail: Scalar,
    ) -> Reply | None:
        """Send one act to the API; `None` where no answer came. A key is made unless one is given; `""` sends none.

        Without a body `{}` is sent, or nothing at all where `empty` says so.
        """
        key = uuid4().hex if key is None else key
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        headers |= {"idempotency-key": key} if key else {}
        sent = b"" if empty else json.dumps(dict(body or {})).encode()
        op = self.history.invoke(act, targets=targets, turn=turn, client=self.number, **detail)
        return await self._send(op, f"/api/v1{path}", sent, headers)

    async def tick(
        self, act: str, path: str, box: str, *, targets: Iterable[UUID | str] = (), turn: int = 0
    ) -> Reply | None:
        """Send the form of a page opened without login, with one box ticked."""
        op = self.history.invoke(act, targets=targets, turn=turn, client=self.number)
        return await self._send(op, path, f"{box}=on".encode(), {"content-type": "application/x-www-form-urlencoded"})

    async def _send(self, op: int, path: str, sent: bytes, headers: Mapping[str, str]) -> Reply | None:
        """What the history keeps of an answer in `detail`: `problem` (it is one of RFC 9457), `next_step` (it tells
        one), `replayed`, `body` (a digest, to compare replies), `id`."""
        try:
            reply = await self.http.send("POST", path, sent, headers)
        except NoAnswer as error:
            self.history.finish(op, Outcome.UNKNOWN, code=str(error))
            return None
        told = _read(reply)
        self.history.finish(
            op,
            _outcome_of(reply.status),
            status=reply.status,
            code=_text(told.get("code")),
            problem=reply.headers.get("content-type", "") == PROBLEM,
            next_step=bool(told.get("next_step")),
            replayed=reply.headers.get("idempotency-replayed") == "true",
            body=sha256(reply.content).hexdigest()[:16],
            id=_text(told.get("id")),
        )
        return reply

    async def get(self, path: str) -> Any:
        """Read, without a line in the history. Raises `NoAnswer`, `RuntimeError` where the answer is no success."""
        reply = await self.http.send("GET", f"/api/v1{path}", None, {"authorization": f"Bearer {self.token}"})
        if not reply.is_ok:
            raise RuntimeError(f"GET {path}: {reply.status} {reply.content.decode(errors='replace')}")
        return reply.json()


async def at_once(calls: Iterable[Awaitable[T]], *, most: int | None = None) -> list[T]:
    """Let calls race, all of them or at most so many together; answers in the order of the calls."""
    if most is None:
        return list(await asyncio.gather(*calls))
    gate = asyncio.Semaphore(most)

    async def through(call: Awaitable[T]) -> T:
        async with gate:
            return await call

    return list(await asyncio.gather(*(through(call) for call in calls)))


def _outcome_of(status: int) -> Outcome:
    if status < 400:
        return Outcome.OK
    return Outcome.FAIL if status < 500 else Outcome.UNKNOWN


def _read(reply: Reply) -> dict[str, Any]:
    if "json" not in reply.headers.get("content-type", ""):
        return {}
    read = reply.json()
    return read if isinstance(read, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
