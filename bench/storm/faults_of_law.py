"""Faults for the machine: a release forgotten, a way added, a card not shown, a clock not set again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange import reactions
from exchange.availability import counters
from exchange.availability.models import OfferSegment
from exchange.kernel.actor import Actor
from exchange.kernel.record import Card, Demand, record
from exchange.placements import moves, rules
from exchange.placements.cards import card_of
from exchange.placements.events import PlacementRefused
from exchange.placements.models import Placement
from exchange.placements.rules import Act, PlacementState, Side
from exchange.reference.answers import RefusalReason
from exchange.situations.events import SituationUnanswered
from exchange.situations.models import Situation

Replace = Callable[[Callable[..., Any], Callable[..., Any]], None]


async def _refuse_without_release(
    tx: AsyncSession,
    actor: Actor,
    side: Side,
    placement: Placement,
    reason: RefusalReason,
    private_note: str | None,
    now: datetime,
) -> None:
    moves.move(placement, Act.REFUSE, side)
    placement.refusal_reason = reason.value
    placement.private_note = private_note
    fact = PlacementRefused(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        reason=reason.value,
        cards=await moves.cards_of(tx, placement),
    )
    await record(tx, actor, fact, now)


async def _claim_without_looking(tx: AsyncSession, offer_id: UUID, segments: Iterable[int]) -> None:
    await tx.execute(
        update(OfferSegment)
        .where(OfferSegment.offer_id == offer_id, OfferSegment.segment.in_(set(segments)))
        .values(used=OfferSegment.used + 1)
        .execution_options(synchronize_session=False)
    )


_next_state = rules.next_state


def _also_from_admitted(state: PlacementState, act: Act, side: Side) -> PlacementState:
    if (state, act) == (PlacementState.ADMITTED, Act.CANCEL):
        return PlacementState.CANCELLED
    return _next_state(state, act, side)


async def _only_its_own_card(tx: AsyncSession, placement: Placement) -> tuple[Card, ...]:
    return (await card_of(tx, placement.id),)


async def _any_part_of_the_group(
    tx: AsyncSession, group: Mapping[UUID, Situation], wanted: Iterable[Placement]
) -> None:
    return None


def _told_and_never_looked_at_again(fact: SituationUnanswered, now: datetime) -> Iterable[Demand]:
    return (Demand("notifications.fan_out", fact.subject_id, now),)


def patches(replace: Replace) -> dict[str, Callable[[], None]]:
    """By name of plant, what puts it in place."""

    def next_check_forgotten() -> None:
        reactions.LINES[SituationUnanswered] = _told_and_never_looked_at_again

    def group_parted() -> None:
        # The package gives the command the name of its module.
        room = import_module("exchange.placements.commands.hold_answer")
        replace(room._require_whole_group, _any_part_of_the_group)

    return {
        "release-forgotten": lambda: replace(moves.refuse, _refuse_without_release),
        "claim-unchecked": lambda: replace(counters.claim_segments, _claim_without_looking),
        "way-added": lambda: replace(rules.next_state, _also_from_admitted),
        "card-not-shown": lambda: replace(moves.cards_of, _only_its_own_card),
        "group-parted": group_parted,
        "next-check-forgotten": next_check_forgotten,
    }
