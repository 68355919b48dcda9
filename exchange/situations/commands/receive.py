"""Logging the need of a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import constraint_of
from exchange.kernel.errors import InvalidValue
from exchange.kernel.ids import new_id, new_reference
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.reference.code_lists import Urgency
from exchange.reference.following import CallParty
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.commands.calls import add_call_back
from exchange.situations.errors import LinkedSituationAlreadyAnswered, PossibleDuplicate
from exchange.situations.inputs import ReceiveSituation
from exchange.situations.locks import lock_situations
from exchange.situations.models import Incompatibility, Situation, SituationBlock, SituationDetails
from exchange.situations.places import check_commune, check_excluded
from exchange.situations.policies import require_coordination
from exchange.situations.queries_likeness import similar_situations
from exchange.situations.rules import (
    check_situation_form,
    deadline_of,
    next_check,
)
from exchange.situations.transitions import (
    UNTOUCHED,
    SituationState,
)

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
    clocks = await organisations.parameters(tx)
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
        next_check_at=next_check(urgency, SituationState.RECEIVED, deadline_at, now, clocks),
        urgency_set_at=now,
        is_anonymous=form.is_anonymous,
        call_back_impossible=form.call_back_impossible,
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
    if form.call_back_at is not None:
        await add_call_back(tx, actor, situation, CallParty.CALLER, form.call_back_at, now)
    return SituationReceived(id=situation.id, reference=situation.reference)


async def receive_unless_duplicate(
    tx: AsyncSession, actor: Actor, form: ReceiveSituation, now: datetime
) -> SituationReceived:
    """Log a need, unless open situations look like it and nobody has said that they are somebody else's.

    Raises as `receive_situation`, and `PossibleDuplicate` with their references.
    """
    require_coordination(actor)
    check_situation_form(form, now, await organisations.zone(tx))
    alike = await similar_situations(tx, actor, form, now)
    if alike:
        references = " ".join(each.reference for each in alike)
        raise PossibleDuplicate(references=references, count=len(alike))
    return await receive_situation(tx, actor, form, now)


async def _check_places(tx: AsyncSession, form: ReceiveSituation) -> None:
    await check_commune(tx, form.commune_code)
    await check_excluded(tx, form.excluded_facility_ids)


async def _lock_linked(tx: AsyncSession, form: ReceiveSituation) -> dict[UUID, Situation]:
    together = set() if form.together_with is None else {form.together_with}
    incompatible = set(form.incompatible_with)
    if not together | incompatible:
        return {}
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
        bump(other)
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
