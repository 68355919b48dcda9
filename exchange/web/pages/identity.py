"""Signing in and out."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from exchange.identity import commands
from exchange.kernel.db import Database, Scope, now_of
from exchange.web.authentication import expired_cookie, session_cookie, session_token
from exchange.web.forms.fields import PostedForm
from exchange.web.opening import PUBLIC
from exchange.web.posting import blank_form, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest


@get("/connexion", opt=PUBLIC, include_in_schema=False)
async def show_sign_in(request: WebRequest, db: NamedDependency[Database]) -> Response[Any]:
    """Ask who is there."""
    if request.scope.get("user") is not None:
        return Redirect("/", status_code=303)
    form = blank_form(suite=local_address(request.query_params.get("suite")))
    return page(request, "identity/sign_in.html", None, {"form": form})


@post("/connexion", opt=PUBLIC, status_code=303, include_in_schema=False)
async def sign_in(request: WebRequest, db: NamedDependency[Database]) -> Response[Any]:
    """Open a session under a fresh identifier, whatever the browser sent."""
    posted = await posted_form(request)
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        now = now_of(reader)
    kept = PostedForm({name: values for name, values in posted.values.items() if name != "password"})
    show_again(request, "identity/sign_in.html", kept, now, {})
    email, password = posted.text("email", longest=254), posted.text("password", longest=200)
    posted.done()
    secure: bool = request.app.state["settings"].secure_cookies
    opened = await commands.sign_in(db, email, password, replaces=session_token(request.scope, secure=secure))
    wanted = local_address(posted.text("suite", longest=500, required=False))
    return Redirect(
        wanted or "/",
        status_code=303,
        cookies=[session_cookie(opened.token, secure=secure, ends_at=opened.ends_at, now=now)],
    )


@post("/deconnexion", status_code=303, include_in_schema=False)
async def sign_out(request: WebRequest, db: NamedDependency[Database]) -> Response[Any]:
    """End the session, for this browser and for its open streams."""
    secure: bool = request.app.state["settings"].secure_cookies
    token = session_token(request.scope, secure=secure)
    if token is not None:
        async with db.write(None, scope=Scope.IDENTITY) as tx:
            await commands.sign_out(tx, token, now_of(tx))
    return Redirect("/connexion", status_code=303, cookies=[expired_cookie(secure=secure)])


def local_address(wanted: str | None) -> str:
    """Return an address of this site, or nothing: a sign-in page must not send people elsewhere."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return ""
    return wanted if wanted.isprintable() else ""
