"""A project record: opened about gaps that repeat, worded, shared with the authority, answered, closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.kernel.versions import bump, require_seen
from exchange.meetings import events
from exchange.meetings.errors import GapsNotAlike
from exchange.meetings.gaps import Gap, GapKind, kind_of
from exchange.meetings.inputs import OpenRecord
from exchange.meetings.load_gaps import gaps_named
from exchange.meetings.models import ProjectRecord, ProjectRecordSituation
from exchange.meetings.policies import require_coordinator
from exchange.meetings.rules import RECORDS, RecordAct, RecordState, after, check_told_outside
from exchange.organisations import queries as organisations
from exchange.reference.code_lists import CareMode, NeedCode
from exchange.reference.follow_up import AgeRange
from exchange.staffing.values import check_count

MOST_SITUATIONS = 200


async def open_record(tx: AsyncSession, actor: Actor, form: OpenRecord, now: datetime) -> UUID:
    """Open the record of what these situations all lack.

    A coordinator may open one before the rule proposes it. Raises `ActForbidden`, `InvalidValue`, `GapsNotAlike`.
    """
    require_coordinator(actor)
    check_count(form.situation_ids, 1, MOST_SITUATIONS, "situation_ids")
    check_told_outside(form.missing or "", "missing")
    gaps = await _gaps(tx, form.situation_ids, now)
    kinds = {kind for _, kind in gaps}
    if len(kinds) != 1:
        raise GapsNotAlike(field="situation_ids")
    kind = kinds.pop()
    zone = await organisations.zone(tx)
    opened = ProjectRecord(
        id=new_id(),
        living_area_id=kind.living_area_id,
        populations=sorted(code.value for code in kind.publics),
        care_mode=kind.care_mode.value,
        age_range=kind.age_range.value,
        missing=(form.missing or "").strip() or None,
        since=min(gap.created_at for gap, _ in gaps).astimezone(zone).date(),
        state=RecordState.DRAFT.value,
        created_at=now,
        created_by=actor.account_id,
    )
    tx.add(opened)
    await tx.flush()
    tx.add_all(ProjectRecordSituation(record_id=opened.id, situation_id=gap.situation_id) for gap, _ in gaps)
    await record(tx, actor, events.RecordOpened(subject_id=opened.id, situations=len(gaps)), now)
    return opened.id


async def edit_record(tx: AsyncSession, actor: Actor, record_id: UUID, missing: str, now: datetime) -> None:
    """Say in other words what is missing. Raises `ActForbidden`, `NotFound`, `IllegalTransition`, `InvalidValue`."""
    found = await _locked(tx, actor, record_id)
    state = after(RECORDS, RecordState(found.state), RecordAct.EDIT)
    check_told_outside(missing, "missing")
    found.missing = missing.strip() or None
    await _changed(tx, actor, found, RecordAct.EDIT, state, now)


async def link_situations(
    tx: AsyncSession, actor: Actor, record_id: UUID, situation_ids: Iterable[UUID], now: datetime
) -> None:
    """Add situations that lack the same; those already linked change nothing.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition`, `InvalidValue`, `GapsNotAlike`.
    """
    found = await _locked(tx, actor, record_id)
    state = after(RECORDS, RecordState(found.state), RecordAct.LINK)
    wanted = tuple(situation_ids)
    check_count(wanted, 1, MOST_SITUATIONS, "situation_ids")
    gaps = await _gaps(tx, wanted, now)
    if any(kind != _kind(found) for _, kind in gaps):
        raise GapsNotAlike(field="situation_ids")
    linked = set(
        await tx.scalars(
            select(ProjectRecordSituation.situation_id).where(ProjectRecordSituation.record_id == record_id)
        )
    )
    new = [gap for gap, _ in gaps if gap.situation_id not in linked]
    tx.add_all(ProjectRecordSituation(record_id=record_id, situation_id=gap.situation_id) for gap in new)
    zone = await organisations.zone(tx)
    found.since = min([found.since, *(gap.created_at.astimezone(zone).date() for gap in new)])
    await _changed(tx, actor, found, RecordAct.LINK, state, now)


async def share_record(tx: AsyncSession, actor: Actor, record_id: UUID, now: datetime) -> None:
    """Send the record to the authority, whose observers read it from now on.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition`, `InvalidValue` where nothing is worded.
    """
    found = await _locked(tx, actor, record_id)
    state = after(RECORDS, RecordState(found.state), RecordAct.SHARE)
    if found.missing is None:
        raise InvalidValue(field="missing", rule="note-required")
    found.shared_at = now
    await _changed(tx, actor, found, RecordAct.SHARE, state, now)


async def answer_record(tx: AsyncSession, actor: Actor, record_id: UUID, answer: str, now: datetime) -> None:
    """Write down what the authority answered. Raises as `edit_record`."""
    found = await _locked(tx, actor, record_id)
    state = after(RECORDS, RecordState(found.state), RecordAct.ANSWER)
    check_told_outside(answer, "answer")
    if not answer.strip():
        raise InvalidValue(field="answer", rule="note-required")
    found.answer, found.answered_at = answer.strip(), now
    await _changed(tx, actor, found, RecordAct.ANSWER, state, now)


async def close_record(tx: AsyncSession, actor: Actor, record_id: UUID, now: datetime) -> None:
    """Put the record away. Raises `ActForbidden`, `NotFound`, `IllegalTransition`."""
    found = await _locked(tx, actor, record_id)
    state = after(RECORDS, RecordState(found.state), RecordAct.CLOSE)
    found.closed_at = now
    await _changed(tx, actor, found, RecordAct.CLOSE, state, now)


async def _locked(tx: AsyncSession, actor: Actor, record_id: UUID) -> ProjectRecord:
    require_coordinator(actor)
    found = await tx.scalar(
        select(ProjectRecord)
        .where(ProjectRecord.id == record_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    require_seen(tx, found)
    return found


async def _changed(
    tx: AsyncSession, actor: Actor, found: ProjectRecord, act: RecordAct, state: RecordState, now: datetime
) -> None:
    found.state = state.value
    bump(found)
    await record(tx, actor, events.RecordChanged(subject_id=found.id, act=act.value, state=state.value), now)


async def _gaps(tx: AsyncSession, situation_ids: Iterable[UUID], now: datetime) -> list[tuple[Gap, GapKind]]:
    """Return situations with what each lacks. Raises `InvalidValue` where one is unknown, or lacks nothing."""
    wanted = set(situation_ids)
    gaps = await gaps_named(tx, wanted)
    if {gap.situation_id for gap in gaps} != wanted:
        raise InvalidValue(field="situation_ids", rule="unknown-situation")
    within = timedelta(days=(await organisations.parameters(tx)).repeated_gap_days)
    found = [(gap, kind) for gap in gaps if (kind := kind_of(gap, now, within)) is not None]
    if len(found) != len(wanted):
        raise InvalidValue(field="situation_ids", rule="no-gap")
    return found


def _kind(found: ProjectRecord) -> GapKind:
    return GapKind(
        living_area_id=found.living_area_id,
        publics=frozenset(NeedCode(code) for code in found.populations),
        care_mode=CareMode(found.care_mode),
        age_range=AgeRange(found.age_range),
    )
