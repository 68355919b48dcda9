"""Weeks, exceptions, changes by hand, promises and clocks in any order, against one plain dictionary."""

from __future__ import annotations

import random
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import change_capacity, claim_segments, release_segments
from exchange.availability.errors import CapacityBelowUsed
from exchange.availability.models import OfferSegment
from exchange.availability.weeks.commands import except_days, extend_week, resume_week, set_week
from exchange.availability.weeks.inputs import ExceptDays, ResumeWeek, SetWeek, SpanOfDays
from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.periods import Half, current_segment, segment_of
from exchange.organisations import queries as organisations
from tests.factories.availability import BOTH
from tests.factories.ground import a_ground
from tests.integration.availability.test_place_weeks import NIGHTS_OF_TWO, a_followed_offer
from tests.servers import FreshDatabase

DAY = timedelta(days=1)
ACTS = 30
Each = tuple[date, Half]


@dataclass
class Plain:
    """What is open on each half of each date, by two dictionaries and a list of fourteen."""

    horizon: list[Each]
    week: list[int] = field(default_factory=lambda: list(NIGHTS_OF_TWO))
    said: dict[Each, int] = field(default_factory=dict)
    by_hand: dict[Each, int] = field(default_factory=dict)
    used: dict[Each, int] = field(default_factory=dict)

    def by_week(self, each: Each) -> int:
        return self.week[2 * each[0].weekday() + (each[1] is Half.NIGHT)]

    def is_open(self, each: Each) -> int:
        return self.by_hand.get(each, self.said.get(each, self.by_week(each)))

    def settle(self) -> None:
        """A change by hand that says what the week says is none."""
        self.by_hand = {each: count for each, count in self.by_hand.items() if count != self.by_week(each)}

    def is_broken(self) -> bool:
        below_zero = any(count < 0 for count in self.by_hand.values())
        return below_zero or any(count > self.is_open(each) for each, count in self.used.items())

    def copy(self) -> Plain:
        return Plain(self.horizon, list(self.week), dict(self.said), dict(self.by_hand), dict(self.used))


@dataclass
class Table:
    """The offer under test."""

    tx: AsyncSession
    speaker: Actor
    offer_id: object
    today: date
    draw: random.Random

    def act(self, plain: Plain, rows: list[Each]) -> Awaitable[object] | None:
        """Change the plain model, and return the same act on the database; nothing where it would mean nothing."""
        tx, draw, now = self.tx, self.draw, now_of(self.tx)
        first = self.today + draw.randrange(0, 30) * DAY
        last = first + draw.randrange(0, 7) * DAY
        span = [each for each in plain.horizon if first <= each[0] <= last]
        asked = SpanOfDays(first, last, BOTH)
        match draw.choice(("week", "except", "resume", "hand", "claim", "release", "clock")):
            case "week":
                plain.week = [draw.randrange(0, 3) for _ in range(14)]
                plain.week[draw.randrange(14)] = 3
                form = SetWeek(self.offer_id, tuple(plain.week), self.today, None)
                return set_week(tx, self.speaker, form, now)
            case "except" if span:
                capacity = draw.randrange(0, 4)
                for each in span:
                    plain.by_hand.pop(each, None)
                    plain.said[each] = capacity
                return except_days(tx, self.speaker, ExceptDays(self.offer_id, asked, capacity, "works"), now)
            case "resume" if span:
                for each in span:
                    plain.by_hand.pop(each, None)
                    plain.said.pop(each, None)
                return resume_week(tx, self.speaker, ResumeWeek(self.offer_id, asked), now)
            case "hand" if rows:
                chosen, delta = draw.sample(rows, min(3, len(rows))), draw.choice((-1, 1))
                for each in chosen:
                    plain.by_hand[each] = plain.is_open(each) + delta
                    plain.said.pop(each, None)
                return change_capacity(
                    tx, self.speaker, self.offer_id, delta, [segment_of(*each) for each in chosen], now
                )
            case "claim":
                free = [each for each in plain.horizon if plain.is_open(each) > plain.used.get(each, 0)][:40]
                each = draw.choice(free)
                plain.used[each] = plain.used.get(each, 0) + 1
                return claim_segments(tx, self.offer_id, [segment_of(*each)])
            case "release" if any(plain.used.values()):
                each = draw.choice(sorted(each for each, count in plain.used.items() if count))
                plain.used[each] -= 1
                return release_segments(tx, self.offer_id, [segment_of(*each)])
            case _:
                return extend_week(tx, Actor.system(self.speaker.community_id), self.offer_id, now)


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_of_acts_equals_a_plain_model_and_never_breaks_a_promise(
    database: FreshDatabase, seed: int
) -> None:
    draw = random.Random(seed)
    async with a_ground(database) as (_, _, tx):
        speaker, offer_id, today = await a_followed_offer(tx)
        current = current_segment(now_of(tx), await organisations.zone(tx))
        ahead = [(today + offset * DAY, half) for offset in range(56) for half in Half]
        plain = Plain([each for each in ahead if segment_of(*each) >= current])
        table = Table(tx, speaker, offer_id, today, draw)
        refusals = 0
        for step in range(ACTS):
            rows = await counters(tx, plain)
            wanted = plain.copy()
            attempt = table.act(wanted, sorted(rows))
            if attempt is None:
                continue
            if wanted.is_broken():
                refusals += 1
                async with tx.begin_nested() as savepoint:
                    with pytest.raises(CapacityBelowUsed):
                        await attempt
                    await savepoint.rollback()
            else:
                await attempt
                plain = wanted
                plain.settle()
            found = await counters(tx, plain)
            assert {each: one[0] for each, one in found.items() if one[0]} == {
                each: plain.is_open(each) for each in plain.horizon if plain.is_open(each)
            }, step
            assert {each: one[1] for each, one in found.items() if one[1]} == {
                each: count for each, count in plain.used.items() if count
            }
            assert all(used <= capacity for capacity, used in found.values())
        assert refusals < ACTS


async def counters(tx: AsyncSession, plain: Plain) -> dict[Each, tuple[int, int]]:
    """Capacity and persons counted, by date and half."""
    rows = await tx.execute(select(OfferSegment.segment, OfferSegment.capacity, OfferSegment.used))
    known = {segment_of(*each): each for each in plain.horizon}
    return {known[row.segment]: (row.capacity, row.used) for row in rows}
