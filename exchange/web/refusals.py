"""What was refused, said politely: beside the field, in a summary, in a small notice, or on a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from exchange.adapters.postgres_refusals import Busy, refusal_of
from exchange.identity.errors import SignInRequired
from exchange.kernel.errors import DomainError, IdempotencyKeyReused
from exchange.kernel.versions import StaleVersion
from exchange.web.authentication import SAFE_METHODS
from exchange.web.forms.fields import IDEMPOTENCY_FIELD, FormRejected, FormView
from exchange.web.opening import FORM_ERROR_STATUS, SIGN_IN_PATH
from exchange.web.posting import FormPage, form_page_of
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest
from exchange.wording.errors import next_step_of, sentence_of

_log = structlog.get_logger(__name__)

_HTTP_SENTENCES: Final = {
    400: ("Demande incomprise", "La page a reçu une demande qu'elle ne comprend pas. Revenez en arrière et réessayez."),
    403: (
        "Formulaire à recharger",
        "Rien n'a été enregistré : la page était ouverte depuis trop longtemps, ou le formulaire vient d'ailleurs."
        " Rechargez la page et recommencez.",
    ),
    404: ("Page introuvable", "Cette page n'existe pas, ou ne vous est pas ouverte."),
    405: ("Page introuvable", "Cette adresse ne se consulte pas directement."),
    413: ("Envoi trop lourd", "Ce formulaire dépasse la taille permise."),
}
_DEFECT: Final = (
    "Une erreur est survenue de notre côté",
    "Rien n'a été enregistré. Réessayez dans un instant ; si cela continue, téléphonez.",
)
_SENT_TWICE: Final = (
    "Ce formulaire a déjà été envoyé",
    "Sa première version est enregistrée. Ouvrez de nouveau la page pour en envoyer une autre.",
)
_FORM_HAS_MISTAKES: Final = "Rien n'est encore enregistré : corrigez les réponses signalées ci-dessous."


def refuse_form(request: WebRequest, error: FormRejected) -> Response[str]:
    """Show the form again, each complaint beside its field, what was typed kept."""
    form_page = form_page_of(request)
    if form_page is None:
        sentence = "; ".join(error.errors.values())
        return _told(request, FORM_ERROR_STATUS, "Réponse incomplète", sentence)
    return _again(request, form_page, FORM_ERROR_STATUS, dict(error.errors), _FORM_HAS_MISTAKES)


def refuse_act(request: WebRequest, error: DomainError) -> Response[Any]:
    """Say what the house refused, where the person is looking."""
    if isinstance(error, SignInRequired):
        return _ask_to_sign_in(request)
    title, detail = _worded(error)
    form_page = form_page_of(request)
    changes = error.changes if isinstance(error, StaleVersion) else ()
    if form_page is None:
        return _told(request, error.status, title, detail, changes)
    field = None if error.field is None else form_page.aliases.get(error.field, error.field)
    if field is None:
        return _again(request, form_page, error.status, {}, f"{title}. {detail}", changes)
    return _again(request, form_page, error.status, {field: detail}, title)


def refuse_in_database(request: WebRequest, error: DBAPIError) -> Response[Any]:
    """A constraint spoke, or the database is away: nothing was saved, and nobody reads a stack trace."""
    refusal = refusal_of(error)
    if refusal is not None:
        return refuse_act(request, refusal)
    return refuse_defect(request, error)


def refuse_for_now(request: WebRequest, error: Exception) -> Response[Any]:
    """The database cannot be reached, or no connection came free in time: the same page may be asked for again."""
    _log.warning("database_out_of_reach", error=type(error).__name__)
    return refuse_act(request, Busy())


def refuse_defect(request: WebRequest, error: Exception) -> Response[Any]:
    """A defect of ours, or a database out of reach: said plainly, without showing anything of it."""
    route = getattr(request.scope.get("route_handler"), "handler_name", "-")
    _log.error("page_defect", route=route, exc_info=error)
    return _told(request, 500, *_DEFECT)


def refuse_request(request: WebRequest, error: HTTPException) -> Response[Any]:
    """An address or a request that means nothing here."""
    title, detail = _HTTP_SENTENCES.get(error.status_code, _HTTP_SENTENCES[400])
    return _told(request, error.status_code, title, detail)


EXCEPTION_HANDLERS: Final[ExceptionHandlersMap] = {
    FormRejected: refuse_form,
    DomainError: refuse_act,
    DBAPIError: refuse_in_database,
    PoolTimeout: refuse_for_now,
    OSError: refuse_for_now,
    HTTPException: refuse_request,
    Exception: refuse_defect,
}


def _worded(error: DomainError) -> tuple[str, str]:
    if isinstance(error, IdempotencyKeyReused):
        return _SENT_TWICE
    title, detail = sentence_of(error)
    next_step = next_step_of(error)
    return title, f"{detail} {next_step}" if next_step else detail


def _again(
    request: WebRequest,
    form_page: FormPage,
    status: int,
    errors: dict[str, str],
    summary: str,
    changes: Sequence[str] = (),
) -> Response[str]:
    values = form_page.posted.values
    key = (list(values.get(IDEMPOTENCY_FIELD, ())) or [""])[0]
    form = FormView(values, key, errors, summary, changes)
    return page(request, form_page.template, form_page.now, {**form_page.context, "form": form}, status)


def _told(request: WebRequest, status: int, title: str, detail: str, changes: Sequence[str] = ()) -> Response[str]:
    told = {"title": title, "detail": detail, "changes": changes, "left": _page_left(request)}
    response = page(request, "layout/refusal.html", None, told, status)
    if request.headers.get("hx-request") == "true":
        response.headers.update({"HX-Retarget": "#avis", "HX-Reswap": "innerHTML", "HX-Reselect": "#refus"})
    return response


def _page_left(request: WebRequest) -> str:
    """The page of ours that the act came from; its path alone, since a header is anybody's text."""
    told = request.headers.get("hx-current-url") or request.headers.get("referer") or "/"
    path = urlsplit(told).path
    return path if path.startswith("/") and not path.startswith("//") else "/"


def _ask_to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    wanted = request.url.path if request.method in SAFE_METHODS else "/"
    address = SIGN_IN_PATH if wanted == "/" else f"{SIGN_IN_PATH}?suite={quote(wanted, safe='/')}"
    if request.headers.get("hx-request") == "true":
        return Response(None, status_code=401, headers={"HX-Redirect": address})
    if request.headers.get("accept") == "text/event-stream":
        return Response(None, status_code=401)
    return Redirect(address, status_code=303)
