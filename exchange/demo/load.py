"""Bringing the fictional community in, through the commands that everyone else uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import (
    CapacitySpan,
    DecideOverCapacity,
    PublishOffer,
    SayStatus,
    decide_over_capacity,
    publish_offer,
    say_status,
)
from exchange.demo.accounts import ACCOUNTS
from exchange.demo.community import (
    COMMUNITY_NAME,
    COMMUNITY_TIME_ZONE,
    FACILITIES,
    LIVING_AREAS,
    OPERATORS,
)
from exchange.demo.days import TIME_ZONE, day_zero, segments_for
from exchange.demo.following import load_following
from exchange.demo.meetings import load_meeting
from exchange.demo.offers import OFFER_BY_ID, OFFERS, DemoOffer, required_shifts, segments_of
from exchange.demo.shortages import SHORTAGES, shift_slots
from exchange.demo.situations import SITUATIONS
from exchange.demo.told import (
    DECISIONS,
    NEVER_FULL,
    STATUSES,
    WAITING_PLACES,
    opened_before,
    said_at,
)
from exchange.demo.volunteers import DemoVolunteer, volunteers
from exchange.demo.weeks import follow_place_week, follow_volunteer_week
from exchange.identity.commands import AddMembership, CreateAccount, add_membership, create_account
from exchange.identity.credentials import hash_password
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import Database, Scope, make_engine, narrow_to_community
from exchange.kernel.ids import new_id
from exchange.kernel.periods import Half, Segment, date_of, half_of, segment_of, tonight_at
from exchange.organisations.commands import (
    AddFacility,
    AddLivingArea,
    AddOperator,
    FoundCommunity,
    add_facility,
    add_living_area,
    add_operator,
    found_community,
)
from exchange.organisations.models import Community
from exchange.placements.commands import AwaitDeparture, await_departure
from exchange.reactions import reactions
from exchange.settings import Settings
from exchange.situations.commands import ReceiveSituation, receive_situation
from exchange.situations.models import Situation
from exchange.staffing.commands import (
    DeclareNeed,
    Period,
    RegisterVolunteer,
    ShiftAsked,
    StateTimes,
    declare_need,
    register_volunteer,
    state_times,
)
from exchange.staffing.models import Shift

_DAY: Final = timedelta(days=1)
CALLED_BACK_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """`password`: drawn when the community was loaded just now, None when it stood already."""

    password: str | None


@dataclass(slots=True)
class _Loaded:
    """Identifiers given so far, by the names of the tables of this package."""

    community_id: UUID
    operators: dict[str, UUID] = field(default_factory=dict)
    areas: dict[str, UUID] = field(default_factory=dict)
    facilities: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    offers: dict[str, UUID] = field(default_factory=dict)
    shifts: dict[tuple[str, int], UUID] = field(default_factory=dict)
    situations: dict[str, UUID] = field(default_factory=dict)

    def speaker_of(self, facility: str) -> Actor:
        """Whoever gives this facility's word: its director, else the on-call manager of its operator."""
        operator = next(line.operator for line in FACILITIES if line.id == facility)
        own = [line.email for line in ACCOUNTS if line.facility == facility]
        shared = [line.email for line in ACCOUNTS if line.operator == operator]
        return Actor(
            community_id=self.community_id,
            role=Role.FACILITY_MANAGER if own else Role.ON_CALL_MANAGER,
            via=Via.CLI,
            account_id=self.accounts.get((*own, *shared, "")[0]),
            facility_ids=frozenset({self.facilities[facility]}),
        )


async def load_demo(settings: Settings, now: datetime) -> DemoSummary:
    """Load the demonstration community unless it stands already; dates are relative to the territory's today.

    All of it in one transaction: a load cut short leaves nothing, and the next start begins again.
    """
    password = f"demo-{token_hex(4)}"
    engine = make_engine(settings.database_url, pool_size=1)
    db = Database(engine, reactions=reactions)
    try:
        async with db.read(None, scope=Scope.IDENTITY) as reader:
            if await reader.scalar(select(Community.id).where(Community.name == COMMUNITY_NAME)) is not None:
                return DemoSummary(password=None)
        password_hash = await hash_password(password)
        await load_community(db, password_hash, now)
    finally:
        await engine.dispose()
    return DemoSummary(password=password)


