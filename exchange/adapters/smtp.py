"""E-mail over SMTP: one connection per letter, a stable Message-ID, and no answer taken for another."""

from __future__ import annotations

import asyncio
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from exchange.notifications.ports import Letter, Permanent, Receipt, Retryable

WHOLE_SECONDS = 12.0
"""For connection and conversation together: shorter than the run that waits for it."""

STEP_SECONDS = 10.0
"""For each step of the conversation."""

FIRST_PERMANENT_REPLY = 500
"""RFC 5321, 4.2.1: 4yz may pass later, 5yz will not."""


class SmtpChannel:
    """`smtp://[user:password@]host:port` or `smtps://…`; `?starttls=always` refuses to speak without encryption."""

    def __init__(self, url: str, mail_from: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or parts.hostname is None:
            raise ValueError("SMTP_URL: an address such as smtp://host:25 is expected")
        self._host = parts.hostname
        self._implicit_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._implicit_tls else 25)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._starttls = True if parse_qs(parts.query).get("starttls") == ["always"] else None
        name, address = parseaddr(mail_from)
        self._from = Address(display_name=name, addr_spec=address)

    async def send(self, letter: Letter) -> Receipt | Retryable | Permanent:
        """Hand one letter over. An interrupted conversation is retried under the same Message-ID: twice beats never."""
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await aiosmtplib.send(
                    self.mail_of(letter),
                    sender=self._from.addr_spec,
                    recipients=[letter.to],
                    hostname=self._host,
                    port=self._port,
                    username=self._username,
                    password=self._password,
                    use_tls=self._implicit_tls,
                    start_tls=False if self._implicit_tls else self._starttls,
                    timeout=STEP_SECONDS,
                )
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            return _verdict(refusal.recipients[0].code)
        except aiosmtplib.SMTPResponseException as refusal:
            return _verdict(refusal.code)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return Retryable(f"smtp-{type(error).__name__.lower()}")
        return Receipt()

    def mail_of(self, letter: Letter) -> EmailMessage:
        """Return the message as it leaves: text first, HTML beside it, marked as sent by a machine (RFC 3834)."""
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = self._from
        mail["To"] = Address(addr_spec=letter.to)
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(letter.written_at)
        mail["Message-ID"] = f"<{letter.message_id}@{self._from.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.text)
        mail.add_alternative(letter.html, subtype="html")
        return mail


def _verdict(reply_code: int) -> Retryable | Permanent:
    code = f"smtp-{reply_code}"
    return Permanent(code) if reply_code >= FIRST_PERMANENT_REPLY else Retryable(code)
