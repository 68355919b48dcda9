"""What planning refuses to those who read its runs."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class RunWithoutPlan(DomainError):
    """The run is still solving, failed or was abandoned: there is no file to replay."""

    code = "run-without-plan"
    status = 409
