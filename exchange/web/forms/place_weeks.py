"""The forms of a week of places and of the dates that differ from it."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from exchange.availability.rules import MOST_CAPACITY
from exchange.availability.weeks.inputs import ExceptDays, ResumeWeek, SetWeek, SpanOfDays
from exchange.availability.weeks.queries import WeekView
from exchange.kernel.periods import WEEK_SEGMENTS, Half
from exchange.reference.answers import StatusReason
from exchange.web.forms.fields import PostedForm

_HALVES: Final = {"both": frozenset(Half), "day": frozenset({Half.DAY}), "night": frozenset({Half.NIGHT})}


def read_week(form: PostedForm, offer_id: UUID) -> SetWeek:
    """Return the week that the form sets. Raises `FormRejected` with every complaint."""
    cells = [f"c{place}" for place in range(WEEK_SEGMENTS)]
    capacities = tuple(form.whole(name, least=0, most=MOST_CAPACITY, default=0) for name in cells)
    if [name for name in cells if form.errors.pop(name, None)]:
        form.wrong("capacities", f"Dans chaque case, un nombre entre 0 et {MOST_CAPACITY}.")
    first, last = form.day("first"), form.day("last", required=False)
    form.done()
    if first is None:
        raise AssertionError("a missing field is complained about before")
    return SetWeek(offer_id, capacities, first, last)


def read_exception(form: PostedForm, offer_id: UUID) -> ExceptDays:
    """Return the dates that the form excepts. Raises `FormRejected` with every complaint."""
    first, last = _dates(form)
    halves = frozenset(form.choices("halves", Half))
    capacity = form.whole("capacity", least=0, most=MOST_CAPACITY)
    reason = form.choice("reason", StatusReason, StatusReason.OTHER)
    form.done()
    return ExceptDays(offer_id, SpanOfDays(first, last, halves), capacity, reason.value)


def read_resumption(form: PostedForm, offer_id: UUID) -> ResumeWeek:
    """Return the dates that the form lets follow their week again. Raises `FormRejected` with every complaint."""
    first, last = _dates(form)
    halves = _HALVES[form.one_of("half", tuple(_HALVES))]
    form.done()
    return ResumeWeek(offer_id, SpanOfDays(first, last, halves))


def initial_week(week: WeekView | None, today: date) -> dict[str, str | list[str]]:
    """Return the form of a week as it stands, or of one from today on."""
    capacities = (0,) * WEEK_SEGMENTS if week is None else week.capacities
    return {
        **{f"c{place}": str(capacity) for place, capacity in enumerate(capacities)},
        "first": (today if week is None else week.first).isoformat(),
        "last": "" if week is None or week.last is None else week.last.isoformat(),
    }


def _dates(form: PostedForm) -> tuple[date, date]:
    first = form.day("first")
    last = form.day("last", required=False) or first
    if first is not None and last is not None and last < first:
        form.wrong("last", "La dernière date vient avant la première.")
    # A missing date is complained about: whoever reads this calls `done` before the dates are used.
    return first or date.min, last or date.min
