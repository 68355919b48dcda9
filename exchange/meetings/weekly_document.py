"""What the weekly sheet says, as of one instant, living area by living area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.loans import queries as loans
from exchange.loans.queries import LoanView
from exchange.loans.rules import LoanState
from exchange.meetings.queries.tasks import TaskView, overdue_tasks
from exchange.meetings.rules import UNSOLVED, week_of
from exchange.meetings.tried import Tried, tried_for
from exchange.organisations import queries as organisations
from exchange.placements import queries as placements
from exchange.placements.queries import PlacementView
from exchange.placements.rules import PlacementState
from exchange.situations import queries as situations
from exchange.situations.models import Situation
from exchange.situations.queries import SituationView
from exchange.situations.queries_following import due_call_backs

FORM: Final = "entraide-week/1"
ENDING_WITHIN: Final = timedelta(days=7)
_STILL_RUNNING: Final = frozenset({LoanState.AGREED, LoanState.SIGNED, LoanState.RUNNING})


@dataclass(frozen=True, slots=True)
class SheetSituation:
    """A situation without a solution; nothing of what the person needs."""

    id: UUID
    area_id: UUID | None
    reference: str
    urgency: int
    level: int
    age_band: str
    care_mode: str
    waits_since: datetime
    declined: int


@dataclass(frozen=True, slots=True)
class SheetExit:
    """A stay that ends soon, or whose date is past."""

    area_id: UUID | None
    situation_id: UUID
    reference: str
    facility: str
    exit_on: date


@dataclass(frozen=True, slots=True)
class SheetLoan:
    """A loan whose last shift ends soon. The professional is told by their qualifications alone."""

    area_id: UUID | None
    loan_id: UUID
    host_facility_id: UUID
    host: str
    lender: str
    qualifications: tuple[str, ...]
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SheetCallBack:
    """A call back whose hour had come and that nobody had made."""

    area_id: UUID | None
    situation_id: UUID
    reference: str
    party: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SheetTask:
    """A task whose date was over."""

    area_id: UUID | None
    id: UUID
    action: str
    assignee: str | None
    assignee_body: str | None
    reference: str | None
    facility: str | None
    due_on: date


@dataclass(frozen=True, slots=True)
class SheetArea:
    """One living area; without a name, what belongs to none."""

    id: UUID | None
    name: str | None
    unsolved: tuple[SheetSituation, ...]
    declined_often: tuple[SheetSituation, ...]
    exits: tuple[SheetExit, ...]
    loans: tuple[SheetLoan, ...]
    call_backs: tuple[SheetCallBack, ...]
    overdue: tuple[SheetTask, ...]


@dataclass(frozen=True, slots=True)
class WeeklyDocument:
    """The whole sheet. `unsolved_after_days` and `case_meeting_refusals`: the figures by which it was made."""

    form: str
    as_of: datetime
    week_of: date
    unsolved_after_days: int
    case_meeting_refusals: int
    areas: tuple[SheetArea, ...]


class _InArea(Protocol):
    @property
    def area_id(self) -> UUID | None: ...


_Line = TypeVar("_Line", bound=_InArea)


async def weekly_document(reader: AsyncSession, actor: Actor, now: datetime) -> WeeklyDocument:
    """Return the sheet as of the transaction's instant."""
    zone, clocks = await organisations.zone(reader), await organisations.parameters(reader)
    area_of = {site.id: site.living_area_id for site in await organisations.facilities(reader)}
    waiting = [each for each in await situations.situations(reader, actor) if each.state in UNSOLVED]
    tried = await tried_for(reader, (each.id for each in waiting))
    lines = sorted((_situation(each, tried[each.id]) for each in waiting), key=lambda one: (one.waits_since, one.id))
    long_ago = now - timedelta(days=clocks.unsolved_after_days)
    unsolved = [line for line in lines if line.waits_since < long_ago]
    declined = [line for line in lines if line.declined >= clocks.case_meeting_refusals]
    last_day = now.astimezone(zone).date() + ENDING_WITHIN
    exits = [_exit(each, area_of) for each in await placements.placements(reader, actor) if _leaves(each, last_day)]
    ending = [_loan(each, area_of) for each in await loans.loans(reader, actor) if _ends(each, now)]
    call_backs = await _call_backs(reader, actor, now)
    overdue = [_task(each) for each in await overdue_tasks(reader, actor, now)]
    areas = [(area.id, area.name) for area in await organisations.living_areas(reader)]
    return WeeklyDocument(
        form=FORM,
        as_of=now,
        week_of=week_of(now, zone),
        unsolved_after_days=clocks.unsolved_after_days,
        case_meeting_refusals=clocks.case_meeting_refusals,
        areas=tuple(
            SheetArea(
                id=area_id,
                name=name,
                unsolved=_of(unsolved, area_id),
                declined_often=_of(declined, area_id),
                exits=_of(sorted(exits, key=lambda one: (one.exit_on, one.reference)), area_id),
                loans=_of(sorted(ending, key=lambda one: (one.ends_at, one.loan_id)), area_id),
                call_backs=_of(call_backs, area_id),
                overdue=_of(overdue, area_id),
            )
            for area_id, name in (*areas, (None, None))
        ),
    )


