"""What this slice refuses."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class CommuneUnknown(DomainError):
    """No municipality bears this INSEE code."""

    code = "commune-unknown"
    status = 422


class CommuneInAnotherLivingArea(DomainError):
    """A commune belongs to one living area at most in a community."""

    code = "commune-in-another-living-area"
    status = 409


class FacilityAlreadyListed(DomainError):
    """Another facility of the community bears this FINESS number."""

    code = "facility-already-listed"
    status = 409


class OperatorAlreadyListed(DomainError):
    """Another operator of the community bears this FINESS number."""

    code = "operator-already-listed"
    status = 409


class CrisisAlreadyOpen(DomainError):
    """One crisis organisation at a time: the open one is prolonged or closed."""

    code = "crisis-already-open"
    status = 409


class CrisisNotOpen(DomainError):
    """No crisis organisation is open: it was closed, or came to its end."""

    code = "crisis-not-open"
    status = 409
