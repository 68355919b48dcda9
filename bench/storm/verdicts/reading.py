"""A history as it stands in its file. Standard library alone: nothing of who played, nothing of the product."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


class Unreadable(ValueError):
    """The file is no history; the text is one French sentence."""


@dataclass(slots=True)
class Operation:
    """What one client asked, and what it was told; `outcome` is `unknown` as long as nothing was."""

    op: int
    turn: int
    client: int
    act: str
    targets: tuple[str, ...]
    asked: Row
    invoked_at_us: int
    finished_at_us: int | None = None
    outcome: str = "unknown"
    status: int | None = None
    code: str | None = None
    told: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    turn: int
    value: int


@dataclass(slots=True)
class History:
    """`stored`: rows by table. `is_timed`: times are judged too. `is_whole`: the player came to its end."""

    figure: str
    seed: int
    size: Mapping[str, int]
    plant: str | None
    is_timed: bool
    revision: str
    operations: dict[int, Operation] = field(default_factory=dict)
    stored: dict[str, list[Row]] = field(default_factory=dict)
    measures: list[Measure] = field(default_factory=list)
    is_whole: bool = False

    def acts(self, *acts: str, turn: int | None = None) -> list[Operation]:
        """The operations of these acts, of one round or of all."""
        return [one for one in self.operations.values() if one.act in acts and turn in (None, one.turn)]

    def turns(self) -> list[int]:
        return sorted({one.turn for one in self.operations.values()})

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, or of a query kept under a name of its own."""
        return self.stored.get(table, [])

    def measured(self, name: str) -> list[int]:
        return [one.value for one in self.measures if one.name == name]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`measured`: what was found, in a few French words; `faults`: one French sentence each, none where all is well."""

    measured: str
    faults: tuple[str, ...]


def read_history(path: Path) -> History:
    """Read a file. Raises `Unreadable`."""
    history: History | None = None
    for number, line in enumerate(_lines(path), 1):
        kind = line.get("kind")
        if history is None:
            if kind != "header":
                raise Unreadable(f"{path} : la première ligne n’est pas un en-tête.")
            history = History(
                line["figure"], line["seed"], line["size"], line["plant"], line["timed"], line["revision"]
            )
            continue
        match kind:
            case "invoke":
                history.operations[line["op"]] = Operation(
                    line["op"], line["round"], line["client"], line["act"], tuple(line["targets"]), line["detail"],
                    line["at_us"],
                )  # fmt: skip
            case "outcome":
                done = history.operations[line["op"]]
                done.outcome, done.status, done.code = line["outcome"], line["status"], line["code"]
                done.told, done.finished_at_us = line["detail"], line["at_us"]
            case "stored":
                history.stored.setdefault(line["table"], []).append(line["row"])
            case "measure":
                history.measures.append(Measure(line["name"], line["round"], line["value"]))
            case "end":
                history.is_whole = True
            case _:
                raise Unreadable(f"{path}, ligne {number} : « {kind} » n’est pas une ligne d’histoire.")
    if history is None:
        raise Unreadable(f"{path} est vide.")
    return history


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Each line but a last one cut short by a kill."""
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        read = json.loads(line)
        if not isinstance(read, dict):
            raise Unreadable(f"{path} : une ligne n’est pas un objet.")
        yield read
