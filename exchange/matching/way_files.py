"""The ways of a plan file (`unmet[].relaxations`): each change has the keys that its code calls for, and no other."""

from exchange.matching.errors import refuse
from exchange.matching.files import lines_from_json
from exchange.matching.json_values import Node, plain
from exchange.matching.ways import Change, Relaxation, Way

_OF_PERSON = ("association", "volunteer")
KEYS: dict[Relaxation, tuple[tuple[str, ...], ...]] = {
    Relaxation.TRAVEL: ((*_OF_PERSON, "minutes"), ("situation", "minutes")),
    Relaxation.BASSIN: ((*_OF_PERSON, "bassin"),),
    Relaxation.AVAILABILITY: ((*_OF_PERSON, "start", "end"),),
    Relaxation.PLACE: (("offer", "segments"),),
    Relaxation.PERSON: (("shift", "qualifications", "night12h_derogation"),),
}
"""The keys of a change besides `code` and `cost`: one of these sets, by code."""

_TEXTS = ("association", "volunteer", "situation", "offer", "shift")
_FIGURES = ("minutes", "bassin", "start", "end")


def way_to_json(way: Way) -> dict[str, object]:
    """A way as its file states it."""
    changes = [
        {"code": change.code.value, "cost": change.cost, **{key: plain(getattr(change, key)) for key in _keys(change)}}
        for change in way.changes
    ]
    return {"cost": way.cost, "changes": changes, "loans": plain(way.loans), "placements": plain(way.placements)}


def way_from_json(node: Node) -> Way:
    """Read a way; raises `ProblemInvalid` naming the faulty key."""
    at = node.fields(("cost", "changes", "loans", "placements"))
    lines = lines_from_json(Node({"loans": at["loans"].value, "placements": at["placements"].value}, node.path))
    changes = tuple(_change(change) for change in at["changes"].items())
    return Way(at["cost"].integer(), changes, lines.loans, lines.placements)


def _keys(change: Change) -> tuple[str, ...]:
    return next(keys for keys in KEYS[change.code] if getattr(change, keys[0]) is not None)


def _change(node: Node) -> Change:
    members = node.members()
    codes = [code.value for code in Relaxation]
    if "code" not in members or members["code"].value not in codes:
        refuse(f"{node.path}.code", f"une de ces valeurs est attendue : {', '.join(codes)}")
    code = Relaxation(members["code"].text())
    keys = next((keys for keys in KEYS[code] if keys[0] in members), KEYS[code][0])
    at = node.fields(("code", "cost", *keys))
    texts = {key: at[key].text() for key in _TEXTS if key in at}
    figures = {key: at[key].integer() for key in _FIGURES if key in at}
    return Change(
        code=code,
        cost=at["cost"].integer(),
        association=texts.get("association"),
        volunteer=texts.get("volunteer"),
        situation=texts.get("situation"),
        offer=texts.get("offer"),
        shift=texts.get("shift"),
        minutes=figures.get("minutes"),
        bassin=figures.get("bassin"),
        start=figures.get("start"),
        end=figures.get("end"),
        segments=at["segments"].integers() if "segments" in at else (),
        qualifications=at["qualifications"].texts() if "qualifications" in at else (),
        night12h_derogation=at["night12h_derogation"].boolean() if "night12h_derogation" in at else False,
    )
