"""The one list of what the REST door opens, with what every route shares."""

from __future__ import annotations

from typing import Final

from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.types import ControllerRouterHandler

from exchange.api.authentication import BearerAuthentication
from exchange.api.bodies import refuse_malformed
from exchange.api.guards import require_listed_role
from exchange.api.problems import EXCEPTION_HANDLERS, PRIVATE_HEADERS
from exchange.api.v1 import (
    agreements,
    availability,
    board,
    crisis,
    deals,
    drills,
    ground,
    loans,
    place_weeks,
    placements,
    planning,
    repetition,
    situations,
    staffing,
    stays,
    told,
    volunteer_weeks,
)

PATH: Final = "/api/v1"

READS: Final[tuple[HTTPRouteHandler, ...]] = (
    *ground.READS,
    *availability.READS,
    *told.READS,
    *place_weeks.READS,
    *staffing.READS,
    *volunteer_weeks.READS,
    *repetition.READS,
    *situations.READS,
    *placements.READS,
    *loans.READS,
    *board.READS,
    *planning.READS,
    *crisis.READS,
    *drills.READS,
)
WRITES: Final[tuple[HTTPRouteHandler, ...]] = (
    *availability.WRITES,
    *told.WRITES,
    *place_weeks.WRITES,
    *staffing.WRITES,
    *volunteer_weeks.WRITES,
    *repetition.WRITES,
    *situations.WRITES,
    *placements.WRITES,
    *agreements.WRITES,
    *stays.WRITES,
    *deals.WRITES,
    *loans.WRITES,
    *planning.WRITES,
    *crisis.WRITES,
    *drills.WRITES,
)


def route_handlers() -> list[ControllerRouterHandler]:
    """Return what the application mounts: one door, whose every route asks for a token and lists its roles."""
    return [
        Router(
            path=PATH,
            route_handlers=[*READS, *WRITES],
            middleware=[DefineMiddleware(BearerAuthentication, exclude_http_methods=())],
            guards=[require_listed_role],
            before_request=refuse_malformed,
            exception_handlers=EXCEPTION_HANDLERS,
            response_headers=PRIVATE_HEADERS,
        )
    ]
