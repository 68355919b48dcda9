"""The one place that assembles the application: settings, database, adapters, both doors."""

from __future__ import annotations

from typing import Any, Final

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from exchange import api, web
from exchange.adapters.redis_hints import RedisHints
from exchange.api.bodies import MOST_BYTES
from exchange.api.dependencies import DEPENDENCIES
from exchange.api.description import openapi_config
from exchange.api.health import show_health
from exchange.api.once_more import sent_once_more
from exchange.api.problems import EXCEPTION_HANDLERS, tell_http_error
from exchange.kernel.db import Database, make_engine
from exchange.reactions import reactions
from exchange.settings import Settings
from exchange.web.refusals import refuse_request

API_PATH: Final = "/api/"


def create_app(settings: Settings) -> Litestar:
    """Return the application of one process; its connections open on first use and close with it."""
    engine = make_engine(settings.database_url)
    hints = RedisHints(settings.redis_url)
    database = Database(engine=engine, reactions=reactions, hint=hints.publish)

    async def close() -> None:
        await hints.close()
        await engine.dispose()

    app = Litestar(
        route_handlers=[show_health, *api.route_handlers(), *web.route_handlers()],
        dependencies=dict(DEPENDENCIES),
        exception_handlers={**EXCEPTION_HANDLERS, HTTPException: _tell_http_error},
        state=State({"settings": settings, "database": database, "hints": hints}),
        on_shutdown=[close],
        openapi_config=openapi_config(),
        request_max_body_size=MOST_BYTES,
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = sent_once_more(app.asgi_handler)
    return app


def _tell_http_error(request: Request[Any, Any, State], error: HTTPException) -> Response[Any]:
    """Tell browsers in a page and programs in a problem, also where no route of a door was found."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.scope["path"].startswith(API_PATH):
        return refuse_request(request, error)
    return tell_http_error(request, error)
