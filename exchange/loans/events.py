"""What happens to loans. Facts hold identifiers and hours: never a name, never why a professional said no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact, JsonScalar


@dataclass(frozen=True, kw_only=True)
class _LoanFact(Fact):
    """`subject_id` is the loan."""

    subject_kind: ClassVar[str] = "loan"

    need_id: UUID
    volunteer_id: UUID


@dataclass(frozen=True, kw_only=True)
class _FactOnShifts(_LoanFact):
    """A change in what covers these shifts: each is a subject of what follows."""

    shift_ids: tuple[UUID, ...]

    def safe_facts(self) -> dict[str, JsonScalar]:
        """Return the fields as JSON scalars; the shifts are one text, separated by spaces."""
        return {**super().safe_facts(), "shift_ids": " ".join(str(shift_id) for shift_id in self.shift_ids)}


@dataclass(frozen=True, kw_only=True)
class LoanProposed(_LoanFact):
    """A run put a loan forward."""

    kind: ClassVar[str] = "loan_proposed"


@dataclass(frozen=True, kw_only=True)
class LoanAsked(_LoanFact):
    """The host asked: the lender, the professional and the host each have until `answer_by`."""

    kind: ClassVar[str] = "loan_asked"

    answer_by: datetime


@dataclass(frozen=True, kw_only=True)
class LoanReleased(_LoanFact):
    """The lender released the working time."""

    kind: ClassVar[str] = "loan_released"


@dataclass(frozen=True, kw_only=True)
class LoanConsented(_LoanFact):
    """The professional consented, on their own link."""

    kind: ClassVar[str] = "loan_consented"


@dataclass(frozen=True, kw_only=True)
class LoanAccepted(_LoanFact):
    """The host accepted."""

    kind: ClassVar[str] = "loan_accepted"


@dataclass(frozen=True, kw_only=True)
class LoanAgreed(_FactOnShifts):
    """The three agreements stand, working time is lawful, the seats are taken."""

    kind: ClassVar[str] = "loan_agreed"


@dataclass(frozen=True, kw_only=True)
class LoanDeclined(_LoanFact):
    """One party said no; a professional's reason is not told."""

    kind: ClassVar[str] = "loan_declined"

    party: str


@dataclass(frozen=True, kw_only=True)
class LoanCancelled(_FactOnShifts):
    """Called off. `was_binding`: seats were given back, and what rested on them is looked at again."""

    kind: ClassVar[str] = "loan_cancelled"

    cause: str
    was_binding: bool


@dataclass(frozen=True, kw_only=True)
class LoanExpired(_LoanFact):
    """The hour to answer passed without the three agreements."""

    kind: ClassVar[str] = "loan_expired"


@dataclass(frozen=True, kw_only=True)
class LoanSuperseded(_LoanFact):
    """A proposal that nobody asked for gave way to a newer run."""

    kind: ClassVar[str] = "loan_superseded"
