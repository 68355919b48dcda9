"""What this slice refuses."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class SituationNotAtLevelThree(DomainError):
    """A referral file is made for a situation at level 3: before, the community still answers by itself."""

    code = "situation-not-at-level-three"
    status = 409


class SituationNotOnAgenda(DomainError):
    """The meeting does not speak of this situation."""

    code = "situation-not-on-agenda"
    status = 409


class GapsNotAlike(DomainError):
    """The situations of a project record lack different things."""

    code = "gaps-not-alike"
    status = 409


class ReferralNotSent(DomainError):
    """Nobody acknowledges what was not sent."""

    code = "referral-not-sent"
    status = 409
