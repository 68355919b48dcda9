"""The figures of working time that a judgement uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Figures:
    """Limits in minutes of true time; `zone` decides which week and which evening.

    Defaults, from the Labour Code: 10 h a day (L3121-18), 11 h of rest (L3131-1), 48 h a week (L3121-20). The 12 h
    night, for a shift that starts from 19:00 on, rests on the person's own derogation. Employers' dated rule sets may
    be stricter.
    """

    zone: ZoneInfo
    has_night_derogation: bool = False
    longest_shift_minutes: int = 600
    longest_derogated_night_minutes: int = 720
    night_starts_at: time = time(19, 0)
    daily_rest_minutes: int = 660
    week_minutes: int = 2_880
