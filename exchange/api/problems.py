"""One translation of every refusal into an RFC 9457 problem, with a stable code and a French sentence.

A problem never names the address asked for: what a stranger may not see answers like what does not exist.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from exchange.adapters.postgres_refusals import Busy, refusal_of
from exchange.api.errors import BodyTooLarge, InternalFault, MethodNotAllowed, RequestRefused, RouteUnknown
from exchange.identity.errors import SignInRequired
from exchange.kernel.errors import ActForbidden, DomainError, InvalidValue
from exchange.kernel.versions import StaleVersion
from exchange.wording.errors import next_step_of, sentence_of

AnyRequest = Request[Any, Any, State]

MEDIA_TYPE = "application/problem+json"
CODE_SPACE = "urn:entraide:problem:"
RETRY_AFTER_SECONDS = 1
PRIVATE_HEADERS: Final[Mapping[str, str]] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Of every answer of this door: kept by no cache, read as nothing else than what it says it is."""

_log = logging.getLogger(__name__)


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An RFC 9457 problem. `code` is stable; `title`, `detail` and `next_step` are for people, in French.

    `changes`: of a stale version, what has happened since, oldest first.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    next_step: str | None = None
    facts: dict[str, str | int] = {}
    changes: list[str] = []


def problem_of(error: DomainError) -> Problem:
    """Return the problem that tells a refusal."""
    title, detail = sentence_of(error)
    return Problem(
        type=CODE_SPACE + error.code,
        title=title,
        status=error.status,
        detail=detail,
        code=error.code,
        field=error.field,
        next_step=next_step_of(error),
        facts=dict(error.facts),
        changes=list(error.changes) if isinstance(error, StaleVersion) else [],
    )


def told(error: DomainError, headers: Mapping[str, str] | None = None) -> Response[Problem]:
    """Return the response that tells a refusal."""
    return Response(
        problem_of(error),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers={**_headers_of(error), **(headers or {}), **PRIVATE_HEADERS},
    )


def tell_domain_error(request: AnyRequest, error: DomainError) -> Response[Problem]:
    """Tell what the house or this door refused."""
    return told(error)


def tell_http_error(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """Tell what the framework refused, in the house's words."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return tell_unexpected(request, error)
    return told(_as_refusal(error), error.headers)


def tell_database_error(request: AnyRequest, error: DBAPIError) -> Response[Problem]:
    """Tell what the database refused; what it cannot have refused to an input is a defect."""
    refusal = refusal_of(error)
    return tell_unexpected(request, error) if refusal is None else told(refusal)


def tell_busy(request: AnyRequest, error: Exception) -> Response[Problem]:
    """Tell that the database cannot be reached, or that no connection came free in time."""
    _log.warning("database out of reach: %s", type(error).__name__)
    return told(Busy())


def tell_unexpected(request: AnyRequest, error: Exception) -> Response[Problem]:
    """Tell a defect of ours without showing it; the log keeps the trace, by route and never by address."""
    route = getattr(request.scope.get("route_handler"), "handler_name", "-")
    _log.error("unexpected error in %s", route, exc_info=error)
    return told(InternalFault())


EXCEPTION_HANDLERS: Final[ExceptionHandlersMap] = {
    DomainError: tell_domain_error,
    HTTPException: tell_http_error,
    DBAPIError: tell_database_error,
    PoolTimeout: tell_busy,
    OSError: tell_busy,
    Exception: tell_unexpected,
}


def _as_refusal(error: HTTPException) -> DomainError:
    if isinstance(error, ValidationException):
        return InvalidValue(field=_field_of(error), rule="format")
    match error.status_code:
        case HTTPStatus.UNAUTHORIZED:
            return SignInRequired()
        case HTTPStatus.FORBIDDEN:
            return ActForbidden()
        case HTTPStatus.NOT_FOUND:
            return RouteUnknown()
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodNotAllowed()
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return BodyTooLarge()
        case _:
            return RequestRefused()


def _field_of(error: ValidationException) -> str | None:
    lines = error.extra if isinstance(error.extra, list) else []
    return next((str(line["key"]) for line in lines if isinstance(line, dict) and "key" in line), None)


def _headers_of(error: DomainError) -> dict[str, str]:
    match error.status:
        case HTTPStatus.UNAUTHORIZED:
            return {"WWW-Authenticate": "Bearer"}
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return {"Retry-After": str(RETRY_AFTER_SECONDS)}
        case _:
            return {}


_MEANINGS: Final[Mapping[int, str]] = {
    400: "Requête illisible, champ ou paramètre inconnu",
    401: "Jeton absent ou dépassé",
    403: "Le rôle ne permet pas cet acte",
    404: "Absent, ou à ne pas montrer",
    405: "Méthode non prévue",
    409: "L'état ne permet pas cet acte",
    413: "Corps trop volumineux",
    422: "Valeur invalide, nommée par `field`",
    503: "Trop de demandes à la fois, à renvoyer",
}


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """Return the OpenAPI description of the problems that a route may answer."""
    return {
        status: ResponseSpec(Problem, generate_examples=False, description=_MEANINGS[status], media_type=MEDIA_TYPE)
        for status in statuses
    }


READ_PROBLEMS: Final = documented(400, 401, 403, 404, 422, 503)
WRITE_PROBLEMS: Final = documented(400, 401, 403, 404, 409, 413, 422, 503)
