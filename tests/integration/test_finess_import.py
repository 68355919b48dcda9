"""An extract of the national register, brought into a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from exchange.interop.finess import DepartementUnknown, FinessHeaderBroken, FinessRow
from exchange.interop.imports import Difference, import_finess, stage_and_apply
from exchange.kernel.db import Database
from tests.servers import FreshDatabase

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2].parent / "shared" / "data" / "finess" / "etalab-cs1100502-sample-15-lines.csv"
MAY, JUNE = date(2026, 5, 12), date(2026, 6, 12)

IME = FinessRow("439991001", "439990001", "IME FICTIF", "183", "43268", "12345678900011", date(1990, 9, 1))
MAS = FinessRow("439991020", "439990003", "MAS FICTIVE", "255", "43190", None, None)
FOYER = FinessRow("439991005", "439990002", "FOYER FICTIF", "252", "43268", None, date(2001, 1, 1))


@pytest_asyncio.fixture(loop_scope="session")
async def house(database: FreshDatabase) -> AsyncIterator[Database]:
    yield Database(database.engine)


async def apply(house: Database, rows: list[FinessRow], source_date: date, now: datetime = NOW) -> Difference:
    async with house.write(None) as tx:
        return await stage_and_apply(tx, rows, source_date, now)


async def register(house: Database) -> dict[str, str]:
    async with house.read(None) as tx:
        rows = await tx.execute(text("SELECT finess_et, name FROM finess_establishments ORDER BY finess_et"))
        return {row.finess_et: row.name for row in rows}


async def fingerprint(house: Database) -> str:
    """Every column of every row, and the row's own identity in the table: an update, even identical, changes it."""
    async with house.read(None) as tx:
        rows = await tx.execute(
            text("SELECT ctid::text, xmin::text, e::text FROM finess_establishments e ORDER BY finess_et")
        )
        return sha256("\n".join("|".join(row) for row in rows).encode()).hexdigest()


async def test_a_first_import_inserts_every_row(house: Database) -> None:
    assert await apply(house, [IME, MAS], MAY) == Difference(inserted=2, changed=0, unchanged=0, newer=0)
    assert await register(house) == {"439991001": "IME FICTIF", "439991020": "MAS FICTIVE"}


async def test_a_second_import_of_the_same_rows_touches_nothing(house: Database) -> None:
    await apply(house, [IME, MAS], MAY)
    before = await fingerprint(house)
    again = await apply(house, [MAS, IME], JUNE, NOW + timedelta(days=30))
    assert again == Difference(inserted=0, changed=0, unchanged=2, newer=0)
    assert await fingerprint(house) == before


async def test_a_changed_row_is_corrected_alone_and_shown(house: Database) -> None:
    await apply(house, [IME, MAS], MAY)
    renamed = FinessRow("439991001", "439990001", "IME RENOMMÉ", "183", "43268", None, date(1990, 9, 1))
    difference = await apply(house, [renamed, MAS, FOYER], JUNE)
    assert (difference.inserted, difference.changed, difference.unchanged) == (1, 1, 1)
    assert [(change.finess_et, change.fields) for change in difference.examples] == [("439991001", ("name", "siret"))]
    async with house.read(None) as tx:
        rows = await tx.execute(
            text("SELECT finess_et, name, siret, source_date FROM finess_establishments ORDER BY finess_et")
        )
        assert [tuple(row) for row in rows] == [
            ("439991001", "IME RENOMMÉ", None, JUNE),
            ("439991005", "FOYER FICTIF", None, JUNE),
            ("439991020", "MAS FICTIVE", None, MAY),
        ]


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("finess_ej", FinessRow("439991001", "439990009", "IME FICTIF", "183", "43268", IME.siret, IME.opened_on)),
        ("name", FinessRow("439991001", "439990001", "AUTRE", "183", "43268", IME.siret, IME.opened_on)),
        ("category", FinessRow("439991001", "439990001", "IME FICTIF", "186", "43268", IME.siret, IME.opened_on)),
        ("commune_code", FinessRow("439991001", "439990001", "IME FICTIF", "183", "43040", IME.siret, IME.opened_on)),
        ("siret", FinessRow("439991001", "439990001", "IME FICTIF", "183", "43268", None, IME.opened_on)),
        ("opened_on", FinessRow("439991001", "439990001", "IME FICTIF", "183", "43268", IME.siret, None)),
    ],
)
async def test_each_fact_is_compared_and_corrected(house: Database, column: str, changed: FinessRow) -> None:
    await apply(house, [IME], MAY)
    difference = await apply(house, [changed], JUNE)
    assert [change.fields for change in difference.examples] == [(column,)]
    assert (await apply(house, [changed], JUNE)).unchanged == 1


