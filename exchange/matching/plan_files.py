"""Plan files: the frozen `Plan` to JSON and back, without loss."""

from dataclasses import fields
from pathlib import Path

from exchange.matching.errors import refuse
from exchange.matching.files import lines_from_json
from exchange.matching.json_values import Node, plain, write_document
from exchange.matching.plan import (
    Levels,
    Plan,
    PlanStatus,
    ReasonCount,
    SolverInfo,
    Stage,
    Unlock,
    UnmetBlock,
    UnmetShift,
)
from exchange.matching.way_files import way_from_json, way_to_json

PLAN_FORMAT = "entraide-plan/1"


def write_plan(path: Path, plan: Plan) -> None:
    write_document(path, plan_to_json(plan))


def plan_to_json(plan: Plan) -> dict[str, object]:
    """The plan as its file states it."""
    document = {field.name: plain(getattr(plan, field.name)) for field in fields(Plan)}
    document["unmet"] = [
        {field.name: plain(getattr(item, field.name)) for field in fields(item)}
        | {"relaxations": [way_to_json(way) for way in item.relaxations]}
        for item in plan.unmet
    ]
    return {"format": PLAN_FORMAT, **document}


def plan_from_json(document: object) -> Plan:
    """Build a plan from parsed JSON, checking its shape alone; `checker` judges what it says."""
    root = Node(document, "").fields(("format", *Plan.__slots__))
    if root["format"].text() != PLAN_FORMAT:
        refuse("format", f"ce programme lit « {PLAN_FORMAT} » (reçu : « {root['format'].text()} »)")
    statuses = [status.value for status in PlanStatus]
    if root["status"].text() not in statuses:
        refuse("status", f"une de ces valeurs est attendue : {', '.join(statuses)}")
    # An absent list is allowed of lines elsewhere; a plan tells both.
    lists = {key: [item.value for item in root[key].items()] for key in ("loans", "placements")}
    lines = lines_from_json(Node(lists, ""))
    return Plan(
        problem=root["problem"].text(),
        status=PlanStatus(root["status"].text()),
        loans=lines.loans,
        placements=lines.placements,
        levels=_levels(root["levels"]),
        bounds=_levels(root["bounds"]),
        unmet=tuple(_unmet(node) for node in root["unmet"].items()),
        unlocks=tuple(_unlock(node) for node in root["unlocks"].items()),
        solver=_solver(root["solver"]),
        digest=root["digest"].text(),
    )


def _levels(node: Node) -> Levels:
    at = node.fields(("critical", "other", "burden"))
    return Levels(at["critical"].integer(), at["other"].integer(), at["burden"].integer())


def _unmet(node: Node) -> UnmetBlock | UnmetShift:
    names = ("need", "shift") if "need" in node.members() else ("situation", "block")
    at = node.fields((*names, "missing", "reasons", "relaxations"))
    relaxations = tuple(way_from_json(way) for way in at["relaxations"].items())
    pairs = [reason.fields(("code", "count")) for reason in at["reasons"].items()]
    reasons = tuple(ReasonCount(pair["code"].text(), pair["count"].integer()) for pair in pairs)
    if "need" in at:
        return UnmetShift(at["need"].text(), at["shift"].text(), at["missing"].integer(), reasons, relaxations)
    return UnmetBlock(at["situation"].text(), at["block"].text(), at["missing"].integer(), reasons, relaxations)


def _unlock(node: Node) -> Unlock:
    at = node.fields(("need", "shift", "offer", "segments", "situations"))
    texts = at["need"].text(), at["shift"].text(), at["offer"].text()
    return Unlock(*texts, at["segments"].integers(), at["situations"].integer())


def _solver(node: Node) -> SolverInfo:
    at = node.fields(tuple(name for name in SolverInfo.__slots__ if name != "stages"), ("stages",))
    return SolverInfo(
        name=at["name"].text(),
        version=at["version"].text(),
        seed=at["seed"].integer(),
        workers=at["workers"].integer(),
        deterministic_limit=at["deterministic_limit"].number(),
        deterministic_time=at["deterministic_time"].number(),
        wall_limit_seconds=at["wall_limit_seconds"].number(),
        wall_seconds=at["wall_seconds"].number(),
        wall_cap_reached=at["wall_cap_reached"].boolean(),
        stages=tuple(_stage(item) for item in at["stages"].items()) if "stages" in at else (),
    )


def _stage(node: Node) -> Stage:
    at = node.fields(Stage.__slots__)
    return Stage(at["name"].text(), at["seconds"].number(), at["deterministic_time"].number())
