"""Places that the fictional facilities publish on the first day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from exchange.availability.rules import OfferKind
from exchange.demo.community import FACILITY_BY_ID, communes_of
from exchange.demo.days import TIME_ZONE, Block, Part, Weekdays, days, nights, segments_for, weekend
from exchange.demo.shortages import SHORTAGES, shift_slots
from exchange.kernel.periods import Segment, date_of
from exchange.reference.code_lists import CareMode, NeedCode, Provision


class Rests(StrEnum):
    """Which shifts must be covered for a segment of a conditional offer to open."""

    ON_ALL_SHIFTS = "on_all_shifts"
    ON_SHIFTS_OF_THE_DATE = "on_shifts_of_the_date"


@dataclass(frozen=True, slots=True)
class Opening:
    """Places open over some days and nights; `provides` replaces the offer's own list where it varies."""

    parts: tuple[Part, ...]
    places: int
    provides: tuple[Provision, ...] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """The staff needs (rows of `SHORTAGES`) whose shifts open the offer."""

    needs: tuple[str, ...]
    rests: Rests


@dataclass(frozen=True, slots=True)
class DemoOffer:
    """`populations`, `ages` and `provides` are complete: nothing is inherited at load time.

    `zone_communes`: where a caseload goes. `arrival`: local hours at which a person may really arrive.
    """

    id: str
    facility: str
    kind: OfferKind
    care_mode: CareMode
    populations: tuple[NeedCode, ...]
    provides: tuple[Provision, ...]
    ages: tuple[int, int]
    openings: tuple[Opening, ...]
    max_stay_nights: int | None = None
    zone_communes: tuple[str, ...] | None = None
    arrival: tuple[str, str] | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class OpenSegment:
    places: int
    provides: tuple[Provision, ...] | None


_K, _M, _P, _W = OfferKind, CareMode, Provision, Weekdays
_STAY = (days(0, 20), nights(0, 20))
_WORKING_DAYS = (days(0, 20, _W.WORKING),)
_SCHOOL_WEEK = (days(0, 20, _W.WORKING), nights(0, 20, _W.MONDAY_TO_THURSDAY))
_AT_ANY_HOUR = ("00:00", "23:59")
_DAYTIME = ("09:00", "19:00")

_JEUNE_LOIRE = communes_of(("200073427", "244301016", "244301131", "244301107", "244300307"))
_BRIOUDE_AND_AUZON = communes_of(("200085728", "244301099"))
_HAUT_ALLIER = communes_of(("200073393",))
_VELAY = communes_of(("200073419", "200073401", "244301123"))
_LE_PUY = communes_of(("200073419",))
_MEZENC_MEYGAL = communes_of(("200073401",))
_LOIRE_SEMENE = tuple(sorted((*communes_of(("244301131",)), "43137")))


def _offer(
    name: str,
    kind: OfferKind,
    care_mode: CareMode,
    *openings: Opening,
    adds: tuple[Provision, ...] = (),
    removes: tuple[Provision, ...] = (),
    populations: tuple[NeedCode, ...] | None = None,
    ages: tuple[int, int] | None = None,
    max_stay: int | None = None,
    zone: tuple[str, ...] | None = None,
    arrival: tuple[str, str] | None = None,
    condition: Condition | None = None,
) -> DemoOffer:
    """An offer named after its facility ("F03 accueil temporaire"), which gives what is not stated."""
    facility = FACILITY_BY_ID[name.split()[0]]
    provided = (*(item for item in facility.provides if item not in removes), *adds)
    return DemoOffer(
        id=name,
        facility=facility.id,
        kind=kind,
        care_mode=care_mode,
        populations=facility.populations if populations is None else populations,
        provides=provided,
        ages=facility.ages if ages is None else ages,
        openings=openings,
        max_stay_nights=max_stay,
        zone_communes=zone,
        arrival=arrival,
        condition=condition,
    )


def _open(places: int, *parts: Part, provides: tuple[Provision, ...] | None = None) -> Opening:
    return Opening(parts, places, provides)


_WITHOUT_NURSE = tuple(
    item
    for item in FACILITY_BY_ID["F21"].provides
    if item not in (_P.NURSE_DAY, _P.NURSE_REACHABLE_NIGHT, _P.TUBE_FEEDING_TRAINED)
)

