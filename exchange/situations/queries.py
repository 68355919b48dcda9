"""Reading situations: all of them for coordination, one for a receiver who was asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.models import Account, Membership
from exchange.identity.on_call import FOLLOWING_ROLES
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.organisations.models import LivingArea
from exchange.situations.models import Incompatibility, Situation, SituationBlock, SituationDetails
from exchange.situations.policies import Solicited, require_solicited, visible_situations
from exchange.situations.transitions import OPEN, UNTOUCHED, SituationState


@dataclass(frozen=True, slots=True)
class BlockView:
    """Segments that one offer serves whole."""

    id: UUID
    segments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SituationView:
    """What coordination sees. `need_codes` is empty once the details are erased.

    `alert_since`: since when others are called, nobody having answered. `duplicate_of_id`: the situation that stays,
    where this one was the same person's. `urgency_set_at`: when the urgency was last said.
    """

    id: UUID
    reference: str
    state: SituationState
    urgency: int
    level: int
    age_band: str
    sex: str | None
    need_codes: tuple[str, ...]
    free_text: str | None
    care_mode: str
    commune_code: str
    living_area_id: UUID | None
    living_area: str | None
    blocks: tuple[BlockView, ...]
    max_travel_minutes: int
    max_places: int
    excluded_facility_ids: tuple[UUID, ...]
    together_id: UUID | None
    origin: str
    legal_status: str
    referent_account_id: UUID | None
    created_at: datetime
    deadline_at: datetime
    next_check_at: datetime | None
    effective_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    terms_version: int
    is_anonymous: bool
    call_back_impossible: bool
    duplicate_of_id: UUID | None
    urgency_set_at: datetime
    alert_since: datetime | None
    alert_reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """What a facility that is asked to answer sees: exact codes, and the living area instead of the commune.

    `free_text` is told to the facility that hosts, once its placement is confirmed: to answer, the codes suffice.
    """

    id: UUID
    reference: str
    urgency: int
    age_band: str
    sex: str | None
    need_codes: tuple[str, ...]
    free_text: str | None
    care_mode: str
    living_area: str | None
    legal_status: str
    is_together: bool
    deadline_at: datetime


_Selected = Select[Situation, SituationDetails, str]


async def situations(reader: AsyncSession, actor: Actor, *, with_closed: bool = False) -> tuple[SituationView, ...]:
    """Return the situations that the actor may see, the most urgent first, then the nearest deadline."""
    query = _situations(actor)
    if not with_closed:
        query = query.where(Situation.state != SituationState.CLOSED.value)
    rows = (await reader.execute(query.order_by(Situation.urgency.desc(), Situation.deadline_at, Situation.id))).all()
    blocks = await _blocks_of(reader, (row[0].id for row in rows))
    return tuple(_view(*row, blocks[row[0].id]) for row in rows)


async def situation(reader: AsyncSession, actor: Actor, situation_id: UUID) -> SituationView:
    """Return one situation. Raises `NotFound` to whoever may not know of it."""
    return await _one(reader, _situations(actor).where(Situation.id == situation_id))


async def situation_by_reference(reader: AsyncSession, actor: Actor, reference: str) -> SituationView:
    """Return the situation of a spoken reference, in any case. Raises `NotFound`."""
    return await _one(reader, _situations(actor).where(Situation.reference == reference.strip().upper()))


async def situation_for_receiver(
    reader: AsyncSession, actor: Actor, situation_id: UUID, proof: Solicited
) -> ReceiverView:
    """Return what a solicited facility needs to answer. Raises `NotFound` where the proof is not theirs."""
    require_solicited(actor, situation_id, proof)
    row = (await reader.execute(_selected().where(Situation.id == situation_id))).one_or_none()
    if row is None:
        raise NotFound
    return _receiver_view(*row, is_confirmed=proof.is_confirmed)


async def reference_of(reader: AsyncSession, actor: Actor, situation_id: UUID) -> str | None:
    """Return the spoken reference of a situation; nothing to whoever may not know of it."""
    return await reader.scalar(
        select(Situation.reference).where(visible_situations(actor), Situation.id == situation_id)
    )


async def without_referent(reader: AsyncSession) -> tuple[UUID, ...]:
    """Return the open situations that nobody in office follows; for the sweep under the clocks."""
    in_office = (
        select(Membership.account_id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.role.in_([role.value for role in FOLLOWING_ROLES]),
            Membership.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    )
    found = await reader.scalars(
        select(Situation.id)
        .where(
            Situation.state.in_([state.value for state in OPEN]),
            or_(Situation.referent_account_id.is_(None), Situation.referent_account_id.not_in(in_office)),
        )
        .order_by(Situation.id)
    )
    return tuple(found)


async def incompatible_with(reader: AsyncSession, actor: Actor, situation_id: UUID) -> tuple[UUID, ...]:
    """Return the situations that must not share a facility with this one. Raises `NotFound`."""
    await _one(reader, _situations(actor).where(Situation.id == situation_id))
    pairs = await reader.execute(
        select(Incompatibility.first_id, Incompatibility.second_id).where(
            or_(Incompatibility.first_id == situation_id, Incompatibility.second_id == situation_id)
        )
    )
    return tuple(sorted(second if first == situation_id else first for first, second in pairs))


async def due_for_check(reader: AsyncSession, now: datetime, *, at_most: int = 200) -> tuple[UUID, ...]:
    """Return the open situations whose check is due, the longest due first; for the sweep under the clocks."""
    due = await reader.scalars(
        select(Situation.id)
        .where(Situation.state != SituationState.CLOSED.value, Situation.next_check_at <= now)
        .order_by(Situation.next_check_at, Situation.id)
        .limit(at_most)
    )
    return tuple(due)


def is_red(view: SituationView, untouched_red_minutes: int, now: datetime) -> bool:
    """Whether others are being called, a deadline passed unanswered, or tonight's was left untouched too long."""
    if view.alert_since is not None:
        return True
    if view.state not in UNTOUCHED:
        return False
    left_alone = view.urgency == 4 and now - view.created_at >= timedelta(minutes=untouched_red_minutes)
    return left_alone or view.deadline_at <= now


