"""Derogations to the figures of working time: by a dated text alone, over two dates, ending by themselves.

Recorded by a coordinator, whether or not a crisis organisation is open: that one tightens clocks and never changes a
figure of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import constraint_of
from exchange.kernel.errors import ActForbidden, InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.organisations import queries as organisations
from exchange.organisations.rules import check_name
from exchange.staffing.errors import DerogationOverlaps
from exchange.staffing.events import DerogationRecorded
from exchange.staffing.models import RuleDerogation
from exchange.staffing.rule_figures import LAW
from exchange.staffing.values import check_between

MOST_DAYS: Final = 92
"""A quarter: what must last longer rests on another text, recorded in its turn."""

OLDEST_START = timedelta(days=31)


class DerogableFigure(StrEnum):
    """The figures of working time that a text may derogate; no other."""

    SHIFT_MINUTES = "shift_minutes"
    NIGHT_SHIFT_MINUTES = "night_shift_minutes"
    REST_MINUTES = "rest_minutes"
    WEEK_MINUTES = "week_minutes"
    AVERAGE_WEEK_MINUTES = "average_week_minutes"


DEROGABLE: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        DerogableFigure.SHIFT_MINUTES: (600, 720),
        DerogableFigure.NIGHT_SHIFT_MINUTES: (600, 720),
        DerogableFigure.REST_MINUTES: (540, 660),
        DerogableFigure.WEEK_MINUTES: (2_880, 3_600),
        DerogableFigure.AVERAGE_WEEK_MINUTES: (2_640, 2_880),
    }
)
"""How far each may go, in minutes.

12 h a day and a night (L3121-19, L3122-6), 9 h of rest (D3131-6), 60 h a week (L3121-21), 48 h on average (L3121-24,
-25). Proposed bounds, which a jurist reviews before they are relied on.
"""

MAY_RECORD: Final = frozenset({Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class RecordDerogation:
    """`rule_set`: the law, or the code of a collective agreement. Both dates are days in force.

    `text_reference`: the decree, decision or agreement; `issued_by`: who signed it.
    """

    rule_set: str
    figure: str
    amount: int
    text_reference: str
    issued_by: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class DerogationView:
    """One derogation, in force from `first_day` to `last_day`, both included."""

    id: UUID
    rule_set: str
    figure: str
    amount: int
    text_reference: str
    issued_by: str
    first_day: date
    last_day: date
    recorded_at: datetime


async def record_derogation(tx: AsyncSession, actor: Actor, asked: RecordDerogation, now: datetime) -> UUID:
    """Keep what a text derogates, for the shifts of its dates and no other; the ordinary figure then holds again.

    Raises `ActForbidden`, `InvalidValue`, `DerogationOverlaps`.
    """
    if actor.role not in MAY_RECORD:
        raise ActForbidden
    today = now.astimezone(await organisations.zone(tx)).date()
    agreements = {operator.agreement_code for operator in await organisations.operators(tx)}
    check_derogation(asked, agreements, today)
    row = RuleDerogation(
        id=new_id(),
        rule_set=asked.rule_set,
        figure=asked.figure,
        amount=asked.amount,
        text_reference=asked.text_reference.strip(),
        issued_by=asked.issued_by.strip(),
        validity=Range(asked.first_day, asked.last_day + timedelta(days=1)),
        author_account_id=actor.account_id,
        recorded_at=now,
    )
    tx.add(row)
    try:
        await tx.flush()
    except IntegrityError as error:
        if constraint_of(error) == "ex_rule_derogations_validity":
            raise DerogationOverlaps(field="first_day") from error
        raise
    fact = DerogationRecorded(
        subject_id=row.id,
        rule_set=asked.rule_set,
        figure=asked.figure,
        amount=asked.amount,
        first_day=asked.first_day,
        last_day=asked.last_day,
    )
    await record(tx, actor, fact, now)
    return row.id


def check_derogation(asked: RecordDerogation, agreements: frozenset[str] | set[str], today: date) -> None:
    """Raise `InvalidValue` naming the field: not derogable, too far, without a text, or without a near end."""
    if asked.rule_set != LAW and asked.rule_set not in agreements:
        raise InvalidValue(field="rule_set", rule="unknown-code")
    if asked.figure not in DEROGABLE:
        raise InvalidValue(field="figure", rule="not-derogable")
    check_between(asked.amount, *DEROGABLE[asked.figure], "amount")
    check_name(asked.text_reference, "text_reference")
    check_name(asked.issued_by, "issued_by")
    if asked.last_day < asked.first_day:
        raise InvalidValue(field="last_day", rule="ends-before-start")
    if asked.last_day < today or asked.first_day < today - OLDEST_START:
        raise InvalidValue(field="last_day" if asked.last_day < today else "first_day", rule="in-the-past")
    if (asked.last_day - asked.first_day).days >= MOST_DAYS:
        raise InvalidValue(field="last_day", rule="derogation-too-long", most=MOST_DAYS)


async def derogations(reader: AsyncSession) -> tuple[DerogationView, ...]:
    """Return the community's derogations, the latest to end first."""
    rows = await reader.scalars(
        select(RuleDerogation)
        .where(RuleDerogation.community_id == func.current_community())
        .order_by(func.upper(RuleDerogation.validity).desc(), RuleDerogation.id)
    )
    return tuple(
        DerogationView(
            id=row.id,
            rule_set=row.rule_set,
            figure=row.figure,
            amount=row.amount,
            text_reference=row.text_reference,
            issued_by=row.issued_by,
            first_day=row.validity.lower,
            last_day=row.validity.upper - timedelta(days=1),
            recorded_at=row.recorded_at,
        )
        for row in rows
        if row.validity.lower is not None and row.validity.upper is not None
    )
