"""Identifiers: time-ordered keys for machines, short random references for people."""

from __future__ import annotations

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

# No 0/O, 1/I/L, 5/S, 2/Z, 8/B: a reference is dictated over a bad line at night.
SPOKEN_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562), so that keys sort by creation."""
    return uuid7()


def new_reference(prefix: str = "S") -> str:
    """Return a random spoken reference such as `S-7K4Q-93`: 25^6, about 2.4 × 10^8 values."""
    draw = "".join(secrets.choice(SPOKEN_ALPHABET) for _ in range(6))
    return f"{prefix}-{draw[:4]}-{draw[4:]}"
