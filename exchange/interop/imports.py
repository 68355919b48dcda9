"""Brings an extract of the national register into the database: stage, compare, then apply, all or nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.interop.finess import FinessFile, FinessRow, RejectedLine, finess_departement, read_establishments

ROWS_AT_ONCE: Final = 2_000
CHANGES_SHOWN: Final = 20
REJECTIONS_SHOWN: Final = 50
EXIT_REJECTED: Final = 3


@dataclass(frozen=True, slots=True)
class Change:
    """An establishment whose facts differ from the register's; `fields` are the columns that do."""

    finess_et: str
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What an extract changes. `newer`: rows that the register knows from a later extract, left as they are.

    `examples` are the first changes, in the order of their numbers.
    """

    inserted: int
    changed: int
    unchanged: int
    newer: int
    examples: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do when `is_dry_run`."""

    departement: str
    source_date: date
    difference: Difference
    rejected: tuple[RejectedLine, ...]
    rejected_count: int
    elsewhere_count: int
    is_dry_run: bool

    @property
    def exit_status(self) -> int:
        """Zero, or 3 when lines were left out."""
        return EXIT_REJECTED if self.rejected_count else 0

    def __str__(self) -> str:
        return "\n".join(_sentences(self))


async def import_finess(
    tx: AsyncSession, path: Path, departement: str, now: datetime, *, dry_run: bool = False
) -> ImportReport:
    """Import the establishments of one territory from an extract; the caller commits.

    A dry run stages and compares, and changes nothing. Raises FinessHeaderBroken, DepartementUnknown, OSError: the
    register is then untouched.
    """
    read = await asyncio.to_thread(_read, path, departement)
    difference = (
        await stage_and_compare(tx, read.rows, read.source_date)
        if dry_run
        else await stage_and_apply(tx, read.rows, read.source_date, now)
    )
    return ImportReport(
        departement=finess_departement(departement),
        source_date=read.source_date,
        difference=difference,
        rejected=read.rejected,
        rejected_count=read.rejected_count,
        elsewhere_count=read.elsewhere_count,
        is_dry_run=dry_run,
    )


async def stage_and_compare(tx: AsyncSession, rows: Sequence[FinessRow], source_date: date) -> Difference:
    """What these rows would change in the register. Nothing outside the transaction's own staging table is written."""
    await _stage(tx, rows)
    return await _compare(tx, source_date)


async def stage_and_apply(tx: AsyncSession, rows: Sequence[FinessRow], source_date: date, now: datetime) -> Difference:
    """Insert what is new and correct what differs, in the caller's transaction.

    An identical row is not touched, a row known from a later extract is not set back, and a row that the extract
    no longer holds stays: absence proves nothing. Returns what was done.
    """
    await _stage(tx, rows)
    # Two imports at once would count the same difference twice; readers are not disturbed.
    await tx.execute(text("LOCK TABLE finess_establishments IN SHARE ROW EXCLUSIVE MODE"))
    difference = await _compare(tx, source_date)
    await tx.execute(_APPLY, {"source_date": source_date, "now": now})
    return difference


def _read(path: Path, departement: str) -> FinessFile:
    with path.open("rb") as stream:
        return read_establishments(stream, departement)


async def _stage(tx: AsyncSession, rows: Sequence[FinessRow]) -> None:
    await tx.execute(_CREATE_STAGING)
    await tx.execute(text("TRUNCATE finess_staging"))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        await tx.execute(
            _FILL_STAGING,
            {
                "finess_et": [row.finess_et for row in part],
                "finess_ej": [row.finess_ej for row in part],
                "name": [row.name for row in part],
                "category": [row.category for row in part],
                "commune_code": [row.commune_code for row in part],
                "siret": [row.siret for row in part],
                "opened_on": [row.opened_on for row in part],
            },
        )


async def _compare(tx: AsyncSession, source_date: date) -> Difference:
    counts = (await tx.execute(_COUNT, {"source_date": source_date})).one()
    examples = await tx.execute(_EXAMPLES, {"source_date": source_date, "shown": CHANGES_SHOWN})
    return Difference(
        inserted=counts.inserted,
        changed=counts.changed,
        unchanged=counts.unchanged,
        newer=counts.newer,
        examples=tuple(Change(row.finess_et, row.name, tuple(row.fields)) for row in examples),
    )


