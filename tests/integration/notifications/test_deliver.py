"""One message on its way: sent if it still means something, put off when its reader rests, never lost."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from exchange.adapters.smtp import SmtpChannel
from exchange.identity.queries import LinkState, read_link
from exchange.kernel.db import Scope, now_of
from exchange.kernel.journals import Event
from exchange.loans.commands import decline
from exchange.loans.inputs import DeclineLoan
from exchange.loans.rules import LoanParty
from exchange.notifications.commands import MAIL, fan_out
from exchange.notifications.deliver import LOAN_CONSENT, LOAN_WITHDRAWAL, Delivered, Postponed, Refused, deliver_message
from exchange.notifications.models import Message
from exchange.notifications.ports import Letter, Permanent, Receipt, Retryable
from exchange.organisations.commands import state_parameters
from exchange.staffing.models import LoanVolunteer, Shift
from tests.factories.ground import ZONE, founder
from tests.factories.loans import Lending, a_lending, agree, asked
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink

PUBLIC_URL = "https://entraide.essai"
LAST_MINUTE = 23 * 60 + 59


async def a_request(database: FreshDatabase) -> tuple[Lending, UUID, UUID]:
    """A loan asked for, with its messages written; return the message to the professional."""
    lending = await a_lending(database)
    loan_id = await asked(lending)
    await never_quiet(lending)
    return lending, loan_id, await message_to_the_person(lending)


async def message_to_the_person(lending: Lending) -> UUID:
    async with lending.db.write(lending.community_id) as tx:
        facts = await tx.scalars(select(Event.fact_id).where(Event.kind == "loan_asked").order_by(Event.id))
        for fact_id in facts.all():
            await fan_out(tx, fact_id, now_of(tx))
        messages = await tx.scalars(
            select(Message.id).where(Message.template == "loan_offered").order_by(Message.id.desc())
        )
        return messages.all()[0]


async def never_quiet(lending: Lending) -> None:
    """Whatever the hour of the test, the professional may be asked."""
    async with lending.db.write(lending.community_id) as tx:
        await tx.execute(update(LoanVolunteer).values(may_be_asked_at_night=True))


async def deliver(lending: Lending, message_id: UUID, sink: SmtpSink) -> Delivered | Postponed | Refused:
    channels = {MAIL: SmtpChannel(sink.url, "Entraide <essai@entraide.invalid>")}
    return await deliver_message(lending.db, lending.community_id, message_id, channels, PUBLIC_URL)


async def state_of(lending: Lending, message_id: UUID) -> str:
    async with lending.db.read(lending.community_id) as reader:
        return str(await reader.scalar(select(Message.state).where(Message.id == message_id)))


async def test_a_professional_is_written_to_with_a_link_of_their_own(
    database: FreshDatabase, smtp_sink: SmtpSink
) -> None:
    lending, loan_id, message_id = await a_request(database)
    assert await deliver(lending, message_id, smtp_sink) == Delivered()
    (mail,) = smtp_sink.received
    assert mail.message_id == f"<{message_id}@entraide.invalid>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "libre de dire non" in mail.subject
    (raw,) = set(re.findall(rf"{PUBLIC_URL}/lien/([\w-]+)", mail.text))
    async with lending.db.read(None, scope=Scope.IDENTITY) as reader:
        link = await read_link(reader, raw, now_of(reader))
    assert link is not None
    assert (link.act, link.subject_id, link.volunteer_id) == (LOAN_CONSENT, loan_id, lending.volunteer_id)
    assert link.state is LinkState.LIVE
    assert "Camille" not in mail.raw.decode()


async def test_a_confirmed_mission_brings_the_professional_alone_the_link_that_withdraws(
    database: FreshDatabase, smtp_sink: SmtpSink
) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    await never_quiet(lending)
    await agree(lending, loan_id, *LoanParty)
    async with lending.db.write(lending.community_id) as tx:
        fact_id = await tx.scalar(select(Event.fact_id).where(Event.kind == "loan_agreed").limit(1))
        assert fact_id is not None
        await fan_out(tx, fact_id, now_of(tx))
        messages = (await tx.execute(select(Message.id, Message.recipient_kind))).all()
    for message_id, _ in messages:
        assert await deliver(lending, message_id, smtp_sink) == Delivered()
    kinds = {f"<{message_id}@entraide.invalid>": kind for message_id, kind in messages}
    mails = {mail.message_id: mail for mail in smtp_sink.received}
    assert sorted(kinds.values()) == ["account", "account", "volunteer"]
    for message_id, kind in kinds.items():
        told = mails[message_id].text
        assert ("/lien/" in told) is (kind == "volunteer")
        assert ("retirer votre accord" in told) is (kind == "volunteer")
    (raw,) = {raw for mail in mails.values() for raw in re.findall(r"/lien/([\w-]+)", mail.text)}
    async with lending.db.read(None, scope=Scope.IDENTITY) as reader:
        link = await read_link(reader, raw, now_of(reader))
    async with lending.db.read(lending.community_id) as reader:
        ends_at = max(await reader.scalars(select(func.upper(Shift.slot))))
    assert link is not None
    assert (link.act, link.volunteer_id, link.expires_at) == (LOAN_WITHDRAWAL, lending.volunteer_id, ends_at)


async def test_the_html_says_what_the_text_says(database: FreshDatabase, smtp_sink: SmtpSink) -> None:
    lending, _, message_id = await a_request(database)
    await deliver(lending, message_id, smtp_sink)
    page = smtp_sink.received[0].message.get_body(preferencelist=("html",))
    assert page is not None
    html = str(page.get_content())
    assert "minutes de route" in html
    assert 'lang="fr"' in html
    assert not re.search(r"<(img|script|link|iframe)\b", html)


async def test_a_request_turned_down_meanwhile_is_no_longer_sent(database: FreshDatabase, smtp_sink: SmtpSink) -> None:
    lending, loan_id, message_id = await a_request(database)
    async with lending.db.write(lending.community_id) as tx:
        await decline(tx, lending.lender, DeclineLoan(loan_id, LoanParty.LENDER), now_of(tx))
    assert await deliver(lending, message_id, smtp_sink) == Delivered()
    assert smtp_sink.received == []
    assert await state_of(lending, message_id) == "obsolete"


async def test_a_message_already_sent_is_not_sent_again(database: FreshDatabase, smtp_sink: SmtpSink) -> None:
    lending, _, message_id = await a_request(database)
    for _ in range(2):
        assert await deliver(lending, message_id, smtp_sink) == Delivered()
    assert len(smtp_sink.received) == 1


@pytest.mark.parametrize("chose_nights", [False, True])
async def test_nobody_off_duty_is_disturbed_at_night_unless_they_chose_it(
    database: FreshDatabase, smtp_sink: SmtpSink, chose_nights: bool
) -> None:
    lending, _, message_id = await a_request(database)
    async with lending.db.write(lending.community_id) as tx:
        local = now_of(tx).astimezone(ZONE)
        until = local.hour * 60 + local.minute + 2
        figures = {"quiet_from": LAST_MINUTE, "quiet_until": until}
        await state_parameters(tx, founder(lending.community_id), figures, now_of(tx))
        await tx.execute(update(LoanVolunteer).values(may_be_asked_at_night=chose_nights))
    outcome = await deliver(lending, message_id, smtp_sink)
    if chose_nights:
        assert outcome == Delivered()
        return
    assert isinstance(outcome, Postponed)
    assert outcome.code == "quiet-hours"
    assert outcome.delay is not None
    assert timedelta(0) < outcome.delay <= timedelta(minutes=2)
    assert smtp_sink.received == []
    assert await state_of(lending, message_id) == "created"


async def test_a_third_solicitation_waits_for_the_next_morning(database: FreshDatabase, smtp_sink: SmtpSink) -> None:
    lending = await a_lending(database)
    await never_quiet(lending)
    outcomes = []
    for _ in range(3):
        await asked(lending)
        outcomes.append(await deliver(lending, await message_to_the_person(lending), smtp_sink))
    assert outcomes[:2] == [Delivered(), Delivered()]
    assert isinstance(outcomes[2], Postponed)
    assert outcomes[2].code == "solicited-enough"
    assert len(smtp_sink.received) == 2


async def test_what_a_carrier_cannot_take_now_stays_to_be_sent(database: FreshDatabase, smtp_sink: SmtpSink) -> None:
    lending, _, message_id = await a_request(database)
    smtp_sink.refuse_data()
    assert await deliver(lending, message_id, smtp_sink) == Postponed("smtp-451")
    assert await state_of(lending, message_id) == "created"
    assert await deliver(lending, message_id, smtp_sink) == Delivered()


async def test_a_carrier_that_is_not_there_is_tried_again(database: FreshDatabase) -> None:
    lending, _, message_id = await a_request(database)
    outcome = await deliver_message(
        lending.db,
        lending.community_id,
        message_id,
        {MAIL: SmtpChannel("smtp://127.0.0.1:9", "essai@entraide.invalid")},
        PUBLIC_URL,
    )
    assert isinstance(outcome, Postponed)
    assert outcome.code.startswith("smtp-")


async def test_a_message_to_another_community_is_not_seen(database: FreshDatabase, smtp_sink: SmtpSink) -> None:
    lending, _, message_id = await a_request(database)
    other = await a_lending(database)
    assert await deliver(other, message_id, smtp_sink) == Delivered()
    assert smtp_sink.received == []
    assert await state_of(lending, message_id) == "created"


class HeldCarrier:
    """A carrier that keeps each letter until the test says what becomes of it, in the order of the attempts."""

    def __init__(self) -> None:
        self.taken: list[asyncio.Future[Receipt | Retryable | Permanent]] = []

    async def send(self, letter: Letter) -> Receipt | Retryable | Permanent:
        said: asyncio.Future[Receipt | Retryable | Permanent] = asyncio.get_running_loop().create_future()
        self.taken.append(said)
        return await said

    async def attempt(self, lending: Lending, message_id: UUID) -> asyncio.Task[Delivered | Postponed | Refused]:
        """Begin one more attempt; return once the carrier has the letter in its hands."""
        before = len(self.taken)
        begun = asyncio.create_task(
            deliver_message(lending.db, lending.community_id, message_id, {MAIL: self}, PUBLIC_URL)
        )
        async with asyncio.timeout(10):
            while len(self.taken) == before:
                await asyncio.sleep(0.01)
        return begun


FAILURES = [Retryable("smtp-451"), Permanent("smtp-550")]


@pytest.mark.parametrize("failure", FAILURES)
async def test_an_attempt_that_fails_after_the_next_succeeded_writes_nothing(
    database: FreshDatabase, failure: Retryable | Permanent
) -> None:
    lending, _, message_id = await a_request(database)
    carrier = HeldCarrier()
    slow, quick = [await carrier.attempt(lending, message_id) for _ in range(2)]
    carrier.taken[1].set_result(Receipt())
    assert await quick == Delivered()
    carrier.taken[0].set_result(failure)
    await slow
    assert await state_of(lending, message_id) == "sent"


@pytest.mark.parametrize("failure", FAILURES)
async def test_an_attempt_overtaken_by_another_still_on_its_way_writes_nothing(
    database: FreshDatabase, failure: Retryable | Permanent
) -> None:
    lending, _, message_id = await a_request(database)
    carrier = HeldCarrier()
    slow, quick = [await carrier.attempt(lending, message_id) for _ in range(2)]
    carrier.taken[0].set_result(failure)
    await slow
    assert await state_of(lending, message_id) == "sending"
    carrier.taken[1].set_result(Receipt())
    assert await quick == Delivered()
    assert await state_of(lending, message_id) == "sent"


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_does_not_wake_a_message_that_means_nothing_any_more(
    database: FreshDatabase, smtp_sink: SmtpSink, failure: Retryable | Permanent
) -> None:
    lending, loan_id, message_id = await a_request(database)
    carrier = HeldCarrier()
    slow = await carrier.attempt(lending, message_id)
    async with lending.db.write(lending.community_id) as tx:
        await decline(tx, lending.lender, DeclineLoan(loan_id, LoanParty.LENDER), now_of(tx))
    assert await deliver(lending, message_id, smtp_sink) == Delivered()
    carrier.taken[0].set_result(failure)
    await slow
    assert await state_of(lending, message_id) == "obsolete"
