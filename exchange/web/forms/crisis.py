"""Opening, prolonging and closing a crisis organisation, and recording a derogation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from exchange.organisations.crisis_rules import OrderCrisis
from exchange.organisations.parameters import CRISIS_CLOCKS, CommunityParameters
from exchange.reference.answers import CrisisRequester
from exchange.staffing.derogations import DEROGABLE, DerogableFigure, RecordDerogation
from exchange.web.forms.fields import PostedForm

ALIASES: Final = {"until": "until_day"}
CONFIRM: Final = "Cochez la case pour confirmer."
LONGEST_LINE: Final = 200


def read_order(form: PostedForm, zone: ZoneInfo, ordinary: CommunityParameters) -> OrderCrisis:
    """Return the act that the form gives. Raises `FormRejected` with every complaint."""
    requested_by = form.choice("requested_by", CrisisRequester, CrisisRequester.COMMUNITY)
    reference = form.text("order_reference", longest=LONGEST_LINE)
    until = form.instant("until_day", "until_hour", zone)
    clocks: dict[str, int] = {}
    for name, (least, _) in CRISIS_CLOCKS.items():
        most = getattr(ordinary, name)
        amount = form.optional_whole(name, least=min(least, most), most=most)
        if amount is not None:
            clocks[name] = amount
    if not form.ticked("confirms"):
        form.wrong("confirms", CONFIRM)
    form.done()
    return OrderCrisis(requested_by.value, reference, until or datetime.min.replace(tzinfo=UTC), clocks)


def check_closing(form: PostedForm) -> None:
    """Raise `FormRejected` unless the box is ticked."""
    if not form.ticked("confirms_end"):
        form.wrong("confirms_end", CONFIRM)
    form.done()


def read_derogation(form: PostedForm, rule_sets: Sequence[str]) -> RecordDerogation:
    """Return what the form derogates. Raises `FormRejected` with every complaint."""
    rule_set = form.one_of("rule_set", rule_sets)
    figure = form.choice("figure", DerogableFigure, DerogableFigure.WEEK_MINUTES)
    least, most = DEROGABLE[figure]
    amount = form.whole("amount", least=least, most=most)
    text_reference = form.text("text_reference", longest=LONGEST_LINE)
    issued_by = form.text("issued_by", longest=LONGEST_LINE)
    first, last = form.day("first_day"), form.day("last_day")
    form.done()
    nothing = date.min
    return RecordDerogation(
        rule_set, figure.value, amount, text_reference, issued_by, first or nothing, last or nothing
    )