def _sentences(report: ImportReport) -> list[str]:
    difference = report.difference
    verb = "à ajouter" if report.is_dry_run else "ajoutés"
    corrected = "à corriger" if report.is_dry_run else "corrigés"
    sentences = [
        f"Extrait FINESS du {report.source_date:%d/%m/%Y}, département {report.departement}"
        + (" (essai : rien n'est écrit)." if report.is_dry_run else "."),
        f"Établissements {verb} : {difference.inserted} ; {corrected} : {difference.changed} ; "
        f"inchangés : {difference.unchanged}.",
    ]
    if difference.newer:
        sentences.append(f"Déjà connus par un extrait plus récent, laissés tels quels : {difference.newer}.")
    if report.elsewhere_count:
        sentences.append(f"Lignes d'autres départements, non lues : {report.elsewhere_count}.")
    for change in difference.examples:
        fields = ", ".join(_FIELD_NAMES[field] for field in change.fields)
        sentences.append(f"  {change.finess_et} {change.name} : {fields}")
    if difference.changed > len(difference.examples):
        sentences.append(f"  … et {difference.changed - len(difference.examples)} autres corrections.")
    if report.rejected_count:
        sentences.append(f"Lignes écartées : {report.rejected_count}.")
        shown = report.rejected[:REJECTIONS_SHOWN]
        sentences.extend(f"  ligne {line.number} : {line.reason}" for line in shown)
        if report.rejected_count > len(shown):
            sentences.append(f"  … et {report.rejected_count - len(shown)} autres lignes.")
    return sentences


_FIELD_NAMES: Final = {
    "finess_ej": "entité juridique",
    "name": "raison sociale",
    "category": "catégorie",
    "commune_code": "commune",
    "siret": "SIRET",
    "opened_on": "date d'ouverture",
}
_FACTS: Final = tuple(_FIELD_NAMES)


def _listed(alias: str) -> str:
    return ", ".join(f"{alias}.{fact}" for fact in _FACTS)


def _differs(alias: str) -> str:
    return f"(({_listed(alias)}) IS DISTINCT FROM ({_listed('e')}))"


_DIFFERS = _differs("s")

# Every name put into these statements comes from the tuple above; values are always bound.
_CREATE_STAGING = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS finess_staging (finess_et text PRIMARY KEY, finess_ej text, name text,"
    " category text, commune_code text, siret text, opened_on date) ON COMMIT DROP"
)
_FILL_STAGING = text(
    "INSERT INTO finess_staging (finess_et, finess_ej, name, category, commune_code, siret, opened_on)"
    " SELECT * FROM unnest(CAST(:finess_et AS text[]), CAST(:finess_ej AS text[]), CAST(:name AS text[]),"
    " CAST(:category AS text[]), CAST(:commune_code AS text[]), CAST(:siret AS text[]), CAST(:opened_on AS date[]))"
)
_COUNT = text(
    "SELECT count(*) FILTER (WHERE e.finess_et IS NULL) AS inserted,"  # noqa: S608
    f" count(*) FILTER (WHERE e.finess_et IS NOT NULL AND {_DIFFERS} AND e.source_date <= :source_date) AS changed,"
    f" count(*) FILTER (WHERE e.finess_et IS NOT NULL AND NOT {_DIFFERS}) AS unchanged,"
    f" count(*) FILTER (WHERE e.finess_et IS NOT NULL AND {_DIFFERS} AND e.source_date > :source_date) AS newer"
    " FROM finess_staging s LEFT JOIN finess_establishments e USING (finess_et)"
)
_EXAMPLES = text(
    "SELECT finess_et, s.name, array_remove(ARRAY["  # noqa: S608
    + ", ".join(f"CASE WHEN s.{fact} IS DISTINCT FROM e.{fact} THEN '{fact}' END" for fact in _FACTS)
    + "], NULL) AS fields"
    " FROM finess_staging s JOIN finess_establishments e USING (finess_et)"
    f" WHERE {_DIFFERS} AND e.source_date <= :source_date ORDER BY finess_et LIMIT :shown"
)
_APPLY = text(
    "INSERT INTO finess_establishments AS e"  # noqa: S608
    f" (finess_et, {', '.join(_FACTS)}, source_date, imported_at)"
    f" SELECT s.finess_et, {_listed('s')}, :source_date, :now FROM finess_staging s"
    " ON CONFLICT (finess_et) DO UPDATE SET "
    + ", ".join(f"{fact} = excluded.{fact}" for fact in (*_FACTS, "source_date", "imported_at"))
    + f" WHERE {_differs('excluded')} AND e.source_date <= excluded.source_date"
)
