"""The question of the evening: asked once of each on-call manager for all own sites, by one outbox row per evening.

The row of an evening bears an id made of the community and the date, so that it is written once whoever winds the
clock: the question itself, a worker that starts, the minute's sweep. An evening missed is asked when the house is
back, while it is still the evening that people call tonight's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import lifetimes
from exchange.availability.evening import evening_at, question_at
from exchange.availability.events import EveningAsked
from exchange.availability.statuses import Unanswered, unanswered_tonight
from exchange.identity.models import Account, Membership
from exchange.kernel.actor import Actor, Role
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event, OutboxRow
from exchange.kernel.record import record
from exchange.notifications.messages import write_messages
from exchange.notifications.recipients import Recipient
from exchange.notifications.rules import EVENING_QUESTION
from exchange.organisations import queries as organisations

ASK_EVENING_JOB = "availability.ask_evening"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a run of the question did. `too_early`: how long its hour is still away (the community moved its clock)."""

    messages: tuple[UUID, ...] = ()
    too_early: timedelta | None = None


def evening_id(community_id: UUID, evening: date) -> UUID:
    """Return the id of an evening's question: the same for whoever asks it."""
    return uuid5(community_id, f"evening-question:{evening.isoformat()}")


async def wind_evening(tx: AsyncSession, community_id: UUID, now: datetime) -> None:
    """Write the rows of tonight's question and of tomorrow's where they are missing. Repeatable."""
    zone, clocks = await organisations.zone(tx), await lifetimes(tx)
    tonight = evening_at(now, zone)
    await tx.execute(
        insert(OutboxRow).on_conflict_do_nothing(),
        [
            {
                "id": new_id(),
                "fact_id": evening_id(community_id, evening),
                "job": ASK_EVENING_JOB,
                "subject_id": community_id,
                "due_at": question_at(evening, clocks, zone),
            }
            for evening in (tonight, tonight + timedelta(days=1))
        ],
    )


async def ask_evening(tx: AsyncSession, fact_id: UUID, now: datetime) -> Asking:
    """Ask each on-call manager once whether the places of tonight still stand, and wind the clock. Repeatable.

    Nothing for an evening that is over, nor of somebody whose sites have all answered.
    """
    community = (await organisations.community(tx)).id
    zone, clocks = await organisations.zone(tx), await lifetimes(tx)
    evening = evening_at(now, zone)
    asked_at = question_at(evening, clocks, zone)
    await wind_evening(tx, community, now)
    if fact_id != evening_id(community, evening):
        return Asking()
    if now < asked_at:
        return Asking(too_early=asked_at - now)
    written: list[UUID] = []
    for recipient in await _asked(tx, await unanswered_tonight(tx, now)):
        written += await write_messages(tx, fact_id, EVENING_QUESTION, recipient.id, [recipient], now)
    if not await _is_recorded(tx, asked_at):
        fact = EveningAsked(subject_id=community, evening=evening, asked=len(written))
        await record(tx, Actor.system(community), fact, now)
    return Asking(tuple(written))


async def sites_to_answer(tx: AsyncSession, account_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Return the sites for which somebody is asked and has not answered yet; none once the evening is over."""
    open_sites = await unanswered_tonight(tx, now)
    if not open_sites:
        return ()
    memberships = (
        await tx.scalars(select(Membership).where(Membership.account_id == account_id, Membership.ended_at.is_(None)))
    ).all()
    operators = {one.operator_id for one in memberships if one.role == Role.ON_CALL_MANAGER.value}
    houses = {one.facility_id for one in memberships if one.role == Role.FACILITY_MANAGER.value}
    mine = (one.facility_id for one in open_sites if one.operator_id in operators or one.facility_id in houses)
    return tuple(dict.fromkeys(mine))


async def _asked(tx: AsyncSession, unanswered: Iterable[Unanswered]) -> list[Recipient]:
    """On-call managers of these sites; the site's own managers where nobody is on call for its operator."""
    sites = tuple(unanswered)
    on_call = await _in_force(tx, Membership.role == Role.ON_CALL_MANAGER.value)
    operators = {operator for _, operator, _ in on_call}
    left = {one.facility_id for one in sites if one.operator_id not in operators}
    managers = await _in_force(tx, Membership.role == Role.FACILITY_MANAGER.value) if left else []
    wanted = {one.operator_id for one in sites}
    found = {account for account, operator, _ in on_call if operator in wanted}
    found |= {account for account, _, facility in managers if facility in left}
    return [Recipient("account", account_id) for account_id in sorted(found)]


async def _in_force(tx: AsyncSession, where: ColumnElement[bool]) -> list[tuple[UUID, UUID | None, UUID | None]]:
    rows = await tx.execute(
        select(Account.id, Membership.operator_id, Membership.facility_id)
        .join(Membership, Membership.account_id == Account.id)
        .where(where, Membership.ended_at.is_(None), Account.disabled_at.is_(None))
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def _is_recorded(tx: AsyncSession, since: datetime) -> bool:
    return bool(await tx.scalar(select(exists().where(Event.kind == EveningAsked.kind, Event.recorded_at >= since))))
