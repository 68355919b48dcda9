"""What follows a word about places, weeks, volunteers and needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange.availability.events import (
    CapacityChanged,
    DepartureAwaited,
    EveningAsked,
    HouseStatusSaid,
    OfferClosed,
    OfferLapsed,
    OfferPublished,
    OfferReconfirmed,
    OfferReopened,
    OfferSaid,
    OfferWithdrawn,
    OverCapacityDecided,
    PlaceFreed,
)
from exchange.availability.weeks.events import PlacesRepeated, PlaceWeekChanged, PlaceWeekExtended
from exchange.kernel.record import Demand, Fact
from exchange.placements.events import (
    StayEnded,
)
from exchange.reactions.lines import at, fast, full, on, rivals
from exchange.situations.events import (
    SituationLinked,
)
from exchange.staffing.events import (
    DerogationRecorded,
    NeedCancelled,
    NeedDeclared,
    TimesStated,
    TimesWithdrawn,
    VolunteerRegistered,
)
from exchange.staffing.weeks.events import VolunteerWeekChanged, VolunteerWeekConfirmed, VolunteerWeekExtended


@on(OfferPublished)
def _published(fact: OfferPublished, now: datetime) -> Iterable[Demand]:
    return full(fact, now), at("availability.ask_again", fact.subject_id, fact.fresh_until)


@on(OfferReconfirmed)
def _reconfirmed(fact: OfferReconfirmed, now: datetime) -> Iterable[Demand]:
    again = at("availability.ask_again", fact.subject_id, fact.fresh_until)
    return (full(fact, now), again) if fact.was_stale else (again,)


@on(OfferWithdrawn)
def _withdrawn(fact: OfferWithdrawn, now: datetime) -> Iterable[Demand]:
    return at("placements.drop_withdrawn", fact.subject_id, now), full(fact, now)


@on(CapacityChanged, PlacesRepeated, OfferClosed, OfferReopened)
def _said_otherwise(fact: OfferSaid, now: datetime) -> Iterable[Demand]:
    again = at("availability.ask_again", fact.subject_id, fact.fresh_until)
    return full(fact, now), again, rivals(fact.subject_id, now)


@on(HouseStatusSaid)
def _colour_said(fact: HouseStatusSaid, now: datetime) -> Iterable[Demand]:
    """Red takes the house's places off the proposals at once, and gives them back by itself at its end; orange is told
    with each of them. Green where nothing else stood changes nothing.
    """
    if fact.colour == "red":
        return full(fact, now), Demand("planning.full", fact.status_id, fact.until, gather_key="full")
    return () if fact.colour == "green" and fact.was in (None, "green") else (full(fact, now),)


@on(PlaceWeekChanged)
def _place_week_changed(fact: PlaceWeekChanged, now: datetime) -> Iterable[Demand]:
    clock = () if fact.extend_at is None else (at("availability.extend_week", fact.subject_id, fact.extend_at),)
    return (full(fact, now), *clock) if fact.raised or fact.lowered else clock


@on(PlaceWeekExtended)
def _place_week_extended(fact: PlaceWeekExtended, now: datetime) -> Iterable[Demand]:
    again = at("availability.extend_week", fact.subject_id, fact.extend_at)
    return (full(fact, now), again) if fact.raised else (again,)


@on(VolunteerWeekChanged)
def _volunteer_week_changed(fact: VolunteerWeekChanged, now: datetime) -> Iterable[Demand]:
    clock = () if fact.extend_at is None else (at("staffing.extend_week", fact.subject_id, fact.extend_at),)
    return (full(fact, now), *clock) if fact.stated or fact.withdrawn else clock


@on(VolunteerWeekConfirmed)
def _volunteer_week_confirmed(fact: VolunteerWeekConfirmed, now: datetime) -> Iterable[Demand]:
    return (full(fact, now),) if fact.was_stale else ()


@on(VolunteerWeekExtended)
def _volunteer_week_extended(fact: VolunteerWeekExtended, now: datetime) -> Iterable[Demand]:
    again = at("staffing.extend_week", fact.subject_id, fact.extend_at)
    return (full(fact, now), again) if fact.stated else (again,)


@on(StayEnded)
def _left(fact: StayEnded, now: datetime) -> Iterable[Demand]:
    return full(fact, now), rivals(fact.offer_id, now)


@on(
    EveningAsked,
    OfferLapsed,
    OverCapacityDecided,
    DepartureAwaited,
    PlaceFreed,
    VolunteerRegistered,
    TimesStated,
    TimesWithdrawn,
    DerogationRecorded,
)
def _more_or_less_to_match(fact: Fact, now: datetime) -> Iterable[Demand]:
    return (full(fact, now),)


@on(NeedDeclared, SituationLinked)
def _somebody_waits(fact: Fact, now: datetime) -> Iterable[Demand]:
    return fast(fact, now), full(fact, now)


@on(NeedCancelled)
def _need_cancelled(fact: NeedCancelled, now: datetime) -> Iterable[Demand]:
    return at("loans.drop_cancelled", fact.subject_id, now), full(fact, now)