OFFERS: Final = (
    # Jeune Loire. F01 closes five working days from J1: its first places come after.
    _offer("F01 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY,
           _open(2, days(8, 20, _W.WORKING), nights(8, 20, _W.MONDAY_TO_THURSDAY)), max_stay=90, arrival=_DAYTIME),
    _offer("F02 PCPE", _K.CASELOAD, _M.HOME_SUPPORT, _open(3, *_WORKING_DAYS), zone=_JEUNE_LOIRE),
    _offer("F03 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(2, *_STAY), max_stay=90,
           arrival=("08:00", "21:00")),
    _offer("F03 accueil de jour", _K.ORDINARY, _M.TEMPORARY_DAY, _open(2, *_WORKING_DAYS)),
    _offer("F04 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(1, days(0, 27), nights(0, 27)),
           max_stay=90, arrival=("08:00", "22:00")),
    _offer("F04 accueil de jour", _K.ORDINARY, _M.DAYS_ONLY, _open(1, *_WORKING_DAYS)),
    _offer("F04 hébergement", _K.ORDINARY, _M.BOARDING_FULL, _open(1, days(28, 60), nights(28, 60)),
           arrival=_DAYTIME),
    _offer("F05 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY,
           _open(2, nights(0, 20), days(0, 20, _W.WEEKEND)), max_stay=90, arrival=("16:00", "23:00")),
    _offer("F07 accompagnement", _K.CASELOAD, _M.HOME_SUPPORT, _open(2, *_WORKING_DAYS), zone=_JEUNE_LOIRE),
    _offer("F08 urgence", _K.EMERGENCY_BED, _M.IMMEDIATE_STAY, _open(1, days(0, 6), nights(0, 6)), max_stay=15,
           arrival=_AT_ANY_HOUR),
    _offer("F09 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(2, *_STAY), max_stay=90,
           arrival=("08:00", "21:00")),
    _offer("F10 aide et soins", _K.CASELOAD, _M.HOME_SUPPORT, _open(2, days(0, 20)), zone=_LOIRE_SEMENE),
    # Lafayette
    _offer("F11 week-end", _K.CONDITIONAL, _M.WEEKEND_HOLIDAYS, _open(2, *weekend(1).parts), max_stay=2,
           arrival=("10:00", "18:00"), condition=Condition(("H02-1", "H02-2", "H02-3"), Rests.ON_ALL_SHIFTS)),
    _offer("F11 nuits renforcées", _K.CONDITIONAL, _M.NIGHTS_ONLY, _open(1, nights(0, 2)), adds=(_P.CRISIS_TRAINED,),
           max_stay=3, arrival=("16:00", "23:00"),
           condition=Condition(("H14-1", "H14-2"), Rests.ON_SHIFTS_OF_THE_DATE)),
    _offer("F11 journées", _K.ORDINARY, _M.DAYS_ONLY, _open(1, *_WORKING_DAYS)),
    _offer("F12 accompagnement", _K.CASELOAD, _M.HOME_SUPPORT, _open(1, *_WORKING_DAYS), zone=_BRIOUDE_AND_AUZON),
    _offer("F14 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(1, days(0, 27), nights(0, 27)),
           max_stay=90, arrival=_DAYTIME),
    # F15 suspends admissions while H15 lasts.
    _offer("F15 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(2, days(3, 20), nights(3, 20)),
           max_stay=90, arrival=_DAYTIME),
    _offer("F16 accompagnement", _K.CASELOAD, _M.HOME_SUPPORT, _open(2, *_WORKING_DAYS), zone=_HAUT_ALLIER),
    _offer("F17 urgence", _K.EMERGENCY_BED, _M.IMMEDIATE_STAY, _open(1, days(0, 6), nights(0, 6)), max_stay=15,
           arrival=_AT_ANY_HOUR),
    _offer("F17 urgence, nuits couvertes", _K.CONDITIONAL, _M.IMMEDIATE_STAY, _open(2, nights(0, 6)), max_stay=15,
           arrival=_AT_ANY_HOUR, condition=Condition(("H03",), Rests.ON_SHIFTS_OF_THE_DATE)),
    _offer("F18 urgence", _K.EMERGENCY_BED, _M.IMMEDIATE_STAY, _open(2, days(0, 6), nights(0, 6)), max_stay=15,
           arrival=_AT_ANY_HOUR),
    # Velay
    _offer("F19 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(2, *_SCHOOL_WEEK), max_stay=90,
           arrival=_DAYTIME),
    _offer("F19 journées", _K.ORDINARY, _M.DAYS_ONLY, _open(1, *_WORKING_DAYS)),
    _offer("F20 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(2, days(1, 20), nights(1, 20)),
           max_stay=90, arrival=("08:00", "21:00")),
    _offer("F20 urgence", _K.EMERGENCY_BED, _M.IMMEDIATE_STAY, _open(1, days(0, 13), nights(0, 13)), max_stay=15,
           arrival=_AT_ANY_HOUR),
    # H05: no nurse at F21 from J1 to J3.
    _offer("F21 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY,
           _open(2, days(1, 3), nights(1, 3), provides=_WITHOUT_NURSE), _open(2, days(4, 20), nights(4, 20)),
           max_stay=90, arrival=_DAYTIME),
    _offer("F22 PCPE", _K.CASELOAD, _M.HOME_SUPPORT, _open(3, *_WORKING_DAYS), zone=_VELAY, ages=(6, 20),
           populations=(NeedCode.AUTISM, NeedCode.OTHER_NEURODEVELOPMENTAL, NeedCode.BEHAVIOUR_DIFFICULTIES),
           removes=(_P.SLEEP_IN_NIGHT,)),
    _offer("F23 visites à domicile", _K.CASELOAD, _M.HOME_SUPPORT, _open(2, *_WORKING_DAYS), zone=_LE_PUY),
    _offer("F24 urgence", _K.EMERGENCY_BED, _M.IMMEDIATE_STAY, _open(3, days(0, 6), nights(0, 6)), max_stay=15,
           arrival=_AT_ANY_HOUR),
    _offer("F25 urgence", _K.EMERGENCY_BED, _M.IMMEDIATE_STAY, _open(1, days(0, 6), nights(0, 6)), max_stay=15,
           arrival=_AT_ANY_HOUR),
    _offer("F26 accueil familial", _K.ORDINARY, _M.FAMILY_CARE, _open(2, *_STAY), arrival=_DAYTIME),
    _offer("F27 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(6, *_STAY), max_stay=90,
           arrival=("09:00", "21:00")),
    _offer("F27 accueil de jour", _K.ORDINARY, _M.TEMPORARY_DAY, _open(2, *_WORKING_DAYS)),
    _offer("F28 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(4, *_STAY), max_stay=90,
           arrival=("09:00", "21:00")),
    _offer("F28 urgence", _K.EMERGENCY_BED, _M.IMMEDIATE_STAY, _open(1, days(0, 6), nights(0, 6)), max_stay=15,
           arrival=_AT_ANY_HOUR),
    _offer("F29 accueil temporaire", _K.ORDINARY, _M.TEMPORARY_STAY, _open(2, *_STAY), max_stay=90,
           arrival=_DAYTIME),
    _offer("F30 lever et coucher", _K.CONDITIONAL, _M.HOME_SUPPORT, _open(1, days(0, 5)), zone=_MEZENC_MEYGAL,
           condition=Condition(("H06",), Rests.ON_SHIFTS_OF_THE_DATE)),
)  # fmt: skip

