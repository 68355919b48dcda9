"""The demonstration community, entered through the commands at any hour of any day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from exchange.availability.models import OfferSegment, PlaceOffer, SegmentRequirement
from exchange.availability.weeks.models import PlacePattern, PlacePatternException
from exchange.board.queries import BoardScope, board_at
from exchange.board.views import OfferCard
from exchange.demo import load
from exchange.demo.accounts import ACCOUNTS
from exchange.demo.community import FACILITIES, OPERATORS
from exchange.demo.days import day_zero
from exchange.demo.meetings import TASKS
from exchange.demo.offers import OFFERS
from exchange.demo.shortages import SHORTAGES
from exchange.demo.situations import SITUATIONS
from exchange.demo.told import STATUSES, WAITING_PLACES
from exchange.demo.volunteers import volunteers
from exchange.demo.weeks import PLACE_WEEKS, VOLUNTEER_WEEKS
from exchange.identity.models import Account
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.kernel.periods import date_of
from exchange.kernel.record import Demand, Fact
from exchange.meetings.models import CaseMeeting, Task
from exchange.organisations.models import Facility, LivingAreaCommune, Operator
from exchange.situations.models import Situation
from exchange.staffing.models import LoanVolunteer, StaffNeed, VolunteerTime
from tests.servers import FreshDatabase

HASH = "not a password"
TABLES = (Operator, Facility, Account, PlaceOffer, StaffNeed, LoanVolunteer, Situation, CaseMeeting, Task)


def nothing_follows(fact: Fact, now: datetime) -> Iterable[Demand]:
    return ()


async def counts(db: Database, community_id: UUID) -> dict[str, int]:
    async with db.read(community_id) as reader:
        return {
            table.__tablename__: (await reader.execute(select(func.count()).select_from(table))).scalar_one()
            for table in TABLES
        }


async def test_the_whole_community_is_loaded_and_nothing_else(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=nothing_follows)
    async with db.read(None) as reader:
        now = now_of(reader)
    community_id = await load.load_community(db, HASH, now)
    assert await counts(db, community_id) == {
        "operators": len(OPERATORS),
        "facilities": len(FACILITIES),
        "accounts": len(ACCOUNTS),
        "place_offers": len(OFFERS) + len(WAITING_PLACES),
        "staff_needs": len(SHORTAGES),
        "loan_volunteers": len(volunteers(load.day_zero(now))),
        "situations": len(SITUATIONS),
        "case_meetings": 1,
        "tasks": len(TASKS),
    }
    async with db.read(community_id) as reader:
        in_an_area = await reader.scalar(select(func.count()).select_from(LivingAreaCommune))
        rests_on_staff = await reader.scalar(select(func.count(func.distinct(SegmentRequirement.offer_id))))
        somewhere = await reader.scalar(select(func.count()).where(Facility.living_area_id.is_(None)))
    assert (in_an_area, rests_on_staff, somewhere) == (257, sum(o.condition is not None for o in OFFERS), 0)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2027, 1, 1, 2, 30, tzinfo=UTC),
        datetime(2028, 2, 28, 12, 0, tzinfo=UTC),
        datetime(2027, 3, 27, 20, 0, tzinfo=UTC),  # the eve of the short night
        datetime(2027, 10, 30, 16, 30, tzinfo=UTC),  # the eve of the long night
        datetime(2027, 7, 5, 6, 0, tzinfo=UTC),
    ],
)
async def test_it_can_be_loaded_on_any_day_of_the_year(database: FreshDatabase, at: datetime) -> None:
    db = Database(database.engine, reactions=nothing_follows)
    community_id = await load.load_community(db, HASH, at)
    assert (await counts(db, community_id))["situations"] == len(SITUATIONS)


async def test_a_load_cut_short_leaves_nothing(database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    db = Database(database.engine, reactions=nothing_follows)

    async def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(load, "_load_situations", cut)
    with pytest.raises(KeyboardInterrupt):
        await load.load_community(db, HASH, datetime.now(UTC))
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT set_config('entraide.scope', 'identity', true)"))
        assert (await connection.execute(text("SELECT count(*) FROM communities"))).scalar_one() == 0


async def test_persons_to_be_kept_together_are_linked(database: FreshDatabase) -> None:
    db = Database(database.engine, reactions=nothing_follows)
    async with db.read(None) as reader:
        now = now_of(reader)
    community_id = await load.load_community(db, HASH, now)
    expected = sorted(
        len([1 for other in SITUATIONS if other.together == group])
        for group in {person.together for person in SITUATIONS if person.together is not None}
    )
    async with db.read(community_id) as reader:
        sizes = await reader.scalars(
            select(func.count()).where(Situation.together_id.is_not(None)).group_by(Situation.together_id)
        )
        assert sorted(sizes) == expected


@pytest.mark.parametrize(
    ("at", "asked"),
    [
        (datetime(2027, 7, 5, 8, 0, tzinfo=UTC), False),
        (datetime(2027, 7, 5, 20, 0, tzinfo=UTC), True),  # 22:00
        (datetime(2027, 7, 5, 23, 30, tzinfo=UTC), True),  # 01:30
    ],
)
async def test_the_board_of_the_demonstration_shows_tonight_at_any_hour(
    database: FreshDatabase, at: datetime, asked: bool
) -> None:
    """Places are there for the night that people call tonight; once the question is asked, some have not answered."""
    db = Database(database.engine, reactions=nothing_follows)
    community_id = await load.load_community(db, HASH, at)
    async with db.read(community_id) as reader:
        board = await board_at(reader, Actor.system(community_id), BoardScope(), None, at)
    whole = board.whole
    assert whole.evening_asked is asked
    assert whole.places_free is not None
    assert whole.places_free > 10
    assert whole.places_over == 1
    assert whole.sites_expected is not None
    assert whole.sites_reporting is not None
    assert whole.sites_expected > 10
    assert (whole.sites_reporting < whole.sites_expected) is asked
    offers = [card for card in board.cards if isinstance(card, OfferCard)]
    assert {card.facility for card in offers if card.never_full} == {"Foyer départemental de l'enfance"}
    assert [card.facility for card in offers if card.awaits_departure] == ["IME Les Sagnes"]
    assert len({card.facility_id for card in offers if card.house}) == len(STATUSES)


async def test_three_places_and_two_people_follow_a_week_beside_what_was_entered_by_hand(
    database: FreshDatabase,
) -> None:
    db = Database(database.engine, reactions=nothing_follows)
    async with db.read(None) as reader:
        now = now_of(reader)
    community_id = await load.load_community(db, HASH, now)
    day0 = day_zero(now)
    async with db.read(community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(PlacePattern)) == len(PLACE_WEEKS)
        reasons = await reader.execute(
            select(PlacePatternException.reason, func.count()).group_by(PlacePatternException.reason)
        )
        told = {row[0]: row[1] for row in reasons}
        assert told["planned_closure"] == 14
        opened = await reader.execute(
            select(PlaceOffer.care_mode, func.max(OfferSegment.segment))
            .join(PlacePattern, PlacePattern.offer_id == PlaceOffer.id)
            .join(OfferSegment, OfferSegment.offer_id == PlaceOffer.id)
            .group_by(PlaceOffer.id)
        )
        assert min(date_of(row[1]) for row in opened) >= day0 + timedelta(days=52)
        weekly = await reader.execute(
            select(VolunteerTime.volunteer_id, func.count())
            .where(VolunteerTime.is_weekly)
            .group_by(VolunteerTime.volunteer_id)
        )
        assert len(weekly.all()) == len(VOLUNTEER_WEEKS)
