"""A thin HTTP client on plain sockets: two hundred clients of the usual libraries would cost more than the server.

One request at a time on a connection, kept for the next; a body with its length or in chunks.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

PATIENCE_SECONDS: Final = 60.0
KEPT_SECONDS: Final = 2.0
"""A connection unused for longer is opened anew: the server closes idle ones after some seconds, maybe just then."""


class NoAnswer(Exception):
    """The connection broke, or nothing came in time: the act may have happened or not."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_ok(self) -> bool:
        return self.status < 400

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(slots=True)
class Sockets:
    """Connections to one server, as many as there are requests at once."""

    host: str
    port: int
    _free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, float]] = field(default_factory=list)

    async def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        """Send a request and wait for its answer. Raises `NoAnswer`.

        A kept connection that the server closed meanwhile is not tried again elsewhere: the act may have been done.
        """
        reader, writer = self._kept() or await self._open()
        lines = [f"{method} {path} HTTP/1.1", f"host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append(f"content-length: {len(body)}")
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + (body or b""))
            async with asyncio.timeout(PATIENCE_SECONDS):
                reply = await _read(reader)
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            writer.close()
            raise NoAnswer(type(error).__name__) from error
        except asyncio.CancelledError:
            writer.close()
            raise
        if reply.headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._free.append((reader, writer, time.monotonic()))
        return reply

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The connection used last, where it is fresh."""
        while self._free:
            reader, writer, used_at = self._free.pop()
            if time.monotonic() - used_at < KEPT_SECONDS and not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await asyncio.open_connection(self.host, self.port)
        except OSError as error:
            raise NoAnswer(type(error).__name__) from error

    def drop(self) -> None:
        """Close what is kept: after the server was killed, or at the end."""
        for _, writer, _ in self._free:
            writer.close()
        self._free.clear()


@asynccontextmanager
async def sockets(url: str) -> AsyncIterator[Sockets]:
    """A client of the server at this address."""
    where = urlsplit(url)
    if where.hostname is None or where.port is None:
        raise ValueError(f"{url} names no host and port")
    opened = Sockets(where.hostname, where.port)
    try:
        yield opened
    finally:
        opened.drop()


async def _read(reader: asyncio.StreamReader) -> Reply:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if "chunked" in headers.get("transfer-encoding", ""):
        content = await _read_chunks(reader)
    else:
        content = await reader.readexactly(int(headers.get("content-length", "0")))
    return Reply(int(first.split(" ")[1]), headers, content)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readline()
    return b"".join(parts)
