"""Proposing by hand, and what was agreed on the phone."""

from __future__ import annotations

from uuid import UUID

from exchange.api.v1.schemas.placements import SpokenName
from exchange.api.v1.schemas.values import Body, Note
from exchange.planning.by_hand import ProposeByHand
from exchange.planning.phone_deals import PhoneDeal


class ProposeByHandBody(Body):
    """`block_ids` absent: all that nobody serves. `breach_reason`: why what the place lacks is passed over."""

    offer_id: UUID
    block_ids: list[UUID] | None = None
    breach_reason: Note | None = None

    def asked(self, situation_id: UUID) -> ProposeByHand:
        return ProposeByHand(situation_id, self.offer_id, tuple(self.block_ids or ()), self.breach_reason)


class PhoneDealBody(Body):
    """Who said yes, and as what; for a published place (`offer_id`) or for a facility that published none."""

    spoken_with: SpokenName
    function: SpokenName
    offer_id: UUID | None = None
    facility_id: UUID | None = None
    block_ids: list[UUID] | None = None
    breach_reason: Note | None = None

    def asked(self, situation_id: UUID) -> PhoneDeal:
        return PhoneDeal(
            situation_id,
            " ".join(self.spoken_with.split()),
            " ".join(self.function.split()),
            self.offer_id,
            self.facility_id,
            tuple(self.block_ids or ()),
            self.breach_reason,
        )
