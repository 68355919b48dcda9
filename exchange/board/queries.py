"""The board, read in one query on the cards: live, or as of a minute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, assert_never
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, DateTime, Row, Select, and_, case, cast, literal, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import lifetimes
from exchange.availability.evening import answers_from, question_at
from exchange.board import policies, rules
from exchange.board.forecast import Clockwork, as_of
from exchange.board.policies import ViewClass
from exchange.board.views import (
    AnyCard,
    Area,
    AreaCounts,
    Board,
    LoanCard,
    NeedCard,
    OfferCard,
    PlacementCard,
    SituationCard,
)
from exchange.kernel.actor import Actor
from exchange.kernel.journals import CardVersion
from exchange.kernel.periods import date_of, tonight_at
from exchange.organisations import queries as organisations

_INFINITY: ColumnElement[datetime] = literal_column("'infinity'::timestamptz")

_CARD_TYPES: Final[dict[str, type[AnyCard]]] = {
    "offer": OfferCard,
    "need": NeedCard,
    "situation": SituationCard,
    "placement": PlacementCard,
    "loan": LoanCard,
}

_OVER: Final = {
    "offer": ("withdrawn", "ended"),
    "need": ("closed", "cancelled"),
    "situation": ("closed",),
    "placement": ("ended", "refused", "expired", "cancelled", "superseded"),
    "loan": ("completed", "declined", "expired", "cancelled", "superseded"),
}


@dataclass(frozen=True, slots=True)
class BoardScope:
    """What part of the board is asked for; None or empty means all."""

    area_id: UUID | None = None
    kinds: frozenset[str] = frozenset()
    subject_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A subject whose card changed: when last, and whom it concerns by site."""

    subject_id: UUID
    kind: str
    changed_at: datetime
    facility_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class LiveState:
    """Some subjects' present cards and every counter, as coordination sees them."""

    cards: tuple[AnyCard, ...]
    areas: tuple[Area, ...]
    counts: tuple[AreaCounts, ...]


async def board_at(reader: AsyncSession, actor: Actor, scope: BoardScope, at: datetime | None, now: datetime) -> Board:
    """Return the board that an actor sees, live (`at=None`) or as of a past instant.

    An observer gets counts only, small ones hidden. Raises `ActForbidden` for who has no board.
    """
    view_class = policies.view_class_of(actor)
    instant = now if at is None else at
    areas = await living_areas(reader, instant)
    clockwork = await _clockwork(reader, instant)
    clause = policies.visible_cards(actor)
    if view_class is ViewClass.COUNTS:
        clause = policies.shared_cards(ViewClass.COORDINATION)
    cards = _shown((await reader.execute(_cards(clause, scope, at))).all(), clockwork)
    counts = tuple(counts_seen_by(each, view_class) for each in counts_by_area(areas, cards, clockwork))
    seen = (seen_by(card, view_class, own=True) for card in cards)
    return Board(
        at=instant,
        areas=areas,
        cards=tuple(card for card in seen if card is not None),
        counts=counts,
        whole=counts_seen_by(rules.counts_of_all(cards, clockwork), view_class),
        tonight=clockwork.tonight,
    )


async def cards_of(
    reader: AsyncSession, actor: Actor, subject_ids: frozenset[UUID], now: datetime
) -> tuple[AnyCard, ...]:
    """Return the live cards of some subjects, as far as the actor may see them."""
    board = await board_at(reader, actor, BoardScope(subject_ids=subject_ids), None, now)
    return board.cards


async def living_areas(reader: AsyncSession, at: datetime | None = None) -> tuple[Area, ...]:
    """Return the community's living areas, by name; `at`: those that it had at an instant."""
    return tuple(
        Area(area.id, area.slug, area.name)
        for area in await organisations.living_areas(reader)
        if at is None or area.since <= at
    )


async def changed_since(reader: AsyncSession, since: datetime) -> dict[UUID, Change]:
    """Return the subjects whose card was opened or closed since an instant: what a lost hint would have told."""
    changed_at = case((CardVersion.shown_until == _INFINITY, CardVersion.shown_from), else_=CardVersion.shown_until)
    rows = await reader.execute(
        select(
            CardVersion.subject_id,
            CardVersion.subject_kind,
            changed_at,
            CardVersion.facility_id,
            CardVersion.card["lender_facility_id"].astext,
            CardVersion.card["host_facility_id"].astext,
        ).where(
            or_(
                and_(CardVersion.shown_until == _INFINITY, CardVersion.shown_from >= since),
                and_(CardVersion.shown_until >= since, CardVersion.shown_until < _INFINITY),
            )
        )
    )
    changes: dict[UUID, Change] = {}
    for subject_id, kind, at, facility_id, lender, host in rows:
        told = {facility_id} | {UUID(text) for text in (lender, host) if text is not None}
        known = changes.get(subject_id)
        if known is not None:
            told |= known.facility_ids
            at = max(at, known.changed_at)
        changes[subject_id] = Change(subject_id, kind, at, frozenset(told - {None}))
    return changes


