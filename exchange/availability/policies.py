"""Who gives a facility's word about its places, and who sees which offers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, false, or_

from exchange.availability.models import PlaceOffer
from exchange.availability.rules import OfferState
from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden


def require_word_of(actor: Actor, facility_id: UUID) -> None:
    """Raise `ActForbidden` unless the actor gives this facility's word; coordination chases, it does not speak."""
    if not actor.speaks_for(facility_id):
        raise ActForbidden


def visible_offers(actor: Actor) -> ColumnElement[bool]:
    """Return the filter: every member sees what is published; its own facility also sees what it took back."""
    if actor.role is Role.LOAN_VOLUNTEER:
        return false()
    published = PlaceOffer.state == OfferState.PUBLISHED.value
    return or_(published, PlaceOffer.facility_id.in_(actor.facility_ids))


def may_know_attester(actor: Actor, facility_id: UUID) -> bool:
    """Whether the name of who gave a house's word is told: to its own people, and to coordination that may call."""
    return actor.coordinates or actor.speaks_for(facility_id)
