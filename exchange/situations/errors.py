"""What this slice refuses."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class LinkedSituationAlreadyAnswered(DomainError):
    """Somebody already holds a place for the other person: the two can no longer be bound to one answer."""

    code = "linked-situation-already-answered"
    status = 409


class LevelOneStep(DomainError):
    """A level is changed one step at a time; `facts["level"]` is today's."""

    code = "level-one-step"
    status = 409


class PossibleDuplicate(DomainError):
    """Open situations may be of the same person; `facts["references"]` names them.

    Saying of each that it is somebody else, or keeping the two together, lets the same request through.
    """

    code = "possible-duplicate"
    status = 409


class TermsMoved(DomainError):
    """What is asked for was changed by somebody else since it was read."""

    code = "terms-moved"
    status = 409


class BlockInUse(DomainError):
    """A place is kept or inhabited on dates that would be taken away."""

    code = "block-in-use"
    status = 409


class NotAReferent(DomainError):
    """Whoever is named does not coordinate here, or no longer."""

    code = "not-a-referent"
    status = 422


class NoHandOverOffered(DomainError):
    """Nobody asked this person to take over, or no longer."""

    code = "no-hand-over-offered"
    status = 409


class ReferentStillThere(DomainError):
    """A referent in office is asked, never replaced without an answer."""

    code = "referent-still-there"
    status = 409


class CallBackSettled(DomainError):
    """This call was made already, or called off."""

    code = "call-back-settled"
    status = 409


class NoAlertRuns(DomainError):
    """Nobody is being called for this situation: somebody answered meanwhile."""

    code = "no-alert-runs"
    status = 409
