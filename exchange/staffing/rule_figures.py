"""Figures of working time in force on a date: the law's, those that a collective agreement states over them, and what
a dated text derogates for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.staffing.models import RuleDerogation, RuleFigure
from exchange.worktime import Average, Figures

LAW = "law"
DAY_MINUTES = 24 * 60


async def rule_figures(
    reader: AsyncSession, on: date, first_day: date | None = None, last_day: date | None = None
) -> Mapping[str, Mapping[str, int]]:
    """Return amount by figure, by rule set; a set holds the law's figures where it does not state its own.

    `first_day`, `last_day`: of the shifts judged, by default `on`; a derogation counts where it is in force from the
    one to the other. Outside its dates the ordinary figure holds, without anybody having to take it back.
    """
    rows = await reader.execute(
        select(RuleFigure.rule_set, RuleFigure.figure, RuleFigure.amount).where(RuleFigure.validity.contains(on))
    )
    stated: dict[str, dict[str, int]] = defaultdict(dict)
    for rule_set, figure, amount in rows:
        stated[rule_set][figure] = amount
    derogated = await reader.execute(
        select(RuleDerogation.rule_set, RuleDerogation.figure, RuleDerogation.amount).where(
            RuleDerogation.community_id == func.current_community(),
            RuleDerogation.validity.contains(first_day or on),
            RuleDerogation.validity.contains(last_day or on),
        )
    )
    for rule_set, figure, amount in derogated:
        stated[rule_set][figure] = amount
    law = stated.pop(LAW, {})
    return {LAW: coherent(law), **{name: coherent(law | own) for name, own in sorted(stated.items())}}


def set_of(agreement_code: str, figures: Mapping[str, Mapping[str, int]]) -> str:
    """Return the rule set of an employer: that of its agreement where figures are kept for it, else the law's."""
    return agreement_code if agreement_code in figures else LAW


def coherent(amounts: Mapping[str, int]) -> dict[str, int]:
    """Return the amounts of a set without what contradicts itself, so that one line mistyped stops nobody's search.

    An average stated by half is none; a night starts within a day, and where derogated is no shorter than another
    shift.
    """
    kept = dict(amounts)
    if kept.get("night_starts_at", 0) >= DAY_MINUTES:
        del kept["night_starts_at"]
    if not (kept.get("average_week_minutes") and kept.get("average_weeks")):
        kept = {figure: amount for figure, amount in kept.items() if not figure.startswith("average_")}
    if "shift_minutes" in kept:
        kept["night_shift_minutes"] = max(kept.get("night_shift_minutes", 0), kept["shift_minutes"])
    return kept


def figures_of(amounts: Mapping[str, int], zone: ZoneInfo, *, has_night_derogation: bool) -> Figures:
    """Return the coherent amounts of one set as a judgement uses them; what it does not state keeps its default."""
    law = Figures(zone, has_night_derogation)
    night = amounts.get("night_starts_at")
    averages = (
        (Average(amounts["average_weeks"], amounts["average_week_minutes"]),) if "average_weeks" in amounts else ()
    )
    return replace(
        law,
        longest_shift_minutes=amounts.get("shift_minutes", law.longest_shift_minutes),
        longest_derogated_night_minutes=amounts.get("night_shift_minutes", law.longest_derogated_night_minutes),
        night_starts_at=law.night_starts_at if night is None else time(*divmod(night, 60)),
        daily_rest_minutes=amounts.get("rest_minutes", law.daily_rest_minutes),
        week_minutes=amounts.get("week_minutes", law.week_minutes),
        weekly_rest_minutes=amounts.get("weekly_rest_minutes", law.weekly_rest_minutes),
        days_in_row=amounts.get("days_in_row", law.days_in_row),
        averages=averages,
    )
