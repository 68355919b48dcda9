"""Problem files: JSON to the frozen dataclasses and back, without loss."""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from exchange.matching.errors import refuse
from exchange.matching.json_values import Node, plain, read_document, write_document
from exchange.matching.problem import Lines, LoanLine, PlacementLine, Prices, Problem
from exchange.matching.problem_parts import (
    association_from,
    commune_from,
    establishment_from,
    lend_cap_from,
    need_from,
    offer_from,
    prices_from,
    rule_set_from,
    situation_from,
    volunteer_from,
    zone_from,
)
from exchange.matching.validation_size import refuse_too_many_pairs

PROBLEM_FORMAT = "entraide-problem/1"

_REQUIRED = tuple(field.name for field in fields(Problem) if field.default is MISSING)
_OPTIONAL = tuple(field.name for field in fields(Problem) if field.default is not MISSING)


def read_problem(path: Path) -> Problem:
    """Read a problem file; raises `FileRefused` or `ProblemInvalid`."""
    return problem_from_json(read_document(path))


def write_problem(path: Path, problem: Problem) -> None:
    write_document(path, problem_to_json(problem))


def problem_to_json(problem: Problem) -> dict[str, object]:
    """The problem as its file states it; optional keys are left out where they have their default."""
    document: dict[str, object] = {"format": PROBLEM_FORMAT}
    for field in fields(Problem):
        value = getattr(problem, field.name)
        if field.default is MISSING or value != field.default:
            document[field.name] = _stated(value)
    return document


def _stated(value: object) -> object:
    if isinstance(value, Lines):
        return plain(value)
    if isinstance(value, tuple):
        # Lists of numbers or of names are most of a file, and need no look at each item.
        return list(value) if value and type(value[0]) in (int, str) else [_stated(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        stated = {}
        for key, default in _keys_of(type(value)):
            member = getattr(value, key)
            if member != default:
                stated[key] = _BY_SEGMENT[key](member) if key in _BY_SEGMENT else _stated(member)
        return stated
    return value


@cache
def _keys_of(part: type) -> tuple[tuple[str, object], ...]:
    """The members of a part of a problem, with their defaults."""
    return tuple((field.name, field.default) for field in fields(part))


_BY_SEGMENT: dict[str, Callable[[Any], dict[str, object]]] = {
    "requires": lambda requirements: {str(one.segment): plain(one.shifts) for one in requirements},
    "provides_at": lambda provisions: {str(one.segment): plain(one.codes) for one in provisions},
}


def problem_from_json(document: object) -> Problem:
    """Build a problem from parsed JSON; raises `ProblemInvalid` naming the key and the rule."""
    root = Node(document, "").fields(_REQUIRED, ("format", *_OPTIONAL))
    if "format" in root and root["format"].text() != PROBLEM_FORMAT:
        refuse("format", f"ce programme lit « {PROBLEM_FORMAT} » (reçu : « {root['format'].text()} »)")
    # A file far too large is refused from its counts, before a part of it is read.
    refuse_too_many_pairs(
        volunteers=_count(root["volunteers"].value),
        shifts=_count_inside(root["needs"].value, "shifts"),
        offers=_count(root["offers"].value),
        blocks=_count_inside(root["situations"].value, "blocks"),
    )
    return Problem(
        id=root["id"].text(),
        horizon_start=root["horizon_start"].text(),
        days=root["days"].integer(),
        bassins=root["bassins"].integer(),
        communes=tuple(commune_from(node) for node in root["communes"].items()),
        travel_min=tuple(node.integers() for node in root["travel_min"].items()),
        associations=tuple(association_from(node) for node in root["associations"].items()),
        establishments=tuple(establishment_from(node) for node in root["establishments"].items()),
        volunteers=tuple(volunteer_from(node) for node in root["volunteers"].items()),
        lend_caps=tuple(lend_cap_from(node) for node in root["lend_caps"].items()),
        needs=tuple(need_from(node) for node in root["needs"].items()),
        offers=tuple(offer_from(node) for node in root["offers"].items()),
        situations=tuple(situation_from(node) for node in root["situations"].items()),
        frozen=lines_from_json(root["frozen"]) if "frozen" in root else Lines(),
        previous=lines_from_json(root["previous"]) if "previous" in root else Lines(),
        rules=tuple(rule_set_from(node) for node in _listed(root, "rules")),
        prices=prices_from(root["prices"]) if "prices" in root and root["prices"].value != [] else Prices(),
        zones=tuple(zone_from(node) for node in _listed(root, "zones")),
    )


def _count(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _count_inside(parts: object, key: str) -> int:
    listed = parts if isinstance(parts, list) else []
    return sum(_count(part.get(key)) for part in listed if isinstance(part, dict))


def _listed(root: dict[str, Node], key: str) -> list[Node]:
    """The items of an optional list; an empty object stands for an empty list."""
    return root[key].items() if key in root and root[key].value != {} else []


def lines_from_json(node: Node) -> Lines:
    """`{"loans": [...], "placements": [...]}`, each list optional."""
    at = node.fields((), ("loans", "placements"))
    items = {key: at[key].items() if key in at else [] for key in ("loans", "placements")}
    loans = [item.fields(("volunteer", "shift")) for item in items["loans"]]
    return Lines(
        loans=tuple(LoanLine(line["volunteer"].text(), line["shift"].text()) for line in loans),
        placements=tuple(_placement(item) for item in items["placements"]),
    )


def _placement(node: Node) -> PlacementLine:
    at = node.fields(("situation", "block", "offer"), ("segments",))
    segments = at["segments"].integers() if "segments" in at else ()
    if "segments" in at and not segments:
        refuse(at["segments"].path, "une partie d'un bloc compte au moins une tranche")
    return PlacementLine(at["situation"].text(), at["block"].text(), at["offer"].text(), tuple(sorted(segments)))
