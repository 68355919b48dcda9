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
