"""Figures of working time in force on a date: the law's, and those that a collective agreement states over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.staffing.models import RuleFigure

LAW = "law"


async def rule_figures(reader: AsyncSession, on: date) -> Mapping[str, Mapping[str, int]]:
    """Return amount by figure, by rule set; a set holds the law's figures where it does not state its own."""
    rows = await reader.execute(
        select(RuleFigure.rule_set, RuleFigure.figure, RuleFigure.amount).where(RuleFigure.validity.contains(on))
    )
    stated: dict[str, dict[str, int]] = defaultdict(dict)
    for rule_set, figure, amount in rows:
        stated[rule_set][figure] = amount
    law = stated.pop(LAW, {})
    return {LAW: law, **{name: law | own for name, own in sorted(stated.items())}}
