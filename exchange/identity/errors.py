"""What this slice refuses. No error tells whether an account exists to someone who does not hold it."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class SignInRequired(DomainError):
    """Nobody is known behind this request: no session, no token, or one that is over."""

    code = "sign-in-required"
    status = 401


class SignInRefused(DomainError):
    """The address, the password, or the account's standing: which one is not told."""

    code = "sign-in-refused"
    status = 401


class AccountAlreadyExists(DomainError):
    """One account per e-mail address."""

    code = "account-already-exists"
    status = 409


class LinkNoLongerValid(DomainError):
    """The link was spent, or its time is over."""

    code = "link-no-longer-valid"
    status = 409
