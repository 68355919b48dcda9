"""The overflow, when nobody answers: its steps in order, when each is due, which outside service is for whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from exchange.kernel.errors import InvalidValue
from exchange.reference.code_lists import AgeBand, NeedCode, Urgency
from exchange.reference.following import Audience, EscalationStep

LONGEST_WAIT_MINUTES: Final = 24 * 60
MAJORITY: Final = 18


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One step, and how long after the step before (after the alert, for the first) it is due."""

    step: EscalationStep
    wait_minutes: int


_E, _A = EscalationStep, Audience

USUAL_PLAN: Final = (
    PlanLine(_E.SECOND_ON_CALL, 0),
    PlanLine(_E.REFERENT, 15),
    PlanLine(_E.COORDINATOR, 15),
    PlanLine(_E.OUTSIDE_SERVICE, 15),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step already taken. `found_somebody`: whether anybody stood behind it; if not, the next one does not wait."""

    due_at: datetime
    found_somebody: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A named service outside the network. Hours are local; without them it answers day and night."""

    code: str
    name: str
    phone: str
    audiences: frozenset[Audience]
    opens_at: time | None = None
    closes_at: time | None = None

    def answers_at(self, local: time) -> bool:
        """Whether somebody answers at a local hour; hours may run over midnight."""
        if self.opens_at is None or self.closes_at is None:
            return True
        if self.opens_at <= self.closes_at:
            return self.opens_at <= local < self.closes_at
        return local >= self.opens_at or local < self.closes_at


NATIONAL_SERVICES: Final = (
    Service("samu", "SAMU", "15", frozenset({_A.DANGER, _A.ADULT, _A.CHILD})),
    Service("police", "Police ou gendarmerie", "17", frozenset({_A.DANGER, _A.VIOLENCE})),
    Service("homeless", "115, sans-abri", "115", frozenset({_A.HOMELESS})),
    Service("child_danger", "119, enfance en danger", "119", frozenset({_A.CHILD})),
    Service("violence", "3919, violences faites aux femmes", "3919", frozenset({_A.VIOLENCE})),
)
"""National numbers, for a community that has entered none of its own."""


def check_plan(lines: Sequence[PlanLine]) -> None:
    """Raise `InvalidValue` (field `steps`): empty, a step twice, a wait out of range, or no outside service last."""
    steps = [line.step for line in lines]
    if len(set(steps)) != len(steps):
        raise InvalidValue(field="steps", rule="twice")
    if not steps or steps[-1] is not EscalationStep.OUTSIDE_SERVICE:
        # A list that ends with somebody of the network could end in silence.
        raise InvalidValue(field="steps", rule="ends-outside")
    for line in lines:
        if not 0 <= line.wait_minutes <= LONGEST_WAIT_MINUTES:
            raise InvalidValue(field="steps", rule="out-of-range", least=0, most=LONGEST_WAIT_MINUTES)


def next_step(
    plan: Sequence[PlanLine], since: datetime, taken: Mapping[EscalationStep, Taken]
) -> tuple[EscalationStep, datetime] | None:
    """Return the first step not taken, with the instant at which it is due; nothing once all are."""
    due_at, waits = since, True
    for line in plan:
        due_at += timedelta(minutes=line.wait_minutes if waits else 0)
        done = taken.get(line.step)
        if done is None:
            return line.step, due_at
        due_at, waits = done.due_at, done.found_somebody
    return None


def audiences_of(age_band: AgeBand, need_codes: Iterable[str], urgency: Urgency) -> frozenset[Audience]:
    """Return which services a situation may need; an age band that crosses majority is for both."""
    lowest, highest = age_band.bounds
    found = set()
    if lowest < MAJORITY:
        found.add(Audience.CHILD)
    if highest >= MAJORITY:
        found.add(Audience.ADULT)
    if urgency is Urgency.TONIGHT:
        found.add(Audience.DANGER)
        if highest >= MAJORITY:
            found.add(Audience.HOMELESS)
    if NeedCode.VIOLENCE_VICTIM in need_codes:
        found.add(Audience.VIOLENCE)
    if NeedCode.CHILD_PROTECTION in need_codes:
        found.add(Audience.CHILD)
    return frozenset(found)


def services_for(services: Iterable[Service], audiences: frozenset[Audience], local: time) -> tuple[Service, ...]:
    """Return the services that suit and answer now, in their order; all that answer now where none suits."""
    awake = [service for service in services if service.answers_at(local)]
    suited = tuple(service for service in awake if service.audiences & audiences)
    return suited or tuple(awake)
