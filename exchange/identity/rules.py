"""What an account and a membership must be; how long a session lives."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from exchange.kernel.actor import Role
from exchange.kernel.errors import InvalidValue

SESSION_LIVES = timedelta(hours=12)
SESSION_IDLES = timedelta(minutes=30)
TOUCH_EVERY = timedelta(minutes=1)
"""A session is written at most once a minute: a page of ten requests costs one write, not ten."""

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
LONGEST_EMAIL = 254
"""RFC 5321: a path is at most 256 characters, brackets included."""

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")


class Side(StrEnum):
    """What a role speaks for."""

    COMMUNITY = "community"
    OPERATOR = "operator"
    FACILITY = "facility"


def side_of(role: Role) -> Side:
    """Return what a membership with this role must name. Raises `InvalidValue` where no account may hold the role."""
    match role:
        case Role.FACILITY_MANAGER:
            return Side.FACILITY
        case Role.ON_CALL_MANAGER:
            return Side.OPERATOR
        case Role.COORDINATOR | Role.PATHWAY_ADVISER | Role.OBSERVER:
            return Side.COMMUNITY
        case Role.LOAN_VOLUNTEER | Role.SYSTEM:
            raise InvalidValue(field="role", rule="role-without-account")
        case _:
            assert_never(role)


def check_side(role: Role, operator_id: UUID | None, facility_id: UUID | None) -> None:
    """Raise `InvalidValue` unless the membership names exactly what its role speaks for."""
    side = side_of(role)
    if (operator_id is not None) != (side is Side.OPERATOR):
        raise InvalidValue(field="operator_id", rule="side-of-role")
    if (facility_id is not None) != (side is Side.FACILITY):
        raise InvalidValue(field="facility_id", rule="side-of-role")


def normal_email(email: str) -> str:
    """Return the address in the one form that is stored. Raises `InvalidValue`."""
    address = email.strip().lower()
    if len(address) > LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise InvalidValue(field="email", rule="email")
    return address


def check_password(password: str) -> None:
    """Raise `InvalidValue` unless the password is long enough; its composition is free (CNIL, ANSSI: length first)."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidValue(field="password", rule="password-length", shortest=SHORTEST_PASSWORD)


def idle_limit(now: datetime, ends_at: datetime) -> datetime:
    """Return until when a session seen now may stay silent."""
    return min(now + SESSION_IDLES, ends_at)