async def load_community(db: Database, password_hash: str, now: datetime) -> UUID:
    """Load everything under a new community id, and return it."""
    loaded = _Loaded(community_id=new_id())
    day0 = day_zero(now)
    async with db.write(loaded.community_id, scope=Scope.IDENTITY) as tx:
        await _load_ground(tx, loaded, now)
        await _load_accounts(tx, loaded, password_hash, now)
        await narrow_to_community(tx)
        await _load_needs(tx, loaded, day0, now)
        for offer in (*OFFERS, *(waiting.offer for waiting in WAITING_PLACES)):
            await _load_offer(tx, loaded, offer, day0, now)
        for volunteer in volunteers(day0):
            await _load_volunteer(tx, loaded, volunteer, day0, now)
        await _load_situations(tx, loaded, day0, now)
        await load_following(tx, _coordinating(loaded, Role.COORDINATOR), loaded.situations, now)
        await _load_told(tx, loaded, day0, now)
        await load_meeting(tx, loaded.community_id, loaded.accounts, loaded.facilities, loaded.situations, now)
    return loaded.community_id


async def _load_ground(tx: AsyncSession, loaded: _Loaded, now: datetime) -> None:
    system = Actor.system(loaded.community_id)
    await found_community(tx, system, FoundCommunity(loaded.community_id, COMMUNITY_NAME, COMMUNITY_TIME_ZONE), now)
    for area in LIVING_AREAS:
        form = AddLivingArea(slug=area.slug, name=area.name, epci_codes=area.epcis)
        loaded.areas[area.slug] = await add_living_area(tx, system, form, now)
    for operator in OPERATORS:
        loaded.operators[operator.id] = await add_operator(
            tx,
            system,
            AddOperator(
                operator.name, operator.finess_ej, operator.agreement_code, operator.is_public, operator.on_call_phone
            ),
            now,
        )
    for facility in FACILITIES:
        loaded.facilities[facility.id] = await add_facility(
            tx,
            system,
            AddFacility(
                operator_id=loaded.operators[facility.operator],
                name=facility.name,
                finess_et=facility.finess_et,
                category=facility.category,
                commune_code=facility.commune,
                ages_from=facility.ages[0],
                ages_to=facility.ages[1],
                populations=facility.populations,
                provides=facility.provides,
                is_resource_site=facility.is_resource_site,
                hides_address=facility.hides_address,
                lends_at_most_per_day=facility.lends_at_most_per_day,
                night_phone=facility.night_phone,
                never_full=facility.id in NEVER_FULL,
            ),
            now,
        )


async def _load_accounts(tx: AsyncSession, loaded: _Loaded, password_hash: str, now: datetime) -> None:
    system = Actor.system(loaded.community_id)
    for person in ACCOUNTS:
        account = CreateAccount(person.email, person.display_name, password_hash)
        loaded.accounts[person.email] = account_id = await create_account(tx, system, account, now)
        membership = AddMembership(
            account_id=account_id,
            role=person.role,
            operator_id=None if person.operator is None else loaded.operators[person.operator],
            facility_id=None if person.facility is None else loaded.facilities[person.facility],
            on_call_rank=person.on_call_rank,
        )
        await add_membership(tx, system, membership, now)


