"""Every fact of the house has its line, and every job that a line names exists."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

import exchange
from exchange.kernel.record import Demand, Fact
from exchange.notifications.rules import NOTICES
from exchange.planning.lanes import Lane
from exchange.reactions import LINES, UnknownFact, reactions
from workers.jobs import JOBS

NOW = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
SUBJECT = UUID(int=1)


def facts_of_the_house() -> list[type[Fact]]:
    """Every fact that a slice may record: the concrete classes, which alone have a kind."""
    for module in pkgutil.walk_packages(exchange.__path__, "exchange."):
        if module.name.endswith(".events"):
            importlib.import_module(module.name)

    def below(kind: type[Fact]) -> Iterator[type[Fact]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    found = {kind for kind in below(Fact) if "kind" in vars(kind) and kind.__module__.startswith("exchange.")}
    return sorted(found, key=lambda kind: kind.__name__)


FACTS = facts_of_the_house()


def an_example(kind: type[Fact], **over: object) -> Fact:
    """A fact of this class with plausible values, from the types of its fields."""
    hints = get_type_hints(kind)
    values = {f.name: _value_of(hints[f.name]) for f in fields(kind) if f.name not in ("subject_id", "cards")}
    return kind(subject_id=SUBJECT, **{**values, **over})


def _value_of(hint: Any) -> object:
    if get_origin(hint) in (UnionType, Union):
        return _value_of(next(choice for choice in get_args(hint) if choice is not type(None)))
    if get_origin(hint) is tuple:
        return (_value_of(get_args(hint)[0]),)
    later = NOW + timedelta(hours=1)
    known = {UUID: UUID(int=2), datetime: later, date: later.date(), int: 4, bool: True, str: "searching"}
    return known[hint]


def demands_of(kind: type[Fact], **over: object) -> list[Demand]:
    return list(reactions(an_example(kind, **over), NOW))


def test_there_are_facts_to_react_to() -> None:
    assert len(FACTS) > 25


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_every_fact_has_its_line(kind: type[Fact]) -> None:
    demands_of(kind)
    assert kind in LINES


def test_no_line_is_left_for_a_fact_that_no_longer_exists() -> None:
    assert LINES.keys() == set(FACTS)


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_every_job_asked_for_exists(kind: type[Fact]) -> None:
    lanes = {lane.job: lane.value for lane in Lane}
    for demand in demands_of(kind):
        if demand.gather_key is None:
            assert demand.job in JOBS
        else:
            assert lanes[demand.job] == demand.gather_key


def test_every_job_is_asked_for_by_some_fact_or_written_with_messages_or_evenings() -> None:
    asked = {demand.job for kind in FACTS for demand in demands_of(kind)}
    asked |= {demand.job for demand in demands_of(facts_named("PersonAdmitted"), exit_on=None)}
    assert JOBS.keys() - asked == {"notifications.deliver", "availability.ask_evening"}


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_a_fact_is_told_exactly_when_somebody_is_to_be_told(kind: type[Fact]) -> None:
    tells = any(demand.job == "notifications.fan_out" for demand in demands_of(kind))
    assert tells == (kind.kind in NOTICES)


def test_an_unknown_fact_is_refused() -> None:
    class Unheard(Fact):
        kind = "unheard"
        subject_kind = "nothing"

    with pytest.raises(UnknownFact):
        reactions(Unheard(subject_id=SUBJECT), NOW)


def facts_named(name: str) -> type[Fact]:
    return next(kind for kind in FACTS if kind.__name__ == name)


@pytest.mark.parametrize(
    ("name", "over", "expected"),
    [
        ("SituationReceived", {}, {"planning.fast", "planning.full", "situations.check"}),
        ("SituationMoved", {"state": "held"}, {"situations.check"}),
        ("SituationMoved", {"state": "searching"}, {"situations.check", "planning.fast", "planning.full"}),
        ("SituationMoved", {"state": "held", "was": "closed"}, {"situations.check", "placements.advance_ladder"}),
        ("OfferReconfirmed", {"was_stale": False}, {"availability.ask_again"}),
        ("OfferReconfirmed", {"was_stale": True}, {"availability.ask_again", "planning.full"}),
        (
            "PersonAdmitted",
            {"exit_on": None, "exit_told_at": None, "emergency_limit_at": None, "yearly_limit_at": None},
            {"notifications.fan_out", "placements.free_departed"},
        ),
        ("HouseStatusSaid", {"colour": "green", "was": None}, set()),
        ("HouseStatusSaid", {"colour": "green", "was": "green"}, set()),
        ("HouseStatusSaid", {"colour": "green", "was": "orange"}, {"planning.full"}),
        ("HouseStatusSaid", {"colour": "green", "was": "red"}, {"planning.full"}),
        ("HouseStatusSaid", {"colour": "orange", "was": "orange"}, {"planning.full"}),
        ("HouseStatusSaid", {"colour": "red", "was": None}, {"planning.full"}),
        (
            "PersonAdmitted",
            {"exit_told_at": None, "emergency_limit_at": None, "yearly_limit_at": None},
            {"notifications.fan_out"},
        ),
        ("LoanCancelled", {"was_binding": False}, {"notifications.fan_out", "planning.fast", "planning.full"}),
        (
            "LoanCancelled",
            {"was_binding": True},
            {"placements.drop_uncovered", "notifications.fan_out", "planning.fast", "planning.full"},
        ),
    ],
)
def test_what_follows_depends_on_what_happened(name: str, over: dict[str, object], expected: set[str]) -> None:
    assert {demand.job for demand in demands_of(facts_named(name), **over)} == expected


@pytest.mark.parametrize(
    ("name", "job", "field"),
    [
        ("OfferPublished", "availability.ask_again", "fresh_until"),
        ("SituationReceived", "situations.check", "next_check_at"),
        ("PlacementHeld", "placements.expire_hold", "held_until"),
        ("LoanAsked", "loans.expire_request", "answer_by"),
    ],
)
def test_a_clock_is_due_at_the_hour_of_its_fact(name: str, job: str, field: str) -> None:
    kind = facts_named(name)
    (clock,) = [demand for demand in demands_of(kind) if demand.job == job]
    assert clock.due_at == getattr(an_example(kind), field)


def test_a_red_house_is_looked_at_at_once_and_again_when_its_red_ends() -> None:
    fact = an_example(facts_named("HouseStatusSaid"), colour="red", was=None)
    dues = sorted(demand.due_at for demand in reactions(fact, NOW))
    assert dues[0] < fact.until == dues[1]  # type: ignore[attr-defined]
    assert len({demand.subject_id for demand in reactions(fact, NOW)}) == 2, "one row each: the outbox keeps both"


@pytest.mark.parametrize("name", ["PersonAdmitted", "ExitPlanned", "StayProlonged"])
@pytest.mark.parametrize(
    ("job", "field"),
    [
        ("placements.exit_soon", "exit_told_at"),
        ("placements.emergency_limit", "emergency_limit_at"),
        ("placements.yearly_limit", "yearly_limit_at"),
    ],
)
def test_the_ends_of_a_stay_ring_at_the_hours_that_the_fact_says(name: str, job: str, field: str) -> None:
    hours = {"exit_told_at": None, "emergency_limit_at": None, "yearly_limit_at": None}
    due = NOW + timedelta(days=7, hours=3)
    demands = demands_of(facts_named(name), **{**hours, field: due})
    assert {demand.job: demand.due_at for demand in demands if demand.job.startswith("placements.")} == {job: due}
