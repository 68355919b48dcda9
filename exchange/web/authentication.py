"""Cookie sessions: who is behind a request, and the token that every form must carry back."""

from __future__ import annotations

import hmac
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from exchange.identity import commands as identity_commands
from exchange.identity import queries as identity
from exchange.identity.errors import SignInRequired
from exchange.identity.rules import TOUCH_EVERY, idle_limit
from exchange.kernel.db import Database, now_of
from exchange.kernel.db import Scope as Sight
from exchange.organisations import queries as organisations
from exchange.organisations.crisis_views import CrisisView, open_crisis_at
from exchange.web.opening import PUBLIC_KEY
from exchange.web.visitor import Visitor, WebRequest

CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class FormNotOurs(PermissionDeniedException):
    """The form does not carry the session's own token: it may come from another site, or from a session now over."""


def cookie_name(*, secure: bool) -> str:
    """The session cookie's name; browsers enforce the `__Host-` prefix only over https."""
    return "__Host-entraide" if secure else "entraide"


def session_cookie(token: str, *, secure: bool, ends_at: datetime, now: datetime) -> Cookie:
    """The cookie of an opened session."""
    return Cookie(
        key=cookie_name(secure=secure),
        value=token,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
        max_age=int((ends_at - now).total_seconds()),
    )


def expired_cookie(*, secure: bool) -> Cookie:
    """The cookie that makes a browser forget its session."""
    return Cookie(
        key=cookie_name(secure=secure), value="", path="/", httponly=True, secure=secure, samesite="lax", max_age=0
    )


class SessionAuthentication(ASGIMiddleware):
    """Put the actor (`user`) and the visitor (`auth`) of a live session into the scope, or None."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        state = scope["litestar_app"].state
        token = session_token(scope, secure=state["settings"].secure_cookies)
        visitor = None if token is None else await visitor_of_token(state["database"], token, touch=True)
        scope["auth"] = visitor
        scope["user"] = None if visitor is None else visitor.actor
        await next_app(scope, receive, send)


def session_token(scope: Scope, *, secure: bool) -> str | None:
    """Return the session token that the browser sent, if it looks like one."""
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookies.load(value.decode("latin-1"))
    sent = cookies.get(cookie_name(secure=secure))
    return sent.value if sent is not None and 20 <= len(sent.value) <= 200 and sent.value.isascii() else None


async def visitor_of_token(db: Database, token: str, *, touch: bool) -> Visitor | None:
    """Return who holds a session token; `touch` pushes its idle limit back, at most once a minute."""
    async with db.read(None, scope=Sight.IDENTITY) as reader:
        now = now_of(reader)
        signed_in = await identity.actor_of_session(reader, token, now)
    if signed_in is None:
        return None
    if touch and idle_limit(now, signed_in.ends_at) - signed_in.idle_until >= TOUCH_EVERY:
        async with db.write(None, scope=Sight.IDENTITY) as tx:
            await identity_commands.touch_session(tx, token, now)
    name, zone, crisis = await _community(db, signed_in.actor.community_id)
    return Visitor(
        actor=signed_in.actor,
        display_name=signed_in.display_name,
        csrf_token=signed_in.csrf_token,
        community_name=name,
        zone=zone,
        ends_at=signed_in.ends_at,
        crisis=crisis,
    )


async def _community(db: Database, community_id: UUID) -> tuple[str, ZoneInfo, CrisisView | None]:
    async with db.read(community_id) as reader:
        community = await organisations.community(reader)
        crisis = await open_crisis_at(reader)
    return community.name, ZoneInfo(community.time_zone), crisis


def require_login(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse who is not signed in, on every route that does not declare itself public."""
    if not handler.opt.get(PUBLIC_KEY) and connection.scope.get("user") is None:
        raise SignInRequired


async def check_form_token(request: WebRequest) -> None:
    """Refuse a form that this session did not render, before anything is opened for it.

    A public form has no session: a browser that says it comes from another site is refused.
    """
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise FormNotOurs
    visitor = request.scope.get("auth")
    if not isinstance(visitor, Visitor):
        return
    sent = request.headers.get(CSRF_HEADER)
    if sent is None:
        form = await request.form()
        sent = form.get(CSRF_FIELD)
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), visitor.csrf_token.encode()):
        raise FormNotOurs
