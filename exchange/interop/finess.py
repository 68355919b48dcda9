"""Reads the national extract of establishments (cs1100502, open-data `;` format): pure parsing, no database.

Format: a first line `finess;etalab;<number>;<date>`, then one `structureet` line of 32 fields per establishment,
quotes doubled, no column names. Source: ANS, FINESS open data, Licence Ouverte 2.0.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import BinaryIO, Final

LINE_TYPE: Final = "structureet"
POSITION_LINE_TYPE: Final = "geolocalisation"
"""The extract cs1100507 repeats the lines of cs1100502, then adds positions, which are of no use here."""

FIELDS: Final = 32
LONGEST_LINE_BYTES: Final = 16_384
MOST_REJECTIONS_KEPT: Final = 1_000

# Positions of the fields that are read, and the name under which a rejection speaks of them.
_FINESS_ET, _FINESS_EJ, _NAME, _LONG_NAME = 1, 2, 3, 4
_COMMUNE, _DEPARTEMENT, _CATEGORY, _SIRET, _OPENED_ON = 12, 13, 18, 22, 28

OVERSEAS: Final[Mapping[str, str]] = MappingProxyType(
    {"971": "9A", "972": "9B", "973": "9C", "974": "9D", "975": "9E", "976": "9F", "986": "9J"}
)
"""INSEE code of an overseas territory → code of the same in FINESS."""

_INSEE_PREFIX: Final[Mapping[str, str]] = MappingProxyType({finess: insee[:2] for insee, finess in OVERSEAS.items()})

_DEPARTEMENT_FORM = re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|9[A-FJ]")
_FINESS_FORM = re.compile(r"[0-9][0-9A-Z][0-9]{7}")
_COMMUNE_FORM = re.compile(r"[0-9]{3}")
_CATEGORY_FORM = re.compile(r"[0-9]{3}")
_SIRET_FORM = re.compile(r"[0-9]{14}")
_DATE_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class FinessHeaderBroken(Exception):
    """The first line is not that of an extract of establishments: nothing of the file can be trusted."""


class DepartementUnknown(ValueError):
    """No territory bears this code, in INSEE's writing or in that of FINESS."""


@dataclass(frozen=True, slots=True)
class FinessRow:
    """One establishment. `commune_code` is the INSEE code; `category` a code of the list of establishments."""

    finess_et: str
    finess_ej: str
    name: str
    category: str
    commune_code: str
    siret: str | None
    opened_on: date | None


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line left out: its number in the file, from 1, and why, in French, naming the field."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class FinessFile:
    """What an extract says of one territory. `rejected` holds the first thousand, `rejected_count` counts all.

    `elsewhere_count`: lines of other territories, neither read nor judged.
    """

    source_date: date
    rows: tuple[FinessRow, ...]
    rejected: tuple[RejectedLine, ...]
    rejected_count: int
    elsewhere_count: int


class _LineDamaged(Exception):
    """The reason, in French, why one line cannot be read."""


def read_establishments(stream: BinaryIO, departement: str) -> FinessFile:
    """Read the establishments of one territory from a seekable extract, in UTF-8 or Latin-1.

    `departement`: "43", "2A", "974" or "9D". Memory stays that of one territory, whatever the length of the file.
    Raises FinessHeaderBroken, DepartementUnknown.
    """
    wanted = finess_departement(departement)
    start = stream.tell()
    encoding = _encoding_of(stream)
    stream.seek(start)
    lines = _lines(stream)
    source_date = _source_date(next(lines, (1, b""))[1])
    rows: dict[str, FinessRow] = {}
    rejected: list[RejectedLine] = []
    rejected_count = elsewhere = 0
    for number, raw in lines:
        try:
            fields = _fields(raw, encoding)
            if fields is None:
                continue
            if _territory(fields) != wanted:
                elsewhere += 1
                continue
            row = _row(fields)
            if row.finess_et in rows:
                raise _LineDamaged(f"numéro FINESS {row.finess_et} déjà lu plus haut dans le fichier")
            rows[row.finess_et] = row
        except _LineDamaged as damage:
            rejected_count += 1
            if len(rejected) < MOST_REJECTIONS_KEPT:
                rejected.append(RejectedLine(number, str(damage)))
    return FinessFile(source_date, tuple(rows.values()), tuple(rejected), rejected_count, elsewhere)


def finess_departement(code: str) -> str:
    """The code of a territory as FINESS writes it, from either writing; raises DepartementUnknown."""
    found = OVERSEAS.get(code, code.upper())
    if not _DEPARTEMENT_FORM.fullmatch(found) or found == "20":
        raise DepartementUnknown(f"« {code} » n'est pas un code de département (exemples : 43, 2A, 974)")
    return found


