"""Who looks at a page: the actor, their session's token, and the place whose time is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from litestar import Request
from litestar.datastructures import State

from exchange.board.policies import ViewClass, view_class_of
from exchange.identity.errors import SignInRequired
from exchange.kernel.actor import Actor, Role
from exchange.organisations.crisis_views import CrisisView


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in browser. `crisis`: the crisis organisation open now, which every page tells."""

    actor: Actor
    display_name: str
    csrf_token: str
    community_name: str
    zone: ZoneInfo
    ends_at: datetime
    crisis: CrisisView | None = None

    @property
    def view_class(self) -> ViewClass:
        return view_class_of(self.actor)

    @property
    def hosts(self) -> bool:
        """Whether the visitor gives the word of one or more sites."""
        return self.actor.role in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER)


WebRequest = Request[Actor | None, Visitor | None, State]


def visitor_of(request: WebRequest) -> Visitor:
    """Return who is signed in. Raises `SignInRequired`: routes that need no login must not ask."""
    visitor = request.scope.get("auth")
    if not isinstance(visitor, Visitor):
        raise SignInRequired
    return visitor
