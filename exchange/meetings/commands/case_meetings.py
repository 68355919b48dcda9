"""Planning a case meeting, its agenda, its decisions, its minutes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.kernel.versions import bump, require_seen
from exchange.meetings import events
from exchange.meetings.agenda import proposed_agenda
from exchange.meetings.documents import freeze
from exchange.meetings.errors import SituationNotOnAgenda
from exchange.meetings.inputs import DecideItem, PlanMeeting
from exchange.meetings.models import CaseMeeting, CaseMeetingItem
from exchange.meetings.policies import require_coordinator
from exchange.meetings.rules import MEETINGS, MeetingAct, MeetingState, after, check_held_at, check_place, check_words
from exchange.meetings.tried import AsHeld, tried_for
from exchange.organisations.models import Facility
from exchange.reference.follow_up import AgendaReason, MeetingDecision, PartnerBody
from exchange.situations.models import Situation
from exchange.staffing.values import check_count, codes_of

MOST_ITEMS = 60


async def plan_meeting(tx: AsyncSession, actor: Actor, form: PlanMeeting, now: datetime) -> UUID:
    """Give a case meeting its date and its agenda: what the rules propose, or the situations named.

    A meeting may be noted after it was held. Raises `ActForbidden`, `InvalidValue`.
    """
    require_coordinator(actor)
    check_held_at(form.held_at, now)
    check_place(form.place)
    codes_of(PartnerBody, form.bodies, "bodies")
    await _check_facilities(tx, form.facility_ids)
    agenda = await _agenda(tx, actor, form.situation_ids, now)
    check_count(agenda, 0, MOST_ITEMS, "situation_ids")
    meeting = CaseMeeting(
        id=new_id(),
        held_at=form.held_at,
        place=(form.place or "").strip() or None,
        bodies=[str(body) for body in form.bodies],
        facility_ids=sorted(set(form.facility_ids)),
        state=MeetingState.PLANNED.value,
        created_at=now,
        created_by=actor.account_id,
    )
    tx.add(meeting)
    await tx.flush()
    tx.add_all(
        CaseMeetingItem(meeting_id=meeting.id, situation_id=situation_id, position=position, reasons=reasons)
        for position, (situation_id, reasons) in enumerate(agenda)
    )
    await record(tx, actor, events.MeetingPlanned(subject_id=meeting.id, held_at=meeting.held_at), now)
    return meeting.id


async def put_on_agenda(tx: AsyncSession, actor: Actor, meeting_id: UUID, situation_id: UUID, now: datetime) -> None:
    """Add a situation, whether or not a rule proposes it; the same again changes nothing.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition`, `InvalidValue`.
    """
    meeting = await _locked(tx, actor, meeting_id, MeetingAct.PREPARE)
    ((_, reasons),) = await _agenda(tx, actor, (situation_id,), now, field="situation_id")
    items = await _items(tx, meeting_id)
    if situation_id in items:
        return
    check_count([*items, situation_id], 0, MOST_ITEMS, "situation_id")
    last = await tx.scalar(select(func.max(CaseMeetingItem.position)).where(CaseMeetingItem.meeting_id == meeting_id))
    position = 0 if last is None else last + 1
    tx.add(CaseMeetingItem(meeting_id=meeting_id, situation_id=situation_id, position=position, reasons=reasons))
    await _prepared(tx, actor, meeting, situation_id, now, is_on_agenda=True)


async def take_off_agenda(tx: AsyncSession, actor: Actor, meeting_id: UUID, situation_id: UUID, now: datetime) -> None:
    """Leave a situation out of this meeting. Raises `ActForbidden`, `NotFound`, `IllegalTransition`."""
    meeting = await _locked(tx, actor, meeting_id, MeetingAct.PREPARE)
    item = await _item(tx, meeting_id, situation_id)
    await tx.execute(delete(CaseMeetingItem).where(CaseMeetingItem.id == item.id))
    await _prepared(tx, actor, meeting, situation_id, now, is_on_agenda=False)


async def decide(tx: AsyncSession, actor: Actor, form: DecideItem, now: datetime) -> None:
    """Write what the meeting decided for one situation; said again, the later words stand.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition`, `InvalidValue`, `SituationNotOnAgenda`.
    """
    meeting = await _locked(tx, actor, form.meeting_id, MeetingAct.DECIDE)
    decisions = codes_of(MeetingDecision, form.decisions, "decisions", at_least=1)
    check_words(form.note, "note")
    item = await _item(tx, form.meeting_id, form.situation_id)
    item.decisions = [code.value for code in decisions]
    item.decision_note = (form.note or "").strip() or None
    bump(meeting)
    fact = events.MeetingDecided(
        subject_id=meeting.id, situation_id=form.situation_id, decisions=",".join(item.decisions)
    )
    await record(tx, actor, fact, now)


async def close_minutes(tx: AsyncSession, actor: Actor, meeting_id: UUID, now: datetime) -> None:
    """Say that the meeting was held: what had been tried by then is frozen, and the minutes no longer move.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition`.
    """
    meeting = await _locked(tx, actor, meeting_id, MeetingAct.HOLD)
    items = await _items(tx, meeting_id)
    tried = await tried_for(tx, items)
    situations = await tx.scalars(select(Situation).where(Situation.id.in_(items)))
    for each in situations:
        items[each.id].as_held = freeze(AsHeld(each.urgency, each.level, tried[each.id])).text
    await _end(tx, actor, meeting, MeetingState.HELD, now)


async def cancel_meeting(tx: AsyncSession, actor: Actor, meeting_id: UUID, now: datetime) -> None:
    """Call a meeting off. Raises `ActForbidden`, `NotFound`, `IllegalTransition`."""
    meeting = await _locked(tx, actor, meeting_id, MeetingAct.CANCEL)
    await _end(tx, actor, meeting, MeetingState.CANCELLED, now)


async def _end(tx: AsyncSession, actor: Actor, meeting: CaseMeeting, state: MeetingState, now: datetime) -> None:
    meeting.state = state.value
    meeting.closed_at = now
    bump(meeting)
    await record(tx, actor, events.MeetingEnded(subject_id=meeting.id, state=state.value), now)


async def _prepared(
    tx: AsyncSession, actor: Actor, meeting: CaseMeeting, situation_id: UUID, now: datetime, *, is_on_agenda: bool
) -> None:
    bump(meeting)
    fact = events.MeetingPrepared(subject_id=meeting.id, situation_id=situation_id, is_on_agenda=is_on_agenda)
    await record(tx, actor, fact, now)


async def _locked(tx: AsyncSession, actor: Actor, meeting_id: UUID, act: MeetingAct) -> CaseMeeting:
    """Lock a meeting whose state allows an act."""
    require_coordinator(actor)
    meeting = await tx.scalar(
        select(CaseMeeting)
        .where(CaseMeeting.id == meeting_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if meeting is None:
        raise NotFound
    require_seen(tx, meeting)
    after(MEETINGS, MeetingState(meeting.state), act)
    return meeting


async def _items(tx: AsyncSession, meeting_id: UUID) -> dict[UUID, CaseMeetingItem]:
    rows = await tx.scalars(select(CaseMeetingItem).where(CaseMeetingItem.meeting_id == meeting_id))
    return {item.situation_id: item for item in rows}


async def _item(tx: AsyncSession, meeting_id: UUID, situation_id: UUID) -> CaseMeetingItem:
    found = (await _items(tx, meeting_id)).get(situation_id)
    if found is None:
        raise SituationNotOnAgenda
    return found


async def _agenda(
    tx: AsyncSession, actor: Actor, situation_ids: Iterable[UUID] | None, now: datetime, field: str = "situation_ids"
) -> list[tuple[UUID, list[str]]]:
    """Return situations with their reasons; one that no rule proposes was chosen."""
    proposed = {
        line.situation_id: [reason.value for reason in line.reasons] for line in await proposed_agenda(tx, actor, now)
    }
    if situation_ids is None:
        return list(proposed.items())
    wanted = list(dict.fromkeys(situation_ids))
    known = set(await tx.scalars(select(Situation.id).where(Situation.id.in_(wanted))))
    if known != set(wanted):
        raise InvalidValue(field=field, rule="unknown-situation")
    return [(each, proposed.get(each, [AgendaReason.CHOSEN.value])) for each in wanted]


async def _check_facilities(tx: AsyncSession, facility_ids: Iterable[UUID]) -> None:
    wanted = set(facility_ids)
    if set(await tx.scalars(select(Facility.id).where(Facility.id.in_(wanted)))) != wanted:
        raise InvalidValue(field="facility_ids", rule="unknown-facility")
