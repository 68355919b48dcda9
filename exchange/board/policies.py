"""Who sees which cards: three classes of viewer, and the clause that filters rows for each."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from sqlalchemy import ColumnElement, Uuid, cast, false, or_, true

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.kernel.journals import CardVersion


class ViewClass(StrEnum):
    """Viewers of one class see the same shared cards, so that one rendering serves them all."""

    COORDINATION = "coordination"
    MEMBER = "member"
    COUNTS = "counts"


def view_class_of(actor: Actor) -> ViewClass:
    """Return the class of a viewer. Raises `ActForbidden` for a professional who has no board."""
    match actor.role:
        case Role.COORDINATOR | Role.PATHWAY_ADVISER | Role.SYSTEM:
            return ViewClass.COORDINATION
        case Role.FACILITY_MANAGER | Role.ON_CALL_MANAGER:
            return ViewClass.MEMBER
        case Role.OBSERVER:
            return ViewClass.COUNTS
        case Role.LOAN_VOLUNTEER:
            raise ActForbidden()
        case _:
            assert_never(actor.role)


SHARED_WITH_MEMBERS = ("offer", "need", "situation")


def shared_cards(view_class: ViewClass) -> ColumnElement[bool]:
    """The cards that every viewer of a class sees alike."""
    match view_class:
        case ViewClass.COORDINATION:
            return true()
        case ViewClass.MEMBER:
            return CardVersion.subject_kind.in_(SHARED_WITH_MEMBERS)
        case ViewClass.COUNTS:
            return false()
        case _:
            assert_never(view_class)


def visible_cards(actor: Actor) -> ColumnElement[bool]:
    """The cards that one actor sees: those shared with their class, and the promises that bear on their own sites."""
    view_class = view_class_of(actor)
    shared = shared_cards(view_class)
    if view_class is not ViewClass.MEMBER or not actor.facility_ids:
        return shared
    own = tuple(actor.facility_ids)
    lender = cast(CardVersion.card["lender_facility_id"].astext, Uuid)
    host = cast(CardVersion.card["host_facility_id"].astext, Uuid)
    return or_(
        shared,
        (CardVersion.subject_kind == "placement")
        & CardVersion.facility_id.in_(own)
        & CardVersion.card["state"].astext.not_in(("proposed", "superseded")),
        (CardVersion.subject_kind == "loan")
        & or_(host.in_(own), lender.in_(own) & CardVersion.card["asked_at"].astext.is_not(None)),
    )