async def _load_needs(tx: AsyncSession, loaded: _Loaded, day0: date, now: datetime) -> None:
    for shortage in SHORTAGES:
        slots = shift_slots(shortage, day0)
        need_id = await declare_need(
            tx,
            loaded.speaker_of(shortage.facility),
            DeclareNeed(
                facility_id=loaded.facilities[shortage.facility],
                qualifications_any=tuple(code.value for code in shortage.qualifications_any),
                urgency=shortage.urgency.value,
                is_coupled=shortage.is_coupled,
                reason=shortage.reason.value,
                impact=shortage.impact.value,
                shifts=tuple(
                    ShiftAsked(
                        slot.starts_at,
                        slot.ends_at,
                        slot.headcount,
                        shortage.permanent_staff,
                        shortage.min_permanent_staff,
                    )
                    for slot in slots
                ),
            ),
            now,
        )
        rows = await tx.execute(select(Shift.slot, Shift.id).where(Shift.need_id == need_id))
        ids: dict[Range[datetime], UUID] = {row.slot: row.id for row in rows}
        for slot in slots:
            loaded.shifts[shortage.id, slot.position] = ids[Range(slot.starts_at, slot.ends_at)]


async def _load_offer(tx: AsyncSession, loaded: _Loaded, offer: DemoOffer, day0: date, now: datetime) -> None:
    operator = next(line.operator for line in FACILITIES if line.id == offer.facility)
    speaker = loaded.speaker_of(offer.facility)
    offer_id = loaded.offers[offer.id] = await publish_offer(
        tx,
        speaker,
        PublishOffer(
            facility_id=loaded.facilities[offer.facility],
            kind=offer.kind.value,
            care_mode=offer.care_mode.value,
            populations=tuple(code.value for code in offer.populations),
            provides=tuple(code.value for code in offer.provides),
            ages_from=offer.ages[0],
            ages_to=offer.ages[1],
            max_stay_nights=offer.max_stay_nights,
            zone_communes=offer.zone_communes,
            arrival_from=None if offer.arrival is None else offer.arrival[0],
            arrival_until=None if offer.arrival is None else offer.arrival[1],
            spans=_spans(loaded, offer, day0, tonight_at(now, TIME_ZONE)),
            awaits_departure=offer.id in {waiting.offer.id for waiting in WAITING_PLACES},
        ),
        said_at(operator, now),
    )
    await follow_place_week(tx, speaker, offer.id, offer_id, day0, now)


async def _load_told(tx: AsyncSession, loaded: _Loaded, day0: date, now: datetime) -> None:
    for status in STATUSES:
        until_on = None if status.until_day is None else day0 + status.until_day * _DAY
        reason = None if status.reason is None else status.reason.value
        form = SayStatus(loaded.facilities[status.facility], status.colour.value, reason, until_on)
        await say_status(tx, loaded.speaker_of(status.facility), form, now)
    tonight = tonight_at(now, TIME_ZONE)
    for decision in DECISIONS:
        facility = OFFER_BY_ID[decision.offer].facility
        signed = DecideOverCapacity(loaded.offers[decision.offer], (tonight,), decision.units, decision.reason.value)
        await decide_over_capacity(tx, loaded.speaker_of(facility), signed, now)
    for waiting in WAITING_PLACES:
        situation = await tx.get_one(Situation, loaded.situations[waiting.situation])
        awaited = AwaitDeparture(loaded.offers[waiting.offer.id], situation.reference)
        await await_departure(tx, loaded.speaker_of(waiting.offer.facility), awaited, now)


def _spans(loaded: _Loaded, offer: DemoOffer, day0: date, tonight: Segment) -> tuple[CapacitySpan, ...]:
    """The days, then the nights, each run of dates that are alike in one span; tonight's date too where J0 is later."""
    rests_on = required_shifts(offer, day0)
    alike: list[CapacitySpan] = []
    open_segments = segments_of(offer, day0)
    first_night = segment_of(day0, Half.NIGHT)
    for earlier in opened_before(offer, frozenset(open_segments), first_night, tonight):
        open_segments[earlier] = open_segments[Segment(earlier + first_night - tonight)]
    for segment, opened in sorted(open_segments.items(), key=lambda item: (item[0] % 2, item[0])):
        on = date_of(segment)
        span = CapacitySpan(
            first=on,
            last=on,
            halves=frozenset({half_of(segment)}),
            capacity=opened.places,
            requires_shift_ids=tuple(loaded.shifts[name] for name in rests_on.get(segment, ())),
            provides=None if opened.provides is None else tuple(code.value for code in opened.provides),
        )
        if (
            alike
            and replace(span, first=alike[-1].first) == replace(alike[-1], last=on)
            and on - alike[-1].last == _DAY
        ):
            alike[-1] = replace(alike[-1], last=on)
        else:
            alike.append(span)
    return tuple(alike)


