"""Problem files: JSON to the frozen dataclasses and back, without loss."""

from dataclasses import fields
from pathlib import Path

from exchange.matching.errors import refuse
from exchange.matching.json_values import Node, plain, read_document, write_document
from exchange.matching.problem import (
    Association,
    Block,
    Commune,
    Establishment,
    LendCap,
    Lines,
    LoanLine,
    Need,
    Offer,
    PlacementLine,
    Problem,
    Requirement,
    Shift,
    Situation,
    Volunteer,
)

PROBLEM_FORMAT = "entraide-problem/1"

_OPTIONAL_LINES = ("frozen", "previous")
_REQUIRED = tuple(field.name for field in fields(Problem) if field.name not in _OPTIONAL_LINES)
_OPTIONAL_OF_SITUATION = ("together",)
# Announced by the format, not yet given a meaning: a file that uses them must not be solved as if it did not.
_LATER_ADDITIONS = ("rules", "zones", "prices")


def read_problem(path: Path) -> Problem:
    """Read a problem file; raises `FileRefused` or `ProblemInvalid`."""
    return problem_from_json(read_document(path))


def write_problem(path: Path, problem: Problem) -> None:
    write_document(path, problem_to_json(problem))


def problem_to_json(problem: Problem) -> dict[str, object]:
    """The problem as its file states it; `frozen`, `previous` and `together` are left out where empty."""
    document: dict[str, object] = {"format": PROBLEM_FORMAT}
    for field in fields(Problem):
        value = getattr(problem, field.name)
        if value != Lines():
            document[field.name] = plain(value)
    document["offers"] = [
        {
            **{field.name: plain(getattr(offer, field.name)) for field in fields(Offer)},
            "requires": {str(requirement.segment): plain(requirement.shifts) for requirement in offer.requires},
        }
        for offer in problem.offers
    ]
    document["situations"] = [_situation_to_json(situation) for situation in problem.situations]
    return document


def _situation_to_json(situation: Situation) -> dict[str, object]:
    absent = _OPTIONAL_OF_SITUATION if situation.together is None else ()
    return {
        field.name: plain(getattr(situation, field.name)) for field in fields(Situation) if field.name not in absent
    }


def problem_from_json(document: object) -> Problem:
    """Build a problem from parsed JSON; raises `ProblemInvalid` naming the key and the rule."""
    root = Node(document, "").fields(_REQUIRED, ("format", *_OPTIONAL_LINES, *_LATER_ADDITIONS))
    if "format" in root and root["format"].text() != PROBLEM_FORMAT:
        refuse("format", f"ce programme lit « {PROBLEM_FORMAT} » (reçu : « {root['format'].text()} »)")
    for key in _LATER_ADDITIONS:
        if key in root and root[key].value not in (None, {}, []):
            refuse(key, "cette addition du format n'est pas encore prise en compte : laissez-la vide ou absente")
    return Problem(
        id=root["id"].text(),
        horizon_start=root["horizon_start"].text(),
        days=root["days"].integer(),
        bassins=root["bassins"].integer(),
        communes=tuple(_commune(node) for node in root["communes"].items()),
        travel_min=tuple(node.integers() for node in root["travel_min"].items()),
        associations=tuple(_association(node) for node in root["associations"].items()),
        establishments=tuple(_establishment(node) for node in root["establishments"].items()),
        volunteers=tuple(_volunteer(node) for node in root["volunteers"].items()),
        lend_caps=tuple(_lend_cap(node) for node in root["lend_caps"].items()),
        needs=tuple(_need(node) for node in root["needs"].items()),
        offers=tuple(_offer(node) for node in root["offers"].items()),
        situations=tuple(_situation(node) for node in root["situations"].items()),
        frozen=lines_from_json(root["frozen"]) if "frozen" in root else Lines(),
        previous=lines_from_json(root["previous"]) if "previous" in root else Lines(),
    )


def _commune(node: Node) -> Commune:
    at = node.fields(("id", "bassin"))
    return Commune(at["id"].text(), at["bassin"].integer())


def _association(node: Node) -> Association:
    at = node.fields(("id", "ledger_hours"))
    return Association(at["id"].text(), at["ledger_hours"].integer())


def _establishment(node: Node) -> Establishment:
    at = node.fields(("id", "association", "bassin", "commune", "public"))
    return Establishment(
        at["id"].text(), at["association"].text(), at["bassin"].integer(), at["commune"].text(), at["public"].label()
    )


def _volunteer(node: Node) -> Volunteer:
    at = node.fields(Volunteer.__slots__)
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
    )


def _lend_cap(node: Node) -> LendCap:
    at = node.fields(("establishment", "day", "max_out"))
    return LendCap(at["establishment"].text(), at["day"].integer(), at["max_out"].integer())


def _need(node: Node) -> Need:
    at = node.fields(Need.__slots__)
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
    at = node.fields(("id", "start", "end", "headcount"))
    return Shift(at["id"].text(), at["start"].integer(), at["end"].integer(), at["headcount"].integer())


def _offer(node: Node) -> Offer:
    at = node.fields(Offer.__slots__)
    return Offer(
        id=at["id"].text(),
        establishment=at["establishment"].text(),
        kind=at["kind"].label(),
        ages=at["ages"].pair(),
        profiles=at["profiles"].texts(),
        capacity=at["capacity"].integers(),
        extra_capacity=at["extra_capacity"].integers(),
        requires=tuple(_requirement(key, value) for key, value in at["requires"].members().items()),
    )


def _requirement(segment: str, node: Node) -> Requirement:
    if not (segment.isascii() and segment.isdigit() and len(segment) < 6 and str(int(segment)) == segment):
        refuse(node.path, "la clé est un numéro de tranche")
    pairs = []
    for item in node.items():
        pair = item.texts()
        if len(pair) != 2:
            refuse(item.path, "une liste [besoin, vacation] est attendue")
        pairs.append((pair[0], pair[1]))
    return Requirement(int(segment), tuple(pairs))


def _situation(node: Node) -> Situation:
    required = tuple(field.name for field in fields(Situation) if field.name not in _OPTIONAL_OF_SITUATION)
    at = node.fields(required, _OPTIONAL_OF_SITUATION)
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
        together=at["together"].text() if "together" in at and at["together"].value is not None else None,
    )


def _block(node: Node) -> Block:
    at = node.fields(("id", "segments"))
    return Block(at["id"].text(), at["segments"].integers())


def lines_from_json(node: Node) -> Lines:
    """`{"loans": [...], "placements": [...]}`, each list optional."""
    at = node.fields((), ("loans", "placements"))
    items = {key: at[key].items() if key in at else [] for key in ("loans", "placements")}
    loans = [item.fields(("volunteer", "shift")) for item in items["loans"]]
    placements = [item.fields(("situation", "block", "offer")) for item in items["placements"]]
    return Lines(
        loans=tuple(LoanLine(line["volunteer"].text(), line["shift"].text()) for line in loans),
        placements=tuple(
            PlacementLine(line["situation"].text(), line["block"].text(), line["offer"].text()) for line in placements
        ),
    )
