"""The forms of a volunteer's week: hours on some weekdays, and dates away."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek, WeeklyHours
from exchange.staffing.weeks.queries import VolunteerWeekView
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.staffing import StatedKind


class WeekdayText(StrEnum):
    """The weekdays as a form sends them."""

    MONDAY = "0"
    TUESDAY = "1"
    WEDNESDAY = "2"
    THURSDAY = "3"
    FRIDAY = "4"
    SATURDAY = "5"
    SUNDAY = "6"


def read_more_hours(form: PostedForm, volunteer_id: UUID, week: VolunteerWeekView | None) -> SetVolunteerWeek:
    """Return the week as it stands, with the hours that the form adds on each ticked weekday.

    Raises `FormRejected` with every complaint.
    """
    kind = form.choice("kind", StatedKind, StatedKind.AVAILABLE)
    weekdays = form.choices("weekdays", WeekdayText)
    starts, ends = form.hour("from_hour"), form.hour("until_hour")
    first, last = form.day("first"), form.day("last", required=False)
    form.done()
    if starts is None or ends is None or first is None:
        raise AssertionError("a missing field is complained about before")
    more = tuple(WeeklyHours(kind.value, int(weekday.value), starts, ends) for weekday in weekdays)
    return SetVolunteerWeek(volunteer_id, (*_hours(week), *more), first, last)


def read_fewer_hours(form: PostedForm, volunteer_id: UUID, week: VolunteerWeekView) -> SetVolunteerWeek:
    """Return the week as it stands without the hours that the form names; the same week where it has none such."""
    wanted = form.text("hours", longest=40)
    form.done()
    kept = tuple(hours for hours in _hours(week) if name_of(hours) != wanted)
    return SetVolunteerWeek(volunteer_id, kept, week.first, week.last)


def read_away(form: PostedForm, volunteer_id: UUID) -> DatesAway:
    """Return the dates that the form tells. Raises `FormRejected` with every complaint."""
    first = form.day("away_first")
    last = form.day("away_last", required=False) or first
    if first is not None and last is not None and last < first:
        form.wrong("away_last", "La dernière date vient avant la première.")
    form.done()
    return DatesAway(volunteer_id, first or date.min, last or date.min)


def name_of(hours: WeeklyHours) -> str:
    """How a form names one line of a week: `available|0|21:00`."""
    return f"{hours.kind}|{hours.weekday}|{hours.starts:%H:%M}"


def _hours(week: VolunteerWeekView | None) -> tuple[WeeklyHours, ...]:
    if week is None:
        return ()
    return tuple(WeeklyHours(each.kind.value, each.weekday, each.starts, each.ends) for each in week.hours)
