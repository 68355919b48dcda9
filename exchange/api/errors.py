"""What this door refuses before the house is asked."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class UnparsableBody(DomainError):
    """The body is not the JSON that the route expects."""

    code = "unparsable-body"
    status = 400


class UnparsableText(DomainError):
    """A text holds a character that no text may hold: U+0000, or half a surrogate pair."""

    code = "unparsable-text"
    status = 400


class BodyTooDeep(DomainError):
    """The body nests more levels than anything here needs."""

    code = "body-too-deep"
    status = 400


class BodyTooLarge(DomainError):
    """The body is larger than anything here needs."""

    code = "body-too-large"
    status = 413


class UnknownField(DomainError):
    """A field, or a parameter of the address, that the route does not know; `field` names it."""

    code = "unknown-field"
    status = 400


class RouteUnknown(DomainError):
    """No route bears this address."""

    code = "route-unknown"
    status = 404


class MethodNotAllowed(DomainError):
    """The route exists, for other methods."""

    code = "method-not-allowed"
    status = 405


class RequestRefused(DomainError):
    """A request that the server's own parser refuses."""

    code = "request-refused"
    status = 400


class InternalFault(DomainError):
    """A defect of ours; the log has it."""

    code = "internal-fault"
    status = 500
