"""Who may read how proposals are computed, and stop it: those who coordinate, never one association about another."""

from __future__ import annotations

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden

MAY_READ_RUNS = frozenset({Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.SYSTEM})
MAY_CANCEL_RUNS = frozenset({Role.COORDINATOR})
MAY_ASK_AGAIN = frozenset({Role.COORDINATOR})


def require_reading_runs(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor coordinates: a problem file holds every association's figures."""
    if actor.role not in MAY_READ_RUNS:
        raise ActForbidden


def require_cancelling_runs(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor is a coordinator: everybody's proposals wait meanwhile."""
    if actor.role not in MAY_CANCEL_RUNS:
        raise ActForbidden


def require_asking_again(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor is a coordinator: whoever hears that the search stopped starts it again."""
    if actor.role not in MAY_ASK_AGAIN:
        raise ActForbidden
