"""Asking a drill, and making the chosen lines of one real."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import PlaceOffer
from exchange.availability.rules import OfferState, is_stale
from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.periods import current_segment
from exchange.kernel.record import record
from exchange.organisations import queries as organisations
from exchange.placements import commands as placements
from exchange.planning.drills.errors import DrillNotSolved, DrillOver
from exchange.planning.drills.events import DrillApplied, DrillAsked
from exchange.planning.drills.models import ClosingDrill, result_in
from exchange.planning.drills.terms import AskDrill, check_drill
from exchange.planning.drills.told import LineTold, ResidentTold, Result
from exchange.planning.promises import FIRST_RANK
from exchange.reference.code_lists import Origin, Urgency
from exchange.situations.commands import ReceiveSituation, receive_situation
from exchange.situations.models import Situation, SituationBlock

MAY_DRILL: Final = frozenset({Role.COORDINATOR})
MOST_PLACES: Final = 2


class LeftOut(StrEnum):
    """Why a chosen line does not become real. `gone`: its place, or the person's own situation, has moved since."""

    UNKNOWN = "unknown"
    NOTHING_FOUND = "nothing_found"
    ALREADY_APPLIED = "already_applied"
    GONE = "gone"
    COMPANION_GONE = "companion_gone"


@dataclass(frozen=True, slots=True)
class ApplyDrill:
    """`residents`: keys of those whose lines become real."""

    drill_id: UUID
    residents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """References of the situations received, by resident; and why the other chosen residents were left out."""

    received: Mapping[int, str]
    left_out: Mapping[int, LeftOut]


