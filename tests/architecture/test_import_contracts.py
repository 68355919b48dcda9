"""The rules of who may import whom hold, and are able to fail."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from exchange.settings import PROJECT_ROOT

ROOT_PACKAGES = ("exchange", "workers", "migrations")
LIBRARIES = {"exchange.matching", "exchange.worktime", "exchange.wording"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which imports may be planted."""
    copy = tmp_path_factory.mktemp("house")
    for package in ROOT_PACKAGES:
        shutil.copytree(PROJECT_ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT_ROOT / "pyproject.toml", copy)
    return copy


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


def test_contracts_are_kept(house: Path) -> None:
    outcome = lint(house)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("room", "planted", "broken"),
    [
        ("exchange/matching", "import sqlalchemy", "Matching runs without database"),
        ("exchange/matching", "import exchange.kernel.ids", "import nothing of the house"),
        ("exchange/wording", "import exchange.loans", "import nothing of the house"),
        ("exchange/placements", "import litestar", "Slices know no web framework"),
        ("exchange/loans", "import redis", "Slices know no web framework"),
        ("exchange/notifications", "import httpx", "Slices know no web framework"),
        ("exchange/board", "import jinja2", "Slices know no web framework"),
        ("exchange/situations", "import arq", "Slices know no web framework"),
        ("exchange/planning", "import ortools", "Slices know no web framework"),
        ("exchange/loans", "import exchange.placements", "Dependencies point down"),
        ("exchange/kernel", "import exchange.identity", "Dependencies point down"),
        ("exchange/api", "import exchange.web", "Dependencies point down"),
        ("exchange/placements", "import exchange.matching", "Only planning imports matching"),
        ("workers", "import exchange.matching", "Only planning imports matching"),
    ],
)
def test_planted_import_breaks_its_contract(house: Path, room: str, planted: str, broken: str) -> None:
    plant = house / room / "planted.py"
    plant.write_text(planted + "\n")
    try:
        outcome = lint(house)
    finally:
        plant.unlink()
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    verdicts = {line for line in outcome.stdout.splitlines() if line.endswith("BROKEN")}
    assert [verdict for verdict in verdicts if broken in verdict], outcome.stdout


def contracts() -> dict[str, dict[str, list[str]]]:
    configuration = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    return {contract["id"]: contract for contract in configuration["tool"]["importlinter"]["contracts"]}


def rooms() -> set[str]:
    exchange = PROJECT_ROOT / "exchange"
    return {f"exchange.{path.parent.name}" for path in exchange.glob("*/__init__.py")}


def test_every_room_has_its_floor() -> None:
    floors = " ".join(contracts()["down"]["layers"])
    homeless = {room for room in rooms() - LIBRARIES if f"({room})" not in floors}
    assert not homeless


def test_libraries_are_closed_to_every_room() -> None:
    assert set(contracts()["libraries"]["source_modules"]) == LIBRARIES & rooms()
    assert not rooms() - LIBRARIES - set(contracts()["libraries"]["forbidden_modules"])


def test_every_slice_is_kept_away_from_frameworks() -> None:
    layers = contracts()["down"]["layers"]
    below_adapters = layers[layers.index("(exchange.adapters)") + 1 :]
    slices = {room for room in rooms() if any(f"({room})" in layer for layer in below_adapters)}
    assert not slices - set(contracts()["slices-know-no-framework"]["source_modules"])


def test_checker_imports_the_standard_library_alone() -> None:
    matching = PROJECT_ROOT / "exchange" / "matching"
    sources = [path for path in matching.rglob("*.py") if "checker" in path.relative_to(matching).parts[0]]
    assert sources
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{source.name} line {node.lineno}: relative import"
                names = [node.module or ""]
            for name in names:
                own = name.startswith("exchange.matching.checker")
                assert own or name.partition(".")[0] in sys.stdlib_module_names, f"{source.name}: {name}"
