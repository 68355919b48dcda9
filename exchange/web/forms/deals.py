"""Proposing by hand, and what was agreed on the phone, from the sheet of a situation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from exchange.planning.by_hand import LONGEST_REASON, ProposeByHand
from exchange.planning.phone_deals import PhoneDeal
from exchange.web.forms.fields import FormRejected, PostedForm

HAND_ALIASES: Final = {"breach_reason": "hand_reason", "offer_id": "hand_offer"}
DEAL_ALIASES: Final = {"breach_reason": "deal_reason", "offer_id": "deal_place"}


def read_proposal(form: PostedForm, situation_id: UUID, offers: Mapping[UUID, object]) -> ProposeByHand:
    """Return which place is proposed, and why a breach is passed over. Raises `FormRejected` with every complaint."""
    offer_id = form.identifier("hand_offer", offers)
    reason = form.text("hand_reason", longest=LONGEST_REASON, required=False, paragraph=True)
    form.done()
    if offer_id is None:
        raise FormRejected(form.errors)
    return ProposeByHand(situation_id, offer_id, reason=reason or None)


def read_deal(
    form: PostedForm, situation_id: UUID, offers: Mapping[UUID, object], sites: Mapping[UUID, object]
) -> PhoneDeal:
    """Return who said yes on the phone and for what: a published place, or a site that published none.

    Raises `FormRejected` with every complaint.
    """
    place = form.identifier("deal_place", {**offers, **sites})
    spoken_with = form.text("spoken_with", longest=120)
    function = form.text("function", longest=120)
    form.done()
    return PhoneDeal(
        situation_id,
        spoken_with,
        function,
        offer_id=place if place in offers else None,
        facility_id=place if place not in offers else None,
    )
