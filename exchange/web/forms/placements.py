"""The answers about one accueil."""

from __future__ import annotations

from uuid import UUID

from exchange.placements.inputs import ConfirmArrival, PhoneYes, RefusePlacement
from exchange.reference.answers import RefusalReason
from exchange.web.forms.fields import PostedForm


def read_refusal(form: PostedForm, placement_id: UUID) -> RefusePlacement:
    """Return why the site cannot host. Raises `FormRejected` with every complaint."""
    reason = form.choice("reason", RefusalReason, RefusalReason.OTHER)
    note = form.text("private_note", longest=300, required=False, paragraph=True)
    if reason is RefusalReason.OTHER and not note and not form.errors:
        form.wrong("private_note", "Dites en quelques mots pourquoi : cette note reste entre vous et la coordination.")
    form.done()
    return RefusePlacement(placement_id, reason, note or None)


def read_phone_yes(form: PostedForm, placement_id: UUID) -> PhoneYes:
    """Return who said yes on the phone. Raises `FormRejected` with every complaint."""
    spoken_with = form.text("spoken_with", longest=120)
    function = form.text("function", longest=120)
    form.done()
    return PhoneYes(placement_id, spoken_with, function)


def read_arrival(form: PostedForm, placement_id: UUID) -> ConfirmArrival:
    """Return the arrival, with its exit date where one is known. Raises `FormRejected` with every complaint."""
    exit_on = form.day("exit_on", required=False)
    form.done()
    return ConfirmArrival(placement_id, exit_on)
