"""What planning refuses to those who read its runs."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class RunWithoutPlan(DomainError):
    """The run failed, was given up or is not over: it has no such file."""

    code = "run-without-plan"
    status = 409


class RunIsOver(DomainError):
    """The run was recorded, failed or was given up: nothing is left to stop."""

    code = "run-is-over"
    status = 409


class SearchNotStopped(DomainError):
    """The lane goes on by itself: nothing is to be asked again."""

    code = "search-not-stopped"
    status = 409


class BreachForbidden(DomainError):
    """The law, the person's own word or a promise already made forbids this pair: no reason passes over it."""

    code = "breach-forbidden"
    status = 409


class BreachReasonRequired(DomainError):
    """This pair misses something that the facility may accept: whoever proposes it says why."""

    code = "breach-reason-required"
    status = 422


class NothingLeftToServe(DomainError):
    """Every day and night asked for is served, has begun, or is no longer asked for."""

    code = "nothing-left-to-serve"
    status = 409
