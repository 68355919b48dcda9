"""What the pages tell a newcomer is true: links lead somewhere, commands exist, examples run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from click import Group
from click.testing import CliRunner

from exchange.cli import main
from tests.matching.tiny_problems import tiny_problem

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
FENCE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def examples(page: Path) -> list[str]:
    """The commands of a page, comments dropped."""
    blocks = FENCE.findall(page.read_text(encoding="utf-8"))
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert broken == []


def test_every_entraide_command_of_the_readme_exists() -> None:
    named = [
        line.split(".venv/bin/entraide ")[1].rstrip(")").split()
        for line in examples(ROOT / "README.md")
        if ".venv/bin/entraide " in line
    ]
    assert named, "the README shows the command line"
    for words in named:
        group: object = main
        for word in words:
            if not isinstance(group, Group):
                break
            assert word in group.commands, words
            group = group.commands[word]


def test_commands_of_the_readme_are_known_to_the_script() -> None:
    named = {line.split()[1] for line in examples(ROOT / "README.md") if line.startswith("./run")}
    assert named == {"bench", "demo", "storm", "test"}
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    told = subprocess.run([ROOT / "run", "help"], capture_output=True, text=True, env=environment, check=False)
    assert all(name in told.stdout + told.stderr for name in named)


def test_the_commands_of_the_readme_about_files_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = CliRunner()
    lines = [line for line in examples(ROOT / "README.md") if re.search(r"entraide (match|check|explain) ", line)]
    assert len(lines) == 3
    monkeypatch.chdir(tmp_path)
    Path("problem.json").write_text(json.dumps(tiny_problem(1)), encoding="utf-8")
    for line in lines:
        done = runner.invoke(main, line.split()[1:])
        assert done.exit_code == 0, done.output


def test_every_room_named_for_a_new_feature_exists() -> None:
    page = (ROOT / "docs" / "new-feature.md").read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([\w./-]+)`", page) if "/" in name and not name.startswith("./")]
    example = {"exchange/web/pages/availability.py", "exchange/api/v1/availability.py"}
    assert example <= set(named)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []
