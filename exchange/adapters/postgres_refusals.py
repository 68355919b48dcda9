"""What PostgreSQL refuses, told as the house would have: the last line behind every rule."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from exchange.availability import errors as availability
from exchange.kernel.db import constraint_of
from exchange.kernel.errors import DomainError, InvalidValue
from exchange.loans import errors as loans
from exchange.organisations import errors as organisations
from exchange.placements import errors as placements
from exchange.staffing import errors as staffing

_log = logging.getLogger(__name__)


class ChangedMeanwhile(DomainError):
    """Someone else's change, committed a moment before, makes this one impossible."""

    code = "changed-meanwhile"
    status = 409


class Busy(DomainError):
    """Too much at once, or the database is away for a moment: the same request may be sent again."""

    code = "busy"
    status = 503


BY_CONSTRAINT: Final[Mapping[str, type[DomainError]]] = MappingProxyType(
    {
        **availability.BY_CONSTRAINT,
        **staffing.BY_CONSTRAINT,
        "uq_placement_segments_claiming": placements.SegmentsAlreadyServed,
        "ex_loan_shifts_person": loans.VolunteerAlreadyLent,
        "ex_community_parameters_during": organisations.CrisisAlreadyOpen,
    }
)

FOREIGN_KEY_VIOLATION = "23503"
NOT_NULL_VIOLATION = "23502"
BUSY_STATES = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300"})
"""Serialisation failure, deadlock, lock not available, cancelled by a timeout, shutting down, too many clients."""

DATA_EXCEPTION_CLASS = "22"
CONNECTION_EXCEPTION_CLASS = "08"


def refusal_of(error: DBAPIError) -> DomainError | None:
    """Return the refusal that a database error means, or None where it is a defect of ours."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if isinstance(error, IntegrityError):
        refusal = BY_CONSTRAINT.get(constraint_of(error) or "")
        if refusal is not None:
            return refusal()
        if state == FOREIGN_KEY_VIOLATION:
            return InvalidValue(rule="unknown-reference")
        if state == NOT_NULL_VIOLATION:
            return None
        # Only a race gets past the rules to a constraint without a name of its own here; if it is a defect, this tells.
        _log.warning("constraint %s refused a change", constraint_of(error))
        return ChangedMeanwhile()
    if state in BUSY_STATES or state.startswith(CONNECTION_EXCEPTION_CLASS) or error.connection_invalidated:
        return Busy()
    if state.startswith(DATA_EXCEPTION_CLASS):
        return InvalidValue(rule="unstorable")
    return None
