"""Every job by its name. A job is a thin shell: one transaction around one command of a slice, safe to run twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from workers.equipment import Call, Equipment
from workers.jobs import (
    availability,
    drills,
    loans,
    meetings,
    notifications,
    organisations,
    placements,
    situations,
    staffing,
)

Job = Callable[[Equipment, Call], Awaitable[None]]

JOBS: Mapping[str, Job] = {
    "availability.ask_again": availability.ask_again,
    "availability.ask_evening": availability.ask_evening,
    "availability.extend_week": availability.extend_week,
    "planning.drill": drills.solve,
    "organisations.expire_crisis": organisations.expire_crisis,
    "staffing.extend_week": staffing.extend_week,
    "situations.check": situations.check,
    "situations.climb_alert": situations.climb_alert,
    "situations.bring_checks_forward": situations.bring_checks_forward,
    "placements.expire_hold": placements.expire_hold,
    "placements.on_call_silent": placements.on_call_silent,
    "placements.advance_ladder": placements.advance_ladder,
    "placements.settle_waiting": placements.settle_waiting,
    "placements.drop_uncovered": placements.drop_uncovered,
    "placements.drop_withdrawn": placements.drop_withdrawn,
    "placements.drop_closed": placements.drop_closed,
    "placements.free_departed": placements.free_departed,
    "placements.emergency_limit": placements.emergency_limit,
    "placements.exit_soon": placements.exit_soon,
    "placements.show_taken": placements.show_taken,
    "placements.yearly_limit": placements.yearly_limit,
    "loans.expire_request": loans.expire_request,
    "loans.drop_cancelled": loans.drop_cancelled,
    "meetings.ring_task": meetings.ring_task,
    "meetings.make_weekly_sheet": meetings.make_weekly_sheet,
    "notifications.fan_out": notifications.fan_out,
    "notifications.deliver": notifications.deliver,
}
"""The lanes of planning are not here: their rows are gathered, not run one by one."""