def insee_code(departement: str, commune: str) -> str:
    """The INSEE code of a commune, from the two codes that FINESS keeps apart."""
    return f"{_INSEE_PREFIX.get(departement, departement)}{commune}"


def _encoding_of(stream: BinaryIO) -> str:
    """UTF-8 unless lines that are not outnumber those that only UTF-8 explains: importers meet both."""
    only_utf8 = not_utf8 = 0
    for _, raw in _lines(stream):
        if raw.isascii():
            continue
        try:
            raw.decode("utf-8")
            only_utf8 += 1
        except UnicodeDecodeError:
            not_utf8 += 1
    return "latin-1" if not_utf8 > only_utf8 else "utf-8"


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without their ending; a line too long keeps only enough to be recognised as such."""
    number = 0
    while raw := stream.readline(LONGEST_LINE_BYTES + 1):
        number += 1
        if len(raw) > LONGEST_LINE_BYTES and not raw.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        yield number, raw.rstrip(b"\r\n")


def _source_date(header: bytes) -> date:
    fields = header.removeprefix(b"\xef\xbb\xbf").decode("latin-1").rstrip(";").split(";")
    if len(fields) != 4 or fields[:2] != ["finess", "etalab"] or not (fields[2].isascii() and fields[2].isdecimal()):
        raise FinessHeaderBroken(
            "La première ligne n'est pas celle d'un extrait FINESS des établissements "
            "(attendu : finess;etalab;numéro;date). Rien n'a été importé."
        )
    found = _iso_date(fields[3])
    if found is None:
        raise FinessHeaderBroken(
            f"La date de l'extrait est illisible sur la première ligne ({fields[3][:30]!r}). Rien n'a été importé."
        )
    return found


def _fields(raw: bytes, encoding: str) -> list[str] | None:
    """The fields of an establishment line; None for a blank line or a position. Raises _LineDamaged."""
    if len(raw) > LONGEST_LINE_BYTES:
        raise _LineDamaged(f"ligne de plus de {LONGEST_LINE_BYTES} octets")
    if not raw.strip():
        return None
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise _LineDamaged("caractères illisibles (le fichier est en UTF-8, pas cette ligne)") from None
    if "\x00" in text:
        raise _LineDamaged("caractère nul")
    try:
        fields = next(csv.reader([text], delimiter=";", strict=True))
    except csv.Error:
        raise _LineDamaged("guillemets ou fin de ligne mal placés") from None
    if fields[0] == POSITION_LINE_TYPE:
        return None
    if fields[0] != LINE_TYPE:
        raise _LineDamaged(f"type de ligne inconnu ({fields[0][:30]!r}, attendu {LINE_TYPE!r})")
    if len(fields) != FIELDS:
        raise _LineDamaged(f"{len(fields)} champs au lieu de {FIELDS}")
    return [field.strip() for field in fields]


def _territory(fields: list[str]) -> str:
    departement = fields[_DEPARTEMENT].upper()
    if not _DEPARTEMENT_FORM.fullmatch(departement):
        raise _LineDamaged(f"champ departement : {fields[_DEPARTEMENT]!r} n'est pas un code de département")
    return departement


def _row(fields: list[str]) -> FinessRow:
    commune = _matching(fields, _COMMUNE, "commune", _COMMUNE_FORM, "trois chiffres")
    name = fields[_LONG_NAME] or fields[_NAME]
    if not name:
        raise _LineDamaged("champ rs : la raison sociale est vide")
    return FinessRow(
        finess_et=_matching(fields, _FINESS_ET, "nofinesset", _FINESS_FORM, "neuf caractères"),
        finess_ej=_matching(fields, _FINESS_EJ, "nofinessej", _FINESS_FORM, "neuf caractères"),
        name=name,
        category=_matching(fields, _CATEGORY, "categetab", _CATEGORY_FORM, "trois chiffres"),
        commune_code=insee_code(_territory(fields), commune),
        siret=_matching(fields, _SIRET, "siret", _SIRET_FORM, "quatorze chiffres") if fields[_SIRET] else None,
        opened_on=_date(fields, _OPENED_ON, "dateouv") if fields[_OPENED_ON] else None,
    )


def _matching(fields: list[str], position: int, name: str, form: re.Pattern[str], expected: str) -> str:
    if not form.fullmatch(fields[position]):
        raise _LineDamaged(f"champ {name} : {fields[position][:30]!r} au lieu de {expected}")
    return fields[position]


def _date(fields: list[str], position: int, name: str) -> date:
    found = _iso_date(fields[position])
    if found is None:
        raise _LineDamaged(f"champ {name} : {fields[position][:30]!r} n'est pas une date (année-mois-jour)")
    return found


def _iso_date(text: str) -> date | None:
    # `fromisoformat` alone would also read weeks and days of the year, which the format does not write.
    if not _DATE_FORM.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
