"""A crisis organisation and a derogation, as a coordinator asks for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.organisations.crisis import open_crisis
from exchange.organisations.crisis_rules import OrderCrisis
from exchange.staffing.derogations import RecordDerogation


def a_coordinator(community_id: UUID) -> Actor:
    """A coordinator without an account, as the command line would make one."""
    return Actor(community_id=community_id, role=Role.COORDINATOR, via=Via.WEB)


def an_order(now: datetime, **over: object) -> OrderCrisis:
    """At the ARS's request, for a week."""
    asked: dict[str, object] = {
        "requested_by": "health_agency",
        "order_reference": "message du 20 mars",
        "until": now + timedelta(days=7),
        **over,
    }
    return OrderCrisis(**asked)  # type: ignore[arg-type]


async def an_open_crisis(tx: AsyncSession, community_id: UUID, **over: object) -> UUID:
    """Opened now by a coordinator."""
    return await open_crisis(tx, a_coordinator(community_id), an_order(now_of(tx), **over), now_of(tx))


def a_derogation(first_day: date, last_day: date, **over: object) -> RecordDerogation:
    """Sixty hours a week by a decree."""
    asked: dict[str, object] = {
        "rule_set": "law",
        "figure": "week_minutes",
        "amount": 3_600,
        "text_reference": "décret d'essai du 20 mars",
        "issued_by": "Premier ministre",
        "first_day": first_day,
        "last_day": last_day,
        **over,
    }
    return RecordDerogation(**asked)  # type: ignore[arg-type]
