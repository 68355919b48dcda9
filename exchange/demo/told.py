"""What the fictional houses say of themselves on the first day, and which of them have not answered for tonight."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from exchange.availability.evening import Colour, evening_at, is_asked, question_at
from exchange.availability.rules import Lifetimes, OfferKind
from exchange.demo.days import TIME_ZONE, days, nights
from exchange.demo.offers import OFFER_BY_ID as _BY_ID
from exchange.demo.offers import DemoOffer, Opening
from exchange.kernel.periods import Segment
from exchange.organisations.parameters import CommunityParameters
from exchange.reference.answers import OverCapacityReason, StatusReason
from exchange.reference.code_lists import CareMode

NEVER_FULL: Final = ("F24",)
"""The département's home for children: it cannot answer « complet » to child protection."""

SILENT_OPERATORS: Final = ("A06", "A07")
"""Once the evening's question is asked, these have not answered it."""

EARLIER: Final = timedelta(hours=3)
"""How long before the question they had last spoken."""


@dataclass(frozen=True, slots=True)
class DemoStatus:
    """A colour said by a house; `until_day`: the last day J of a closure."""

    facility: str
    colour: Colour
    reason: StatusReason | None = None
    until_day: int | None = None


@dataclass(frozen=True, slots=True)
class DemoDecision:
    """Units beyond capacity, signed for tonight."""

    offer: str
    units: int
    reason: OverCapacityReason


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """An offer that frees when the person of a situation leaves."""

    offer: DemoOffer
    situation: str


STATUSES: Final = (
    DemoStatus("F01", Colour.RED, StatusReason.PLANNED_CLOSURE, until_day=5),
    DemoStatus("F03", Colour.GREEN),
    DemoStatus("F20", Colour.ORANGE, StatusReason.BREAKDOWN),
    DemoStatus("F24", Colour.ORANGE, StatusReason.FULL),
)
DECISIONS: Final = (DemoDecision("F24 urgence", 1, OverCapacityReason.ENTRUSTED_CHILD),)

_F01 = _BY_ID["F01 accueil temporaire"]
WAITING_PLACES: Final = (
    WaitingPlace(
        DemoOffer(
            id="F01 internat",
            facility="F01",
            kind=OfferKind.ORDINARY,
            care_mode=CareMode.BOARDING_FULL,
            populations=_F01.populations,
            provides=_F01.provides,
            ages=_F01.ages,
            openings=(Opening((days(30, 60), nights(30, 60)), 1),),
        ),
        "S06",
    ),
)


def opened_before(offer: DemoOffer, opened: frozenset[Segment], day0_night: Segment, tonight: Segment) -> list[Segment]:
    """The day and the night of tonight's date on which an offer is open already: by the evening, J0 is tomorrow.

    Each as on J0; a conditional offer opens with the shifts of its own dates alone.
    """
    if tonight >= day0_night or offer.condition is not None:
        return []
    return [Segment(tonight + step) for step in (-1, 0) if Segment(day0_night + step) in opened]


def said_at(operator: str, now: datetime, zone: ZoneInfo = TIME_ZONE) -> datetime:
    """When the houses of an operator last gave their word: just now, but for those who have not answered tonight."""
    clocks = CommunityParameters()
    lifetimes = Lifetimes(clocks.emergency_asked_at, clocks.emergency_valid_until, clocks.ordinary_fresh_hours)
    if operator not in SILENT_OPERATORS or not is_asked(now, lifetimes, zone):
        return now
    return question_at(evening_at(now, zone), lifetimes, zone) - EARLIER
