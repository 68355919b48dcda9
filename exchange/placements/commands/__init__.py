"""One write function per intention on placements."""

from exchange.placements.commands.admit import confirm_arrival, end_stay
from exchange.placements.commands.amend import amend_situation
from exchange.placements.commands.call_off import cancel_placement, drop_closed, drop_withdrawn, expire_hold
from exchange.placements.commands.climb_ladder import advance_ladder
from exchange.placements.commands.follow_cover import drop_uncovered, settle_waiting
from exchange.placements.commands.give_yes import give_yes, record_phone_yes
from exchange.placements.commands.hold_answer import hold_answer
from exchange.placements.commands.put_forward import put_forward
from exchange.placements.commands.refuse import contest_phone_yes, refuse_placement
from exchange.placements.commands.silence import note_silence
from exchange.placements.inputs import (
    ConfirmArrival,
    GiveYes,
    HoldAnswer,
    PhoneYes,
    ProposedPlacement,
    RefusePlacement,
)

__all__ = [
    "ConfirmArrival",
    "GiveYes",
    "HoldAnswer",
    "PhoneYes",
    "ProposedPlacement",
    "RefusePlacement",
    "advance_ladder",
    "amend_situation",
    "cancel_placement",
    "confirm_arrival",
    "contest_phone_yes",
    "drop_closed",
    "drop_uncovered",
    "drop_withdrawn",
    "end_stay",
    "expire_hold",
    "give_yes",
    "hold_answer",
    "note_silence",
    "put_forward",
    "record_phone_yes",
    "refuse_placement",
    "settle_waiting",
]
