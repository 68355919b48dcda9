"""The table of communes: complete, located, and the same each time it is made."""

import hashlib
import re
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from migrations.reference_data import CommuneRow, communes, make_communes

LIVING_AREAS = {
    "jeune_loire": ({"200073427", "244301016", "244301131", "244301107", "244300307"}, 44),
    "lafayette": ({"200085728", "244301099", "200073393"}, 99),
    "velay": ({"200073419", "200073401", "244301123"}, 114),
}


@pytest.fixture(scope="module")
def rows() -> list[CommuneRow]:
    return list(communes())


def test_every_current_commune_is_there_once_and_in_order(rows: list[CommuneRow]) -> None:
    assert len(rows) == 34969
    assert all(before.code < after.code for before, after in pairwise(rows))
    assert all(re.fullmatch(r"\d[\dAB]\d{3}", row.code) and row.name for row in rows)


def test_codes_start_with_their_departement(rows: list[CommuneRow]) -> None:
    assert [row for row in rows if not row.code.startswith(row.departement)] == []


@pytest.mark.parametrize("area", LIVING_AREAS)
def test_living_areas_of_haute_loire_have_their_communes(rows: list[CommuneRow], area: str) -> None:
    epcis, expected = LIVING_AREAS[area]
    inside = [row for row in rows if row.epci in epcis]
    assert len(inside) == expected
    assert {row.departement for row in inside} == {"43"}


def test_living_areas_cover_haute_loire_without_overlap(rows: list[CommuneRow]) -> None:
    membership = Counter(
        row.code for row in rows if row.departement == "43" for epcis, _ in LIVING_AREAS.values() if row.epci in epcis
    )
    assert len(membership) == 257
    assert set(membership.values()) == {1}
    assert sum(row.departement == "43" for row in rows) == 257


def test_communes_without_a_point_are_those_that_the_sources_page_counts(rows: list[CommuneRow]) -> None:
    without = [row for row in rows if row.latitude is None or row.longitude is None]
    page = files("migrations.reference_data").joinpath("SOURCES.md").read_text(encoding="utf-8")
    assert f"{len(rows)} communes actuelles, outre-mer compris, dont {len(without)} sans coordonnées" in page
    assert [row.code for row in without if not row.code.startswith(("975", "977", "978", "98"))] == []
    assert all(code in page for code in make_communes.RECREATED)


@pytest.mark.parametrize(
    ("code", "latitude", "longitude"),
    [
        ("43268", 45.143, 4.124),  # Yssingeaux
        ("43157", 45.043, 3.885),  # Le Puy-en-Velay
        ("75056", 48.857, 2.352),  # Paris
        ("97411", -20.88, 55.45),  # Saint-Denis de La Réunion
        ("15031", 45.116, 2.955),  # Celles, recreated in 2025
        ("15171", 45.173, 2.971),  # Sainte-Anastasie, recreated in 2025
        ("01173", 46.34, 6.05),  # Gex, whose town hall is geocoded near Lyon in the source
    ],
)
def test_points_stand_where_the_commune_is(
    rows: list[CommuneRow], code: str, latitude: float, longitude: float
) -> None:
    commune = next(row for row in rows if row.code == code)
    assert commune.latitude == pytest.approx(latitude, abs=0.02)
    assert commune.longitude == pytest.approx(longitude, abs=0.02)


def test_points_of_the_mainland_stay_in_the_mainland(rows: list[CommuneRow]) -> None:
    astray = [
        row.code
        for row in rows
        if not row.code.startswith(("97", "98"))
        and row.latitude is not None
        and row.longitude is not None
        and not (41.3 < row.latitude < 51.2 and -5.3 < row.longitude < 9.7)
    ]
    assert astray == []


def test_a_town_hall_far_from_its_commune_gives_way_to_the_centroid() -> None:
    square = ([(4.0, 45.0), (4.2, 45.0), (4.2, 45.2), (4.0, 45.2), (4.0, 45.0)],)
    near = make_communes.Place(town_hall=(4.1, 45.24), polygons=square)
    far = make_communes.Place(town_hall=(4.1, 45.3), polygons=square)
    bare = make_communes.Place(town_hall=None, polygons=square)
    assert make_communes.representative_point(near) == (4.1, 45.24)
    assert make_communes.representative_point(far) == pytest.approx((4.1, 45.1))
    assert make_communes.representative_point(bare) == pytest.approx((4.1, 45.1))
    assert make_communes.representative_point(None) is None


def test_an_archive_with_another_content_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / make_communes.NPM_ARCHIVE
    archive.write_bytes(b"another content")
    with pytest.raises(make_communes.ArchiveRefused, match=hashlib.sha256(b"another content").hexdigest()):
        make_communes.verified(archive)


def test_the_shipped_table_has_the_bytes_that_its_script_would_write(tmp_path: Path, rows: list[CommuneRow]) -> None:
    """Reading then writing gives the same bytes: no stray quoting, line ending or rounding by hand."""
    again = tmp_path / "communes.csv"
    make_communes.write(
        [
            (
                row.code,
                row.name,
                row.departement,
                row.epci or "",
                row.epci_name or "",
                "" if row.population is None else str(row.population),
                "" if row.latitude is None else f"{row.latitude:.5f}",
                "" if row.longitude is None else f"{row.longitude:.5f}",
            )
            for row in rows
        ],
        again,
    )
    shipped = files("migrations.reference_data").joinpath("communes.csv").read_bytes()
    assert hashlib.sha256(again.read_bytes()).hexdigest() == hashlib.sha256(shipped).hexdigest()
