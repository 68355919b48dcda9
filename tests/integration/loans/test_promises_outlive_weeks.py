"""A loan asked or agreed on times that a week then takes away stands, and is told."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID

from exchange.kernel.db import now_of
from exchange.loans.promised import promised_outside
from exchange.loans.rules import LoanParty, LoanState
from exchange.staffing.weeks.commands import end_week, say_away, say_back, set_week
from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek, WeeklyHours
from tests.factories.ground import ZONE
from tests.factories.loans import Lending, a_lending, agree, asked, loan_state
from tests.servers import FreshDatabase

DAY = timedelta(days=1)
WHOLE_DAYS = tuple(WeeklyHours("available", weekday, time(0), time(0)) for weekday in range(7))


async def test_a_week_that_takes_a_promised_time_away_leaves_the_promise_and_tells_it(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with lending.db.write(lending.community_id) as tx:
        today = now_of(tx).astimezone(ZONE).date()
        form = SetVolunteerWeek(lending.volunteer_id, WHOLE_DAYS, today, None)
        await set_week(tx, lending.lender, form, now_of(tx))
    loan_id = await asked(lending)
    assert await told(lending) == []
    for agreement in (None, tuple(LoanParty)):
        if agreement:
            await agree(lending, loan_id, *agreement)
        before = await loan_state(lending, loan_id)
        async with lending.db.write(lending.community_id) as tx:
            away = DatesAway(lending.volunteer_id, today, today + 9 * DAY)
            await say_away(tx, lending.lender, away, now_of(tx))
        assert await loan_state(lending, loan_id) == before
        assert await told(lending) == [(loan_id, agreement is not None)]
        async with lending.db.write(lending.community_id) as tx:
            await say_back(tx, lending.lender, away, now_of(tx))
        assert await told(lending) == []
    async with lending.db.write(lending.community_id) as tx:
        await end_week(tx, lending.lender, lending.volunteer_id, now_of(tx))
    assert await loan_state(lending, loan_id) == LoanState.AGREED
    assert await told(lending) == [(loan_id, True)]


async def told(lending: Lending) -> list[tuple[UUID, bool]]:
    async with lending.db.read(lending.community_id) as reader:
        found = await promised_outside(reader, lending.lender, lending.volunteer_id, now_of(reader))
    return [(each.loan_id, each.is_agreed) for each in found]
