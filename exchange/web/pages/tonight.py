"""« Ce soir »: the first page, one question for each role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import queries as availability
from exchange.availability.queries import HouseView
from exchange.board.policies import ViewClass, view_class_of
from exchange.board.queries import BoardScope, board_at
from exchange.board.views import Board, LoanCard, NeedCard, OfferCard, PlacementCard, SituationCard
from exchange.kernel.actor import Actor
from exchange.planning.unmet import own_ways
from exchange.situations.queries_following import due_call_backs, offered_to
from exchange.web.follow_up import tasks_tonight
from exchange.web.pages.board import columns_of
from exchange.web.pages.search import search_lines
from exchange.web.posting import blank_form
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

SHOWN_ANSWERS: Final = 3
"""Three proposals, one sentence each; the rest behind the situation's own page."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The placements of a situation at one rank."""

    rank: int
    placements: tuple[PlacementCard, ...]

    @property
    def can_be_held(self) -> bool:
        return all(placement.state == "proposed" for placement in self.placements) and not self.is_taken

    @property
    def is_taken(self) -> bool:
        """Whether somebody else holds one of its places."""
        return any(placement.is_taken for placement in self.placements)


@dataclass(frozen=True, slots=True)
class OpenSituation:
    """A situation with its answers by rank, and what is promised for it."""

    card: SituationCard
    answers: tuple[Answer, ...]
    promised: tuple[PlacementCard, ...]


@get("/", include_in_schema=False)
async def show_tonight(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show what this person came for."""
    board = await board_at(reader, actor, BoardScope(), None, now)
    view_class = view_class_of(actor)
    match view_class:
        case ViewClass.COUNTS:
            return page(request, "board/counts.html", now, {"columns": columns_of(board)})
        case ViewClass.COORDINATION:
            search = await search_lines(reader, actor, now)
            tasks = await tasks_tonight(reader, actor, now, visitor_of(request).zone)
            shown = {
                "form": blank_form(),
                "search": search,
                "whole": board.whole,
                **tasks,
                "call_backs": await due_call_backs(reader, actor, now),
                "to_follow": await offered_to(reader, actor),
                **coordination(board),
            }
            return page(request, "tonight/coordination.html", now, shown)
        case ViewClass.MEMBER:
            ways = await own_ways(reader, actor)
            said = await availability.houses(reader, actor, now, own=True)
            tasks = await tasks_tonight(reader, actor, now, visitor_of(request).zone)
            evening = tonights(board, said, actor, now)
            shown = {"form": blank_form(), "own_ways": ways, **tasks, **own(board, actor), **evening}
            return page(request, "tonight/member.html", now, shown)
        case _:
            assert_never(view_class)


def own(board: Board, actor: Actor) -> dict[str, Sequence[object]]:
    """Return what concerns the actor's own sites, section by section."""
    mine = actor.facility_ids
    placements = [card for card in board.cards if isinstance(card, PlacementCard) and card.facility_id in mine]
    loans = [card for card in board.cards if isinstance(card, LoanCard)]
    lent = [card for card in loans if card.lender_facility_id in mine and card.is_asked and not card.released]
    hosted = [card for card in loans if card.host_facility_id in mine and card.state == "proposed"]
    return {
        "asked": [card for card in placements if card.awaits_receiver],
        "coming": [card for card in placements if not card.awaits_receiver],
        "offers": [card for card in board.cards if isinstance(card, OfferCard) and card.facility_id in mine],
        "needs": [card for card in board.cards if isinstance(card, NeedCard) and card.facility_id in mine],
        "to_release": lent,
        "to_accept": [card for card in hosted if not card.accepted],
        "agreed": [card for card in loans if card not in lent and not (card in hosted and not card.accepted)],
    }


@dataclass(frozen=True, slots=True)
class OwnHouse:
    """One of the actor's sites: what it says of itself, and its places."""

    said: HouseView
    offers: tuple[OfferCard, ...]


def tonights(board: Board, said: Iterable[HouseView], actor: Actor, now: datetime) -> dict[str, object]:
    """Return the actor's sites one by one, and what the evening's question still asks."""
    mine = [card for card in board.cards if isinstance(card, OfferCard) and card.facility_id in actor.facility_ids]
    houses = [OwnHouse(each, tuple(card for card in mine if card.facility_id == each.facility_id)) for each in said]
    unsaid = [card for card in mine if board.whole.evening_asked and card.not_tonight in ("stale", "not_said_tonight")]
    return {
        "houses": houses,
        "evening_open": f"{len(unsaid)} place{'s' if len(unsaid) > 1 else ''}" if unsaid else "",
        "evening_many": len(unsaid) > 1,
        "tonight_counts": lambda card: any(segment == board.tonight for segment, _, _ in card.segments),
    }


def coordination(board: Board) -> dict[str, Sequence[object]]:
    """Return what coordination follows, the most pressing first."""
    placements = [card for card in board.cards if isinstance(card, PlacementCard)]
    situations = [card for card in board.cards if isinstance(card, SituationCard)]
    opened = [open_situation(card, placements) for card in situations if card.state != "effective"]
    return {
        "searching": [each for each in opened if each.card.state in ("received", "searching")],
        "followed": [each for each in opened if each.card.state not in ("received", "searching")],
        "to_confirm": [card for card in board.cards if isinstance(card, OfferCard) and card.awaits_word],
        "needs": [card for card in board.cards if isinstance(card, NeedCard) and card.state == "open"],
        "loans": [card for card in board.cards if isinstance(card, LoanCard)],
    }


def open_situation(card: SituationCard, placements: Iterable[PlacementCard]) -> OpenSituation:
    """Return a situation with its proposals by rank and what is promised for it."""
    mine = [placement for placement in placements if placement.situation_id == card.subject_id]
    return OpenSituation(
        card=card,
        answers=answers_of(placement for placement in mine if placement.state == "proposed"),
        promised=tuple(placement for placement in mine if placement.state != "proposed"),
    )


def answers_of(placements: Iterable[PlacementCard]) -> tuple[Answer, ...]:
    """Group proposals by rank, at most three."""
    by_rank: dict[int, list[PlacementCard]] = {}
    for placement in placements:
        by_rank.setdefault(placement.rank, []).append(placement)
    return tuple(Answer(rank, tuple(by_rank[rank])) for rank in sorted(by_rank)[:SHOWN_ANSWERS])
