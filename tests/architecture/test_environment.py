"""The environment is made from locks that anyone can check, by a script that refuses what it does not know."""

import re
import subprocess
from pathlib import Path

import pytest

from exchange.settings import PROJECT_ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, set[str]]:
    """Pinned versions by package; a package may have one per Python version."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (PROJECT_ROOT / lock).read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_address_and_proves_every_package(lock: str) -> None:
    text = (PROJECT_ROOT / lock).read_text()
    assert "://" not in text
    requirements = [part for part in re.split(r"\n(?=\S)", text.strip()) if part[0].isalpha()]
    assert len(requirements) >= 50
    unproved = [part.split("\n")[0] for part in requirements if "--hash=sha256:" not in part]
    assert unproved == []


def test_demo_and_tests_run_on_the_same_versions() -> None:
    demo, tests = (pins(lock) for lock in LOCKS)
    assert {name: versions for name, versions in demo.items() if tests.get(name) != versions} == {}


def test_ci_calls_the_test_command_and_nothing_else() -> None:
    lines = (PROJECT_ROOT / ".ci" / "run").read_text().splitlines()
    assert lines == ["#!/bin/sh", 'cd "$(dirname "$0")/.." && exec ./run test']


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"]])
def test_script_says_what_it_can_do(arguments: list[str], tmp_path: Path) -> None:
    outcome = subprocess.run(
        [PROJECT_ROOT / "run", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    for command in ("demo", "test", "check", "bench", "storm", "setup"):
        assert f"\n  {command} " in outcome.stdout


def test_script_refuses_an_unknown_command(tmp_path: Path) -> None:
    outcome = subprocess.run([PROJECT_ROOT / "run", "dmeo"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert outcome.returncode == 2
    assert outcome.stderr.startswith("Usage")
