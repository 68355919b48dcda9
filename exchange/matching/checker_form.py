"""The form of a plan file, before any rule: what each key holds. Standard library alone, like its judge."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Code(StrEnum):
    """One stable code per rule."""

    PLAN_MALFORMED = "plan-malformed"
    PLAN_FORMAT = "plan-format"
    OTHER_PROBLEM = "other-problem"
    STATUS = "status"
    UNKNOWN_ID = "unknown-id"
    DUPLICATE_LINE = "duplicate-line"
    FROZEN_LINE_ABSENT = "frozen-line-absent"
    FILE_NOT_READY = "file-not-ready"
    NO_CONSENT = "no-consent"
    SAME_EMPLOYER = "same-employer"
    PERMANENT_STAFF = "permanent-staff"
    QUALIFICATION = "qualification"
    HOST_BASSIN = "host-bassin"
    LOAN_TRAVEL = "loan-travel"
    AVAILABILITY = "availability"
    SHIFT_LENGTH = "shift-length"
    REST = "rest"
    WEEK_MINUTES = "week-minutes"
    WEEKLY_REST = "weekly-rest"
    DAYS_IN_ROW = "days-in-row"
    AVERAGE_WEEK = "average-week"
    LOAN_MINUTES = "loan-minutes"
    LEND_CAP = "lend-cap"
    HEADCOUNT = "headcount"
    BLOCK_PLACED_TWICE = "block-placed-twice"
    SPLIT = "split"
    AGE = "age"
    PROFILE = "profile"
    PROVISION = "provision"
    EXCLUDED = "excluded-establishment"
    CARE_MODE = "care-mode"
    ZONE = "zone"
    PLACEMENT_TRAVEL = "placement-travel"
    HOURS = "hours"
    CAPACITY = "capacity"
    CONDITIONAL_CAPACITY = "conditional-capacity"
    INCOMPATIBLE = "incompatible"
    KEPT_APART = "kept-apart"
    MAX_PLACES = "max-places"
    UNMET_ABSENT = "unmet-absent"
    UNMET_UNFOUNDED = "unmet-unfounded"
    UNMET_MISSING = "unmet-missing"
    CRITICAL = "level-critical"
    OTHER = "level-other"
    BURDEN = "level-burden"
    BOUNDS = "bounds"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Violation:
    """`key` is the path in the plan, or the id that the rule is about; `detail` the figures, in French."""

    code: Code
    key: str
    detail: str


LEVELS = ("critical", "other", "burden")
LARGEST_INTEGER = 2**53 - 1
"""Beyond, a reader of JSON may round."""

_Fits = Callable[[Any], bool]


def malformations(plan: Any) -> Iterator[Violation]:
    """Each place where a plan is not of the form `entraide-plan/1`; nothing where every rule can be judged."""
    if not isinstance(plan, Mapping):
        yield _wrong("(racine)", "un objet est attendu")
        return
    for key in ("format", "problem", "status", "digest"):
        if not _text(plan.get(key)):
            yield _wrong(key, "un texte est attendu")
    for key in ("levels", "bounds"):
        if not _object(plan.get(key), dict.fromkeys(LEVELS, _integer)):
            yield _wrong(key, f"un objet de trois entiers est attendu : {', '.join(LEVELS)}")
    if not _object(plan.get("solver"), _SOLVER, _SOLVER_MAY_TELL):
        yield _wrong("solver", f"un objet est attendu, avec {', '.join(_SOLVER)}")
    for key, shapes in _LISTS.items():
        yield from _misshapen(plan.get(key), key, shapes)
    for key in sorted(
        set(plan) - {"format", "problem", "status", "digest", "levels", "bounds", "solver"} - set(_LISTS)
    ):
        yield _wrong(str(key), "clé inconnue de ce format")


def _misshapen(lines: Any, key: str, shapes: tuple[Mapping[str, _Fits], ...]) -> Iterator[Violation]:
    if not isinstance(lines, list):
        yield _wrong(key, "une liste est attendue")
        return
    for index, line in enumerate(lines):
        if not any(_object(line, shape) for shape in shapes):
            forms = ", ou ".join(", ".join(shape) for shape in shapes)
            yield _wrong(f"{key}[{index}]", f"un objet est attendu, dont les clés et les valeurs conviennent : {forms}")


def _wrong(key: str, expected: str) -> Violation:
    return Violation(Code.PLAN_MALFORMED, key, expected)


def _object(value: Any, shape: Mapping[str, _Fits], optional: Mapping[str, _Fits] = MappingProxyType({})) -> bool:
    """Whether these keys are there, perhaps the optional ones, no other one, and each value fits."""
    if not isinstance(value, Mapping) or not set(shape) <= set(value) <= set(shape) | set(optional):
        return False
    fits = {**optional, **shape}
    return all(fits[key](given) for key, given in value.items())


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _integer(value: Any) -> bool:
    return type(value) is int and abs(value) <= LARGEST_INTEGER


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _integers(value: Any) -> bool:
    return isinstance(value, list) and all(map(_integer, value))


def _reasons(value: Any) -> bool:
    return isinstance(value, list) and all(_object(one, {"code": _text, "count": _integer}) for one in value)


def _list_of(*shapes: Mapping[str, _Fits]) -> _Fits:
    return lambda value: isinstance(value, list) and all(any(_object(one, shape) for shape in shapes) for one in value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


_PERSON: dict[str, _Fits] = dict.fromkeys(("association", "volunteer"), _text)
_CHANGES: dict[str, tuple[dict[str, _Fits], ...]] = {
    "longer-travel": ({**_PERSON, "minutes": _integer}, {"situation": _text, "minutes": _integer}),
    "bassin-accepted": ({**_PERSON, "bassin": _integer},),
    "more-availability": ({**_PERSON, "start": _integer, "end": _integer},),
    "one-more-place": ({"offer": _text, "segments": _integers},),
    "one-more-person": ({"shift": _text, "qualifications": _texts, "night12h_derogation": _boolean},),
}


def _code(code: str) -> _Fits:
    return lambda value: bool(value == code)


_LOAN: dict[str, _Fits] = dict.fromkeys(("volunteer", "shift"), _text)
_PLACEMENT: dict[str, _Fits] = dict.fromkeys(("situation", "block", "offer"), _text)
_PART: dict[str, _Fits] = {**_PLACEMENT, "segments": lambda value: _integers(value) and bool(value)}
_WAY: dict[str, _Fits] = {
    "cost": _integer,
    "changes": _list_of(
        *({"code": _code(code), "cost": _integer, **shape} for code, shapes in _CHANGES.items() for shape in shapes)
    ),
    "loans": _list_of(_LOAN),
    "placements": _list_of(_PLACEMENT, _PART),
}
_OTHERS = {"format", "problem", "status", "digest", "levels", "bounds", "solver"}
_SHORT: dict[str, _Fits] = {"missing": _integer, "reasons": _reasons, "relaxations": _list_of(_WAY)}
_LISTS: dict[str, tuple[dict[str, _Fits], ...]] = {
    "loans": (_LOAN,),
    "placements": (_PLACEMENT, _PART),
    "unmet": ({"situation": _text, "block": _text, **_SHORT}, {"need": _text, "shift": _text, **_SHORT}),
    "unlocks": ({"need": _text, "shift": _text, "offer": _text, "segments": _integers, "situations": _integer},),
}
_SOLVER: dict[str, _Fits] = {
    "name": _text,
    "version": _text,
    "seed": _integer,
    "workers": _integer,
    "deterministic_limit": _number,
    "deterministic_time": _number,
    "wall_limit_seconds": _number,
    "wall_seconds": _number,
    "wall_cap_reached": _boolean,
}
_SOLVER_MAY_TELL: dict[str, _Fits] = {
    "stages": _list_of({"name": _text, "seconds": _number, "deterministic_time": _number})
}
