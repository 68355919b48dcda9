"""The glossary and the code say the same words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrations.metadata import METADATA

ROOT = Path(__file__).resolve().parents[2]
PLURALS = {
    "facilities": "facility",
    "facility_statuses": "facility_status",
    "communities": "community",
    "incompatibilities": "incompatibility",
    "volunteer_identities": "volunteer_identity",
    "living_area_communes": "living_area",
    "situation_details": "situation_detail",
    "match_runs": "match_run",
    "access_log": "access_log",
    "outbox": "outbox",
}


def section(title: str) -> str:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return page.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


def identifiers_of(title: str) -> set[str]:
    rows = [line for line in section(title).splitlines() if line.startswith("| ") and "`" in line]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[2])}


def source_of(folders: tuple[str, ...]) -> str:
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def singular(table: str) -> str:
    return PLURALS.get(table, table.removesuffix("s"))


def test_every_table_is_named_in_the_glossary() -> None:
    known = identifiers_of("In the code")
    assert {table for table in METADATA.tables if singular(table) not in known} == set()


def test_every_identifier_of_the_glossary_is_used_in_the_code() -> None:
    source = source_of(("exchange", "workers"))
    tables = {singular(table) for table in METADATA.tables}
    assert {name for name in identifiers_of("In the code") if name not in source and name not in tables} == set()


def test_a_reserved_identifier_is_not_used_before_its_room_is_built() -> None:
    names = {column.name for table in METADATA.tables.values() for column in table.columns}
    assert identifiers_of("Reserved, for rooms not built yet") & (names | set(METADATA.tables)) == set()


@pytest.mark.parametrize("word", ["beneficiary", "patient", "unpaid_worker", "establishment_user"])
def test_a_word_never_to_be_used_is_in_no_identifier(word: str) -> None:
    source = source_of(("exchange", "workers", "migrations"))
    assert re.findall(rf"\b\w*{word}\w*\b", source) == []


def test_tables_say_living_area_rather_than_bassin() -> None:
    names = {column.name for table in METADATA.tables.values() for column in table.columns} | set(METADATA.tables)
    assert {name for name in names if "bassin" in name} == set()