async def _load_volunteer(tx: AsyncSession, loaded: _Loaded, person: DemoVolunteer, day0: date, now: datetime) -> None:
    speaker = loaded.speaker_of(person.facility)
    ready = person.ready_until_day
    volunteer_id = await register_volunteer(
        tx,
        speaker,
        RegisterVolunteer(
            facility_id=loaded.facilities[person.facility],
            commune_code=person.commune,
            qualifications=tuple(code.value for code in person.qualifications),
            living_area_ids=tuple(loaded.areas[slug] for slug in person.living_areas),
            max_travel_minutes=person.max_travel_minutes,
            max_loan_minutes=person.max_loan_minutes,
            night12h_derogation=person.night12h_derogation,
            may_be_asked_at_night=person.may_be_asked_at_night,
            ready_until=None if ready is None else now + ready * _DAY,
            full_name=person.full_name,
            email=person.email,
        ),
        now,
    )
    for kind, periods in _periods_by_kind(person, now).items():
        await state_times(tx, speaker, StateTimes(volunteer_id, kind, periods), now)
    await follow_volunteer_week(tx, speaker, person.id, volunteer_id, day0, now)


def _periods_by_kind(person: DemoVolunteer, now: datetime) -> Mapping[str, tuple[Period, ...]]:
    found: dict[str, list[Period]] = defaultdict(list)
    for time in person.times:
        if time.ends_at > now:
            found[time.kind.value].append(Period(time.starts_at, time.ends_at))
    return {kind: tuple(periods) for kind, periods in found.items()}


def _coordinating(loaded: _Loaded, role: Role) -> Actor:
    """The first person of the demonstration who holds a role of coordination."""
    return Actor(
        community_id=loaded.community_id,
        role=role,
        via=Via.CLI,
        account_id=next(loaded.accounts[line.email] for line in ACCOUNTS if line.role is role),
    )


async def _load_situations(tx: AsyncSession, loaded: _Loaded, day0: date, now: datetime) -> None:
    adviser = _coordinating(loaded, Role.PATHWAY_ADVISER)
    first_of_group: dict[str, UUID] = {}
    for person in SITUATIONS:
        received = await receive_situation(
            tx,
            adviser,
            ReceiveSituation(
                commune_code=person.commune,
                age_band=person.age_band.value,
                need_codes=tuple(code.value for code in person.needs),
                sex=None if person.sex is None else person.sex.value,
                free_text=person.free_text,
                care_mode=person.care_mode.value,
                blocks=tuple(segments_for(block, day0) for block in person.blocks if segments_for(block, day0)),
                urgency=person.urgency.value,
                deadline_at=None,
                max_travel_minutes=person.max_travel_minutes,
                max_places=person.max_places,
                excluded_facility_ids=tuple(loaded.facilities[name] for name in person.excluded_facilities),
                origin=person.origin.value,
                legal_status=person.legal_status.value,
                together_with=None if person.together is None else first_of_group.get(person.together),
                incompatible_with=tuple(
                    loaded.situations[name] for name in person.incompatible_with if name in loaded.situations
                ),
                is_anonymous=person.is_anonymous,
                call_back_at=now + CALLED_BACK_AFTER if person.is_anonymous else None,
            ),
            now,
        )
        loaded.situations[person.id] = received.id
        if person.together is not None:
            first_of_group.setdefault(person.together, received.id)
