"""The last agreement judges hours by the dated figures of lender and host, figure by figure the stricter."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.loans.errors import WorkingTimeBreached
from exchange.loans.rules import LoanParty, LoanState
from exchange.staffing.commands import ShiftAsked
from exchange.staffing.derogations import record_derogation
from tests.factories.crisis import a_coordinator, a_derogation, an_open_crisis
from tests.factories.ground import ZONE, a_facility, actor_for, an_operator, ground
from tests.factories.loans import Lending, a_lending, agree, asked, shift_on
from tests.factories.rule_figures import a_figure
from tests.servers import FreshDatabase

EVERYONE = (LoanParty.LENDER, LoanParty.PERSON, LoanParty.HOST)
IN_FORCE, OVER = "[2020-01-01,)", "[2020-01-01,2021-01-01)"


async def refusal_of(lending: Lending, *shifts: ShiftAsked) -> str | None:
    """The sentence that refuses these hours to everybody's agreement, nothing where they are lawful."""
    loan_id = await asked(lending, shifts=shifts)
    try:
        assert await agree(lending, loan_id, *EVERYONE) is LoanState.AGREED
    except WorkingTimeBreached as refused:
        return str(refused.facts["sentence"])
    return None


async def now_in(lending: Lending) -> datetime:
    async with lending.db.read(lending.community_id) as reader:
        return now_of(reader)


@pytest.mark.parametrize("strict", ["lender_agreement", "host_agreement"])
@pytest.mark.parametrize(
    ("amount", "validity", "refusal"),
    [
        (420, IN_FORCE, "une journée de 8 h, pour 7 h au plus."),
        (480, IN_FORCE, None),
        (420, OVER, None),
    ],
    ids=["shorter days", "days as long as the shift", "no longer in force"],
)
async def test_a_day_lawful_under_the_law_is_refused_under_a_stricter_agreement_of_one_side(
    database: FreshDatabase, strict: str, amount: int, validity: str, refusal: str | None
) -> None:
    await a_figure(database.owner_url, "strict", "shift_minutes", amount, validity)
    lending = await a_lending(database, **{strict: "strict"})
    assert await refusal_of(lending, shift_on(await now_in(lending))) == refusal


@pytest.mark.parametrize(
    ("agreements", "refusal"),
    [
        ({"lender_agreement": "long", "host_agreement": "long"}, None),
        ({"lender_agreement": "long"}, "une journée de 12 h, pour 10 h au plus."),
        ({"host_agreement": "long"}, "une journée de 12 h, pour 10 h au plus."),
    ],
    ids=["of both", "of the lender alone", "of the host alone"],
)
async def test_longer_days_are_lawful_where_the_agreements_of_both_sides_allow_them(
    database: FreshDatabase, agreements: dict[str, str], refusal: str | None
) -> None:
    await a_figure(database.owner_url, "long", "shift_minutes", 720, IN_FORCE)
    lending = await a_lending(database, **agreements)
    assert await refusal_of(lending, shift_on(await now_in(lending), hours=12)) == refusal


@pytest.mark.parametrize(
    ("until_days", "refusal"),
    [(3, None), (1, "une journée de 12 h, pour 10 h au plus.")],
    ids=["on the day of the shift", "over by then"],
)
async def test_a_derogation_is_judged_by_the_dates_of_the_shift(
    database: FreshDatabase, until_days: int, refusal: str | None
) -> None:
    lending = await a_lending(database)
    now = await now_in(lending)
    today = now.astimezone(ZONE).date()
    asked_for = a_derogation(today, today + timedelta(days=until_days), figure="shift_minutes", amount=720)
    async with lending.db.write(lending.community_id) as tx:
        await record_derogation(tx, a_coordinator(lending.community_id), asked_for, now)
    assert await refusal_of(lending, shift_on(now, days=3, hours=12)) == refusal


async def test_a_crisis_without_a_text_opens_no_longer_day(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with lending.db.write(lending.community_id) as tx:
        await an_open_crisis(tx, lending.community_id)
    twelve_hours = shift_on(await now_in(lending), hours=12)
    assert await refusal_of(lending, twelve_hours) == "une journée de 12 h, pour 10 h au plus."


async def test_the_weekly_rest_of_the_dated_law_is_asked_for(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    now = await now_in(lending)
    monday = 7 - now.astimezone(ZONE).weekday()
    week = [shift_on(now, days=monday + day, hour=10, hours=5) for day in range(7)]
    assert await refusal_of(lending, *week) == "19 h de repos d'un seul tenant dans la semaine, pour 35 h au moins."
    assert await refusal_of(lending, *week[:5]) is None


async def test_the_rest_that_another_host_asks_for_binds_the_next_loan(database: FreshDatabase) -> None:
    await a_figure(database.owner_url, "strict", "rest_minutes", 720, IN_FORCE)
    lending = await a_lending(database)
    now = await now_in(lending)
    async with ground(lending.db, lending.community_id) as tx:
        strict_id = await a_facility(tx, operator_id=await an_operator(tx, agreement_code="strict"))
        elsewhere = replace(
            lending, host_id=strict_id, host=await actor_for(tx, Role.FACILITY_MANAGER, facility_id=strict_id)
        )
    assert await refusal_of(elsewhere, shift_on(now, hour=6, hours=8)) is None
    soon = shift_on(now, days=4, hour=1, hours=4)
    assert await refusal_of(lending, ShiftAsked(soon.starts_at + timedelta(minutes=30), soon.ends_at)) == (
        "11 h 30 de repos entre deux périodes de travail, pour 12 h au moins."
    )
    assert await refusal_of(lending, shift_on(now, days=4, hour=2, hours=4)) is None
