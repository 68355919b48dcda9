"""Transcribes official nomenclature codes into one normalised table, `code_lists.csv`.

    python -m migrations.reference_data.make_code_lists FOLDER

FOLDER holds one CSV file per nomenclature (names in `NOMENCLATURES`). Codes and labels are facts: they are
carried over one by one with their version and source; no source file is copied.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

COLUMNS = ("list", "code", "label", "version", "source", "valid_until")
TARGET = Path(__file__).with_name("code_lists.csv")


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """One official list. `end_column` holds an ISO date, where the source dates the end of a code."""

    list: str
    file: str
    version: str
    source: str
    published_on: date
    end_column: str | None = None


NOMENCLATURES = (
    Nomenclature(
        list="activity",
        file="tre_r209_type_activite.csv",
        version="20260629120000",
        source="ANS, NOS TRE_R209-TypeActivite",
        published_on=date(2026, 6, 29),
    ),
    Nomenclature(
        list="clientele",
        file="tre_r279_clientele.csv",
        version="20260629120000",
        source="ANS, NOS TRE_R279-Clientele",
        published_on=date(2026, 6, 29),
    ),
    Nomenclature(
        list="discipline",
        file="tre_r280_discipline_equipement_social.csv",
        version="20260601120000",
        source="ANS, NOS TRE_R280-DisciplineEquipementSocial",
        published_on=date(2026, 6, 1),
    ),
    Nomenclature(
        list="facility_category",
        file="finess_categorie_etablissement.csv",
        version="2025-05-26",
        source="ANS, FINESS flux cs1500106",
        published_on=date(2025, 5, 26),
        end_column="date_fin",
    ),
    Nomenclature(
        list="profession",
        file="jdv_j48_profession_non_ps_cisis.csv",
        version="20241213",
        source="ANS, NOS JDV_J48-ProfessionNonPS-CISIS",
        published_on=date(2024, 12, 13),
    ),
)


class NomenclatureDamaged(Exception):
    """A source file lacks a column, repeats a code or holds an empty one."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Transcrit les codes officiels dans une table unique.")
    parser.add_argument("folder", type=Path, help="dossier des nomenclatures (un fichier CSV par liste)")
    parser.add_argument("--out", type=Path, default=TARGET, help="fichier à écrire")
    chosen = parser.parse_args(arguments)
    try:
        rows = [row for nomenclature in NOMENCLATURES for row in transcribed(nomenclature, chosen.folder)]
    except (OSError, NomenclatureDamaged) as problem:
        click.echo(f"Transcription impossible : {problem}", err=True)
        return 1
    with chosen.out.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(rows)
    click.echo(f"{len(rows)} codes écrits, en {len(NOMENCLATURES)} listes.")
    return 0


def transcribed(nomenclature: Nomenclature, folder: Path) -> Iterator[tuple[str, ...]]:
    """Rows of one list in the order of its codes; raises NomenclatureDamaged."""
    with (folder / nomenclature.file).open(encoding="utf-8", newline="") as stream:
        entries = sorted(csv.DictReader(stream), key=lambda entry: entry.get("code") or "")
    seen: set[str] = set()
    for entry in entries:
        code, label = (entry.get("code") or "").strip(), (entry.get("label_fr") or "").strip()
        if not code or not label or code in seen:
            raise NomenclatureDamaged(f"{nomenclature.file} : code vide, répété ou sans libellé ({code!r})")
        seen.add(code)
        yield (
            nomenclature.list,
            code,
            label,
            nomenclature.version,
            nomenclature.source,
            valid_until(nomenclature, entry),
        )


def valid_until(nomenclature: Nomenclature, entry: dict[str, str]) -> str:
    """The end date that the source gives. Where it only says "deprecated", the date of the version that
    says so: the code was out of use by then at the latest."""
    if nomenclature.end_column is not None:
        return entry[nomenclature.end_column].strip()
    return nomenclature.published_on.isoformat() if entry.get("status") == "deprecated" else ""


if __name__ == "__main__":
    raise SystemExit(main())
