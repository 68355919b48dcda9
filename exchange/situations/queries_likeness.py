"""Open situations that may be of the same person as the one being told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.organisations import queries as organisations
from exchange.situations.inputs import ReceiveSituation
from exchange.situations.likeness import RECEIVED_LATELY, Told, dates_of, look_alike
from exchange.situations.models import Situation, SituationBlock, SituationDetails
from exchange.situations.policies import visible_situations
from exchange.situations.transitions import OPEN, SituationState

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SimilarView:
    """What lets a person tell whether it is the same one: no more than the board shows to coordination."""

    id: UUID
    reference: str
    state: SituationState
    urgency: int
    age_band: str
    care_mode: str
    segments: tuple[int, ...]
    created_at: datetime
    is_anonymous: bool
    is_named: bool
    """Whether the caller gave its reference."""


async def similar_situations(
    reader: AsyncSession, actor: Actor, form: ReceiveSituation, now: datetime
) -> tuple[SimilarView, ...]:
    """Return the open situations that look like a form, the latest first; at most five.

    Without those that the form calls somebody else's or keeps together with this one. Empty where all are said to be.
    """
    if form.confirmed_distinct:
        return ()
    told = Told(
        commune_code=form.commune_code,
        living_area=await organisations.living_area_of(reader, form.commune_code),
        age_band=form.age_band,
        need_codes=frozenset(form.need_codes),
        sex=form.sex,
        dates=dates_of(form.blocks),
    )
    reference = (form.spoken_reference or "").strip().upper()
    found = await _candidates(reader, actor, form, told, reference, now)
    segments = await _segments_of(reader, [situation.id for situation, _ in found])
    alike = [
        _view(situation, segments[situation.id], is_named=situation.reference == reference)
        for situation, details in found
        if situation.reference == reference or look_alike(told, _told(situation, details, segments[situation.id]))
    ]
    return tuple(alike[:MOST_SHOWN])


async def _candidates(
    reader: AsyncSession, actor: Actor, form: ReceiveSituation, told: Told, reference: str, now: datetime
) -> list[tuple[Situation, SituationDetails | None]]:
    near = Situation.commune_code == told.commune_code
    if told.living_area is not None:
        near = or_(near, Situation.living_area_id == told.living_area)
    alike = and_(near, Situation.age_band == told.age_band, Situation.created_at >= now - RECEIVED_LATELY)
    distinct = {each.strip().upper() for each in form.not_duplicate_of}
    query = (
        select(Situation, SituationDetails)
        .join(SituationDetails, SituationDetails.situation_id == Situation.id, isouter=True)
        .where(
            visible_situations(actor),
            Situation.state.in_([state.value for state in OPEN]),
            or_(alike, Situation.reference == reference if reference else false()),
            Situation.reference.not_in(distinct),
        )
        .order_by(Situation.created_at.desc(), Situation.id.desc())
    )
    if form.together_with is not None:
        group = select(Situation.together_id).where(Situation.id == form.together_with).scalar_subquery()
        query = query.where(
            Situation.id != form.together_with, Situation.together_id.is_distinct_from(group) | group.is_(None)
        )
    return [(situation, details) for situation, details in await reader.execute(query)]


async def _segments_of(reader: AsyncSession, situation_ids: list[UUID]) -> dict[UUID, tuple[int, ...]]:
    rows = await reader.execute(
        select(SituationBlock.situation_id, SituationBlock.segments)
        .where(SituationBlock.situation_id.in_(situation_ids), SituationBlock.retired_at.is_(None))
        .order_by(SituationBlock.position)
    )
    segments: defaultdict[UUID, tuple[int, ...]] = defaultdict(tuple)
    for situation_id, wanted in rows:
        segments[situation_id] += tuple(wanted)
    return segments


def _told(situation: Situation, details: SituationDetails | None, segments: tuple[int, ...]) -> Told:
    return Told(
        commune_code=situation.commune_code,
        living_area=situation.living_area_id,
        age_band=situation.age_band,
        need_codes=frozenset(details.need_codes if details else ()),
        sex=details.sex if details else None,
        dates=dates_of((segments,)),
    )


def _view(situation: Situation, segments: tuple[int, ...], *, is_named: bool) -> SimilarView:
    return SimilarView(
        id=situation.id,
        reference=situation.reference,
        state=SituationState(situation.state),
        urgency=situation.urgency,
        age_band=situation.age_band,
        care_mode=situation.care_mode,
        segments=tuple(sorted(segments)),
        created_at=situation.created_at,
        is_anonymous=situation.is_anonymous,
        is_named=is_named,
    )
