"""What was done, as it was done: one JSON line at each step of each operation, written before anything is judged.

Lines of a history (`kind`):

* `header`: figure, seed, size, revision of the code, plant, `timed` (whether times are judged); always the first.
* `invoke`: an operation begins. `op`, `round`, `client`, `act`, `targets` (ids), `detail`, `at_us`.
* `outcome`: it ends. `op`, `outcome` (`ok`, `fail`, `unknown`), `status`, `code`, `detail`, `at_us`.
* `stored`: a row read from a table after the fact. `table`, `row`.
* `measure`: something counted by somebody else than the players. `name`, `round`, `value`.
* `end`: the player came to its end; a history without it is judged as failed.

An operation without outcome is `unknown`: it may have happened or not.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from exchange.settings import PROJECT_ROOT

FORMAT: Final = 1
Scalar = str | int | bool | None


class Outcome(StrEnum):
    """`UNKNOWN` also stands for every answer 5xx: the act may have been committed before it."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


class History:
    """One append-only file; each line leaves the process at once, so that a kill loses none."""

    def __init__(self, path: Path, *, is_new: bool = True) -> None:
        self.path = path
        begun = os.O_CREAT | os.O_EXCL if is_new else 0
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | begun, 0o644)
        self._ops = 0
        self.acknowledged = 0

    @classmethod
    def go_on(cls, path: Path) -> History:
        """Append to a history that another process began, and that it will end; it tells no operation of its own."""
        return cls(path, is_new=False)

    @classmethod
    def begin(
        cls,
        folder: Path,
        figure: str,
        seed: int,
        size: Mapping[str, int],
        *,
        plant: str | None = None,
        timed: bool = False,
    ) -> History:
        """Open the file of one figure and write its header. `timed`: its times count, the machine is its own."""
        history = cls(folder / f"{figure.lower()}-{seed}{'' if plant is None else f'-{plant}'}.jsonl")
        history._write(
            kind="header",
            format=FORMAT,
            figure=figure,
            seed=seed,
            size=dict(size),
            plant=plant,
            timed=timed,
            revision=revision(),
            at_us=_now_us(),
        )
        return history

    def invoke(
        self, act: str, *, targets: Iterable[UUID | str] = (), turn: int = 0, client: int = 0, **detail: Scalar
    ) -> int:
        """Say that an operation begins; return its number. `turn` is the round."""
        self._ops += 1
        self._write(
            kind="invoke",
            op=self._ops,
            round=turn,
            client=client,
            act=act,
            targets=[str(target) for target in targets],
            detail=detail,
            at_us=_now_us(),
        )
        return self._ops

    def finish(
        self, op: int, outcome: Outcome, *, status: int | None = None, code: str | None = None, **detail: Scalar
    ) -> None:
        """Say how an operation ended, as its caller saw it."""
        self.acknowledged += outcome is Outcome.OK
        self._write(
            kind="outcome", op=op, outcome=outcome.value, status=status, code=code, detail=detail, at_us=_now_us()
        )

    def stored(self, table: str, row: str) -> None:
        """Keep one row of a table as it was found; `row` is its JSON object, as PostgreSQL writes it."""
        self._write(kind="stored", table=table, row=json.loads(row))

    def noted(self, table: str, **row: Scalar) -> None:
        """Keep what was read elsewhere than in a table, as a row."""
        self._write(kind="stored", table=table, row=row)

    def measured(self, name: str, value: int, *, turn: int = 0) -> None:
        """Keep a count that does not come from a player: deadlocks, milliseconds."""
        self._write(kind="measure", name=name, round=turn, value=value)

    def end(self) -> None:
        """Close the file of a figure played to its end."""
        self._write(kind="end", at_us=_now_us())
        self.close()

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, **line: object) -> None:
        os.write(self._file, json.dumps(line, default=_plain, ensure_ascii=False).encode() + b"\n")


def revision() -> str:
    """The commit played, with a mark where files differ from it; empty outside a repository."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],  # noqa: S607 : the machine's own git
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()


def _now_us() -> int:
    return time.time_ns() // 1000


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"a history keeps plain values, not {type(value).__name__}")