async def _call_backs(reader: AsyncSession, actor: Actor, now: datetime) -> list[SheetCallBack]:
    """Of closed situations too: whoever went to a relative is rung within the week."""
    due = sorted(await due_call_backs(reader, actor, now), key=lambda one: (one.due_at, one.id))
    rows = await reader.execute(
        select(Situation.reference, Situation.id, Situation.living_area_id).where(
            Situation.reference.in_({one.reference for one in due})
        )
    )
    about = {row.reference: row for row in rows}
    return [
        SheetCallBack(
            about[one.reference].living_area_id, about[one.reference].id, one.reference, one.party, one.due_at
        )
        for one in due
    ]


def _of(lines: Iterable[_Line], area_id: UUID | None) -> tuple[_Line, ...]:
    return tuple(line for line in lines if line.area_id == area_id)


def _leaves(stay: PlacementView, last_day: date) -> bool:
    return stay.state is PlacementState.ADMITTED and stay.exit_on is not None and stay.exit_on <= last_day


def _ends(loan: LoanView, now: datetime) -> bool:
    return loan.state in _STILL_RUNNING and now < loan.shifts[-1].ends_at <= now + ENDING_WITHIN


def _situation(found: SituationView, tried: Tried) -> SheetSituation:
    return SheetSituation(
        id=found.id,
        area_id=found.living_area_id,
        reference=found.reference,
        urgency=found.urgency,
        level=found.level,
        age_band=found.age_band,
        care_mode=found.care_mode,
        waits_since=found.created_at,
        declined=tried.declined,
    )


def _exit(stay: PlacementView, area_of: dict[UUID, UUID | None]) -> SheetExit:
    if stay.exit_on is None:
        raise LookupError("a stay without an exit date is on no sheet")
    return SheetExit(area_of.get(stay.facility_id), stay.situation_id, stay.reference, stay.facility, stay.exit_on)


def _loan(found: LoanView, area_of: dict[UUID, UUID | None]) -> SheetLoan:
    return SheetLoan(
        area_id=area_of.get(found.host_facility_id),
        loan_id=found.id,
        host_facility_id=found.host_facility_id,
        host=found.host,
        lender=found.lender,
        qualifications=found.volunteer_qualifications,
        ends_at=found.shifts[-1].ends_at,
    )


def _task(found: TaskView) -> SheetTask:
    return SheetTask(
        area_id=found.living_area_id,
        id=found.id,
        action=found.action,
        assignee=found.assignee,
        assignee_body=found.assignee_body,
        reference=found.reference,
        facility=found.facility,
        due_on=found.due_on,
    )
