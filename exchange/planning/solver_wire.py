"""What the worker and the solver's child say to each other: four bytes of length (big-endian), then JSON."""

from __future__ import annotations

import struct

import msgspec

LENGTH = struct.Struct(">I")


class Work(msgspec.Struct):
    """One problem document, its limits (as in `Limits`), and how many of its first frozen lines are promises."""

    id: int
    problem: dict[str, object]
    deterministic_time: float
    wall_seconds: float
    seed: int
    promised_loans: int
    promised_placements: int
    kill_after_seconds: float


class Answer(msgspec.Struct):
    """One reply. `failed` is empty where a plan came back; a backup is rank, situation, block, offer."""

    id: int
    failed: str = ""
    problem: dict[str, object] = {}
    plan: dict[str, object] = {}
    backups: list[tuple[int, str, str, str]] = []


def frame_of(message: Work | Answer) -> bytes:
    """Return a message ready to be written."""
    body = msgspec.json.encode(message)
    return LENGTH.pack(len(body)) + body
