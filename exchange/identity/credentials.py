"""Passwords and tokens: made here, stored hashed, compared in constant time."""

from __future__ import annotations

import asyncio
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from weakref import WeakKeyDictionary

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from exchange.identity.rules import LONGEST_PASSWORD, check_password

TOKEN_BYTES = 32
HASHED_AT_ONCE = 2
"""An Argon2 hash takes about 0.2 s of one core and 64 MB: more at once would starve the pages of a small machine."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def new_token() -> str:
    """Return 256 random bits, in the alphabet of addresses."""
    return token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> bytes:
    """Return what is stored of a token: its 256 random bits need no salt and no slowness."""
    return sha256(token.encode()).digest()


async def hash_password(password: str) -> str:
    """Return the Argon2 hash to store. Raises `InvalidValue`. Never called inside a transaction."""
    check_password(password)
    async with _turn():
        return await asyncio.to_thread(_hasher().hash, password)


async def password_is(password: str, stored_hash: str | None) -> bool:
    """Whether the password is the one hashed; as slow for an unknown account (`None`) as for a known one."""
    async with _turn():
        return await asyncio.to_thread(_verify, password[: LONGEST_PASSWORD + 1], stored_hash)


def _verify(password: str, stored_hash: str | None) -> bool:
    # Made before the branch: the first attempt of a process must not tell known from unknown either.
    nobodys_hash = _nobodys_hash()
    matches = _hasher().verify(password, stored_hash or nobodys_hash)
    return matches and stored_hash is not None


def _turn() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    return _turns.setdefault(loop, asyncio.Semaphore(HASHED_AT_ONCE))


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(new_token())
