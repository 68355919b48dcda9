"""What this slice refuses."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class VolunteerAlreadyLent(DomainError):
    """The person is bound elsewhere at these hours, travel included."""

    code = "volunteer-already-lent"
    status = 409


class LoanOutdated(DomainError):
    """The person's times or the need have changed since the proposal was made; a new one is on its way."""

    code = "loan-outdated"
    status = 409


class LoanTooLate(DomainError):
    """The first shift has begun, or will have before anybody can arrive."""

    code = "loan-too-late"
    status = 409


class LoanNotAsked(DomainError):
    """Nobody has asked for this loan yet: there is nothing to agree to."""

    code = "loan-not-asked"
    status = 409


class LoanAnswerTooLate(DomainError):
    """The hour by which the parties were to answer has passed."""

    code = "loan-answer-too-late"
    status = 409


class AgreementAlreadyGiven(DomainError):
    """This party has already agreed."""

    code = "agreement-already-given"
    status = 409


class NeedNoLongerOpen(DomainError):
    """The host's need is covered, closed or cancelled."""

    code = "need-no-longer-open"
    status = 409


class WorkingTimeBreached(DomainError):
    """The loan would break a rule of working time; `facts` hold the rule, its limit and what was found."""

    code = "working-time-breached"
    status = 409


class LendCapReached(DomainError):
    """The lender has said how many of its professionals it can spare that day: it would be one too many."""

    code = "lend-cap-reached"
    status = 409
