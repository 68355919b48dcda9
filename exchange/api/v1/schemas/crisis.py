"""Crisis organisation and derogations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, field

from exchange.api.v1.schemas.values import Body, Instant, Resource, ShortText
from exchange.organisations.crisis_rules import OrderCrisis
from exchange.reference.answers import CrisisRequester
from exchange.staffing.derogations import RecordDerogation

Clocks = Annotated[
    dict[str, Annotated[int, Meta(ge=1, le=10_080)]],
    Meta(max_length=20, description="Délais resserrés, par nom de paramètre ; absents : ceux qui sont proposés"),
]


class CrisisActResource(Resource):
    """One act: opening or prolongation. `until`: what it became; `planned_until`: what it told."""

    since: datetime
    until: datetime
    planned_until: datetime
    requested_by: CrisisRequester
    order_reference: str
    ended_how: str | None


class CrisisResource(Resource):
    """A crisis organisation opened by the community; it ends by itself at `until`."""

    id: UUID
    opened_at: datetime
    until: datetime
    requested_by: CrisisRequester
    order_reference: str
    clocks: dict[str, int]
    acts: list[CrisisActResource]


class DerogationResource(Resource):
    """What a dated text allows over a figure of working time, both days in force, in minutes."""

    id: UUID
    rule_set: str
    figure: str
    amount: int
    text_reference: str
    issued_by: str
    first_day: date
    last_day: date
    recorded_at: datetime


class CrisisStateResource(Resource):
    """`open`: absent where the ordinary clocks are in force. `clocks`: those in force now."""

    open: CrisisResource | None
    clocks: dict[str, int]
    past: list[CrisisResource]
    derogations: list[DerogationResource]


class OrderCrisisBody(Body):
    """`requested_by`: at whose request; `order_reference`: the message, letter or decision that asks for it."""

    requested_by: CrisisRequester
    order_reference: ShortText
    until: Instant
    clocks: Clocks = field(default_factory=dict)

    def asked(self) -> OrderCrisis:
        return OrderCrisis(self.requested_by.value, self.order_reference, self.until, self.clocks)


class RecordDerogationBody(Body):
    """`rule_set`: `law`, or the code of a collective agreement; both days in force."""

    rule_set: ShortText
    figure: ShortText
    amount: Annotated[int, Meta(ge=0, le=10_080)]
    text_reference: ShortText
    issued_by: ShortText
    first_day: date
    last_day: date

    def asked(self) -> RecordDerogation:
        return RecordDerogation(
            self.rule_set,
            self.figure,
            self.amount,
            self.text_reference,
            self.issued_by,
            self.first_day,
            self.last_day,
        )
