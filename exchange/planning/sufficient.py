"""What would suffice for what a run left short, in the words and with the names that one reader may know.

Ways are worked out with a plan, every other line of it staying; they are true of that plan, not of what came since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import PlaceOffer
from exchange.availability.rules import OfferState
from exchange.kernel.actor import Actor
from exchange.kernel.periods import Half, local_instant, segment_of
from exchange.matching.ways import Change, Way
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.planning.calendar import Horizon
from exchange.planning.discreet_ways import own_way
from exchange.situations.models import Situation
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed, VolunteerIdentity
from exchange.wording.explanations import change_sentence, period_said, segments_said, way_sentence
from exchange.wording.labels import label_of, posts


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One thing that somebody could accept, and the parameters that its `code` calls for.

    Where it is asked of a person for whose facility the reader does not speak, the code and the sentence alone.
    """

    code: str
    sentence: str
    volunteer_id: UUID | None = None
    volunteer: str | None = None
    situation_id: UUID | None = None
    reference: str | None = None
    minutes: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    offer_id: UUID | None = None
    segments: tuple[int, ...] | None = None
    shift_id: UUID | None = None
    facility_id: UUID | None = None
    facility: str | None = None
    qualifications_any: tuple[str, ...] | None = None
    night12h_derogation: bool | None = None

    def parameters(self) -> dict[str, object]:
        """Return what this change tells, without what it does not."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class WayView:
    """Changes that suffice together; `sentence` has neither capital nor full stop."""

    sentence: str
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class OwnWay:
    """What the reader's own houses and people could do. `need_id`: for which shortage; absent for a situation, of which
    a house knows nothing until it is asked."""

    need_id: UUID | None
    way: WayView


@dataclass(frozen=True, slots=True)
class _House:
    """Where an offer or a shift is."""

    facility_id: UUID
    facility: str


@dataclass(frozen=True, slots=True)
class _Offer(_House):
    care_mode: str


@dataclass(frozen=True, slots=True)
class _Shift(_House):
    need_id: UUID
    starts_at: datetime
    ends_at: datetime
    qualifications_any: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Teller:
    """What a reader may know of the ways of one run: `volunteers` holds the names of their own people alone."""

    monday: date
    zone: ZoneInfo
    own_facilities: frozenset[UUID]
    volunteers: Mapping[str, str]
    offers: Mapping[str, _Offer]
    shifts: Mapping[str, _Shift]
    references: Mapping[str, str]

    @classmethod
    async def of(cls, reader: AsyncSession, actor: Actor, monday: date, ways: Iterable[Way]) -> Teller:
        """Look up whatever these ways name; `monday` is the first date of the run."""
        ways = tuple(ways)
        changes = [change for way in ways for change in way.changes]
        placements = [line for way in ways for line in way.placements]
        loans = [line for way in ways for line in way.loans]
        return cls(
            monday=monday,
            zone=await organisations.zone(reader),
            own_facilities=actor.facility_ids,
            volunteers=await _own_people(reader, actor, _ids(change.volunteer for change in changes)),
            offers=await _offers(
                reader, _ids((*(change.offer for change in changes), *(line.offer for line in placements)))
            ),
            shifts=await _shifts(
                reader, _ids((*(change.shift for change in changes), *(loan.shift for loan in loans)))
            ),
            references=await _references(reader, _ids(change.situation for change in changes)),
        )

    def told(self, ways: Iterable[Way], *, people: bool) -> tuple[WayView, ...]:
        """Return ways as this reader may read them, cheapest first, those that read the same once.

        `people`: they are about the people of a need. What names an offer or a person no longer there is left out.
        """
        seen = (self._way(own_way(way, self.volunteers.__contains__, people=people)) for way in ways)
        return tuple(dict.fromkeys(way for way in seen if way is not None))

    def own(self, ways: Iterable[Way]) -> tuple[OwnWay, ...]:
        """Return the ways that ask something of the reader's own houses and people alone, and of nobody besides."""
        mine = (way for way in ways if way.changes and all(map(self._is_own, way.changes)))
        return tuple(OwnWay(self._need_of(way), view) for way in mine for view in self.told((way,), people=True))

    def _need_of(self, way: Way) -> UUID | None:
        return next((self.shifts[line.shift].need_id for line in way.loans if line.shift in self.shifts), None)

    def _is_own(self, change: Change) -> bool:
        if change.volunteer is not None:
            return change.volunteer in self.volunteers
        offer = self.offers.get(change.offer or "")
        return offer is not None and offer.facility_id in self.own_facilities

    def _way(self, way: Way) -> WayView | None:
        changes = [self._change(change) for change in way.changes]
        told = tuple(change for change in changes if change is not None)
        named = {change.offer for change in way.changes}
        offers = {line.offer for line in way.placements} - named
        shifts = {line.shift for line in way.loans}
        if len(told) < len(changes) or not (offers <= self.offers.keys() and shifts <= self.shifts.keys()):
            return None
        houses = (self.offers[line.offer].facility for line in way.placements if line.offer in offers)
        tells_hours = any(change.start is not None for change in way.changes)
        lent = (self.shifts[line.shift] for line in way.loans)
        hours = (shift.facility if tells_hours else self._said(shift) for shift in lent)
        brings = " et ".join(dict.fromkeys((*houses, *hours)))
        return WayView(way_sentence((self._parameters(change) for change in way.changes), brings), told)

    def _change(self, change: Change) -> ChangeView | None:
        offer, shift = self.offers.get(change.offer or ""), self.shifts.get(change.shift or "")
        missing = (change.offer and not offer) or (change.shift and not shift)
        if missing or (change.situation and change.situation not in self.references):
            return None
        house = offer or shift
        first = segment_of(self.monday, Half.DAY)
        return ChangeView(
            code=change.code.value,
            sentence=change_sentence(self._parameters(change)),
            volunteer_id=_id(change.volunteer),
            volunteer=self.volunteers.get(change.volunteer or ""),
            situation_id=_id(change.situation),
            reference=self.references.get(change.situation or ""),
            minutes=change.minutes,
            starts_at=shift.starts_at if shift else self._instant(change.start),
            ends_at=shift.ends_at if shift else self._instant(change.end),
            offer_id=_id(change.offer),
            segments=tuple(first + segment for segment in change.segments) if offer else None,
            shift_id=_id(change.shift),
            facility_id=house.facility_id if house else None,
            facility=house.facility if house else None,
            qualifications_any=shift.qualifications_any if shift else None,
            night12h_derogation=change.night12h_derogation if shift else None,
        )

    def _parameters(self, change: Change) -> dict[str, object]:
        """What the sentence of a change needs, worded."""
        monday = self.monday.isoformat()
        given: dict[str, object] = {
            "code": change.code.value,
            "volunteer": self.volunteers.get(change.volunteer or ""),
            "situation": self.references.get(change.situation or ""),
            "minutes": change.minutes,
            "segments": segments_said(monday, change.segments),
            "night12h_derogation": change.night12h_derogation,
        }
        if change.start is not None and change.end is not None:
            given["period"] = period_said(monday, change.start, change.end)
        if (offer := self.offers.get(change.offer or "")) is not None:
            house = "chez vous" if offer.facility_id in self.own_facilities else offer.facility
            given["place"] = f"{house}, {label_of('care_mode', offer.care_mode)}"
        if (shift := self.shifts.get(change.shift or "")) is not None:
            given["posts"] = posts(shift.qualifications_any)
            given["shift"] = self._said(shift)
        return given

    def _instant(self, minutes: int | None) -> datetime | None:
        """The instant of a wall minute of the run."""
        if minutes is None:
            return None
        wall = datetime.combine(self.monday, datetime.min.time()) + timedelta(minutes=minutes)
        return local_instant(wall.date(), wall.time(), self.zone)

    def _said(self, shift: _Shift) -> str:
        horizon = Horizon(self.zone, self.monday, days=0)
        hours = period_said(self.monday.isoformat(), *horizon.period((shift.starts_at, shift.ends_at)))
        return f"{shift.facility}, {hours}"


