"""A real SMTP server that keeps what it receives, and fails on request the way relays do."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain-text body, decoded."""
        body = self.message.get_body(preferencelist=("plain", "html"))
        return "" if body is None else str(body.get_content())


class Mishap(Enum):
    """What the sink does instead of accepting a message."""

    REFUSE_RECIPIENT = "refuse-recipient"
    REFUSE_DATA = "refuse-data"
    DROP_BEFORE_RECORDING = "drop-before-recording"
    DROP_AFTER_RECORDING = "drop-after-recording"


@dataclass
class SmtpSink:
    """Accepts everything unless told otherwise; mishaps apply in order, one per message."""

    host: str = "127.0.0.1"
    port: int = 0
    received: list[ReceivedMail] = field(default_factory=list)
    mishaps: list[tuple[Mishap, str]] = field(default_factory=list)
    data_reached: threading.Event = field(default_factory=threading.Event)
    data_allowed: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def refuse_recipient(self, reply: str = "550 5.1.1 unknown mailbox", times: int = 1) -> None:
        self.mishaps += [(Mishap.REFUSE_RECIPIENT, reply)] * times

    def refuse_data(self, reply: str = "451 4.3.0 try again later", times: int = 1) -> None:
        self.mishaps += [(Mishap.REFUSE_DATA, reply)] * times

    def drop(self, *, after_recording: bool, times: int = 1) -> None:
        """Cut the connection instead of answering DATA; the message may have been kept, as in real life."""
        mishap = Mishap.DROP_AFTER_RECORDING if after_recording else Mishap.DROP_BEFORE_RECORDING
        self.mishaps += [(mishap, "")] * times

    def hold_at_data(self) -> None:
        """Answer DATA only after `release`: time to kill the sender. `data_reached` tells that one waits."""
        self.data_reached.clear()
        self.data_allowed.clear()

    def release(self) -> None:
        self.data_allowed.set()

    def reset(self) -> None:
        self.received.clear()
        self.mishaps.clear()
        self.data_reached.clear()
        self.data_allowed.set()

    def take_mishap(self, *stage: Mishap) -> tuple[Mishap, str] | None:
        if self.mishaps and self.mishaps[0][0] in stage:
            return self.mishaps.pop(0)
        return None

    async def wait_for(self, count: int, *, timeout_seconds: float = 30.0) -> list[ReceivedMail]:
        """Wait until `count` messages are there; fails with what came otherwise."""
        deadline = time.monotonic() + timeout_seconds
        while len(self.received) < count:
            if time.monotonic() > deadline:
                subjects = [mail.subject for mail in self.received]
                raise AssertionError(f"{len(subjects)} messages instead of {count}: {subjects}")
            await asyncio.sleep(0.02)
        return list(self.received)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        mishap = self.take_mishap(Mishap.REFUSE_RECIPIENT)
        if mishap is not None:
            return mishap[1]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.data_reached.set()
        while not self.data_allowed.is_set():
            await asyncio.sleep(0.01)
        mishap, reply = self.take_mishap(*Mishap) or (None, "250 Message accepted")
        if mishap in (None, Mishap.DROP_AFTER_RECORDING):
            content = envelope.original_content
            assert content is not None
            self.received.append(ReceivedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        if mishap in (Mishap.DROP_BEFORE_RECORDING, Mishap.DROP_AFTER_RECORDING):
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return reply


@contextmanager
def running_smtp_sink() -> Iterator[SmtpSink]:
    """A sink on a free loopback port, served by its own thread so that blocking tests cannot stall it."""
    sink = SmtpSink()
    sink.reset()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="smtp-sink")
    thread.start()

    def protocol() -> SMTP:
        return SMTP(sink, hostname="smtp-sink", enable_SMTPUTF8=True, loop=loop)

    async def listen() -> asyncio.Server:
        return await loop.create_server(protocol, sink.host, 0)

    async def close(server: asyncio.Server) -> None:
        server.close()
        conversations = asyncio.all_tasks() - {asyncio.current_task()}
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
