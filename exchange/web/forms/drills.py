"""A closing drill: which house, from when until when, who lives there; and the lines that are to become real."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.kernel.periods import Half, current_segment, date_of, segment_of
from exchange.planning.drills.commands import ApplyDrill
from exchange.planning.drills.terms import MOST_RESIDENTS, AskDrill, Headcount
from exchange.reference.code_lists import AgeBand, LegalStatus, NeedCode
from exchange.web.forms.fields import PostedForm

ROWS: Final = 8
"""Lines of the headcount; one line may count several persons alike."""

USUAL_DAYS: Final = 3
ALIASES: Final = {
    "first_segment": "first",
    "last_segment": "last",
    "need_codes": "needs_1",
    "age_band": "age_1",
    "headcount": "age_1",
    "offer_ids": "unit_offers",
}


class HalfText(StrEnum):
    """The two halves of a date, as the form says them."""

    DAY = "day"
    NIGHT = "night"


class Group(StrEnum):
    """Letters that bind the persons not to be parted."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


def initial_drill(now: datetime, zone: ZoneInfo) -> dict[str, str | list[str]]:
    """From tonight, for three days: the day that runs is too far gone to be rehoused."""
    first = date_of(current_segment(now, zone))
    counts: dict[str, str | list[str]] = {f"count_{row}": "1" for row in range(1, ROWS + 1)}
    return {
        "first": first.isoformat(),
        "first_half": Half.NIGHT.value,
        "last": (first + timedelta(days=USUAL_DAYS)).isoformat(),
        "last_half": Half.NIGHT.value,
        "max_travel_minutes": "60",
        **counts,
    }


def read_drill(form: PostedForm, facility_id: UUID, offers: Mapping[UUID, object]) -> AskDrill:
    """Return what the form asks. Raises `FormRejected` with every complaint."""
    first, last = _segment(form, "first"), _segment(form, "last")
    unit = form.identifiers("unit_offers", offers)
    travel = form.whole("max_travel_minutes", least=5, most=240, default=60)
    headcount: list[Headcount] = []
    for row in range(1, ROWS + 1):
        headcount += _residents(form, row)
    if len(headcount) > MOST_RESIDENTS:
        form.wrong("count_1", f"{MOST_RESIDENTS} personnes au plus.")
    form.done()
    return AskDrill(facility_id, first, last, unit, tuple(headcount), travel)


def _segment(form: PostedForm, name: str) -> int:
    on = form.day(name)
    half = form.choice(f"{name}_half", HalfText, HalfText.NIGHT)
    return segment_of(on or date.max, Half(half.value))


def _residents(form: PostedForm, row: int) -> list[Headcount]:
    """The persons of a line; none where no age is said."""
    age = form.optional_choice(f"age_{row}", AgeBand)
    needs = form.choices(f"needs_{row}", NeedCode, required=age is not None)
    if age is None:
        if needs:
            form.wrong(f"age_{row}", "Dites l'âge de ces personnes.")
        return []
    count = form.whole(f"count_{row}", least=1, most=20, default=1)
    group = form.optional_choice(f"group_{row}", Group)
    legal = form.optional_choice(f"legal_{row}", LegalStatus)
    one = Headcount(
        age_band=age.value,
        need_codes=tuple(code.value for code in needs),
        group=None if group is None else group.value,
        legal_status=(legal or LegalStatus.NONE).value,
    )
    return [one] * count


def read_application(form: PostedForm, drill_id: UUID) -> ApplyDrill:
    """Return which residents' lines become real. Raises `FormRejected`."""
    ticked = [value for value in form.values.get("residents", ()) if value.isascii() and value.isdigit()]
    if not ticked:
        form.wrong("residents", "Cochez au moins une ligne.")
    if not form.ticked("confirms"):
        form.wrong("confirms", "Cochez la case pour confirmer.")
    form.done()
    return ApplyDrill(drill_id, tuple(dict.fromkeys(int(value) for value in ticked if len(value) < 6)))
