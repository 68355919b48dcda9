"""Who calls: a bearer token stands for one membership, read again at each request."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from exchange.identity.errors import SignInRequired
from exchange.identity.queries import actor_of_token
from exchange.kernel.actor import Via
from exchange.kernel.db import Database, Scope, now_of

LONGEST_TOKEN: Final = 200


class BearerAuthentication(AbstractAuthenticationMiddleware):
    """Sets `connection.user` to the `Actor`; without a token in force nothing goes further."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Return the actor of the request's token. Raises `SignInRequired`."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise SignInRequired
        db: Database = connection.app.state["database"]
        async with db.read(None, scope=Scope.IDENTITY) as reader:
            actor = await actor_of_token(reader, token, now_of(reader), Via.API)
        if actor is None:
            raise SignInRequired
        return AuthenticationResult(user=actor, auth=None)
