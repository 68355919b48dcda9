"""Completing or correcting what is asked for, once the call is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, Origin
from exchange.situations.cards import card_of
from exchange.situations.errors import BlockInUse, TermsMoved
from exchange.situations.events_following import SituationAmended
from exchange.situations.free_text import note_of
from exchange.situations.inputs_following import AmendSituation
from exchange.situations.locks import lock_situation
from exchange.situations.models import Situation, SituationBlock, SituationDetails
from exchange.situations.moves import allow, require_side
from exchange.situations.places import check_commune, check_excluded
from exchange.situations.rules import MOST_BLOCKS, MOST_EXCLUDED, SEXES, check_blocks, check_needs
from exchange.situations.transitions import SituationAct
from exchange.staffing.values import check_between, check_count, code_of

NOT_TERMS = frozenset({"origin", "legal_status"})
"""What no proposal rests on: changing it leaves what is proposed as it is."""


async def amend_situation(
    tx: AsyncSession, actor: Actor, amended: AmendSituation, now: datetime, *, claimed_block_ids: frozenset[UUID]
) -> frozenset[str]:
    """Change what is asked for; return the names of what changed. Nothing changed, nothing is told.

    Terms move with it: what was proposed on the old ones can no longer be kept, and a search is asked for. Blocks are
    never altered: those no longer wanted are retired, the new ones added. `claimed_block_ids`: blocks on which a
    placement stands, told by `placements`, whose command is the one to call. Raises `ActForbidden`, `NotFound`,
    `InvalidValue`, `IllegalTransition`, `TermsMoved`, `BlockInUse`.
    """
    require_side(actor, SituationAct.AMEND)
    _check(amended)
    situation = await lock_situation(tx, amended.situation_id)
    allow(actor, situation, SituationAct.AMEND)
    if amended.terms_version != situation.terms_version:
        raise TermsMoved
    changed = await _change(tx, situation, amended)
    if amended.blocks is not None and await _replace_blocks(tx, situation, amended.blocks, claimed_block_ids, now):
        changed.add("blocks")
    if not changed:
        return frozenset()
    bump(situation)
    if changed - NOT_TERMS:
        situation.terms_version += 1
    fact = SituationAmended(
        subject_id=situation.id,
        changed=",".join(sorted(changed)),
        terms_version=situation.terms_version,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)
    return frozenset(changed)


async def blocks_to_retire(
    reader: AsyncSession, situation_id: UUID, wanted: Sequence[Sequence[int]]
) -> tuple[SituationBlock, ...]:
    """Return the blocks of a situation that are not, segment for segment, among those wanted from now on."""
    kept = {tuple(sorted(block)) for block in wanted}
    standing = await _standing(reader, situation_id)
    return tuple(block for block in standing if tuple(block.segments) not in kept)


def _check(amended: AmendSituation) -> None:
    for name, codes in (("age_band", AgeBand), ("care_mode", CareMode), ("origin", Origin)):
        value = getattr(amended, name)
        if value is not None:
            code_of(codes, value, name)
    if amended.legal_status is not None:
        code_of(LegalStatus, amended.legal_status, "legal_status")
    if amended.need_codes is not None:
        check_needs(amended.need_codes)
    if amended.sex and amended.sex not in SEXES:
        raise InvalidValue(field="sex", rule="unknown-code")
    note_of(amended.free_text, "free_text")
    if amended.max_travel_minutes is not None:
        check_between(amended.max_travel_minutes, 5, 240, "max_travel_minutes")
    if amended.max_places is not None:
        check_between(amended.max_places, 1, 10, "max_places")
    check_count(amended.excluded_facility_ids or (), 0, MOST_EXCLUDED, "excluded_facility_ids")


async def _change(tx: AsyncSession, situation: Situation, amended: AmendSituation) -> set[str]:
    changed: set[str] = set()

    def put(row: Situation | SituationDetails, name: str, value: object) -> None:
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.add(name)

    if amended.commune_code is not None:
        await check_commune(tx, amended.commune_code)
        living_area_id = await organisations.living_area_of(tx, amended.commune_code)
        put(situation, "commune_code", amended.commune_code)
        situation.living_area_id = living_area_id
    if amended.excluded_facility_ids is not None:
        await check_excluded(tx, amended.excluded_facility_ids)
        put(situation, "excluded_facility_ids", sorted(set(amended.excluded_facility_ids)))
    for name in ("age_band", "care_mode", "max_travel_minutes", "max_places", "origin", "legal_status"):
        value = getattr(amended, name)
        if value is not None:
            put(situation, name, str(value) if isinstance(value, str) else value)
    details = await tx.get(SituationDetails, situation.id)
    if details is not None:
        if amended.need_codes is not None:
            put(details, "need_codes", [str(code) for code in amended.need_codes])
        if amended.sex is not None:
            put(details, "sex", amended.sex or None)
        if amended.free_text is not None:
            put(details, "free_text", note_of(amended.free_text, "free_text"))
    return changed


async def _replace_blocks(
    tx: AsyncSession,
    situation: Situation,
    wanted: Sequence[Sequence[int]],
    claimed_block_ids: frozenset[UUID],
    now: datetime,
) -> bool:
    check_count(wanted, 1, MOST_BLOCKS, "blocks")
    standing = await _standing(tx, situation.id)
    have = {tuple(block.segments): block for block in standing}
    asked = [tuple(sorted(block)) for block in wanted]
    new = [block for block in asked if block not in have]
    retired = [block for segments, block in have.items() if segments not in set(asked)]
    if any(block.id in claimed_block_ids for block in retired):
        raise BlockInUse(field="blocks")
    if new:
        check_blocks(new, now, await organisations.zone(tx))
    _check_disjoint(asked)
    for block in retired:
        block.retired_at = now
    position = 1 + max((block.position for block in standing), default=-1)
    tx.add_all(
        SituationBlock(situation_id=situation.id, position=position + offset, segments=list(segments))
        for offset, segments in enumerate(new)
    )
    await tx.flush()
    return bool(new or retired)


def _check_disjoint(blocks: Iterable[tuple[int, ...]]) -> None:
    seen: set[int] = set()
    for block in blocks:
        if seen & set(block):
            raise InvalidValue(field="blocks", rule="overlap")
        seen |= set(block)


async def _standing(reader: AsyncSession, situation_id: UUID) -> list[SituationBlock]:
    rows = await reader.scalars(
        select(SituationBlock)
        .where(SituationBlock.situation_id == situation_id, SituationBlock.retired_at.is_(None))
        .order_by(SituationBlock.position)
    )
    return list(rows)