def require_drilling(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor is a coordinator: a drill reads every house's places and staff."""
    if actor.role not in MAY_DRILL:
        raise ActForbidden


async def ask_drill(tx: AsyncSession, actor: Actor, asked: AskDrill, now: datetime) -> UUID:
    """Ask what would become of the residents of a house; its result comes a moment later.

    Raises `ActForbidden`, `InvalidValue`.
    """
    require_drilling(actor)
    check_drill(asked, now, await organisations.zone(tx))
    if asked.facility_id not in {site.id for site in await organisations.facilities(tx)}:
        raise InvalidValue(field="facility_id", rule="unknown-code")
    own = await tx.scalars(select(PlaceOffer.id).where(PlaceOffer.facility_id == asked.facility_id))
    if not set(asked.offer_ids) <= set(own):
        raise InvalidValue(field="offer_ids", rule="unknown-code")
    drill = ClosingDrill(
        id=new_id(),
        facility_id=asked.facility_id,
        offer_ids=sorted(set(asked.offer_ids)),
        first_segment=asked.first_segment,
        last_segment=asked.last_segment,
        max_travel_minutes=asked.max_travel_minutes,
        headcount=msgspec.to_builtins(asked.headcount),
        state="asked",
        asked_by_account_id=actor.account_id,
        asked_at=now,
        applied={},
    )
    tx.add(drill)
    fact = DrillAsked(subject_id=drill.id, facility_id=asked.facility_id, residents=len(asked.headcount))
    await record(tx, actor, fact, now)
    return drill.id


async def apply_drill(tx: AsyncSession, actor: Actor, chosen: ApplyDrill, now: datetime) -> Applied:
    """Receive a situation for each chosen resident, and put its lines forward: every yes is still to be given.

    A line whose place has moved since the drill is left out and said, with those of the persons not to be parted.
    Raises `ActForbidden`, `NotFound`, `InvalidValue`, `DrillNotSolved`, `DrillOver`.
    """
    require_drilling(actor)
    drill = await _locked(tx, chosen.drill_id)
    result = result_in(drill)
    if result is None:
        raise DrillNotSolved
    if drill.first_segment < current_segment(now, await organisations.zone(tx)):
        raise DrillOver
    if not chosen.residents:
        raise InvalidValue(field="residents", rule="too-few", least=1)
    _require_whole_groups(result, chosen.residents, drill)
    left_out = await _left_out(tx, drill, result, chosen.residents, now)
    residents = [one for one in result.residents if one.key in chosen.residents and one.key not in left_out]
    received = await _receive(tx, actor, drill, residents, now)
    await _put_forward(tx, actor, result, received, now)
    references = {key: situation.reference for key, situation in received.items()}
    drill.applied = {**drill.applied, **{str(key): reference for key, reference in references.items()}}
    fact = DrillApplied(subject_id=drill.id, lines=len(references), left_out=len(left_out))
    await record(tx, actor, fact, now)
    return Applied(references, left_out)


async def _locked(tx: AsyncSession, drill_id: UUID) -> ClosingDrill:
    drill = (
        await tx.execute(
            select(ClosingDrill)
            .where(ClosingDrill.id == drill_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one_or_none()
    if drill is None:
        raise NotFound
    return drill


def _require_whole_groups(result: Result, chosen: Collection[int], drill: ClosingDrill) -> None:
    """Persons not to be parted are chosen together, or not at all."""
    wanted = {one.group for one in result.residents if one.key in chosen and one.group is not None}
    for one in result.residents:
        if one.group in wanted and one.key not in chosen and str(one.key) not in drill.applied:
            raise InvalidValue(field="residents", rule="whole-group")


async def _left_out(
    tx: AsyncSession, drill: ClosingDrill, result: Result, chosen: Collection[int], now: datetime
) -> dict[int, LeftOut]:
    residents = {one.key: one for one in result.residents}
    lines = _lines_of(result)
    gone = await _gone(tx, [line for line in result.lines if line.key in chosen], now)
    moved = await _moved_sources(tx, [one for one in result.residents if one.key in chosen])
    found: dict[int, LeftOut] = {}
    for key in chosen:
        if key not in residents:
            found[key] = LeftOut.UNKNOWN
        elif str(key) in drill.applied:
            found[key] = LeftOut.ALREADY_APPLIED
        elif not lines[key]:
            found[key] = LeftOut.NOTHING_FOUND
        elif key in gone or key in moved:
            found[key] = LeftOut.GONE
    parted = {residents[key].group for key, why in found.items() if why is LeftOut.GONE} - {None}
    for key in chosen:
        if key not in found and residents[key].group in parted:
            found[key] = LeftOut.COMPANION_GONE
    return found


def _lines_of(result: Result) -> Mapping[int, list[LineTold]]:
    lines: dict[int, list[LineTold]] = defaultdict(list)
    for line in result.lines:
        lines[line.key].append(line)
    return lines


async def _gone(tx: AsyncSession, lines: list[LineTold], now: datetime) -> frozenset[int]:
    """Residents with a line on an offer withdrawn, no longer fresh, or changed since the drill."""
    rows = await tx.scalars(select(PlaceOffer).where(PlaceOffer.id.in_({line.offer_id for line in lines})))
    standing = {
        offer.id: offer.terms_version
        for offer in rows
        if offer.state == OfferState.PUBLISHED and not is_stale(offer.fresh_until, now)
    }
    return frozenset(line.key for line in lines if standing.get(line.offer_id) != line.offer_terms_version)


async def _moved_sources(tx: AsyncSession, residents: list[ResidentTold]) -> frozenset[int]:
    """Residents whose own situation was closed or changed since the drill."""
    rows = await tx.execute(
        select(Situation.id, Situation.terms_version).where(
            Situation.id.in_({one.source for one in residents if one.source is not None}), Situation.state != "closed"
        )
    )
    standing = {row.id: row.terms_version for row in rows}
    return frozenset(
        one.key for one in residents if one.source is not None and standing.get(one.source) != one.source_terms_version
    )


async def _receive(
    tx: AsyncSession, actor: Actor, drill: ClosingDrill, residents: list[ResidentTold], now: datetime
) -> dict[int, Situation]:
    """Log each resident as a situation that the house brings; those not to be parted are linked to the first."""
    site = await organisations.facility(tx, drill.facility_id)
    first_of: dict[str, UUID] = {}
    received: dict[int, UUID] = {}
    for one in residents:
        form = ReceiveSituation(
            commune_code=site.commune_code,
            age_band=one.age_band,
            need_codes=one.need_codes,
            sex=one.sex,
            free_text=None,
            care_mode=one.care_mode,
            blocks=one.blocks,
            urgency=Urgency.TONIGHT.value,
            deadline_at=None,
            max_travel_minutes=one.max_travel_minutes,
            max_places=MOST_PLACES,
            excluded_facility_ids=() if drill.offer_ids else (drill.facility_id,),
            origin=Origin.FACILITY.value,
            legal_status=one.legal_status,
            together_with=None if one.group is None else first_of.get(one.group),
        )
        received[one.key] = (await receive_situation(tx, actor, form, now)).id
        if one.group is not None:
            first_of.setdefault(one.group, received[one.key])
    # Read again: linking two persons moves the terms of the first.
    rows = await tx.scalars(
        select(Situation).where(Situation.id.in_(received.values())).execution_options(populate_existing=True)
    )
    situations = {row.id: row for row in rows}
    return {key: situations[situation_id] for key, situation_id in received.items()}


async def _put_forward(
    tx: AsyncSession, actor: Actor, result: Result, received: Mapping[int, Situation], now: datetime
) -> None:
    """Propose the lines by the ordinary command, as a person's choice: no later run takes them away."""
    rows = await tx.scalars(
        select(SituationBlock).where(SituationBlock.situation_id.in_({one.id for one in received.values()}))
    )
    blocks: dict[UUID, list[SituationBlock]] = defaultdict(list)
    for block in rows:
        blocks[block.situation_id].append(block)
    lines = [
        _proposed(line, received[line.key], blocks[received[line.key].id])
        for line in result.lines
        if line.key in received
    ]
    await placements.put_forward(tx, actor, lines, None, now)


def _proposed(line: LineTold, situation: Situation, blocks: list[SituationBlock]) -> placements.ProposedPlacement:
    served = {block.id: tuple(one for one in block.segments if one in line.segments) for block in blocks}
    whole = {block.id: tuple(block.segments) for block in blocks}
    return placements.ProposedPlacement(
        situation_id=situation.id,
        offer_id=line.offer_id,
        block_ids=tuple(sorted(block_id for block_id, mine in served.items() if mine)),
        parts={block_id: mine for block_id, mine in served.items() if mine and mine != whole[block_id]},
        rank=FIRST_RANK,
        reasons=line.reasons,
        situation_terms_version=situation.terms_version,
        offer_terms_version=line.offer_terms_version,
    )
