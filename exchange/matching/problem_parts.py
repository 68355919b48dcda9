"""Each part of a problem, from its JSON object to its frozen dataclass; raises `ProblemInvalid` naming the key."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from exchange.matching.errors import refuse
from exchange.matching.json_values import Node
from exchange.matching.problem import (
    Association,
    Block,
    Commune,
    Establishment,
    LendCap,
    Need,
    Offer,
    Prices,
    Provision,
    Requirement,
    RuleSet,
    Shift,
    Situation,
    Volunteer,
    Zone,
)

_Value = TypeVar("_Value")


def _members(node: Node, part: type[Any]) -> dict[str, Node]:
    """The members of the object: keys without a default are due, the others may be absent or null."""
    names = {field.name: field.default is MISSING for field in fields(part)}
    due = tuple(name for name, is_due in names.items() if is_due)
    return node.fields(due, tuple(name for name, is_due in names.items() if not is_due))


def _given(at: dict[str, Node], key: str, read: Callable[[Node], _Value], default: _Value) -> _Value:
    return read(at[key]) if key in at else default


def commune_from(node: Node) -> Commune:
    at = _members(node, Commune)
    return Commune(at["id"].text(), at["bassin"].integer())


def association_from(node: Node) -> Association:
    at = _members(node, Association)
    return Association(at["id"].text(), at["ledger_hours"].integer())


def rule_set_from(node: Node) -> RuleSet:
    at = _members(node, RuleSet)
    return RuleSet(at.pop("id").text(), **{key: value.integer() for key, value in at.items()})


def prices_from(node: Node) -> Prices:
    return Prices(**{key: value.integer() for key, value in _members(node, Prices).items()})


def zone_from(node: Node) -> Zone:
    at = _members(node, Zone)
    return Zone(at["id"].text(), at["communes"].texts())


def establishment_from(node: Node) -> Establishment:
    at = _members(node, Establishment)
    return Establishment(
        id=at["id"].text(),
        association=at["association"].text(),
        bassin=at["bassin"].integer(),
        commune=at["commune"].text(),
        public=at["public"].label(),
        rules=_given(at, "rules", Node.text, None),
    )


def volunteer_from(node: Node) -> Volunteer:
    at = _members(node, Volunteer)
    return Volunteer(
        id=at["id"].text(),
        association=at["association"].text(),
        establishment=at["establishment"].text(),
        commune=at["commune"].text(),
        qualifications=at["qualifications"].texts(),
        bassins=at["bassins"].integers(),
        availability=at["availability"].pairs(),
        own_shifts=at["own_shifts"].pairs(),
        week_minutes_done=at["week_minutes_done"].integers(),
        max_loan_minutes=at["max_loan_minutes"].integer(),
        max_travel_min=at["max_travel_min"].integer(),
        night12h_derogation=at["night12h_derogation"].boolean(),
        consent=at["consent"].boolean(),
        rules=_given(at, "rules", Node.text, None),
        past_week_minutes=_given(at, "past_week_minutes", Node.integers, ()),
        internal_moves=_given(at, "internal_moves", Node.boolean, False),
        ready_from=_given(at, "ready_from", Node.integer, None),
        released=_given(at, "released", Node.pairs, ()),
    )


def lend_cap_from(node: Node) -> LendCap:
    at = _members(node, LendCap)
    return LendCap(at["establishment"].text(), at["day"].integer(), at["max_out"].integer())


def need_from(node: Node) -> Need:
    at = _members(node, Need)
    return Need(
        id=at["id"].text(),
        establishment=at["establishment"].text(),
        qualifications_any=at["qualifications_any"].texts(),
        urgency=at["urgency"].integer(),
        created=at["created"].label(),
        coupled=at["coupled"].boolean(),
        shifts=tuple(_shift(shift) for shift in at["shifts"].items()),
    )


def _shift(node: Node) -> Shift:
    at = _members(node, Shift)
    return Shift(
        id=at["id"].text(),
        start=at["start"].integer(),
        end=at["end"].integer(),
        headcount=at["headcount"].integer(),
        permanent_staff=_given(at, "permanent_staff", Node.integer, None),
        min_permanent_staff=_given(at, "min_permanent_staff", Node.integer, None),
    )


def offer_from(node: Node) -> Offer:
    at = _members(node, Offer)
    return Offer(
        id=at["id"].text(),
        establishment=at["establishment"].text(),
        kind=at["kind"].label(),
        ages=at["ages"].pair(),
        profiles=at["profiles"].texts(),
        capacity=at["capacity"].integers(),
        extra_capacity=at["extra_capacity"].integers(),
        requires=tuple(_requirement(key, value) for key, value in at["requires"].members().items()),
        scarcity_price=_given(at, "scarcity_price", Node.integer, 0),
        provides=_given(at, "provides", Node.texts, ()),
        provides_at=_given(at, "provides_at", _provisions, ()),
        without_bed=_given(at, "without_bed", Node.boolean, False),
        zone=_given(at, "zone", Node.text, None),
        hours=_given(at, "hours", Node.pair, None),
    )


def _segment(key: str, node: Node) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < 6 and str(int(key)) == key):
        refuse(node.path, "la clé est un numéro de tranche")
    return int(key)


def _provisions(node: Node) -> tuple[Provision, ...]:
    return tuple(Provision(_segment(key, value), value.texts()) for key, value in node.members().items())


def _requirement(key: str, node: Node) -> Requirement:
    segment = _segment(key, node)
    pairs = []
    for item in node.items():
        pair = item.texts()
        if len(pair) != 2:
            refuse(item.path, "une liste [besoin, vacation] est attendue")
        pairs.append((pair[0], pair[1]))
    return Requirement(segment, tuple(pairs))


def situation_from(node: Node) -> Situation:
    at = _members(node, Situation)
    return Situation(
        id=at["id"].text(),
        age=at["age"].integer(),
        profile=at["profile"].text(),
        mode=at["mode"].label(),
        urgency=at["urgency"].integer(),
        created=at["created"].label(),
        commune=at["commune"].text(),
        max_travel_min=at["max_travel_min"].integer(),
        blocks=tuple(_block(block) for block in at["blocks"].items()),
        excluded_establishments=at["excluded_establishments"].texts(),
        incompatible_with=at["incompatible_with"].texts(),
        max_places=at["max_places"].integer(),
        together=_given(at, "together", Node.text, None),
        needs=_given(at, "needs", Node.texts, ()),
        needs_by_night=_given(at, "needs_by_night", Node.texts, ()),
        needs_by_day=_given(at, "needs_by_day", Node.texts, ()),
    )


def _block(node: Node) -> Block:
    at = _members(node, Block)
    return Block(
        id=at["id"].text(),
        segments=at["segments"].integers(),
        without_bed=_given(at, "without_bed", Node.boolean, False),
        hours=_given(at, "hours", Node.pair, None),
    )
