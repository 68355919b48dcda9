"""The national extract of establishments, read line by line."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from exchange.interop.finess import (
    LONGEST_LINE_BYTES,
    MOST_REJECTIONS_KEPT,
    OVERSEAS,
    DepartementUnknown,
    FinessFile,
    FinessHeaderBroken,
    FinessRow,
    finess_departement,
    insee_code,
    read_establishments,
)
from exchange.interop.imports import Change, Difference, ImportReport

HEADER = "finess;etalab;111;2026-05-12"
SAMPLE = Path(__file__).parents[2].parent / "shared" / "data" / "finess" / "etalab-cs1100502-sample-15-lines.csv"

GOOD = {
    "type": "structureet",
    "nofinesset": "439991001",
    "nofinessej": "439990001",
    "rs": "IME FICTIF",
    "rslongue": "INSTITUT FICTIF",
    "commune": "268",
    "departement": "43",
    "categetab": "183",
    "siret": "12345678900011",
    "dateouv": "1990-09-01",
}
POSITIONS = {
    "type": 0,
    "nofinesset": 1,
    "nofinessej": 2,
    "rs": 3,
    "rslongue": 4,
    "commune": 12,
    "departement": 13,
    "categetab": 18,
    "siret": 22,
    "dateouv": 28,
}


def line(**changes: str) -> str:
    fields = [""] * 32
    for name, value in {**GOOD, **changes}.items():
        fields[POSITIONS[name]] = value
    return ";".join(fields)


def read(*lines: str, departement: str = "43", encoding: str = "utf-8", header: str = HEADER) -> FinessFile:
    return read_establishments(BytesIO("\n".join((header, *lines, "")).encode(encoding)), departement)


def test_a_line_gives_the_facts_of_an_establishment() -> None:
    found = read(line())
    assert found.source_date == date(2026, 5, 12)
    assert found.rows == (
        FinessRow(
            finess_et="439991001",
            finess_ej="439990001",
            name="INSTITUT FICTIF",
            category="183",
            commune_code="43268",
            siret="12345678900011",
            opened_on=date(1990, 9, 1),
        ),
    )
    assert (found.rejected, found.rejected_count, found.elsewhere_count) == ((), 0, 0)


def test_the_short_name_serves_when_the_long_one_is_empty() -> None:
    assert read(line(rslongue="")).rows[0].name == "IME FICTIF"


def test_siret_and_opening_date_may_be_unknown() -> None:
    row = read(line(siret="", dateouv="")).rows[0]
    assert (row.siret, row.opened_on) == (None, None)


def test_doubled_quotes_are_one_quote() -> None:
    assert read(line(rslongue='"LIEU DE VIE ""LE GUÉ"" ; SITE"')).rows[0].name == 'LIEU DE VIE "LE GUÉ" ; SITE'


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
def test_both_encodings_are_read(encoding: str) -> None:
    found = read(line(rslongue="FOYER DÉPARTEMENTAL"), line(nofinesset="439991002", rslongue="MÈRE"), encoding=encoding)
    assert [row.name for row in found.rows] == ["FOYER DÉPARTEMENTAL", "MÈRE"]


def test_one_damaged_character_does_not_turn_the_whole_file_into_latin_1() -> None:
    accents = "\n".join(line(nofinesset=f"43999100{rank}", rslongue="DÉPÔT") for rank in (1, 2))
    damaged = line(nofinesset="439991003", rslongue="D?P").encode().replace(b"?", b"\xc9")
    found = read_establishments(BytesIO(f"{HEADER}\n{accents}\n".encode() + damaged + b"\n"), "43")
    assert [row.name for row in found.rows] == ["DÉPÔT", "DÉPÔT"]
    assert [(bad.number, "UTF-8" in bad.reason) for bad in found.rejected] == [(4, True)]


def test_windows_line_endings_and_blank_lines_are_read() -> None:
    found = read_establishments(BytesIO(f"{HEADER}\r\n\r\n{line()}\r\n".encode()), "43")
    assert len(found.rows) == 1
    assert found.rejected == ()


def test_other_territories_are_counted_and_not_judged() -> None:
    found = read(line(), line(departement="42", commune="2"), line(departement="63", nofinesset="damaged"))
    assert len(found.rows) == 1
    assert found.elsewhere_count == 2
    assert found.rejected == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nofinesset": "43999100"}, "nofinesset"),
        ({"nofinesset": "43999100é"}, "nofinesset"),
        ({"nofinessej": ""}, "nofinessej"),
        ({"rs": "", "rslongue": ""}, "rs"),
        ({"commune": "26"}, "commune"),
        ({"commune": "2A8"}, "commune"),
        ({"commune": "٢٦٨"}, "commune"),
        ({"departement": ""}, "departement"),
        ({"departement": "HAUTE-LOIRE"}, "departement"),
        ({"categetab": "IME"}, "categetab"),
        ({"siret": "1234567890001"}, "siret"),
        ({"dateouv": "01/09/1990"}, "dateouv"),
        ({"dateouv": "1990-02-30"}, "dateouv"),
        ({"dateouv": "19900901"}, "dateouv"),
        ({"type": "etablissement"}, "type de ligne"),
    ],
)
def test_a_damaged_field_rejects_its_line_alone_and_is_named(changes: dict[str, str], field: str) -> None:
    found = read(line(nofinesset="439991002"), line(**changes), line(nofinesset="439991003"))
    assert [row.finess_et for row in found.rows] == ["439991002", "439991003"]
    assert [bad.number for bad in found.rejected] == [3]
    assert field in found.rejected[0].reason


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (line()[:60], "champs au lieu de 32"),
        (line() + ";", "33 champs au lieu de 32"),
        (line(rslongue='"SANS FIN'), "guillemets"),
        (line(rslongue='"A" B'), "guillemets"),
        (line(rslongue="A\x00B"), "caractère nul"),
        (line(rslongue="X" * LONGEST_LINE_BYTES), f"plus de {LONGEST_LINE_BYTES} octets"),
    ],
)
def test_a_damaged_line_is_reported_with_its_number(damaged: str, reason: str) -> None:
    found = read(line(nofinesset="439991002"), damaged, line(nofinesset="439991003"))
    assert [row.finess_et for row in found.rows] == ["439991002", "439991003"]
    assert [(bad.number, reason in bad.reason) for bad in found.rejected] == [(3, True)]


def test_a_number_met_twice_keeps_its_first_line() -> None:
    found = read(line(), line(rslongue="SECOND"))
    assert [row.name for row in found.rows] == ["INSTITUT FICTIF"]
    assert [bad.number for bad in found.rejected] == [3]
    assert "déjà lu" in found.rejected[0].reason


def test_positions_of_the_larger_extract_are_passed_over() -> None:
    found = read(line(), "geolocalisation;439991001;800000.1;6450000.2;1,ATLASANTE,100,IGN;2026-05-12")
    assert len(found.rows) == 1
    assert found.rejected == ()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "finess",
        "finess;etalab;111",
        "finess;etalab;;2026-05-12",
        "finess;etalab;cent;2026-05-12",
        "finess;etalab;111;12/05/2026",
        "finess;etalab;111;2026-13-01",
        "finess;etalab;111;20260512",
        "nofinesset;rs;commune;date",
        "equipementsocial;etalab;111;2026-05-12",
        line(),
    ],
)
def test_a_broken_header_refuses_the_whole_file(header: str) -> None:
    with pytest.raises(FinessHeaderBroken, match="Rien n'a été importé"):
        read(line(), header=header)


def test_an_empty_file_has_no_header() -> None:
    with pytest.raises(FinessHeaderBroken):
        read_establishments(BytesIO(b""), "43")


@pytest.mark.parametrize(
    ("departement", "commune", "insee"),
    [
        ("43", "268", "43268"),
        ("01", "451", "01451"),
        ("2A", "004", "2A004"),
        ("2B", "033", "2B033"),
        ("9A", "123", "97123"),
        ("9B", "209", "97209"),
        ("9C", "302", "97302"),
        ("9D", "411", "97411"),
        ("9E", "502", "97502"),
        ("9F", "610", "97610"),
        ("9J", "613", "98613"),
    ],
)
def test_insee_codes_join_the_two_codes_of_the_register(departement: str, commune: str, insee: str) -> None:
    assert insee_code(departement, commune) == insee
    assert read(line(departement=departement, commune=commune), departement=departement).rows[0].commune_code == insee


@pytest.mark.parametrize("insee", OVERSEAS)
def test_overseas_territories_answer_to_both_codes(insee: str) -> None:
    assert finess_departement(insee) == finess_departement(OVERSEAS[insee]) == OVERSEAS[insee]


@pytest.mark.parametrize("code", ["", "0", "20", "00", "96", "99", "9G", "43 ", "4", "430", "Haute-Loire", "2C"])
def test_an_unknown_territory_is_an_error_that_quotes_it(code: str) -> None:
    with pytest.raises(DepartementUnknown, match=f"« {code} »"):
        read(line(), departement=code)


def test_thousands_of_rejections_are_counted_and_the_first_ones_kept() -> None:
    found = read(*(line(siret="x") for _ in range(MOST_REJECTIONS_KEPT + 5)))
    assert found.rejected_count == MOST_REJECTIONS_KEPT + 5
    assert len(found.rejected) == MOST_REJECTIONS_KEPT
    assert found.rejected[0].number == 2


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of the national extract is not at hand")
@pytest.mark.parametrize(
    ("departement", "expected"), [("9A", 3), ("972", 2), ("973", 2), ("9D", 3), ("976", 2), ("43", 0)]
)
def test_the_real_sample_is_read_whole(departement: str, expected: int) -> None:
    with SAMPLE.open("rb") as stream:
        found = read_establishments(stream, departement)
    assert found.source_date == date(2026, 5, 12)
    assert (len(found.rows), found.rejected, found.elsewhere_count) == (expected, (), 14 - expected)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of the national extract is not at hand")
def test_quotes_and_accents_of_the_real_sample_survive() -> None:
    with SAMPLE.open("rb") as stream:
        names = [row.name for row in read_establishments(stream, "9F").rows]
    assert names[0] == 'LIEU DE VIE ET D\'ACCUEIL "MAVOUNA MEMA 1"'


def test_the_report_says_what_was_done_in_french() -> None:
    read_file = read(line(), line(siret="x"))
    report = ImportReport(
        departement="43",
        source_date=read_file.source_date,
        difference=Difference(2, 1, 3, 1, (Change("439991001", "INSTITUT FICTIF", ("name", "siret")),)),
        rejected=read_file.rejected,
        rejected_count=read_file.rejected_count,
        elsewhere_count=7,
        is_dry_run=False,
    )
    assert report.exit_status == 3
    assert str(report).splitlines() == [
        "Extrait FINESS du 12/05/2026, département 43.",
        "Établissements ajoutés : 2 ; corrigés : 1 ; inchangés : 3.",
        "Déjà connus par un extrait plus récent, laissés tels quels : 1.",
        "Lignes d'autres départements, non lues : 7.",
        "  439991001 INSTITUT FICTIF : raison sociale, SIRET",
        "Lignes écartées : 1.",
        "  ligne 3 : champ siret : 'x' au lieu de quatorze chiffres",
    ]


def test_a_clean_dry_run_says_that_nothing_is_written() -> None:
    report = ImportReport("43", date(2026, 5, 12), Difference(2, 0, 0, 0), (), 0, 0, is_dry_run=True)
    assert report.exit_status == 0
    assert str(report) == (
        "Extrait FINESS du 12/05/2026, département 43 (essai : rien n'est écrit).\n"
        "Établissements à ajouter : 2 ; à corriger : 0 ; inchangés : 0."
    )
