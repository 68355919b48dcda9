"""Reading a request strictly, before anything is opened for it: shape, depth, characters, unknown names."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from exchange.api.errors import BodyTooDeep, UnknownField, UnparsableBody, UnparsableText
from exchange.api.problems import AnyRequest
from exchange.kernel.errors import DomainError, InvalidValue

MOST_BYTES: Final = 1_000_000
DEEPEST: Final = 32
LONGEST_NAME: Final = 80

_AT = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`")
_BOUND = re.compile(r"Expected `(?P<kind>\w+)`(?P<of_length> of length)? (?P<sign>[<>]=?) (?P<bound>-?\d+)")


async def refuse_malformed(request: AnyRequest) -> None:
    """Raise the refusal of a request that cannot be meant: runs before dependencies, so nothing is open yet."""
    _refuse_unknown_parameters(request)
    for text in (request.scope["path"], *request.path_params.values(), *request.query_params.values()):
        if isinstance(text, str):
            _refuse_unstorable(text)
    if request.method not in ("POST", "PUT", "PATCH"):
        return
    raw = await request.body()
    field = request.route_handler.parsed_data_field
    if field is None:
        if raw.strip() not in (b"", b"{}"):
            raise UnknownField
        return
    _refuse_unreadable(raw)
    try:
        msgspec.json.decode(raw, type=field.raw)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None


def _refuse_unknown_parameters(request: AnyRequest) -> None:
    known = request.route_handler.parsed_fn_signature.parameters.keys()
    for name in request.query_params:
        if name not in known:
            raise UnknownField(field=name[:LONGEST_NAME])


def _refuse_unreadable(raw: bytes) -> None:
    try:
        tree = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnparsableBody from None
    except RecursionError:
        raise BodyTooDeep from None
    pending: list[tuple[Any, int]] = [(tree, 1)]
    while pending:
        value, depth = pending.pop()
        if depth > DEEPEST:
            raise BodyTooDeep
        match value:
            case str():
                _refuse_unstorable(value)
            case list():
                pending.extend((item, depth + 1) for item in value)
            case dict():
                pending.extend((part, depth + 1) for item in value.items() for part in item)
            case _:
                continue


def _refuse_unstorable(text: str) -> None:
    if "\x00" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise UnparsableText


def _refusal(told: str) -> DomainError:
    """Return what a validation message of msgspec means; its wording is the library's, ours is by code."""
    parts = _AT.match(told)
    message, path = (parts["message"], parts["path"] or "") if parts else (told, "")
    if unknown := _UNKNOWN.search(message):
        return UnknownField(field=_joined(path, unknown["name"]))
    if missing := _MISSING.search(message):
        return InvalidValue(field=_joined(path, missing["name"]), rule="missing")
    field = _joined(path, "") or None
    if bound := _BOUND.search(message):
        return _bound_refusal(field, bound)
    if message.startswith("Invalid enum value"):
        return InvalidValue(field=field, rule="unknown-code")
    if message.startswith("Expected `"):
        return InvalidValue(field=field, rule="wrong-type")
    return InvalidValue(field=field, rule="format")


def _bound_refusal(field: str | None, bound: re.Match[str]) -> InvalidValue:
    number = int(bound["bound"])
    is_most = bound["sign"].startswith("<")
    if not bound["of_length"]:
        return _most(field, "too-large", number) if is_most else _least(field, "too-small", number)
    if bound["kind"] == "array":
        return _most(field, "too-many", number) if is_most else _least(field, "too-few", number)
    return _most(field, "too-lengthy", number) if is_most else _least(field, "too-short", number)


def _most(field: str | None, rule: str, most: int) -> InvalidValue:
    return InvalidValue(field=field, rule=rule, most=most)


def _least(field: str | None, rule: str, least: int) -> InvalidValue:
    return InvalidValue(field=field, rule=rule, least=least)


def _joined(path: str, name: str) -> str:
    parent = path.removeprefix("$").removeprefix(".")
    return f"{parent}.{name}".strip(".")[: 2 * LONGEST_NAME]
