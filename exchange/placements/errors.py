"""What this slice refuses."""

from __future__ import annotations

from exchange.kernel.errors import DomainError


class ProposalOutdated(DomainError):
    """The situation or the offer has changed since the proposal was made; a new one is on its way."""

    code = "proposal-outdated"
    status = 409


class OfferToConfirm(DomainError):
    """The offer is past its lifetime: its facility confirms it before it is promised."""

    code = "offer-to-confirm"
    status = 409


class AnswerNotOpen(DomainError):
    """No placement of this rank is still only proposed."""

    code = "answer-not-open"
    status = 409


class AnswerChanged(DomainError):
    """A newer search put other places at this rank: what was shown is not what would be held."""

    code = "answer-changed"
    status = 409


class SegmentsAlreadyServed(DomainError):
    """Another placement of the same situation already claims some of these days or nights."""

    code = "segments-already-served"
    status = 409


class GroupIncomplete(DomainError):
    """Persons to be kept together have no answer of this rank for each of them."""

    code = "group-incomplete"
    status = 409


class HoldOver(DomainError):
    """The hold has ended: the place is no longer kept."""

    code = "hold-over"
    status = 409


class YesAlreadyGiven(DomainError):
    """This party's yes is already recorded; a second one would erase who said it and when."""

    code = "yes-already-given"
    status = 409


class AgreementNotTheirs(DomainError):
    """The legal status of the person gives this agreement to someone else."""

    code = "agreement-not-theirs"
    status = 422


class SpokenWithRequired(DomainError):
    """A yes by phone names who spoke, and their function."""

    code = "spoken-with-required"
    status = 422


class NotAPhoneYes(DomainError):
    """Only a yes recorded for the facility by someone else can be contested."""

    code = "not-a-phone-yes"
    status = 409


class ArrivalTooEarly(DomainError):
    """The first day or night that the placement claims has not begun; `first_on` is the first possible date."""

    code = "arrival-too-early"
    status = 409


class ExitBeforeStayEnds(DomainError):
    """The exit date is before the end of the days and nights that the placement claims."""

    code = "exit-before-stay-ends"
    status = 422


class ExitDateRequired(DomainError):
    """A stay that is not permanent has an exit date before the arrival is confirmed."""

    code = "exit-date-required"
    status = 422


class EmergencyStayTooLong(DomainError):
    """An emergency admission lasts fewer than `most` days: a longer stay needs a CDAPH decision."""

    code = "emergency-stay-too-long"
    status = 422


class LightsMissing(DomainError):
    """Some conditions are red and the arrival is not tonight's urgency: done first, or passed over with a reason."""

    code = "lights-missing"
    status = 409


class LightNotNeeded(DomainError):
    """This stay does not need that condition."""

    code = "light-not-needed"
    status = 422


class CoverMissing(DomainError):
    """A shift that the place rests on over these dates is not covered."""

    code = "cover-missing"
    status = 409


class PrivateNoteRequired(DomainError):
    """The reason « other » explains itself in the private note."""

    code = "private-note-required"
    status = 422


class NotAnAdult(DomainError):
    """A place frees by the departure of an adult kept on, aged twenty or more."""

    code = "not-an-adult"
    status = 422
