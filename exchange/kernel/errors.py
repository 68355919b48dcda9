"""What the house refuses, and with which status; the French sentences live in `exchange/wording/errors.py`."""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code and status (decision 5 of the design).

    `field` names the input at fault. `facts` are the safe parameters of the sentence: never personal data.
    Status: 403 the role forbids it, 404 also hides, 409 the state forbids it, 422 the value is invalid.
    """

    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, *, field: str | None = None, **facts: str | int) -> None:
        super().__init__(self.code)
        self.field = field
        self.facts = facts


class ActForbidden(DomainError):
    """The actor's role does not allow this act."""

    code = "act-forbidden"
    status = 403


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not-found"
    status = 404


class InvalidValue(DomainError):
    """A value breaks a rule; `field` names it and `facts["rule"]` is the rule's code."""

    code = "invalid-value"
    status = 422


class IllegalTransition(DomainError):
    """The thing's state forbids this act; `facts` hold the state and the act."""

    code = "illegal-transition"
    status = 409


class IdempotencyKeyReused(DomainError):
    """The same Idempotency-Key came with another request body."""

    code = "idempotency-key-reused"
    status = 422