def _ids(names: Iterable[str | None]) -> set[UUID]:
    return {UUID(name) for name in names if name is not None}


def _id(name: str | None) -> UUID | None:
    return None if name is None else UUID(name)


async def _own_people(reader: AsyncSession, actor: Actor, ids: set[UUID]) -> dict[str, str]:
    """Names of those for whom the actor speaks."""
    if not ids or not actor.facility_ids:
        return {}
    rows = await reader.execute(
        select(LoanVolunteer.id, VolunteerIdentity.full_name)
        .join(VolunteerIdentity, VolunteerIdentity.volunteer_id == LoanVolunteer.id)
        .where(LoanVolunteer.id.in_(ids), LoanVolunteer.facility_id.in_(actor.facility_ids))
    )
    return {str(volunteer_id): name for volunteer_id, name in rows}


async def _offers(reader: AsyncSession, ids: set[UUID]) -> dict[str, _Offer]:
    """Those that are still published."""
    rows = await reader.execute(
        select(PlaceOffer.id, Facility.id, Facility.name, PlaceOffer.care_mode)
        .join(Facility, Facility.id == PlaceOffer.facility_id)
        .where(PlaceOffer.id.in_(ids), PlaceOffer.state == OfferState.PUBLISHED.value)
    )
    return {str(offer_id): _Offer(site, name, care_mode) for offer_id, site, name, care_mode in rows}


async def _shifts(reader: AsyncSession, ids: set[UUID]) -> dict[str, _Shift]:
    rows = await reader.execute(
        select(
            Shift.id,
            Facility.id,
            Facility.name,
            StaffNeed.id,
            func.lower(Shift.slot),
            func.upper(Shift.slot),
            StaffNeed.qualifications_any,
        )
        .join(StaffNeed, StaffNeed.id == Shift.need_id)
        .join(Facility, Facility.id == StaffNeed.facility_id)
        .where(Shift.id.in_(ids))
    )
    return {
        str(shift_id): _Shift(site, name, need_id, starts_at, ends_at, tuple(asked))
        for shift_id, site, name, need_id, starts_at, ends_at, asked in rows
    }


async def _references(reader: AsyncSession, ids: set[UUID]) -> dict[str, str]:
    rows = await reader.execute(select(Situation.id, Situation.reference).where(Situation.id.in_(ids)))
    return {str(situation_id): reference for situation_id, reference in rows}
