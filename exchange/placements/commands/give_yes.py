"""The three yeses, and what stands when all are there."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.rules import OfferState, is_stale
from exchange.identity.office import require_in_office
from exchange.kernel.actor import Actor, Via
from exchange.kernel.errors import InvalidValue
from exchange.kernel.record import record
from exchange.placements.agreements import legal_basis_of, spoken, who_agreed
from exchange.placements.cards import card_of
from exchange.placements.errors import (
    HoldOver,
    OfferToConfirm,
    ProposalOutdated,
    SpokenWithRequired,
    YesAlreadyGiven,
)
from exchange.placements.events import AgreementRecorded, PlacementAccepted
from exchange.placements.inputs import GiveYes, PhoneYes
from exchange.placements.locks import Locked, line_of, lock_line, require_open
from exchange.placements.moves import move
from exchange.placements.policies import require_side
from exchange.placements.rules import (
    Act,
    PlacementState,
    Side,
    YesParty,
    next_state,
)
from exchange.placements.settlement import is_uncovered, settle
from exchange.placements.stay import require_exit_date, require_short_enough
from exchange.situations.commands import stop_alert

MOST_DAYS_A_YEAR = 366


async def give_yes(tx: AsyncSession, actor: Actor, yes: GiveYes, now: datetime) -> PlacementState:
    """Record one party's yes; the third confirms the placement, unless a shift that it rests on is not covered yet.

    The receiver's is its director's or on-call manager's own word, on a live hold of a fresh offer. The person's and
    the legal basis are recorded by the coordination. Raises `NotFound`, `ActForbidden`, `IllegalTransition`,
    `HoldOver`, `OfferToConfirm`, `ProposalOutdated`, `YesAlreadyGiven`, `AgreementNotTheirs`, `ExitBeforeStayEnds`,
    `EmergencyStayTooLong`, `InvalidValue`.
    """
    act = _ACT_OF[yes.party]
    line = await line_of(tx, yes.placement_id)
    side = require_side(actor, line.facility_id, act)
    locked = await lock_line(tx, line)
    if yes.party is YesParty.RECEIVER:
        await require_in_office(tx, actor)
    require_open(locked.situation, act)
    if yes.exit_on is not None:
        await _keep_exit_date(tx, locked, yes.party, yes.exit_on, now)
    match yes.party:
        case YesParty.RECEIVER:
            if yes.channel is Via.PHONE:
                raise SpokenWithRequired(field="channel")
            await _accept(tx, actor, side, locked, act, yes.channel, now)
        case YesParty.PERSON:
            _keep_person_yes(locked, yes.person_yes_from, now)
        case YesParty.LEGAL_BASIS:
            await _keep_legal_basis(tx, locked, yes, now)
        case _:
            assert_never(yes.party)
    if yes.party is not YesParty.RECEIVER:
        await _record_agreement(tx, actor, side, locked, act, yes.party, now)
    await settle(tx, actor, side, locked, now)
    return locked.state


async def record_phone_yes(tx: AsyncSession, actor: Actor, yes: PhoneYes, now: datetime) -> PlacementState:
    """Record the facility's yes heard on the phone, with who said it; the facility may contest it until arrival.

    Raises as the receiver's own yes does, and `SpokenWithRequired`.
    """
    spoken_with, function = spoken(yes.spoken_with, yes.function)
    line = await line_of(tx, yes.placement_id)
    side = require_side(actor, line.facility_id, Act.PHONE_YES)
    locked = await lock_line(tx, line)
    require_open(locked.situation, Act.PHONE_YES)
    locked.placement.spoken_with = spoken_with
    locked.placement.spoken_function = function
    await _accept(tx, actor, side, locked, Act.PHONE_YES, Via.PHONE, now)
    await settle(tx, actor, side, locked, now)
    return locked.state


_ACT_OF = {
    YesParty.RECEIVER: Act.RECEIVER_YES,
    YesParty.PERSON: Act.PERSON_YES,
    YesParty.LEGAL_BASIS: Act.LEGAL_BASIS,
}


async def _accept(
    tx: AsyncSession, actor: Actor, side: Side, locked: Locked, act: Act, channel: Via, now: datetime
) -> None:
    placement, offer = locked.placement, locked.offer
    next_state(locked.state, act, side)
    if placement.held_until is None or placement.held_until <= now:
        raise HoldOver
    if offer.state != OfferState.PUBLISHED:
        raise ProposalOutdated
    if is_stale(offer.fresh_until, now):
        raise OfferToConfirm(offer_id=str(offer.id))
    placement.receiver_yes_at = now
    placement.receiver_yes_by = actor.account_id
    placement.receiver_channel = channel.value
    move(placement, act, side)
    fact = PlacementAccepted(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        by_phone=channel is Via.PHONE,
        waits_for_cover=await is_uncovered(tx, placement),
        cards=(await card_of(tx, placement.id),),
    )
    await record(tx, actor, fact, now)
    await stop_alert(tx, actor, locked.situation, "accepted", now)


async def _keep_exit_date(tx: AsyncSession, locked: Locked, party: YesParty, exit_on: date, now: datetime) -> None:
    if party is not YesParty.LEGAL_BASIS:
        raise InvalidValue(field="exit_on", rule="legal-basis-only")
    await require_exit_date(tx, locked, exit_on, now)
    locked.placement.exit_on = exit_on


def _keep_person_yes(locked: Locked, given_by: str | None, now: datetime) -> None:
    placement = locked.placement
    if placement.person_yes_at is not None:
        raise YesAlreadyGiven
    agreed = who_agreed(locked.situation.legal_status, given_by)
    placement.person_yes_at = now
    placement.person_yes_from = agreed.value


async def _keep_legal_basis(tx: AsyncSession, locked: Locked, yes: GiveYes, now: datetime) -> None:
    placement = locked.placement
    if placement.legal_basis_at is not None:
        raise YesAlreadyGiven
    basis = legal_basis_of(yes.legal_basis).value
    await require_short_enough(tx, locked, basis, yes.exit_on, "legal_basis")
    before = yes.temporary_days_before
    if before is not None and not 0 <= before <= MOST_DAYS_A_YEAR:
        raise InvalidValue(field="temporary_days_before", rule="out-of-range", least=0, most=MOST_DAYS_A_YEAR)
    placement.legal_basis = basis
    placement.temporary_days_before = before
    placement.legal_basis_at = now


async def _record_agreement(
    tx: AsyncSession, actor: Actor, side: Side, locked: Locked, act: Act, party: YesParty, now: datetime
) -> None:
    placement = locked.placement
    move(placement, act, side)
    fact = AgreementRecorded(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        party=party.value,
        cards=(await card_of(tx, placement.id),),
    )
    await record(tx, actor, fact, now)
