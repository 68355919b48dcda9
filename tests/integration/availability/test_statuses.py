"""What houses say of themselves and of their places, on a real database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import queries
from exchange.availability.commands import (
    CapacitySpan,
    CloseOffer,
    DecideOverCapacity,
    SayStatus,
    change_capacity,
    claim_segments,
    close_offer,
    decide_over_capacity,
    lock_offers,
    reconfirm_all,
    reopen_offer,
    say_status,
)
from exchange.availability.evening import Colour, WhyNot
from exchange.availability.models import FacilityStatus, OfferSegment, OverCapacityDecision, PlaceOffer
from exchange.availability.statuses import statuses_in_force, why_not_on
from exchange.kernel.actor import Role
from exchange.kernel.db import constraint_of, now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue
from exchange.kernel.journals import CardVersion, Event
from exchange.organisations import queries as organisations
from tests.factories.availability import NIGHTS, an_offer, local_date, tomorrow_night
from tests.factories.evening import ask_before_now, said_this_morning
from tests.factories.ground import a_community, a_facility, a_ground, actor_for, an_operator, database_of, ground
from tests.factories.staffing import speaker_for
from tests.servers import FreshDatabase

HOUR = timedelta(hours=1)


async def card(tx: AsyncSession, offer_id: UUID) -> dict[str, object]:
    found = await tx.scalar(
        select(CardVersion.card).where(
            CardVersion.subject_id == offer_id, CardVersion.shown_until == text("'infinity'")
        )
    )
    assert isinstance(found, dict)
    return found


async def test_a_colour_is_said_in_one_tap_and_shown_on_every_place_of_the_house(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        operator_id = await an_operator(tx)
        facility_id = await a_facility(tx, operator_id=operator_id)
        other_id = await a_facility(tx, operator_id=operator_id)
        offer_ids = [await an_offer(tx, facility_id) for _ in range(2)]
        elsewhere = await an_offer(tx, other_id)
        on_call = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=operator_id)
        now = now_of(tx)
        until = await say_status(tx, on_call, SayStatus(facility_id, "orange", "infection"), now)
        status = (await statuses_in_force(tx, None, now))[facility_id]
        assert (status.colour, status.reason, status.said_as, status.until) == (
            Colour.ORANGE, "infection", "on_call_manager", until
        )  # fmt: skip
        for offer_id in offer_ids:
            house = (await card(tx, offer_id))["house"]
            assert isinstance(house, dict)
            assert (house["colour"], house["reason"], house["said_as"]) == ("orange", "infection", "on_call_manager")
        assert (await card(tx, elsewhere))["house"] is None
        assert {each.facility_id for each in await queries.houses(tx, on_call, now, own=True)} == {
            facility_id,
            other_id,
        }
        assert await tx.scalar(select(Event.actor_role).where(Event.kind == "house_status_said")) == "on_call_manager"


async def test_red_lets_nothing_be_promised_until_it_ends_by_itself_and_moves_the_terms(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        speaker, now, night = await speaker_for(tx, facility_id), now_of(tx), await tomorrow_night(tx)
        before = (await tx.get_one(PlaceOffer, offer_id)).terms_version
        until = await say_status(tx, speaker, SayStatus(facility_id, "red"), now)
        offer = (await lock_offers(tx, (offer_id,)))[offer_id]
        assert offer.terms_version == before + 1
        assert await why_not_on(tx, offer, (night,), now) is WhyNot.HOUSE_RED
        assert await why_not_on(tx, offer, (night,), until - timedelta(microseconds=1)) is WhyNot.HOUSE_RED
        assert await why_not_on(tx, offer, (night,), until) is None
        for colour in ("orange", "green"):
            await say_status(tx, speaker, SayStatus(facility_id, colour), now)
            assert await why_not_on(tx, offer, (night,), now) is None
            assert (await lock_offers(tx, (offer_id,)))[offer_id].terms_version == before + 1


async def test_taps_in_one_instant_leave_one_colour_at_a_time(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        speaker, now = await speaker_for(tx, facility_id), now_of(tx)
        for colour in ("green", "red", "orange", "red", "green"):
            await say_status(tx, speaker, SayStatus(facility_id, colour), now)
        assert (await statuses_in_force(tx, (facility_id,), now))[facility_id].colour is Colour.GREEN
        lengths = (
            await tx.scalars(select(func.upper(FacilityStatus.during) - func.lower(FacilityStatus.during)))
        ).all()
        assert len(lengths) == 5
        assert all(length > timedelta(0) for length in lengths)


async def test_the_database_itself_refuses_two_colours_at_once(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        await say_status(tx, await speaker_for(tx, facility_id), SayStatus(facility_id, "green"), now_of(tx))
        again = (
            "INSERT INTO facility_statuses (id, facility_id, colour, during, attested_role, attested_at)"
            " SELECT gen_random_uuid(), facility_id, 'red', during, attested_role, attested_at FROM facility_statuses"
        )
        with pytest.raises(IntegrityError) as broken:
            await tx.execute(text(again))
        assert constraint_of(broken.value) == "ex_facility_statuses_during"


async def test_a_house_closed_until_a_date_says_why_and_its_places_stay_visible(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        speaker, now = await speaker_for(tx, facility_id), now_of(tx)
        last = local_date(now, await organisations.zone(tx), days=3)
        with pytest.raises(InvalidValue) as refused:
            await say_status(tx, speaker, SayStatus(facility_id, "red", None, last), now)
        assert refused.value.facts["rule"] == "closing-says-why"
        until = await say_status(tx, speaker, SayStatus(facility_id, "red", "works", last), now)
        assert until > now + timedelta(days=3)
        assert [each.id for each in await queries.offers(tx, speaker, now)] == [offer_id]


async def test_a_house_that_may_never_be_full_says_another_reason_or_decides_over_capacity(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx, never_full=True)
        speaker, now = await speaker_for(tx, facility_id), now_of(tx)
        with pytest.raises(InvalidValue) as refused:
            await say_status(tx, speaker, SayStatus(facility_id, "red", "full"), now)
        assert refused.value.facts["rule"] == "never-full"
        await say_status(tx, speaker, SayStatus(facility_id, "red", "infection"), now)
        await say_status(tx, speaker, SayStatus(facility_id, "orange", "full"), now)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER, "neighbour"])
async def test_only_who_gives_the_word_of_a_house_says_its_colour_closes_or_signs(
    database: FreshDatabase, role: Role | str
) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        if isinstance(role, Role):
            actor = await actor_for(tx, role)
        else:
            actor = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=await a_facility(tx))
        now, night = now_of(tx), await tomorrow_night(tx)
        tomorrow = local_date(now, await organisations.zone(tx))
        for act in (
            say_status(tx, actor, SayStatus(facility_id, "red"), now),
            close_offer(tx, actor, CloseOffer(offer_id, tomorrow, "works"), now),
            reopen_offer(tx, actor, offer_id, now),
            decide_over_capacity(tx, actor, DecideOverCapacity(offer_id, (night,), 1, "no_other_answer"), now),
        ):
            with pytest.raises(ActForbidden):
                await act


async def test_a_place_closed_until_a_date_keeps_its_later_dates_and_opens_again_in_one_tap(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        speaker, now, night = await speaker_for(tx, facility_id), now_of(tx), await tomorrow_night(tx)
        tomorrow = local_date(now, await organisations.zone(tx))
        await close_offer(tx, speaker, CloseOffer(offer_id, tomorrow, "works"), now)
        offer = (await lock_offers(tx, (offer_id,)))[offer_id]
        assert await why_not_on(tx, offer, (night,), now) is WhyNot.CLOSED
        assert await why_not_on(tx, offer, (night + 1, night + 2), now) is None
        assert (await card(tx, offer_id))["closing"] is not None
        shown = await queries.offer(tx, speaker, offer_id, now)
        assert (shown.closed_reason, shown.attested_as) == ("works", "facility_manager")
        await reopen_offer(tx, speaker, offer_id, now)
        assert await why_not_on(tx, offer, (night,), now) is None
        with pytest.raises(IllegalTransition):
            await reopen_offer(tx, speaker, offer_id, now)


async def test_counting_one_less_tonight_is_a_word_that_answers_the_question(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await ask_before_now(tx, community_id)
        facility_id = await a_facility(tx)
        now = now_of(tx)
        today = local_date(now, await organisations.zone(tx), days=0)
        span = CapacitySpan(today, today + timedelta(days=2), NIGHTS, 2)
        offer_id = await an_offer(tx, facility_id, spans=(span,))
        await said_this_morning(tx, offer_id)
        night = await tomorrow_night(tx) - 2
        offer = (await lock_offers(tx, (offer_id,)))[offer_id]
        assert await why_not_on(tx, offer, (night,), now) is WhyNot.NOT_SAID_TONIGHT
        assert await why_not_on(tx, offer, (night + 2,), now) is None
        await change_capacity(tx, await speaker_for(tx, facility_id), offer_id, -1, (night,), now)
        assert await why_not_on(tx, offer, (night,), now) is None
        assert (offer.attested_at, offer.attested_role) == (now, "facility_manager")
        left = await tx.execute(select(OfferSegment.segment, OfferSegment.capacity).order_by(OfferSegment.segment))
        assert [tuple(row) for row in left] == [(night, 1), (night + 2, 2), (night + 4, 2)]


async def test_one_tap_confirms_every_place_of_one_s_own_houses_and_no_other(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await ask_before_now(tx, community_id)
        operator_id = await an_operator(tx)
        sites = [await a_facility(tx, operator_id=operator_id) for _ in range(3)]
        mine = [await an_offer(tx, site) for site in sites]
        other = await an_offer(tx, await a_facility(tx))
        for offer_id in (*mine, other):
            await said_this_morning(tx, offer_id)
        on_call = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=operator_id)
        now = now_of(tx)
        assert set(await reconfirm_all(tx, on_call, now)) == set(mine)
        fresh = await tx.scalars(select(PlaceOffer.id).where(PlaceOffer.attested_at == now))
        assert set(fresh) == set(mine)
        with pytest.raises(ActForbidden):
            await reconfirm_all(tx, await actor_for(tx, Role.COORDINATOR), now)


async def test_beyond_capacity_is_signed_shown_and_never_taken_back(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx, never_full=True)
        offer_id = await an_offer(tx, facility_id)
        director = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=facility_id)
        now, night = now_of(tx), await tomorrow_night(tx)
        form = DecideOverCapacity(offer_id, (night,), 1, "entrusted_child")
        await claim_segments(tx, offer_id, (night,))
        decision_id = await decide_over_capacity(tx, director, form, now)
        await claim_segments(tx, offer_id, (night,))
        (signed,) = await queries.decisions_of(tx, director, offer_id)
        assert (signed.id, signed.segments, signed.units, signed.reason) == (
            decision_id,
            (night,),
            1,
            "entrusted_child",
        )
        assert (signed.decided_by, signed.decided_as, signed.decided_at) == ("Compte d'essai", "facility_manager", now)
        shown = await card(tx, offer_id)
        assert shown["over"] == [[night, 1]]
        assert isinstance(shown["over_decided"], dict)
        assert shown["over_decided"]["by"] == "facility_manager"
        for wrong in (replaced(form, units=0), replaced(form, units=6), replaced(form, segments=(night + 400,)),
                      replaced(form, segments=()), replaced(form, reason="parce que")):  # fmt: skip
            with pytest.raises(InvalidValue):
                await decide_over_capacity(tx, director, wrong, now)
        assert await tx.scalar(select(func.count()).select_from(OverCapacityDecision)) == 1
        with pytest.raises(ProgrammingError):
            await tx.execute(text("DELETE FROM over_capacity_decisions"))


def replaced(form: DecideOverCapacity, **over: object) -> DecideOverCapacity:
    values: dict[str, object] = {
        "offer_id": form.offer_id, "segments": form.segments, "units": form.units, "reason": form.reason, **over
    }  # fmt: skip
    return DecideOverCapacity(**values)  # type: ignore[arg-type]


async def test_no_job_ever_decides_over_capacity(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        facility_id = await a_facility(tx)
        offer_id = await an_offer(tx, facility_id)
        speaker = await speaker_for(tx, facility_id)
        nobody = type(speaker)(
            community_id=community_id, role=Role.SYSTEM, via=speaker.via, facility_ids=frozenset({facility_id})
        )
        form = DecideOverCapacity(offer_id, (await tomorrow_night(tx),), 1, "no_other_answer")
        with pytest.raises(ActForbidden):
            await decide_over_capacity(tx, nobody, form, now_of(tx))
