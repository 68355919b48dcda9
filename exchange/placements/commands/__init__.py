"""One write function per intention on placements."""

from exchange.placements.commands.admit import confirm_arrival, end_stay
from exchange.placements.commands.amend import amend_situation
from exchange.placements.commands.call_off import cancel_placement, drop_closed, drop_withdrawn, expire_hold
from exchange.placements.commands.climb_ladder import advance_ladder
from exchange.placements.commands.departures import await_departure, free_departed
from exchange.placements.commands.follow_cover import drop_uncovered, settle_waiting
from exchange.placements.commands.give_yes import give_yes, record_phone_yes
from exchange.placements.commands.hold_answer import hold_answer, hold_placement
from exchange.placements.commands.prepare_arrival import change_light, plan_exit
from exchange.placements.commands.prolong import prolong_stay
from exchange.placements.commands.put_forward import put_forward, put_forward_by_hand
from exchange.placements.commands.refuse import contest_phone_yes, refuse_placement
from exchange.placements.commands.silence import note_silence
from exchange.placements.inputs import (
    AwaitDeparture,
    ChangeLight,
    ConfirmArrival,
    GiveYes,
    HoldAnswer,
    PhoneYes,
    PlanExit,
    ProlongStay,
    ProposedPlacement,
    RefusePlacement,
)

__all__ = [
    "AwaitDeparture",
    "ChangeLight",
    "ConfirmArrival",
    "GiveYes",
    "HoldAnswer",
    "PhoneYes",
    "PlanExit",
    "ProlongStay",
    "ProposedPlacement",
    "RefusePlacement",
    "advance_ladder",
    "amend_situation",
    "await_departure",
    "cancel_placement",
    "change_light",
    "confirm_arrival",
    "contest_phone_yes",
    "drop_closed",
    "drop_uncovered",
    "drop_withdrawn",
    "end_stay",
    "expire_hold",
    "free_departed",
    "give_yes",
    "hold_answer",
    "hold_placement",
    "note_silence",
    "plan_exit",
    "prolong_stay",
    "put_forward",
    "put_forward_by_hand",
    "record_phone_yes",
    "refuse_placement",
    "settle_waiting",
]
