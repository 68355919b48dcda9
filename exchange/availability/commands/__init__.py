"""One write function per intention on place offers."""

from exchange.availability.commands.attest import change_capacity, lapse_offer, reconfirm_all, reconfirm_offer
from exchange.availability.commands.close import close_offer, reopen_offer
from exchange.availability.commands.over_capacity import decide_over_capacity
from exchange.availability.commands.publish import publish_offer
from exchange.availability.commands.say_status import say_status
from exchange.availability.commands.withdraw import withdraw_offer
from exchange.availability.counters import claim_segments, lock_offers, release_segments
from exchange.availability.inputs import CapacitySpan, CloseOffer, DecideOverCapacity, PublishOffer, SayStatus

__all__ = [
    "CapacitySpan",
    "CloseOffer",
    "DecideOverCapacity",
    "PublishOffer",
    "SayStatus",
    "change_capacity",
    "claim_segments",
    "close_offer",
    "decide_over_capacity",
    "lapse_offer",
    "lock_offers",
    "publish_offer",
    "reconfirm_all",
    "reconfirm_offer",
    "release_segments",
    "reopen_offer",
    "say_status",
    "withdraw_offer",
]
