"""What a drill refuses."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class DrillNotSolved(DomainError):
    """The drill is still being worked out, or failed: it has no line."""

    code = "drill-not-solved"
    status = 409


class DrillOver(DomainError):
    """The first night or day of the drill is over: what it found speaks of a past evening."""

    code = "drill-over"
    status = 409