async def turned_between(reader: AsyncSession, since: datetime, until: datetime) -> frozenset[UUID]:
    """Return the subjects whose computed state turned in (since, until] without any change.

    A place stale, open again, or unanswered when the evening's question is asked; a house no longer red; a red
    situation.
    """
    clockwork = await _clockwork(reader, until)
    untouched = clockwork.untouched_red_minutes
    red_at = cast(CardVersion.card["created_at"].astext, DateTime(timezone=True)) + literal_column(
        f"interval '{untouched:d} minutes'"
    )
    offer_ends = [
        cast(CardVersion.card[path].astext, DateTime(timezone=True))
        for path in (("fresh_until",), ("house", "until"), ("closing", "until"))
    ]
    evening = date_of(clockwork.tonight)
    asked_at = question_at(evening, clockwork.lifetimes, clockwork.zone)
    attested_at = cast(CardVersion.card["attested_at"].astext, DateTime(timezone=True))
    unanswered = attested_at < answers_from(evening, clockwork.lifetimes, clockwork.zone)
    rows = await reader.execute(
        select(CardVersion.subject_id).where(
            CardVersion.shown_until == _INFINITY,
            or_(
                *(and_(CardVersion.subject_kind == "offer", end > since, end <= until) for end in offer_ends),
                and_(CardVersion.subject_kind == "offer", unanswered, literal(since < asked_at <= until)),
                and_(
                    CardVersion.subject_kind == "situation",
                    CardVersion.card["urgency"].astext == str(rules.URGENT_TONIGHT),
                    red_at > since,
                    red_at <= until,
                ),
            ),
        )
    )
    return frozenset(rows.scalars())


async def live_state(reader: AsyncSession, subject_ids: frozenset[UUID], now: datetime) -> LiveState:
    """Return some subjects' present cards (absent: no longer shown) and every counter, in one read of the board."""
    shared = policies.shared_cards(ViewClass.COORDINATION)
    counted = CardVersion.subject_kind.in_(("offer", "situation", "need"))
    asked = CardVersion.subject_id.in_(sorted(subject_ids))
    rows = (await reader.execute(_cards(shared & or_(counted, asked), BoardScope(), None))).all()
    clockwork = await _clockwork(reader, now)
    cards = _shown(rows, clockwork)
    areas = await living_areas(reader)
    return LiveState(
        cards=tuple(card for card in cards if card.subject_id in subject_ids),
        areas=areas,
        counts=(*counts_by_area(areas, cards, clockwork), rules.counts_of_all(cards, clockwork)),
    )


def counts_by_area(areas: Iterable[Area], cards: Sequence[AnyCard], clockwork: Clockwork) -> tuple[AreaCounts, ...]:
    """Count each living area, and last what belongs to none where there is such a card."""
    ids: list[UUID | None] = [area.id for area in areas]
    if any(card.area_id is None for card in cards):
        ids.append(None)
    return tuple(rules.counts_of(area_id, cards, clockwork) for area_id in ids)


def seen_by(card: AnyCard, view_class: ViewClass, *, own: bool = False) -> AnyCard | None:
    """Return a coordination card as a class sees it, or None where the class does not see it at all.

    `own`: the card was already filtered for one member, so that their own promises are seen too.
    """
    match view_class:
        case ViewClass.COORDINATION:
            return card
        case ViewClass.MEMBER:
            if isinstance(card, SituationCard):
                return None if card.state == "effective" else _without_coordination(card)
            return card if own or card.kind in policies.SHARED_WITH_MEMBERS else None
        case ViewClass.COUNTS:
            return None
        case _:
            assert_never(view_class)


def counts_seen_by(counts: AreaCounts, view_class: ViewClass) -> AreaCounts:
    """Return counters as a class sees them: members are not told what was left untouched, observers no small count."""
    match view_class:
        case ViewClass.COORDINATION:
            return counts
        case ViewClass.MEMBER:
            return replace(counts, red=None)
        case ViewClass.COUNTS:
            return rules.told_to_observers(counts)
        case _:
            assert_never(view_class)


def _cards(clause: ColumnElement[bool], scope: BoardScope, at: datetime | None) -> Select[Any]:
    statement = select(
        CardVersion.subject_id, CardVersion.subject_kind, CardVersion.living_area_id, CardVersion.card
    ).where(clause)
    if at is None:
        statement = statement.where(CardVersion.shown_until == _INFINITY)
    else:
        statement = statement.where(CardVersion.shown_from <= at, CardVersion.shown_until > at)
    if scope.area_id is not None:
        statement = statement.where(CardVersion.living_area_id == scope.area_id)
    if scope.kinds:
        statement = statement.where(CardVersion.subject_kind.in_(sorted(scope.kinds)))
    if scope.subject_ids:
        statement = statement.where(CardVersion.subject_id.in_(sorted(scope.subject_ids)))
    return statement


async def _clockwork(reader: AsyncSession, at: datetime) -> Clockwork:
    zone = await organisations.zone(reader)
    parameters = await organisations.parameters(reader, at)
    return Clockwork(at, tonight_at(at, zone), parameters.untouched_red_minutes, await lifetimes(reader, at), zone)


def _shown(rows: Iterable[Row[Any]], clockwork: Clockwork) -> tuple[AnyCard, ...]:
    cards = (_card_of(row, clockwork) for row in rows if row.card["state"] not in _OVER[row.subject_kind])
    return tuple(sorted(cards, key=rules.order_of))


def _card_of(row: Row[Any], clockwork: Clockwork) -> AnyCard:
    content = {**row.card, "subject_id": row.subject_id, "area_id": row.living_area_id}
    card: AnyCard = msgspec.convert(content, _CARD_TYPES[row.subject_kind])
    if isinstance(card, OfferCard):
        to_confirm = rules.is_to_confirm(card.state, card.fresh_until, clockwork.at)
        return replace(as_of(card, clockwork), to_confirm=to_confirm)
    if isinstance(card, SituationCard) and card.created_at is not None and card.state is not None:
        red = rules.is_red(card.urgency, card.state, card.created_at, clockwork.at, clockwork.untouched_red_minutes)
        return replace(card, is_red=red or card.alert_since is not None)
    return card


def _without_coordination(card: SituationCard) -> SituationCard:
    return SituationCard(
        subject_id=card.subject_id,
        area_id=card.area_id,
        age_band=card.age_band,
        families=card.families,
        urgency=card.urgency,
        care_mode=card.care_mode,
        blocks=card.blocks,
    )
