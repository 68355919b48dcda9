"""The answers about one accueil."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from exchange.kernel.actor import Via
from exchange.placements.inputs import (
    ChangeLight,
    ConfirmArrival,
    GiveYes,
    PhoneYes,
    PlanExit,
    ProlongStay,
    RefusePlacement,
)
from exchange.placements.rules import LegalBasis, PersonYesFrom, YesParty
from exchange.reference.answers import AdmissionCondition, ExitSolution, RefusalReason
from exchange.web.forms.fields import FormRejected, PostedForm


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
    despite = form.text("despite", longest=300, required=False, paragraph=True)
    form.done()
    return ConfirmArrival(placement_id, exit_on, despite or None)


def read_legal_basis(form: PostedForm, placement_id: UUID, channel: Via) -> GiveYes:
    """Return in which frame the person is hosted. Raises `FormRejected` with every complaint."""
    basis = form.choice("legal_basis", LegalBasis, LegalBasis.CDAPH_DECISION)
    before = form.optional_whole("temporary_days_before", least=0, most=366)
    form.done()
    return GiveYes(placement_id, YesParty.LEGAL_BASIS, channel, legal_basis=basis.value, temporary_days_before=before)


def read_light(form: PostedForm, placement_id: UUID) -> ChangeLight:
    """Return which condition of the arrival changes. Raises `FormRejected`."""
    condition = form.choice("condition", AdmissionCondition, AdmissionCondition.TRANSPORT)
    is_done = form.one_of("is_done", ("yes", "no")) == "yes"
    form.done()
    return ChangeLight(placement_id, condition, is_done)


EXIT_ALIASES: Final = {"exit_on": "planned_exit_on"}
"""Beside the form of the arrival, which says a date of exit too."""


def read_exit(form: PostedForm, placement_id: UUID) -> PlanExit:
    """Return when and to where the person leaves. Raises `FormRejected` with every complaint."""
    exit_on = form.day("planned_exit_on")
    solution = form.choice("solution", ExitSolution, ExitSolution.USUAL_PLACE)
    form.done()
    if exit_on is None:
        raise FormRejected(form.errors)
    return PlanExit(placement_id, exit_on, solution)


PROLONGATION_ALIASES: Final = {
    "exit_on": "new_exit_on",
    "person_yes_from": "new_person_yes_from",
    "legal_basis": "new_legal_basis",
}
"""The page shows two exits: the one that stands and the one asked for."""


def read_prolongation(form: PostedForm, placement_id: UUID) -> ProlongStay:
    """Return until when the person stays, and who agreed. Raises `FormRejected` with every complaint."""
    exit_on = form.day("new_exit_on")
    person = form.choice("new_person_yes_from", PersonYesFrom, PersonYesFrom.PERSON)
    basis = form.optional_choice("new_legal_basis", LegalBasis)
    spoken_with = form.text("spoken_with", longest=120, required=False)
    function = form.text("function", longest=120, required=False)
    form.done()
    if exit_on is None:
        raise FormRejected(form.errors)
    return ProlongStay(placement_id, exit_on, person.value, basis, spoken_with or None, function or None)
