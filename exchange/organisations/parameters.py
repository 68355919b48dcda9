"""The clocks that communities may set differently, with the product's defaults, and those that a crisis tightens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import time
from types import MappingProxyType
from typing import Final

from exchange.kernel.errors import InvalidValue

MINUTES_IN_A_DAY = 24 * 60
BASE, CRISIS = "base", "crisis"
"""The community's own figures, and the overlay laid over them while a crisis is open."""

BOUNDS = {
    "scarcity_window_days": (7, 90),
    "scarcity_most_minutes": (0, 600),
    "loan_paperwork_minutes": (0, 1_000),
    "split_minutes": (0, 1_200),
    "rebalance_percent": (0, 100),
}
"""The least and the most of some figures; any other count is at least 1."""

CRISIS_CLOCKS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "urgent_hold_minutes": (5, 15),
        "ordinary_hold_working_days": (1, 1),
        "ordinary_fresh_hours": (6, 24),
        "untouched_red_minutes": (15, 60),
        "tonight_check_minutes": (5, 10),
        "two_day_check_minutes": (15, 60),
        "week_check_minutes": (60, 720),
    }
)
"""The clocks that a crisis may tighten: the least that each may be, and what is proposed at opening.

Proposed figures, to be reviewed by each community; never looser than the community's own, never a figure of the law.
"""


@dataclass(frozen=True, slots=True)
class CommunityParameters:
    """Durations in the unit their name says; hours of the day are local to the community's zone.

    Stored as integers: an hour of the day is its minutes since midnight. `scarcity_window_days`: how far back the
    reserve of rare places looks, and how far ahead; `scarcity_most_minutes`: its dearest price, 0 for no reserve.
    `loan_paperwork_minutes`: what a loan between two associations costs beside a move inside one, in minutes of travel.
    `split_minutes`: the price, in minutes of travel, of a period served in two places in turn; 0 where none may be.
    `rebalance_percent`: how far a second pass brings the balances of the associations closer; 0 for none.
    `tonight_check_minutes`, `two_day_check_minutes`, `week_check_minutes`, `planned_check_minutes`: between two looks
    at an open situation, by urgency.
    `unsolved_after_days`, `case_meeting_refusals`: from when a situation is proposed to a case meeting.
    `repeated_gap_situations`: how many similar gaps of the last `repeated_gap_days` call for a project record.
    """

    urgent_hold_minutes: int = 30
    ordinary_hold_working_days: int = 2
    emergency_asked_at: time = time(17, 0)
    emergency_valid_until: time = time(10, 0)
    ordinary_fresh_hours: int = 72
    staff_fresh_days: int = 7
    on_call_silent_minutes: int = 15
    untouched_red_minutes: int = 120
    gather_seconds: int = 3
    link_valid_hours: int = 72
    solicitations_per_day: int = 2
    quiet_from: time = time(21, 0)
    quiet_until: time = time(7, 0)
    check_seconds: int = 60
    scarcity_window_days: int = 28
    scarcity_most_minutes: int = 300
    loan_paperwork_minutes: int = 240
    split_minutes: int = 600
    rebalance_percent: int = 0
    tonight_check_minutes: int = 15
    two_day_check_minutes: int = 120
    week_check_minutes: int = 1_440
    planned_check_minutes: int = 10_080
    unsolved_after_days: int = 7
    case_meeting_refusals: int = 3
    repeated_gap_situations: int = 3
    repeated_gap_days: int = 180

    @classmethod
    def from_stored(cls, stored: Mapping[str, int]) -> CommunityParameters:
        """Lay a community's own figures over the defaults. Raises `InvalidValue` naming the figure at fault."""
        known = {f.name: f.default for f in fields(cls)}
        values: dict[str, int | time] = {}
        for name, amount in stored.items():
            if name not in known:
                raise InvalidValue(field=name, rule="unknown-parameter")
            values[name] = _as_time(name, amount) if isinstance(known[name], time) else _as_count(name, amount)
        return cls(**values)  # type: ignore[arg-type]  # each value was built after its own field's default

    def tightened(self, overlay: Mapping[str, int]) -> CommunityParameters:
        """Lay the clocks of a crisis over these: a clock looser than the community's own changes nothing."""
        clocks = {name: min(getattr(self, name), amount) for name, amount in overlay.items() if name in CRISIS_CLOCKS}
        return replace(self, **clocks)

    def to_stored(self) -> dict[str, int]:
        """Return the integers to store, hours of the day as minutes since midnight."""
        return {
            name: value.hour * 60 + value.minute if isinstance(value, time) else value
            for name, value in asdict(self).items()
        }


def _as_time(name: str, minutes: int) -> time:
    if not 0 <= minutes < MINUTES_IN_A_DAY:
        raise InvalidValue(field=name, rule="hour-of-day")
    return time(minutes // 60, minutes % 60)


def _as_count(name: str, amount: int) -> int:
    if name in BOUNDS:
        least, most = BOUNDS[name]
        if not least <= amount <= most:
            raise InvalidValue(field=name, rule="out-of-range", least=least, most=most)
    elif amount < 1:
        raise InvalidValue(field=name, rule="positive")
    return amount
