"""What the worker and the solver's child say to each other: four bytes of length (big-endian), then JSON.

A problem travels as its dataclasses do under msgspec: the file format, made for people and other programs, takes ten
times as long to write and to read.
"""

from __future__ import annotations

import struct

import msgspec

from exchange.matching.errors import ProblemInvalid
from exchange.matching.problem import Problem

LENGTH = struct.Struct(">I")


class Work(msgspec.Struct, tag="work"):
    """One problem, its limits (as in `Limits`), and how many of its first frozen lines are promises.

    The other fields are those of `SolveRequest`.
    """

    id: int
    problem: msgspec.Raw
    deterministic_time: float
    wall_seconds: float
    seed: int
    promised_loans: int
    promised_placements: int
    kill_after_seconds: float
    niceness: int
    memory_bytes: int
    items_with_ways: int


class Stop(msgspec.Struct, tag="stop"):
    """Nobody waits for the reply to this work any more."""

    id: int


class Answer(msgspec.Struct):
    """One reply. `failed` is empty where a plan came back; a backup is rank, situation, block, offer.

    `loosened`: the document of the problem really solved, where promises had to be taken off the one that was sent.
    """

    id: int
    failed: str = ""
    loosened: dict[str, object] | None = None
    plan: dict[str, object] = {}
    backups: list[tuple[int, str, str, str]] = []


def frame_of(message: Work | Stop | Answer) -> bytes:
    """Return a message ready to be written."""
    body = msgspec.json.encode(message)
    return LENGTH.pack(len(body)) + body


def packed(problem: Problem) -> msgspec.Raw:
    """Return a problem ready to travel."""
    return msgspec.Raw(msgspec.json.encode(problem))


def unpacked(problem: msgspec.Raw) -> Problem:
    """Return the problem that travelled, its contradictions refused again. Raises `ProblemInvalid`."""
    try:
        return msgspec.json.decode(problem, type=Problem)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, ProblemInvalid):
            raise error.__cause__ from None
        raise