async def test_absence_never_deletes(house: Database) -> None:
    await apply(house, [IME, MAS], MAY)
    await apply(house, [FOYER], JUNE)
    await apply(house, [], JUNE)
    assert set(await register(house)) == {"439991001", "439991005", "439991020"}


async def test_an_older_extract_does_not_set_a_row_back(house: Database) -> None:
    renamed = FinessRow("439991001", "439990001", "IME RENOMMÉ", "183", "43268", IME.siret, IME.opened_on)
    await apply(house, [renamed], JUNE)
    assert await apply(house, [IME, MAS], MAY) == Difference(inserted=1, changed=0, unchanged=0, newer=1)
    assert (await register(house))["439991001"] == "IME RENOMMÉ"


async def test_an_import_that_fails_half_way_leaves_nothing(house: Database) -> None:
    forged = FinessRow("439991099", "439990001", "SANS CATÉGORIE", "???", "43268", None, None)
    with pytest.raises(IntegrityError):
        await apply(house, [IME, forged], MAY)
    assert await register(house) == {}


async def test_more_rows_than_one_batch_are_all_applied(house: Database) -> None:
    rows = [
        FinessRow(f"4399{rank:05}", "439990001", f"LIEU {rank}", "183", "43268", None, None) for rank in range(4500)
    ]
    assert (await apply(house, rows, MAY)).inserted == 4500
    assert (await apply(house, rows, MAY)).unchanged == 4500


async def test_a_dry_run_shows_the_difference_and_writes_nothing(house: Database, tmp_path: Path) -> None:
    extract = written(tmp_path, "finess;etalab;111;2026-05-12", IME, MAS)
    await apply(house, [IME], MAY)
    before = await fingerprint(house)
    async with house.write(None) as tx:
        report = await import_finess(tx, extract, "43", NOW, dry_run=True)
    assert (report.difference.inserted, report.difference.unchanged, report.is_dry_run) == (1, 1, True)
    assert await fingerprint(house) == before


async def test_valid_lines_enter_and_the_damaged_one_is_told_with_its_number(house: Database, tmp_path: Path) -> None:
    extract = written(tmp_path, "finess;etalab;111;2026-05-12", IME, MAS)
    damaged = extract.read_text(encoding="utf-8").replace("255", "25X")
    extract.write_text(damaged, encoding="utf-8")
    async with house.write(None) as tx:
        report = await import_finess(tx, extract, "43", NOW)
    assert report.exit_status == 3
    assert [(line.number, "categetab" in line.reason) for line in report.rejected] == [(3, True)]
    assert set(await register(house)) == {"439991001"}


@pytest.mark.parametrize(
    ("header", "departement", "error"),
    [("finess;etalab;111", "43", FinessHeaderBroken), ("finess;etalab;111;2026-05-12", "99", DepartementUnknown)],
)
async def test_a_broken_header_or_an_unknown_territory_imports_nothing(
    house: Database, tmp_path: Path, header: str, departement: str, error: type[Exception]
) -> None:
    extract = written(tmp_path, header, IME, MAS)
    with pytest.raises(error):
        async with house.write(None) as tx:
            await import_finess(tx, extract, departement, NOW)
    assert await register(house) == {}


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of the national extract is not at hand")
async def test_the_real_sample_enters_once_and_changes_nothing_the_second_time(house: Database) -> None:
    async with house.write(None) as tx:
        first = await import_finess(tx, SAMPLE, "974", NOW)
    assert (first.difference, first.exit_status) == (Difference(3, 0, 0, 0), 0)
    before = await fingerprint(house)
    async with house.write(None) as tx:
        second = await import_finess(tx, SAMPLE, "9D", NOW + timedelta(days=1))
    assert second.difference == Difference(0, 0, 3, 0)
    assert await fingerprint(house) == before


def written(folder: Path, header: str, *rows: FinessRow) -> Path:
    """An extract in the published format."""
    lines = [header]
    for row in rows:
        fields = [""] * 32
        fields[0:5] = ["structureet", row.finess_et, row.finess_ej, row.name, ""]
        fields[12:14] = [row.commune_code[2:], row.commune_code[:2]]
        fields[18], fields[22] = row.category, row.siret or ""
        fields[28] = row.opened_on.isoformat() if row.opened_on else ""
        lines.append(";".join(fields))
    extract = folder / "extract.csv"
    extract.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return extract
