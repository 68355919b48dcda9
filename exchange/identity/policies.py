"""Who opens accounts, gives roles and cuts tokens."""

from __future__ import annotations

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden

ADMITTING_ROLES = frozenset({Role.SYSTEM})
"""Accounts and tokens are made from the command line; no screen and no route makes one in this version."""


def require_admitting(actor: Actor) -> None:
    """Raise `ActForbidden` unless the actor may decide who signs in, as what."""
    if actor.role not in ADMITTING_ROLES:
        raise ActForbidden
