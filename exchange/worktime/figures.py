"""The figures of working time that a judgement uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Average:
    """The most minutes a week, on average over any `weeks` consecutive civil weeks."""

    weeks: int
    week_minutes: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Limits in minutes of true time; `zone` decides which week and which evening.

    Defaults, from the Labour Code: 10 h a day (L3121-18), 11 h of rest (L3131-1), 48 h a week (L3121-20). The 12 h
    night, for a shift that starts from 19:00 on, rests on the person's own derogation. Employers' dated rule sets may
    be stricter. What the law says besides waits for a rule set to ask for it: 35 h of rest in a week (L3132-2), 6 days
    (L3132-1), 44 h on average over 12 weeks (L3121-22). 0 and an empty tuple ask for nothing.
    """

    zone: ZoneInfo
    has_night_derogation: bool = False
    longest_shift_minutes: int = 600
    longest_derogated_night_minutes: int = 720
    night_starts_at: time = time(19, 0)
    daily_rest_minutes: int = 660
    week_minutes: int = 2_880
    weekly_rest_minutes: int = 0
    days_in_row: int = 0
    averages: tuple[Average, ...] = ()


def stricter(lender: Figures, host: Figures) -> Figures:
    """The stricter of two employers' figures, one by one, in the zone and with the derogation of the lender's.

    Averages over other numbers of weeks are other rules: all of both hold.
    """
    return Figures(
        zone=lender.zone,
        has_night_derogation=lender.has_night_derogation,
        longest_shift_minutes=min(lender.longest_shift_minutes, host.longest_shift_minutes),
        longest_derogated_night_minutes=min(
            lender.longest_derogated_night_minutes, host.longest_derogated_night_minutes
        ),
        night_starts_at=max(lender.night_starts_at, host.night_starts_at),
        daily_rest_minutes=max(lender.daily_rest_minutes, host.daily_rest_minutes),
        week_minutes=min(lender.week_minutes, host.week_minutes),
        weekly_rest_minutes=max(lender.weekly_rest_minutes, host.weekly_rest_minutes),
        days_in_row=min({lender.days_in_row, host.days_in_row} - {0}, default=0),
        averages=tuple(dict.fromkeys((*lender.averages, *host.averages))),
    )
