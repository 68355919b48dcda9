"""What the model says of each thing, in the shape in which the rows are read."""

from __future__ import annotations

from datetime import datetime

from bench.storm.plain.world import Plain
from bench.storm.verdicts.views import View


def told(plain: Plain) -> View:
    found: View = {}
    for key, offer in plain.offers.items():
        counters = sorted([number, one.capacity, one.used, one.over] for number, one in offer.counters.items())
        found[f"offer {key}"] = [offer.state, _iso(offer.fresh_until), offer.terms, counters]
    for key, one in plain.situations.items():
        found[f"situation {key}"] = [one.state, one.outcome, one.terms, one.arrived]
    for key, placement in plain.placements.items():
        found[f"placement {key}"] = [
            placement.state,
            placement.rank,
            _iso(placement.held_until),
            [party in placement.yeses for party in ("receiver", "person", "legal_basis")],
            placement.by_phone,
            placement.reason,
        ]
    for key, need in plain.needs.items():
        found[f"need {key}"] = [need.state, need.terms]
    for key, shift in plain.shifts.items():
        found[f"shift {key}"] = [shift.seats]
    for key, loan in plain.loans.items():
        agreed = [party in loan.agreed for party in ("lender", "person", "host")]
        found[f"loan {key}"] = [loan.state, _iso(loan.answer_by), agreed]
    return found


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
