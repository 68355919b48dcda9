"""What opening and prolonging a crisis organisation must say, and which clocks it may tighten. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exchange.kernel.errors import InvalidValue
from exchange.organisations.parameters import CRISIS_CLOCKS, CommunityParameters
from exchange.organisations.rules import check_name
from exchange.reference.answers import CrisisRequester

LONGEST_ACT = timedelta(days=31)
"""An act opens or prolongs for a month at most: whoever needs longer says so again, with a date and an author."""


@dataclass(frozen=True, slots=True)
class OrderCrisis:
    """`requested_by`: a code of `CrisisRequester`; `order_reference`: the message, letter or decision that asks for it.

    `clocks`: figures over those proposed at opening, or over those in force when it is prolonged.
    """

    requested_by: str
    order_reference: str
    until: datetime
    clocks: Mapping[str, int] = field(default_factory=dict)


def proposed_clocks(ordinary: CommunityParameters) -> dict[str, int]:
    """Return the clocks proposed at opening, none looser than the community's own."""
    return {name: min(proposed, getattr(ordinary, name)) for name, (_, proposed) in CRISIS_CLOCKS.items()}


def check_order(order: OrderCrisis, now: datetime, not_before: datetime) -> None:
    """Raise `InvalidValue` naming the field; it ends after `not_before`, within a month of `now`."""
    if order.requested_by not in set(CrisisRequester):
        raise InvalidValue(field="requested_by", rule="unknown-code")
    check_name(order.order_reference, "order_reference")
    if order.until.tzinfo is None:
        raise InvalidValue(field="until", rule="zone-missing")
    if order.until <= not_before:
        raise InvalidValue(field="until", rule="ends-later")
    if order.until > now + LONGEST_ACT:
        raise InvalidValue(field="until", rule="crisis-too-long", most=LONGEST_ACT.days)


def clocks_of(given: Mapping[str, int], before: Mapping[str, int], ordinary: CommunityParameters) -> dict[str, int]:
    """Return the clocks of an act: those given over those `before`.

    Raises `InvalidValue` naming the clock: not one that a crisis may tighten, too short, or looser than the ordinary.
    """
    for name, amount in given.items():
        if name not in CRISIS_CLOCKS:
            raise InvalidValue(field=name, rule="unknown-parameter")
        least, most = CRISIS_CLOCKS[name][0], getattr(ordinary, name)
        if not min(least, most) <= amount <= most:
            raise InvalidValue(field=name, rule="out-of-range", least=min(least, most), most=most)
    return {**before, **given}
