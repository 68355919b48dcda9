"""One write function per intention on place offers."""

from exchange.availability.commands.attest import change_capacity, reconfirm_offer
from exchange.availability.commands.publish import publish_offer
from exchange.availability.commands.withdraw import withdraw_offer
from exchange.availability.counters import claim_segments, lock_offers, release_segments
from exchange.availability.inputs import CapacitySpan, PublishOffer

__all__ = [
    "CapacitySpan",
    "PublishOffer",
    "change_capacity",
    "claim_segments",
    "lock_offers",
    "publish_offer",
    "reconfirm_offer",
    "release_segments",
    "withdraw_offer",
]
