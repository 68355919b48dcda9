"""What the sheet of a situation shows, whichever of its forms was sent."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import queries as offers
from exchange.availability.queries import OfferView
from exchange.board.history import HistoryLine, history_of
from exchange.identity.on_call import followers, may_follow
from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import NotFound
from exchange.organisations import queries as organisations
from exchange.organisations.queries import FacilityView
from exchange.placements import queries as placement_queries
from exchange.placements.queries import AnswerView
from exchange.planning.unmet import unmet_of_situation
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import LegalStatus
from exchange.reference.following import (
    CallDirection,
    CallOutcome,
    CallParty,
    HandOverReason,
    LevelReason,
    SolutionTried,
)
from exchange.situations import queries
from exchange.situations.likeness import review_of_urgency_at
from exchange.situations.queries import SituationView
from exchange.situations.queries_alerts import outside_hand_overs, outside_services, services_to_call, steps_of
from exchange.situations.queries_following import following_of
from exchange.web.choices import Options, all_facilities, listed, named, urgencies
from exchange.web.follow_up import around_situation
from exchange.web.forms.fields import PostedForm
from exchange.web.gaps import gaps_of_situation
from exchange.wording.labels import label_of

SHEET_PAGE: Final = "situations/sheet.html"
SHOWN_ANSWERS: Final = 3


async def sheet_of(reader: AsyncSession, actor: Actor, situation: SituationView, now: datetime) -> dict[str, object]:
    """Return the context of the sheet; the caller has read the situation as the actor may see it."""
    answers = await placement_queries.answers_of(reader, actor, situation.id, with_ended=True)
    promised, proposed, ended = _sorted(answers)
    shown = _shown(proposed)
    sites: dict[UUID, FacilityView] = await all_facilities(reader)
    subjects = frozenset({situation.id} | {line.id for answer in answers for line in answer.placements})
    unmet = None if situation.state == "closed" else await unmet_of_situation(reader, actor, situation.id)
    return {
        "situation": situation,
        "gaps": gaps_of_situation(situation, answers, unmet),
        "answers": shown,
        "ladder": [each for each in proposed if promised],
        "promised": promised,
        "ended": ended,
        "published": [] if situation.state == "closed" else await _offers_by_name(reader, actor, now),
        "sites": named(sites),
        "excluded": [sites[site_id].name for site_id in situation.excluded_facility_ids if site_id in sites],
        "outcomes": listed(ClosingOutcome),
        "history": _told_once(await history_of(reader, subjects)),
        **await _around(reader, actor, situation, now),
        **await around_situation(reader, actor, situation, now),
    }


async def found_by_reference(
    tx: AsyncSession, actor: Actor, posted: PostedForm, field: str, reference: str
) -> UUID | None:
    """Return the situation that a form names; one that does not exist is complained about beside its field."""
    try:
        return (await queries.situation_by_reference(tx, actor, reference)).id
    except NotFound:
        posted.wrong(field, f"La référence {reference} n'existe pas.")
        return None


async def _around(reader: AsyncSession, actor: Actor, situation: SituationView, now: datetime) -> dict[str, object]:
    zone = await organisations.zone(reader)
    review_at = review_of_urgency_at(situation.urgency, situation.urgency_set_at, zone)
    followed = await following_of(reader, situation.id, now)
    kept = situation.duplicate_of_id
    away = not await may_follow(reader, situation.referent_account_id)
    offered = followed.offered
    return {
        "followed": followed,
        "is_asked_to_follow": offered is not None and offered.to_account_id == actor.account_id,
        "may_impose": away and actor.role is Role.COORDINATOR,
        "referent_is_away": away,
        "duplicate_of": None if kept is None else await queries.reference_of(reader, actor, kept),
        "to_review": review_at is not None and review_at <= now and situation.state != "closed",
        "lacks_frame": situation.legal_status == LegalStatus.UNKNOWN,
        "steps": await steps_of(reader, situation.id),
        "told_outside": await outside_hand_overs(reader, situation.id),
        "to_call": await services_to_call(reader, situation.id, now, zone) if situation.alert_since else (),
        "services": [(service.code, service.name) for service in await outside_services(reader)],
        "colleagues": [
            (str(account_id), name)
            for account_id, name, _ in await followers(reader)
            if account_id != situation.referent_account_id
        ],
        "urgencies": urgencies(),
        "level_reasons": listed(LevelReason),
        "tried": listed(SolutionTried),
        "directions": listed(CallDirection),
        "parties": listed(CallParty),
        "call_outcomes": listed(CallOutcome),
        "hand_over_reasons": listed(reason for reason in HandOverReason if reason is not HandOverReason.REFERENT_LEFT),
    }


async def published_offers(reader: AsyncSession, actor: Actor, now: datetime) -> dict[UUID, OfferView]:
    """Return the offers that a person may be proposed by hand, those to be confirmed included."""
    return {offer.id: offer for offer in await offers.offers(reader, actor, now)}


async def _offers_by_name(reader: AsyncSession, actor: Actor, now: datetime) -> Options:
    found = (await published_offers(reader, actor, now)).values()
    told = [(str(one.id), f"{one.facility} · {label_of('care_mode', one.care_mode)}") for one in found]
    return sorted(told, key=lambda each: each[1])


def _shown(proposed: list[AnswerView]) -> list[AnswerView]:
    """The best three, and whatever a person proposed themselves."""
    mine = [each for each in proposed if any(line.origin == "person" for line in each.placements)]
    return [*proposed[:SHOWN_ANSWERS], *(each for each in mine if each not in proposed[:SHOWN_ANSWERS])]


def _told_once(history: tuple[HistoryLine, ...]) -> list[tuple[HistoryLine, int]]:
    """Tell what a run did in one minute on one line: three proposals are one piece of news."""
    news = groupby(history, key=lambda line: (line.kind, line.role, line.at.replace(second=0, microsecond=0)))
    return [(lines[0], len(lines)) for lines in (list(group) for _, group in news)]


def _sorted(answers: tuple[AnswerView, ...]) -> tuple[list[object], list[AnswerView], list[object]]:
    lines = [line for answer in answers for line in answer.placements]
    promised: list[object] = [line for line in lines if line.state in ("held", "accepted", "confirmed", "admitted")]
    over = ("ended", "refused", "expired", "cancelled")
    proposed = [
        AnswerView(answer.rank, tuple(line for line in answer.placements if line.state == "proposed"))
        for answer in answers
    ]
    return promised, [each for each in proposed if each.placements], [line for line in lines if line.state in over]
