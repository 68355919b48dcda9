"""JSON in and out: a cursor that knows its path, so that every refusal names the key it is about."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import NoReturn

from exchange.matching.errors import FileRefused, ProblemInvalid, refuse
from exchange.matching.problem import LEFT_OUT_WHERE_EMPTY, Label

# Keeps every sum of the model far from 64-bit limits, whatever the file says.
LARGEST_INTEGER = 1_000_000_000
# No list of a territory comes near: beyond, merely reading the file would take longer than refusing it may.
MOST_ITEMS = 100_000
# A department takes 1.2 MB; parsing this much takes a second at worst.
LARGEST_FILE_MB = 16


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and its path; each method returns the value as one type or raises `ProblemInvalid`."""

    value: object
    path: str

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Node]:
        """The members of an object: every required key present, no key outside the two lists, no optional key null."""
        if not isinstance(self.value, dict):
            self._expected("un objet")
        for key in self.value:
            if key not in required and key not in optional:
                refuse(self._member(key), "clé inconnue de ce format")
        for key in required:
            if key not in self.value:
                refuse(self._member(key), "clé absente")
        return {
            key: Node(value, self._member(key))
            for key, value in self.value.items()
            if key in required or value is not None
        }

    def members(self) -> dict[str, Node]:
        """The members of an object whose keys are data."""
        if not isinstance(self.value, dict):
            self._expected("un objet")
        return {key: Node(value, self._member(key)) for key, value in self.value.items()}

    def items(self) -> list[Node]:
        if not isinstance(self.value, list):
            self._expected("une liste")
        if len(self.value) > MOST_ITEMS:
            refuse(self.path, f"la liste dépasse {MOST_ITEMS} éléments")
        return [Node(value, f"{self.path}[{index}]") for index, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str):
            self._expected("un texte")
        try:
            self.value.encode()
        except UnicodeEncodeError:
            refuse(self.path, "le texte contient un caractère Unicode incomplet")
        return self.value

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def integer(self) -> int:
        if type(self.value) is not int:
            self._expected("un nombre entier")
        if abs(self.value) > LARGEST_INTEGER:
            refuse(self.path, f"le nombre dépasse {LARGEST_INTEGER}")
        return self.value

    def integers(self) -> tuple[int, ...]:
        values = self.value
        if not isinstance(values, list):
            self._expected("une liste de nombres entiers")
        if all(type(value) is int and -LARGEST_INTEGER <= value <= LARGEST_INTEGER for value in values):
            return tuple(values)
        return tuple(item.integer() for item in self.items())

    def pair(self) -> tuple[int, int]:
        values = self.integers()
        if len(values) != 2:
            self._expected("une liste de deux nombres entiers")
        return values[0], values[1]

    def pairs(self) -> tuple[tuple[int, int], ...]:
        return tuple(item.pair() for item in self.items())

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            self._expected("vrai ou faux (true, false)")
        return self.value

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self._expected("un nombre")
        if not abs(self.value) <= sys.float_info.max:
            self._expected("un nombre fini")
        return float(self.value)

    def label(self) -> Label:
        """A value that enters no rule: any scalar, or a list of texts."""
        if isinstance(self.value, str):
            return self.text()
        if self.value is None or isinstance(self.value, bool):
            return self.value
        if isinstance(self.value, int | float):
            self.number()
            return self.value
        return self.texts()

    def _member(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _expected(self, what: str) -> NoReturn:
        refuse(self.path or "(racine)", f"il faut ici {what}")


def read_document(path: Path) -> object:
    """The JSON value in a UTF-8 file; raises `FileRefused`, or `ProblemInvalid` where an object repeats a key."""
    try:
        if path.stat().st_size > LARGEST_FILE_MB * 10**6:
            raise FileRefused(path.name, f"le fichier dépasse {LARGEST_FILE_MB} Mo")
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_object)
    except OSError as error:
        raise FileRefused(path.name, f"le fichier ne se lit pas ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise FileRefused(path.name, f"le fichier n'est pas en UTF-8 (octet {error.start})") from error
    except json.JSONDecodeError as error:
        place = f"ligne {error.lineno}, colonne {error.colno}"
        raise FileRefused(path.name, f"le fichier n'est pas du JSON valide ({place})") from error
    except RecursionError as error:
        raise FileRefused(path.name, "le fichier imbrique trop de niveaux") from error
    except (FileRefused, ProblemInvalid):
        raise
    except ValueError as error:
        raise FileRefused(path.name, "le fichier contient un nombre démesuré") from error


def document_text(document: object) -> str:
    """Readable JSON ended by a line feed."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def write_document(path: Path, document: object) -> None:
    """Write readable UTF-8 JSON; raises `FileRefused`."""
    try:
        path.write_text(document_text(document), encoding="utf-8")
    except OSError as error:
        raise FileRefused(path.name, f"le fichier ne s'écrit pas ({error.strerror})") from error


def plain(value: object) -> object:
    """Frozen dataclasses, tuples and enums as JSON values, members in the order of their declaration."""
    if is_dataclass(value) and not isinstance(value, type):
        members = [(field, getattr(value, field.name)) for field in fields(value)]
        return {
            field.name: plain(member)
            for field, member in members
            if member or LEFT_OUT_WHERE_EMPTY not in field.metadata
        }
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            refuse(key, "cette clé est donnée deux fois dans le même objet")
        found[key] = value
    return found
