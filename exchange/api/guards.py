"""Denied by default: a route without its list of roles answers nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import HttpMethod
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden

ROLES_KEY: Final = "allowed_roles"

MANAGERS: Final = frozenset({Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER})
COORDINATION: Final = frozenset({Role.COORDINATOR, Role.PATHWAY_ADVISER})
COORDINATORS: Final = frozenset({Role.COORDINATOR})
MEMBERS: Final = MANAGERS | COORDINATION
SIGNED_IN: Final = MEMBERS | {Role.OBSERVER}


def only(roles: frozenset[Role]) -> Mapping[str, frozenset[Role]]:
    """Return the `opt` of a route that these roles may call; what they may do there, policies decide."""
    return {ROLES_KEY: roles}


def require_listed_role(connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
    """Raise `ActForbidden` unless the route lists the actor's role. Who signed in may ask for its methods."""
    if connection.scope.get("method") == HttpMethod.OPTIONS:
        return
    actor: Actor = connection.user
    if actor.role not in route.opt.get(ROLES_KEY, frozenset()):
        raise ActForbidden
