"""The demo's post office: a real SMTP server on loopback, and a page that shows what it received.

Messages stay as `.eml` files in `<data>/mails/`, numbered in order of arrival.
"""

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from babel.dates import format_datetime

from exchange.demo.days import TIME_ZONE

LOOPBACK = "127.0.0.1"
LISTED_MAILS = 200
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]»]")
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433;
       background: #fff }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .5rem; vertical-align: top;
       border-bottom: 1px solid #c9cfdb } td:nth-child(2) { overflow-wrap: anywhere }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f6fa; padding: 1rem; font: inherit }
dt { font-weight: 600 } dd { margin: 0 0 .5rem } a { color: #1b4f9c }
"""


@dataclass(frozen=True, slots=True)
class StoredMail:
    number: int
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "(sans objet)")

    @property
    def date(self) -> str:
        """When it was sent, by the clocks of the demonstration; as written where it is no date."""
        written = str(self.message["Date"] or "")
        try:
            sent = parsedate_to_datetime(written)
        except ValueError:
            return written
        return format_datetime(sent, "d MMM y, HH 'h' mm", tzinfo=TIME_ZONE, locale="fr")

    @property
    def body(self) -> str:
        part = self.message.get_body(preferencelist=("plain", "html"))
        return "" if part is None else str(part.get_content())


class Mailbox:
    """The directory of received messages. Only one catcher writes in it: the holder of the instance lock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.last_number = max(self.numbers(), default=0)

    def numbers(self) -> Iterator[int]:
        for path in self.directory.glob("*.eml"):
            if path.stem.isdecimal():
                yield int(path.stem)

    def path(self, number: int) -> Path:
        return self.directory / f"{number:06d}.eml"

    def keep(self, content: bytes) -> None:
        """Write the message and rename it: the page never shows half of one."""
        self.last_number += 1
        draft = self.directory / "arrivee.part"
        draft.write_bytes(content)
        draft.replace(self.path(self.last_number))

    def mail(self, number: int) -> StoredMail | None:
        path = self.path(number)
        if not path.is_file():
            return None
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        return StoredMail(number, message)

    def newest(self, count: int = LISTED_MAILS) -> list[StoredMail]:
        numbers = sorted(self.numbers(), reverse=True)[:count]
        return [mail for mail in map(self.mail, numbers) if mail is not None]


class Reception:
    """What aiosmtpd calls for each message; the answer 250 leaves once the file is there."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mailbox.keep(envelope.original_content or b"")
        return "250 2.0.0 Message kept"


def page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )


def with_links(text: str) -> str:
    """HTML of a plain text in which addresses can be clicked."""
    pieces, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        pieces += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*pieces, escape(text[end:])])


def list_page(mails: list[StoredMail]) -> str:
    title = "Courriels de la démonstration"
    if not mails:
        return page(title, "<p>Aucun courriel pour le moment.</p><p><a href='/'>Actualiser</a></p>")
    rows = "".join(
        f"<tr><td><a href='/{mail.number}'>{escape(mail.subject)}</a></td>"
        f"<td>{escape(str(mail.message['To'] or ''))}</td><td>{escape(mail.date)}</td></tr>"
        for mail in mails
    )
    return page(
        title,
        "<p>Aucun de ces courriels n’a quitté cette machine. <a href='/'>Actualiser</a></p>"
        "<table><thead><tr><th scope='col'>Objet</th><th scope='col'>À</th><th scope='col'>Date</th>"
        f"</tr></thead><tbody>{rows}</tbody></table>",
    )


def mail_page(mail: StoredMail) -> str:
    headers = "".join(
        f"<dt>{label}</dt><dd>{escape(told)}</dd>"
        for label, told in (
            ("De", str(mail.message["From"] or "")),
            ("À", str(mail.message["To"] or "")),
            ("Date", mail.date),
        )
    )
    return page(
        mail.subject,
        f"<p><a href='/'>Tous les courriels</a></p><dl>{headers}</dl><pre>{with_links(mail.body)}</pre>",
    )


class MailPages(BaseHTTPRequestHandler):
    """`GET /` lists the messages, newest first; `GET /<number>` shows one."""

    mailbox: Mailbox

    def do_GET(self) -> None:
        number = self.path.partition("?")[0].strip("/")
        if not number:
            self.answer(HTTPStatus.OK, list_page(self.mailbox.newest()))
            return
        mail = self.mailbox.mail(int(number)) if number.isascii() and number.isdecimal() else None
        if mail is None:
            missing = "<p>Ce courriel n’existe pas. <a href='/'>Tous les courriels</a></p>"
            self.answer(HTTPStatus.NOT_FOUND, page("Courriel introuvable", missing))
        else:
            self.answer(HTTPStatus.OK, mail_page(mail))

    def answer(self, status: HTTPStatus, html: str) -> None:
        body = html.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Requests for the mail pages are not worth a line in the terminal of the demo."""


class MailCatcher:
    """Both listeners of one mailbox; the SMTP port is chosen by the system, the page's is given."""

    def __init__(self, directory: Path, page_port: int) -> None:
        self.mailbox = Mailbox(directory)
        self.page_port = page_port
        self.smtp_port = 0
        self.smtp: asyncio.Server | None = None
        self.pages: ThreadingHTTPServer | None = None

    @property
    def smtp_url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.smtp_port}"

    @property
    def page_url(self) -> str:
        return f"http://{LOOPBACK}:{self.page_port}/"

    async def start(self) -> None:
        """Listen; raises OSError when the page's port is taken."""
        loop = asyncio.get_running_loop()
        handler = type("MailPagesOfOneBox", (MailPages,), {"mailbox": self.mailbox})
        self.pages = ThreadingHTTPServer((LOOPBACK, self.page_port), handler)
        self.pages.daemon_threads = True
        self.page_port = self.pages.server_address[1]
        threading.Thread(target=self.pages.serve_forever, args=(0.1,), name="mail-pages", daemon=True).start()
        reception = Reception(self.mailbox)
        self.smtp = await loop.create_server(
            lambda: SMTP(reception, hostname="entraide-demo", enable_SMTPUTF8=True, loop=loop), LOOPBACK, 0
        )
        self.smtp_port = self.smtp.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self.smtp is not None:
            self.smtp.close()
            self.smtp = None
        if self.pages is not None:
            await asyncio.to_thread(self.pages.shutdown)
            self.pages.server_close()
            self.pages = None
