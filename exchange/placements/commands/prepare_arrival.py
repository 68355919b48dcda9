"""What is done before an arrival, and the plan of the exit: each with who, when and by which channel."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Via
from exchange.kernel.errors import InvalidValue
from exchange.kernel.record import record
from exchange.placements.cards import card_of
from exchange.placements.errors import LightNotNeeded
from exchange.placements.events import ExitPlanned, LightChanged, StayClocks
from exchange.placements.inputs import ChangeLight, PlanExit
from exchange.placements.locks import line_of, lock_line
from exchange.placements.models import AdmissionCondition
from exchange.placements.moves import move
from exchange.placements.policies import require_side
from exchange.placements.rules import Act, PlacementState
from exchange.placements.stay import clocks_of, require_exit_date, require_short_enough
from exchange.reference.answers import AdmissionCondition as Light


async def change_light(tx: AsyncSession, actor: Actor, change: ChangeLight, now: datetime) -> None:
    """Say that one condition of an arrival is done, or is not after all. Saying it twice changes nothing.

    The exit plan has its own act. Raises `NotFound`, `ActForbidden`, `IllegalTransition`, `LightNotNeeded`.
    """
    if change.condition is Light.EXIT_PLAN and change.is_done:
        raise InvalidValue(field="condition", rule="plan-the-exit")
    line = await line_of(tx, change.placement_id)
    side = require_side(actor, line.facility_id, Act.PREPARE)
    locked = await lock_line(tx, line)
    light = await _light(tx, change.placement_id, change.condition)
    if light is None:
        raise LightNotNeeded(field="condition")
    if (light.done_at is not None) is change.is_done:
        return
    move(locked.placement, Act.PREPARE, side)
    _turn(light, actor, change.channel, now if change.is_done else None)
    fact = LightChanged(
        subject_id=locked.placement.id,
        situation_id=locked.situation.id,
        offer_id=locked.offer.id,
        condition=change.condition.value,
        is_done=change.is_done,
        cards=(await card_of(tx, locked.placement.id),),
    )
    await record(tx, actor, fact, now)


async def plan_exit(tx: AsyncSession, actor: Actor, plan: PlanExit, now: datetime) -> None:
    """Set the date, the solution and the referent of the exit; its light turns green.

    Once the person is there, a later date is a prolongation. Raises `NotFound`, `ActForbidden`, `IllegalTransition`,
    `ExitBeforeStayEnds`, `EmergencyStayTooLong`, `InvalidValue`.
    """
    line = await line_of(tx, plan.placement_id)
    side = require_side(actor, line.facility_id, Act.PREPARE)
    locked = await lock_line(tx, line)
    placement = locked.placement
    move(placement, Act.PREPARE, side)
    is_there = locked.state is PlacementState.ADMITTED
    if is_there and placement.exit_on is not None and plan.exit_on > placement.exit_on:
        raise InvalidValue(field="exit_on", rule="prolong-instead")
    await require_exit_date(tx, locked, plan.exit_on, now)
    await require_short_enough(tx, locked, placement.legal_basis, plan.exit_on, "exit_on")
    placement.exit_on = plan.exit_on
    placement.exit_solution = plan.solution.value
    placement.exit_referent_account_id = plan.referent_account_id or locked.situation.referent_account_id
    light = await _light(tx, placement.id, Light.EXIT_PLAN)
    if light is not None:
        _turn(light, actor, actor.via, now)
    # Before the arrival nothing rings: the arrival sets the clocks of the date that stands then.
    clocks = await clocks_of(tx, placement, locked.offer.care_mode, plan.exit_on, now) if is_there else StayClocks()
    fact = ExitPlanned(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        exit_on=plan.exit_on,
        exit_told_at=clocks.exit_told_at,
        solution=plan.solution.value,
        cards=(await card_of(tx, placement.id),),
    )
    await record(tx, actor, fact, now)


async def _light(tx: AsyncSession, placement_id: UUID, condition: Light) -> AdmissionCondition | None:
    return await tx.get(AdmissionCondition, (placement_id, condition.value), populate_existing=True)


def _turn(light: AdmissionCondition, actor: Actor, channel: Via, done_at: datetime | None) -> None:
    light.done_at = done_at
    light.done_by = actor.account_id if done_at else None
    light.done_role = actor.role.value if done_at else None
    light.channel = channel.value if done_at else None