def _selected() -> _Selected:
    # Details and area are outer joins: erased, or a commune outside the community's areas.
    return (
        select(Situation, SituationDetails, LivingArea.name)
        .join(SituationDetails, SituationDetails.situation_id == Situation.id, isouter=True)
        .join(LivingArea, LivingArea.id == Situation.living_area_id, isouter=True)
    )


def _situations(actor: Actor) -> _Selected:
    return _selected().where(visible_situations(actor))


async def _one(reader: AsyncSession, query: _Selected) -> SituationView:
    row = (await reader.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    blocks = await _blocks_of(reader, (row[0].id,))
    return _view(*row, blocks[row[0].id])


async def _blocks_of(reader: AsyncSession, situation_ids: Iterable[UUID]) -> defaultdict[UUID, tuple[BlockView, ...]]:
    rows = await reader.execute(
        select(SituationBlock.situation_id, SituationBlock.id, SituationBlock.segments)
        .where(SituationBlock.situation_id.in_(set(situation_ids)), SituationBlock.retired_at.is_(None))
        .order_by(SituationBlock.position)
    )
    blocks: defaultdict[UUID, tuple[BlockView, ...]] = defaultdict(tuple)
    for row in rows:
        blocks[row.situation_id] += (BlockView(row.id, tuple(row.segments)),)
    return blocks


def _view(
    found: Situation, details: SituationDetails | None, living_area: str | None, blocks: tuple[BlockView, ...]
) -> SituationView:
    return SituationView(
        id=found.id,
        reference=found.reference,
        state=SituationState(found.state),
        urgency=found.urgency,
        level=found.level,
        age_band=found.age_band,
        sex=details.sex if details else None,
        need_codes=tuple(details.need_codes) if details else (),
        free_text=details.free_text if details else None,
        care_mode=found.care_mode,
        commune_code=found.commune_code,
        living_area_id=found.living_area_id,
        living_area=living_area,
        blocks=blocks,
        max_travel_minutes=found.max_travel_minutes,
        max_places=found.max_places,
        excluded_facility_ids=tuple(found.excluded_facility_ids),
        together_id=found.together_id,
        origin=found.origin,
        legal_status=found.legal_status,
        referent_account_id=found.referent_account_id,
        created_at=found.created_at,
        deadline_at=found.deadline_at,
        next_check_at=found.next_check_at,
        effective_at=found.effective_at,
        closed_at=found.closed_at,
        outcome=found.outcome,
        terms_version=found.terms_version,
        is_anonymous=found.is_anonymous,
        call_back_impossible=found.call_back_impossible,
        duplicate_of_id=found.duplicate_of_id,
        urgency_set_at=found.urgency_set_at or found.created_at,
        alert_since=found.alert_since,
        alert_reason=found.alert_reason,
        version=found.version,
    )


def _receiver_view(
    found: Situation, details: SituationDetails | None, living_area: str | None, *, is_confirmed: bool
) -> ReceiverView:
    return ReceiverView(
        id=found.id,
        reference=found.reference,
        urgency=found.urgency,
        age_band=found.age_band,
        sex=details.sex if details else None,
        need_codes=tuple(details.need_codes) if details else (),
        free_text=details.free_text if details and is_confirmed else None,
        care_mode=found.care_mode,
        living_area=living_area,
        legal_status=found.legal_status,
        is_together=found.together_id is not None,
        deadline_at=found.deadline_at,
    )
