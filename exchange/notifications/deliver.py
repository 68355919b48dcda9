"""One message, from its row to the carrier and back: no transaction is open while it travels.

At least once, with a stable Message-ID: SMTP cannot promise more. The row's `attempts` is its fence: an attempt
overtaken by another writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.commands import mint_link
from exchange.kernel.db import Database, now_of
from exchange.kernel.periods import local_instant
from exchange.notifications.letters import Contents, contents_of
from exchange.notifications.models import Message
from exchange.notifications.ports import Channel, Letter, Permanent, Receipt, Retryable
from exchange.notifications.recipients import Recipient, addressee
from exchange.notifications.relevance import is_relevant
from exchange.notifications.rules import SOLICITATIONS, next_morning, waking_hour
from exchange.organisations import queries as organisations
from exchange.staffing.models import LoanVolunteer
from exchange.wording.messages import render

LOAN_CONSENT = "loan_consent"
LOAN_WITHDRAWAL = "loan_withdrawal"
"""The acts of the links mailed to a professional; the page behind each shows, and only its form acts."""

LINK_ACTS: Mapping[str, str] = {"loan_offered": LOAN_CONSENT, "loan_confirmed": LOAN_WITHDRAWAL}
"""By template, and for the professional alone: managers sign in."""
SETTLED = frozenset({"sent", "obsolete", "failed"})
MOST_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Delivered:
    """Nothing more to do: sent, or no longer meaningful."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now. `delay` absent: on the caller's own schedule."""

    code: str
    delay: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be delivered; the row says so."""

    code: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A letter about to leave, and the number of its attempt."""

    letter: Letter
    channel: str
    number: int


async def deliver_message(
    db: Database, community_id: UUID, message_id: UUID, channels: Mapping[str, Channel], public_url: str
) -> Delivered | Postponed | Refused:
    """Deliver one message if it still means something and its reader may be disturbed. Safe to run twice."""
    async with db.write(community_id) as tx:
        prepared = await _prepare(tx, message_id, public_url, now_of(tx))
    if not isinstance(prepared, _Attempt):
        return prepared
    outcome = await channels[prepared.channel].send(prepared.letter)
    async with db.write(community_id) as tx:
        return await _keep_outcome(tx, message_id, prepared.number, outcome, now_of(tx))


async def _prepare(
    tx: AsyncSession, message_id: UUID, public_url: str, now: datetime
) -> _Attempt | Delivered | Postponed | Refused:
    """Decide under the row's lock, and render while what it speaks of can be read."""
    message = (await tx.execute(select(Message).where(Message.id == message_id).with_for_update())).scalar_one_or_none()
    if message is None or message.state in SETTLED:
        return Delivered()
    recipient = Recipient(message.recipient_kind, message.recipient_id)
    reader = await addressee(tx, recipient)
    if reader is None or not await is_relevant(tx, message.template, message.subject_id, now):
        message.state = "obsolete"
        return Delivered()
    rest = await _rest_left(tx, message, now)
    if rest is not None:
        return rest
    to_volunteer = recipient.kind == "volunteer"
    contents = await contents_of(tx, message.template, message.subject_id, now, to_volunteer=to_volunteer)
    link = public_url + (await _one_act_path(tx, message, contents, now) or contents.path)
    rendered = render(message.template, contents.values, link)
    message.state = "sending"
    message.attempts += 1
    await tx.flush()
    letter = Letter(message.id, reader.email, rendered.subject, rendered.text, rendered.html, now)
    return _Attempt(letter, message.channel, message.attempts)


async def _rest_left(tx: AsyncSession, message: Message, now: datetime) -> Postponed | None:
    """Volunteers are left alone in quiet hours unless they chose otherwise, and past the day's solicitations."""
    if message.recipient_kind != "volunteer":
        return None
    zone, clocks = await organisations.zone(tx), await organisations.parameters(tx)
    awake = waking_hour(now, zone, clocks.quiet_from, clocks.quiet_until)
    chose_nights = select(LoanVolunteer.may_be_asked_at_night).where(LoanVolunteer.id == message.recipient_id)
    if awake > now and not await tx.scalar(chose_nights):
        return Postponed("quiet-hours", awake - now)
    if message.template not in SOLICITATIONS:
        return None
    today = local_instant(now.astimezone(zone).date(), datetime.min.time(), zone)
    solicited = await tx.scalar(
        select(func.count()).where(
            Message.recipient_id == message.recipient_id,
            Message.template.in_(SOLICITATIONS),
            Message.sent_at >= today,
        )
    )
    if (solicited or 0) < clocks.solicitations_per_day:
        return None
    return Postponed("solicited-enough", next_morning(now, zone, clocks.quiet_until) - now)


async def _one_act_path(tx: AsyncSession, message: Message, contents: Contents, now: datetime) -> str | None:
    """Cut the link that lets the reader act without signing in, where the template needs one.

    Each attempt cuts its own, for the raw token is kept nowhere; whichever is used first uses the act up. Consent is
    asked for some days; it may be taken back until the mission is over.
    """
    act = LINK_ACTS.get(message.template)
    if act is None or message.recipient_kind != "volunteer":
        return None
    clocks = await organisations.parameters(tx)
    latest = now + timedelta(hours=clocks.link_valid_hours)
    expires_at = contents.mission_ends_at if act == LOAN_WITHDRAWAL else min(latest, contents.answer_by or latest)
    token = await mint_link(
        tx,
        act,
        message.subject_id,
        volunteer_id=message.recipient_id,
        now=now,
        expires_at=expires_at or latest,
    )
    return f"/lien/{token}"


async def _keep_outcome(
    tx: AsyncSession, message_id: UUID, attempt: int, outcome: Receipt | Retryable | Permanent, now: datetime
) -> Delivered | Postponed | Refused:
    match outcome:
        case Receipt():
            await _settle(tx, message_id, attempt, {"state": "sent", "sent_at": now, "failed_with": None})
            return Delivered()
        case Retryable() if attempt < MOST_ATTEMPTS:
            await _settle(tx, message_id, attempt, {"state": "created", "failed_with": outcome.code})
            return Postponed(outcome.code)
        case Retryable() | Permanent():
            await _settle(tx, message_id, attempt, {"state": "failed", "failed_with": outcome.code})
            return Refused(outcome.code)
        case _:
            assert_never(outcome)


async def _settle(tx: AsyncSession, message_id: UUID, attempt: int, values: dict[str, object]) -> None:
    await tx.execute(
        update(Message)
        .where(Message.id == message_id, Message.attempts == attempt, Message.state == "sending")
        .values(**values)
    )