OFFER_BY_ID: Final[Mapping[str, DemoOffer]] = MappingProxyType({offer.id: offer for offer in OFFERS})


def segments_of(offer: DemoOffer, day0: date) -> dict[Segment, OpenSegment]:
    """The segments that an offer opens, ascending, with their places."""
    opened = {
        segment: OpenSegment(opening.places, opening.provides)
        for opening in offer.openings
        for segment in segments_for(Block(opening.parts), day0)
    }
    return dict(sorted(opened.items()))


def required_shifts(
    offer: DemoOffer, day0: date, zone: ZoneInfo = TIME_ZONE
) -> dict[Segment, tuple[tuple[str, int], ...]]:
    """For each segment of a conditional offer, the shifts (staff need row, position) that must be covered."""
    condition = offer.condition
    if condition is None:
        return {}
    shifts = [
        ((need.id, shift.position), shift.starts_at.astimezone(zone).date())
        for need in SHORTAGES
        if need.id in condition.needs
        for shift in shift_slots(need, day0, zone)
    ]
    match condition.rests:
        case Rests.ON_ALL_SHIFTS:
            return {segment: tuple(key for key, _ in shifts) for segment in segments_of(offer, day0)}
        case Rests.ON_SHIFTS_OF_THE_DATE:
            return {
                segment: tuple(key for key, on in shifts if on == date_of(segment))
                for segment in segments_of(offer, day0)
            }
        case _:
            assert_never(condition.rests)
