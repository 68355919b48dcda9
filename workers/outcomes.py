"""What a job that could not finish says to the outbox. A code, never a sentence: no personal data in a failure."""

from __future__ import annotations

from datetime import timedelta


class Retryable(Exception):
    """Try again later: after `delay` where the job knows it, on the row's own schedule otherwise."""

    def __init__(self, code: str, *, delay: timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.delay = delay


class Permanent(Exception):
    """Trying again cannot help: the row is settled with its code, for people to see."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
