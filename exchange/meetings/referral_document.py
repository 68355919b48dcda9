"""The proof of what was tried for one situation: what the MDPH receives, without anything that names the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.models import Membership
from exchange.kernel.actor import Actor
from exchange.kernel.journals import Event
from exchange.meetings.tried import Asked, Tried, tried_of
from exchange.organisations import queries as organisations
from exchange.organisations.queries import FacilityView
from exchange.placements import queries as placements
from exchange.placements.queries import PlacementView
from exchange.planning.unmet import Unmet, unmet_of_situation
from exchange.situations.queries import SituationView
from exchange.situations.queries_following import LevelChangeView, following_of
from exchange.wording.reasons import obstacle_sentence

FORM: Final = "entraide-referral/1"
_BEFORE_ANYBODY_WAS_ASKED: Final = frozenset({"placement_proposed", "answer_superseded"})


@dataclass(frozen=True, slots=True)
class LevelStep:
    """A level of answer, from when; the first one has no reason."""

    at: datetime
    level: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class NoSolution:
    """Somebody said « sans solution à ce jour », and what had been tried, in codes."""

    at: datetime
    tried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One dated event of a request to a facility."""

    at: datetime
    kind: str
    role: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A facility that was asked: for which dates, what it answered, for which coded reason; never a private note.

    `facility` and `operator` are absent where the site's address is protected: its living area is told instead.
    """

    facility: str | None
    operator: str | None
    living_area: str | None
    care_mode: str
    segments: tuple[int, ...]
    state: str
    reason: str | None
    by_phone: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """What the last search said: what stands in the way, and what would suffice, in sentences."""

    at: datetime
    obstacles: tuple[str, ...]
    sufficient: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferralDocument:
    """The whole file. `referent_role`: the function of whoever follows the situation, never their name."""

    form: str
    as_of: datetime
    community: str
    reference: str
    received_at: datetime
    origin: str
    legal_status: str
    age_band: str
    sex: str | None
    need_codes: tuple[str, ...]
    care_mode: str
    blocks: tuple[tuple[int, ...], ...]
    living_area: str | None
    max_travel_minutes: int
    is_together: bool
    urgency: int
    level: int
    deadline_at: datetime
    referent_role: str | None
    levels: tuple[LevelStep, ...]
    no_solution: tuple[NoSolution, ...]
    tried: Tried
    attempts: tuple[Attempt, ...]
    searched: Searched | None


@dataclass(frozen=True, slots=True)
class _Told:
    """One line of the journal."""

    at: datetime
    kind: str
    subject_id: UUID
    role: str


async def referral_document(
    reader: AsyncSession, actor: Actor, situation: SituationView, now: datetime
) -> ReferralDocument:
    """Return the file of a situation that the actor may see, as of the transaction's instant."""
    answers = await placements.answers_of(reader, actor, situation.id, with_ended=True)
    asked = [line for answer in answers for line in answer.placements if line.held_until is not None]
    journal = await _journal(reader, (line.id for line in asked))
    followed = await following_of(reader, situation.id, now)
    sites = {site.id: site for site in await organisations.facilities(reader)}
    attempts = [_attempt(line, sites[line.facility_id], journal) for line in asked]
    unmet = await unmet_of_situation(reader, actor, situation.id)
    return ReferralDocument(
        form=FORM,
        as_of=now,
        community=(await organisations.community(reader)).name,
        reference=situation.reference,
        received_at=situation.created_at,
        origin=situation.origin,
        legal_status=situation.legal_status,
        age_band=situation.age_band,
        sex=situation.sex,
        need_codes=situation.need_codes,
        care_mode=situation.care_mode,
        blocks=tuple(block.segments for block in situation.blocks),
        living_area=situation.living_area,
        max_travel_minutes=situation.max_travel_minutes,
        is_together=situation.together_id is not None,
        urgency=situation.urgency,
        level=situation.level,
        deadline_at=situation.deadline_at,
        referent_role=await _role_of(reader, situation.referent_account_id),
        levels=_levels(situation, followed.levels),
        no_solution=tuple(NoSolution(said.at, said.tried) for said in followed.statements),
        tried=tried_of(Asked(line.state, line.refusal_reason, line.receiver_channel == "phone") for line in asked),
        attempts=tuple(sorted(attempts, key=lambda one: (one.steps[0].at if one.steps else now, one.segments))),
        searched=_searched(unmet),
    )


async def _journal(reader: AsyncSession, subject_ids: Iterable[UUID]) -> list[_Told]:
    rows = await reader.execute(
        select(Event.recorded_at, Event.kind, Event.subject_id, Event.actor_role)
        .where(Event.subject_id.in_(sorted(set(subject_ids))))
        .order_by(Event.recorded_at, Event.id)
    )
    return [_Told(*row) for row in rows]


def _levels(situation: SituationView, changes: Sequence[LevelChangeView]) -> tuple[LevelStep, ...]:
    first = changes[0].was if changes else situation.level
    return (
        LevelStep(situation.created_at, first, None),
        *(LevelStep(change.at, change.level, change.reason) for change in changes),
    )


def _attempt(line: PlacementView, site: FacilityView, journal: list[_Told]) -> Attempt:
    steps = (told for told in journal if told.subject_id == line.id and told.kind not in _BEFORE_ANYBODY_WAS_ASKED)
    return Attempt(
        facility=None if site.hides_address else site.name,
        operator=None if site.hides_address else site.operator_name,
        living_area=site.living_area_name,
        care_mode=line.care_mode,
        segments=line.segments,
        state=line.state.value,
        reason=line.refusal_reason,
        by_phone=line.receiver_channel == "phone",
        steps=tuple(Step(told.at, told.kind, told.role) for told in steps),
    )


def _searched(unmet: Unmet | None) -> Searched | None:
    if unmet is None:
        return None
    obstacles = (each for short in unmet.shortfalls for each in short.obstacles)
    ways = (way.sentence for short in unmet.shortfalls for way in short.ways)
    return Searched(
        at=unmet.searched_at,
        obstacles=tuple(dict.fromkeys(obstacle_sentence(each.code, each.count) for each in obstacles)),
        sufficient=tuple(dict.fromkeys(ways)),
    )


async def _role_of(reader: AsyncSession, account_id: UUID | None) -> str | None:
    if account_id is None:
        return None
    return await reader.scalar(
        select(Membership.role)
        .where(Membership.account_id == account_id, Membership.ended_at.is_(None))
        .order_by(Membership.id)
        .limit(1)
    )
