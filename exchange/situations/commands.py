"""Writing the needs of persons, and following each to its outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import constraint_of
from exchange.kernel.errors import IllegalTransition, InvalidValue, NotFound
from exchange.kernel.ids import new_id, new_reference
from exchange.kernel.record import record
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.reference.code_lists import Urgency
from exchange.reference.models import Commune
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.errors import LinkedSituationAlreadyAnswered
from exchange.situations.inputs import CloseSituation, ReceiveSituation
from exchange.situations.models import Incompatibility, Situation, SituationBlock, SituationDetails
from exchange.situations.policies import require_coordination
from exchange.situations.rules import (
    DETAILS_KEPT,
    check_closing,
    check_situation_form,
    deadline_of,
    next_check,
)
from exchange.situations.transitions import (
    FOLLOWING,
    UNTOUCHED,
    SituationAct,
    SituationState,
    after,
    closing_act,
)

__all__ = [
    "CloseSituation",
    "ReceiveSituation",
    "SituationReceived",
    "check_situation",
    "close_situation",
    "follow_placement",
    "lock_situation",
    "lock_situations",
    "receive_situation",
    "reopen_situation",
]

_DRAWS = 5


@dataclass(frozen=True, slots=True)
class SituationReceived:
    """What the receiver dictates to the caller: the reference."""

    id: UUID
    reference: str


async def receive_situation(
    tx: AsyncSession,
    actor: Actor,
    form: ReceiveSituation,
    now: datetime,
    draw_reference: Callable[[], str] = new_reference,
) -> SituationReceived:
    """Log a pseudonymous need with its referent, deadline and next check.

    Raises `ActForbidden`, `InvalidValue`, `LinkedSituationAlreadyAnswered`.
    """
    require_coordination(actor)
    check_situation_form(form, now, await organisations.zone(tx))
    urgency = Urgency(form.urgency)
    deadline_at = deadline_of(urgency, form.deadline_at, now)
    await _check_places(tx, form)
    linked = await _lock_linked(tx, form)
    situation = Situation(
        id=new_id(),
        commune_code=form.commune_code,
        living_area_id=await organisations.living_area_of(tx, form.commune_code),
        age_band=str(form.age_band),
        max_travel_minutes=form.max_travel_minutes,
        max_places=form.max_places,
        excluded_facility_ids=sorted(set(form.excluded_facility_ids)),
        origin=str(form.origin),
        legal_status=str(form.legal_status),
        care_mode=str(form.care_mode),
        urgency=urgency.value,
        level=1,
        state=SituationState.RECEIVED.value,
        referent_account_id=actor.account_id,
        created_at=now,
        deadline_at=deadline_at,
        next_check_at=next_check(urgency, SituationState.RECEIVED, deadline_at, now),
    )
    await _insert_with_reference(tx, situation, draw_reference)
    tx.add(
        SituationDetails(
            situation_id=situation.id,
            need_codes=[str(code) for code in form.need_codes],
            sex=form.sex,
            free_text=form.free_text or None,
        )
    )
    tx.add_all(
        SituationBlock(situation_id=situation.id, position=position, segments=sorted(block))
        for position, block in enumerate(form.blocks)
    )
    await _link(tx, actor, situation, form, linked, now)
    fact = events.SituationReceived(
        subject_id=situation.id,
        urgency=situation.urgency,
        next_check_at=_due(situation),
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)
    return SituationReceived(id=situation.id, reference=situation.reference)


async def follow_placement(
    tx: AsyncSession,
    actor: Actor,
    situation_id: UUID,
    state: SituationState,
    now: datetime,
    *,
    arrived_at: datetime | None = None,
) -> None:
    """Move a situation to the state of its least advanced block; the same state again changes nothing.

    Effective dates from the first arrival: `arrived_at` dates it where another block keeps the state behind. Called by
    the slice that promises, in the transaction of the act that it has already allowed. Raises `IllegalTransition`.
    """
    situation = await lock_situation(tx, situation_id)
    was = SituationState(situation.state)
    if state is SituationState.EFFECTIVE and arrived_at is None:
        arrived_at = now
    if arrived_at is not None and situation.effective_at is None:
        situation.effective_at = arrived_at
    if state is was:
        await tx.flush()
        return
    act = FOLLOWING.get(state)
    if act is None:
        raise IllegalTransition(state=was.value, act=state.value)
    await _move(tx, actor, situation, act, now)


async def close_situation(tx: AsyncSession, actor: Actor, closing: CloseSituation, now: datetime) -> None:
    """End a situation with its outcome; what was promised for it ends by its own acts, told by the event.

    It cannot close as hosted in the network before an arrival. Raises `ActForbidden`, `NotFound`, `InvalidValue`,
    `IllegalTransition`.
    """
    require_coordination(actor)
    situation = await lock_situation(tx, closing.situation_id)
    outcome = check_closing(closing, now)
    was = SituationState(situation.state)
    situation.state = after(was, closing_act(outcome)).value
    situation.outcome = outcome.value
    situation.closed_at = now
    situation.next_check_at = None
    situation.effective_at = situation.effective_at or closing.arrived_at
    situation.terms_version += 1
    situation.version += 1
    details = await tx.get(SituationDetails, situation.id)
    if details is not None:
        details.erase_after = now + DETAILS_KEPT
        details.closing_note = closing.note or None
    fact = events.SituationClosed(
        subject_id=situation.id,
        outcome=outcome.value,
        was=was.value,
        acknowledged_at=closing.acknowledged_at,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)


async def reopen_situation(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> None:
    """Search again for a person whose situation was closed.

    Raises `ActForbidden`, `NotFound`, `IllegalTransition` where it is open.
    """
    require_coordination(actor)
    situation = await lock_situation(tx, situation_id)
    after(SituationState(situation.state), SituationAct.REOPEN)
    details = await tx.get(SituationDetails, situation.id)
    if details is not None:
        details.erase_after = None
        details.closing_note = None
    # Outcome and state are told to the database together: its CHECK knows no step between closed and open.
    situation.outcome = None
    situation.closed_at = None
    situation.effective_at = None
    situation.terms_version += 1
    await _move(tx, actor, situation, SituationAct.REOPEN, now)


async def check_situation(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> datetime | None:
    """Look at a situation whose check is due, and set the next one; return it, or nothing once closed.

    A check that is not due yet changes nothing: the clock may ring twice. Where nobody holds anything for the person,
    `SituationUnanswered` says so.
    """
    situation = await lock_situation(tx, situation_id)
    if situation.next_check_at is None or situation.next_check_at > now:
        return situation.next_check_at
    state = SituationState(situation.state)
    due = next_check(Urgency(situation.urgency), state, situation.deadline_at, now)
    situation.next_check_at = due
    cards = (await card_of(tx, situation.id),)
    if state in UNTOUCHED:
        unanswered = events.SituationUnanswered(
            subject_id=situation.id,
            urgency=situation.urgency,
            next_check_at=due,
            is_past_deadline=situation.deadline_at <= now,
            cards=cards,
        )
        await record(tx, actor, unanswered, now)
    else:
        checked = events.SituationChecked(subject_id=situation.id, state=state.value, next_check_at=due, cards=cards)
        await record(tx, actor, checked, now)
    return due


async def lock_situation(tx: AsyncSession, situation_id: UUID) -> Situation:
    """Lock one situation until the end of the transaction, and read it again. Raises `NotFound`."""
    return (await lock_situations(tx, (situation_id,)))[situation_id]


async def lock_situations(tx: AsyncSession, situation_ids: Iterable[UUID]) -> dict[UUID, Situation]:
    """Lock situations, ids ascending, and read them again. Raises `NotFound` where one is missing."""
    wanted = set(situation_ids)
    await tx.flush()
    found = await tx.scalars(
        select(Situation)
        .where(Situation.id.in_(wanted))
        .order_by(Situation.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    situations = {situation.id: situation for situation in found}
    if situations.keys() != wanted:
        raise NotFound
    return situations


async def _move(tx: AsyncSession, actor: Actor, situation: Situation, act: SituationAct, now: datetime) -> None:
    was = SituationState(situation.state)
    state = after(was, act)
    situation.state = state.value
    situation.next_check_at = next_check(Urgency(situation.urgency), state, situation.deadline_at, now)
    situation.version += 1
    fact = events.SituationMoved(
        subject_id=situation.id,
        state=state.value,
        was=was.value,
        urgency=situation.urgency,
        next_check_at=situation.next_check_at,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)


async def _check_places(tx: AsyncSession, form: ReceiveSituation) -> None:
    if await tx.get(Commune, form.commune_code) is None:
        raise InvalidValue(field="commune_code", rule="unknown-code")
    excluded = set(form.excluded_facility_ids)
    known = await tx.scalars(select(Facility.id).where(Facility.id.in_(excluded)))
    if set(known) != excluded:
        raise InvalidValue(field="excluded_facility_ids", rule="unknown-code")


async def _lock_linked(tx: AsyncSession, form: ReceiveSituation) -> dict[UUID, Situation]:
    together = set() if form.together_with is None else {form.together_with}
    incompatible = set(form.incompatible_with)
    known = set(await tx.scalars(select(Situation.id).where(Situation.id.in_(together | incompatible))))
    if not together <= known:
        raise InvalidValue(field="together_with", rule="unknown-situation")
    if not incompatible <= known:
        raise InvalidValue(field="incompatible_with", rule="unknown-situation")
    linked = await lock_situations(tx, known)
    for situation_id in together:
        if SituationState(linked[situation_id].state) not in UNTOUCHED:
            raise LinkedSituationAlreadyAnswered(field="together_with")
    for situation_id in incompatible:
        if linked[situation_id].state == SituationState.CLOSED:
            raise InvalidValue(field="incompatible_with", rule="closed-situation")
    return linked


async def _link(
    tx: AsyncSession,
    actor: Actor,
    situation: Situation,
    form: ReceiveSituation,
    linked: dict[UUID, Situation],
    now: datetime,
) -> None:
    if form.together_with is not None:
        other = linked[form.together_with]
        if other.together_id is None:
            other.together_id = new_id()
        situation.together_id = other.together_id
    for other_id in sorted(set(form.incompatible_with)):
        if situation.together_id is not None and linked[other_id].together_id == situation.together_id:
            raise InvalidValue(field="incompatible_with", rule="also-together")
        first, second = sorted((situation.id, other_id))
        tx.add(Incompatibility(first_id=first, second_id=second))
    for other in linked.values():
        # What was proposed to the other person did not know of this one.
        other.terms_version += 1
        link = "together" if other.id == form.together_with else "incompatible"
        fact = events.SituationLinked(subject_id=other.id, link=link, cards=(await card_of(tx, other.id),))
        await record(tx, actor, fact, now)


async def _insert_with_reference(tx: AsyncSession, situation: Situation, draw_reference: Callable[[], str]) -> None:
    """Insert under a free reference: 25^6 values, so a second draw is rare and a fifth is a fault."""
    for attempt in range(1, _DRAWS + 1):
        situation.reference = draw_reference()
        try:
            async with tx.begin_nested():
                tx.add(situation)
                await tx.flush()
        except IntegrityError as error:
            if constraint_of(error) != "uq_situations_community_id_reference" or attempt == _DRAWS:
                raise
        else:
            return


def _due(situation: Situation) -> datetime:
    if situation.next_check_at is None:
        raise LookupError("an open situation has a next check")
    return situation.next_check_at
