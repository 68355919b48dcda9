"""Fifteen shortages of staff, one row per post asked for. Times are local."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from exchange.demo.days import TIME_ZONE, Days, Span, Weekdays, WeekendDays, WorkWeekDays, dates_of, slot
from exchange.reference.answers import MeasureTried, ShortageImpact, ShortageReason
from exchange.reference.code_lists import Urgency
from exchange.reference.qualifications import Qualification


@dataclass(frozen=True, slots=True)
class DemoShift:
    """The same hours on each date of a span; `end` not after `start` means the next day."""

    span: Span
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class DemoShortage:
    """One `staff_needs` row. `id` is that of the shortage, with a rank where it mixes posts.

    `requested` is the post; `qualifications_any` are the titles that may hold it, the post's own first.
    `is_coupled`: exists only to open places. `has_internal_staff`: the operator has such staff elsewhere, so an
    internal move comes before a loan. `permanent_staff`, `min_permanent_staff`: of the host's own team, on each shift.
    """

    id: str
    shortage: str
    facility: str
    requested: Qualification
    qualifications_any: tuple[Qualification, ...]
    headcount: int
    shifts: tuple[DemoShift, ...]
    urgency: Urgency
    reason: ShortageReason
    impact: ShortageImpact
    constraint: str
    is_coupled: bool = False
    has_internal_staff: bool = False
    permanent_staff: int | None = None
    min_permanent_staff: int | None = None
    tried: tuple[MeasureTried, ...] = ()


@dataclass(frozen=True, slots=True)
class ShiftSlot:
    """A dated shift, in UTC; `position` is its rank in the row, ascending in time."""

    position: int
    starts_at: datetime
    ends_at: datetime
    headcount: int


_Q, _R, _I, _U, _T = Qualification, ShortageReason, ShortageImpact, Urgency, MeasureTried
_NIGHT_TITLES = (
    _Q.NIGHT_SUPERVISOR,
    _Q.CARE_SUPPORT_WORKER,
    _Q.NURSING_ASSISTANT,
    _Q.YOUTH_WORKER,
    _Q.SPECIAL_EDUCATOR,
)
_SATURDAY, _SUNDAY, _WEEKEND = WeekendDays(1, (0,)), WeekendDays(1, (1,)), WeekendDays(1)


def _shift(span: Span, start: str, end: str) -> DemoShift:
    return DemoShift(span, time.fromisoformat(start), time.fromisoformat(end))


def _crisis_shifts() -> tuple[DemoShift, ...]:
    return (_shift(Days(0, 2), "16:00", "23:00"), _shift(Days(0, 2), "22:45", "07:15"))


_CRISIS = "Formés aux situations de crise ; un permanent en plus ; jamais la même personne soir et nuit."
_AUTISM = "Autisme connu ; quatre vacations ou rien."
_HALF_PERMANENT = "Moitié de permanents par vacation ; accueils suspendus en même temps."

SHORTAGES: Final = (
    DemoShortage(
        id="H01", shortage="H01", facility="F20",
        requested=_Q.NURSING_ASSISTANT, qualifications_any=(_Q.NURSING_ASSISTANT, _Q.CARE_SUPPORT_WORKER), headcount=1,
        shifts=(_shift(Days(0, 1), "21:00", "07:00"),),
        urgency=_U.TONIGHT, reason=_R.UNPLANNED_ABSENCE, impact=_I.UNIT_UNSAFE,
        constraint="Nuit debout. AES connu du lieu si un infirmier est joignable. Jamais deux extérieurs ensemble.",
        has_internal_staff=True, permanent_staff=1, min_permanent_staff=1,
        tried=(_T.SCHEDULE_CHANGED, _T.EXTRA_HOURS),
    ),
    DemoShortage(
        id="H02-1", shortage="H02", facility="F11",
        requested=_Q.YOUTH_WORKER, qualifications_any=(_Q.YOUTH_WORKER, _Q.SPECIAL_EDUCATOR), headcount=1,
        shifts=(_shift(_SATURDAY, "10:00", "18:00"), _shift(_SUNDAY, "08:00", "16:00")),
        urgency=_U.WITHIN_48_HOURS, reason=_R.EXTRA_ACTIVITY, impact=_I.PLACES_CLOSED, constraint=_AUTISM,
        is_coupled=True, tried=(_T.INTERNAL_MOBILITY,),
    ),
    DemoShortage(
        id="H02-2", shortage="H02", facility="F11",
        requested=_Q.CARE_SUPPORT_WORKER,
        qualifications_any=(_Q.CARE_SUPPORT_WORKER, _Q.NURSING_ASSISTANT, _Q.YOUTH_WORKER, _Q.SPECIAL_EDUCATOR),
        headcount=1, shifts=(_shift(_SATURDAY, "14:00", "22:00"),),
        urgency=_U.WITHIN_48_HOURS, reason=_R.EXTRA_ACTIVITY, impact=_I.PLACES_CLOSED, constraint=_AUTISM,
        is_coupled=True, tried=(_T.INTERNAL_MOBILITY,),
    ),
    DemoShortage(
        id="H02-3", shortage="H02", facility="F11",
        requested=_Q.NIGHT_SUPERVISOR, qualifications_any=_NIGHT_TITLES, headcount=1,
        shifts=(_shift(_SATURDAY, "21:45", "07:45"),),
        urgency=_U.WITHIN_48_HOURS, reason=_R.EXTRA_ACTIVITY, impact=_I.PLACES_CLOSED, constraint=_AUTISM,
        is_coupled=True, tried=(_T.INTERNAL_MOBILITY,),
    ),
    DemoShortage(
        id="H03", shortage="H03", facility="F17",
        requested=_Q.NIGHT_SUPERVISOR, qualifications_any=_NIGHT_TITLES, headcount=1,
        shifts=(_shift(Days(0, 6), "22:00", "07:00"),),
        urgency=_U.TONIGHT, reason=_R.VACANT_POST, impact=_I.PLACES_CLOSED,
        constraint="Attestation d'honorabilité vérifiée.", is_coupled=True, tried=(_T.FIXED_TERM_CONTRACT,),
    ),
    DemoShortage(
        id="H04", shortage="H04", facility="F24",
        requested=_Q.SPECIAL_EDUCATOR, qualifications_any=(_Q.SPECIAL_EDUCATOR, _Q.YOUTH_WORKER), headcount=1,
        shifts=(_shift(_WEEKEND, "09:00", "21:00"),),
        urgency=_U.WITHIN_48_HOURS, reason=_R.UNPLANNED_ABSENCE, impact=_I.UNIT_UNSAFE,
        constraint="Accueil public : autre convention. Douze heures : accord nécessaire, ou deux vacations.",
        tried=(_T.SCHEDULE_CHANGED, _T.TEMPORARY_AGENCY),
    ),
    DemoShortage(
        id="H05", shortage="H05", facility="F21",
        requested=_Q.NURSE, qualifications_any=(_Q.NURSE,), headcount=1,
        shifts=(_shift(Days(1, 3), "07:00", "14:30"),),
        urgency=_U.WITHIN_48_HOURS, reason=_R.UNPLANNED_ABSENCE, impact=_I.UNIT_UNSAFE,
        constraint="Gastrostomies : aucun remplacement admis.", has_internal_staff=True, tried=(_T.EXTRA_HOURS,),
    ),
    DemoShortage(
        id="H06", shortage="H06", facility="F30",
        requested=_Q.HOME_CARE_WORKER,
        qualifications_any=(_Q.HOME_CARE_WORKER, _Q.CARE_SUPPORT_WORKER, _Q.NURSING_ASSISTANT), headcount=2,
        shifts=(
            _shift(Days(0, 0), "18:00", "20:00"),
            _shift(Days(1, 5), "07:00", "11:30"),
            _shift(Days(1, 5), "18:00", "20:00"),
        ),
        urgency=_U.TONIGHT, reason=_R.UNPLANNED_ABSENCE, impact=_I.UNIT_UNSAFE,
        constraint="Permis B ; binôme au lever ; matin et soir, personnes différentes.",
        has_internal_staff=True, tried=(_T.SCHEDULE_CHANGED, _T.EXTRA_HOURS, _T.INTERNAL_POOL),
    ),
    DemoShortage(
        id="H07", shortage="H07", facility="F04",
        requested=_Q.HOUSE_KEEPER,
        qualifications_any=(_Q.HOUSE_KEEPER, *(title for title in _Q if title is not _Q.HOUSE_KEEPER)), headcount=1,
        shifts=(_shift(WorkWeekDays(1), "07:00", "14:30"),),
        urgency=_U.PLANNED, reason=_R.PLANNED_ABSENCE, impact=_I.COMFORT, constraint="Hygiène alimentaire souhaitée.",
    ),
    DemoShortage(
        id="H08", shortage="H08", facility="F03",
        requested=_Q.COOK, qualifications_any=(_Q.COOK, _Q.SERVICE_AGENT), headcount=1,
        shifts=(_shift(Days(1, 3), "06:30", "14:00"),),
        urgency=_U.WITHIN_7_DAYS, reason=_R.UNPLANNED_ABSENCE, impact=_I.SERVICE_REDUCED,
        constraint="Textures modifiées ; un savoir-faire suffit, avec formation à l'hygiène.",
    ),
    DemoShortage(
        id="H09", shortage="H09", facility="F22",
        requested=_Q.SLEEP_IN_EDUCATOR,
        qualifications_any=(_Q.SLEEP_IN_EDUCATOR, _Q.SPECIAL_EDUCATOR, _Q.YOUTH_WORKER), headcount=1,
        shifts=(_shift(Days(0, 20, Weekdays.SUNDAY_TO_THURSDAY), "21:30", "07:30"),),
        urgency=_U.WITHIN_7_DAYS, reason=_R.VACANT_POST, impact=_I.SERVICE_REDUCED,
        constraint="Nuit couchée, chambre de veille ; trois semaines renouvelables.", tried=(_T.FIXED_TERM_CONTRACT,),
    ),
    DemoShortage(
        id="H10", shortage="H10", facility="F25",
        requested=_Q.CHILDCARE_ASSISTANT,
        qualifications_any=(_Q.CHILDCARE_ASSISTANT, _Q.NURSE, _Q.NURSING_ASSISTANT), headcount=1,
        shifts=(_shift(Days(1, 4), "20:45", "06:45"),),
        urgency=_U.WITHIN_48_HOURS, reason=_R.UNPLANNED_ABSENCE, impact=_I.UNIT_UNSAFE,
        constraint="Attestation d'honorabilité ; accueil public : autre convention.", tried=(_T.TEMPORARY_AGENCY,),
    ),
    DemoShortage(
        id="H11", shortage="H11", facility="F13",
        requested=_Q.WORKSHOP_INSTRUCTOR,
        qualifications_any=(_Q.WORKSHOP_INSTRUCTOR, _Q.TECHNICAL_EDUCATOR), headcount=1,
        shifts=(_shift(WorkWeekDays(1), "08:30", "16:30"),),
        urgency=_U.PLANNED, reason=_R.PLANNED_ABSENCE, impact=_I.SERVICE_REDUCED,
        constraint="Atelier blanchisserie ; sécurité machines.",
    ),
    DemoShortage(
        id="H12", shortage="H12", facility="F23",
        requested=_Q.PSYCHOLOGIST, qualifications_any=(_Q.PSYCHOLOGIST,), headcount=1,
        shifts=(_shift(WorkWeekDays(1, (1, 3)), "09:00", "12:30"),),
        urgency=_U.WITHIN_7_DAYS, reason=_R.EXCEPTIONAL_EVENT, impact=_I.SERVICE_REDUCED,
        constraint="Soutien d'une équipe et d'un groupe ; aucun titre équivalent.",
    ),
    DemoShortage(
        id="H13", shortage="H13", facility="F08",
        requested=_Q.YOUTH_WORKER,
        qualifications_any=(_Q.YOUTH_WORKER, _Q.SPECIAL_EDUCATOR, _Q.CARE_SUPPORT_WORKER), headcount=2,
        shifts=(_shift(Days(1, 7, Weekdays.WORKING), "09:00", "17:00"),),
        urgency=_U.WITHIN_48_HOURS, reason=_R.EXTRA_ACTIVITY, impact=_I.SERVICE_REDUCED,
        constraint="Connus des jeunes : l'équipe de leur IME, fermé ces jours-là, est proposée d'abord.",
    ),
    DemoShortage(
        id="H14-1", shortage="H14", facility="F11",
        requested=_Q.SPECIAL_EDUCATOR, qualifications_any=(_Q.SPECIAL_EDUCATOR, _Q.YOUTH_WORKER), headcount=1,
        shifts=_crisis_shifts(), urgency=_U.TONIGHT, reason=_R.EXTRA_ACTIVITY, impact=_I.PLACES_CLOSED,
        constraint=_CRISIS, is_coupled=True,
    ),
    DemoShortage(
        id="H14-2", shortage="H14", facility="F11",
        requested=_Q.CARE_SUPPORT_WORKER, qualifications_any=(_Q.CARE_SUPPORT_WORKER, _Q.NURSING_ASSISTANT),
        headcount=1, shifts=_crisis_shifts(), urgency=_U.TONIGHT, reason=_R.EXTRA_ACTIVITY, impact=_I.PLACES_CLOSED,
        constraint=_CRISIS, is_coupled=True,
    ),
    # Four care support workers, one nursing assistant and one nurse over 48 hours: two by night and two by day,
    # the nursing assistant by night, the nurse by day.
    DemoShortage(
        id="H15-1", shortage="H15", facility="F15",
        requested=_Q.CARE_SUPPORT_WORKER,
        qualifications_any=(_Q.CARE_SUPPORT_WORKER, _Q.NURSING_ASSISTANT, _Q.YOUTH_WORKER, _Q.SPECIAL_EDUCATOR),
        headcount=2, shifts=(_shift(Days(0, 1), "21:00", "07:00"), _shift(Days(1, 2), "07:00", "14:30")),
        urgency=_U.TONIGHT, reason=_R.EXCEPTIONAL_EVENT, impact=_I.UNIT_UNSAFE, constraint=_HALF_PERMANENT,
        permanent_staff=2, min_permanent_staff=2, tried=(_T.INTERNAL_MOBILITY, _T.EXTRA_HOURS),
    ),
    DemoShortage(
        id="H15-2", shortage="H15", facility="F15",
        requested=_Q.NURSING_ASSISTANT, qualifications_any=(_Q.NURSING_ASSISTANT, _Q.NURSE), headcount=1,
        shifts=(_shift(Days(0, 1), "21:00", "07:00"),),
        urgency=_U.TONIGHT, reason=_R.EXCEPTIONAL_EVENT, impact=_I.UNIT_UNSAFE, constraint=_HALF_PERMANENT,
        tried=(_T.INTERNAL_MOBILITY, _T.EXTRA_HOURS),
    ),
    DemoShortage(
        id="H15-3", shortage="H15", facility="F15",
        requested=_Q.NURSE, qualifications_any=(_Q.NURSE,), headcount=1,
        shifts=(_shift(Days(1, 2), "07:00", "14:30"),),
        urgency=_U.TONIGHT, reason=_R.EXCEPTIONAL_EVENT, impact=_I.UNIT_UNSAFE, constraint=_HALF_PERMANENT,
        tried=(_T.INTERNAL_MOBILITY, _T.EXTRA_HOURS),
    ),
)  # fmt: skip


def shift_slots(need: DemoShortage, day0: date, zone: ZoneInfo = TIME_ZONE) -> tuple[ShiftSlot, ...]:
    """The dated shifts of a row, ascending in time."""
    bounds = sorted(
        slot(on, shift.start, shift.end, zone) for shift in need.shifts for on in dates_of(shift.span, day0)
    )
    return tuple(ShiftSlot(rank, start, end, need.headcount) for rank, (start, end) in enumerate(bounds))
