"""Every job by its name. A job is a thin shell: one transaction around one command of a slice, safe to run twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from workers.equipment import Call, Equipment
from workers.jobs import availability, loans, notifications, placements, situations

Job = Callable[[Equipment, Call], Awaitable[None]]

JOBS: Mapping[str, Job] = {
    "availability.ask_again": availability.ask_again,
    "situations.check": situations.check,
    "situations.climb_alert": situations.climb_alert,
    "placements.expire_hold": placements.expire_hold,
    "placements.on_call_silent": placements.on_call_silent,
    "placements.advance_ladder": placements.advance_ladder,
    "placements.settle_waiting": placements.settle_waiting,
    "placements.drop_uncovered": placements.drop_uncovered,
    "placements.drop_withdrawn": placements.drop_withdrawn,
    "placements.drop_closed": placements.drop_closed,
    "placements.exit_soon": placements.exit_soon,
    "loans.expire_request": loans.expire_request,
    "loans.drop_cancelled": loans.drop_cancelled,
    "notifications.fan_out": notifications.fan_out,
    "notifications.deliver": notifications.deliver,
}
"""Planning is not here: its rows are gathered by lane, not run one by one."""
