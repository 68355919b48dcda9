"""A recorded run leaves two files from which anybody finds the same plan again, and nobody learns who is who."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from click.testing import CliRunner
from sqlalchemy import select, update

from exchange.cli import main
from exchange.demo.load import load_community
from exchange.kernel.db import now_of
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import SolverProcess
from exchange.reactions import reactions
from exchange.situations.models import Situation
from exchange.staffing.models import VolunteerIdentity
from tests.factories.ground import database_of
from tests.factories.situations import a_situation
from tests.integration.planning.territory import Territory, run
from tests.servers import FreshDatabase


@pytest_asyncio.fixture(loop_scope="session")
async def demo(database: FreshDatabase, solver: SolverProcess) -> Territory:
    """The fictional community after a full run, then a fast one for one more person."""
    db = database_of(database, reactions)
    async with db.read(None) as reader:
        now = now_of(reader)
    territory = Territory(db, await load_community(db, "not a password", now), UUID(int=0))
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    async with db.write(territory.community_id) as tx:
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    return territory


@pytest.fixture
def of_database(database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a command typed beside this database."""
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")


async def runs_of(territory: Territory) -> list[MatchRun]:
    async with territory.db.read(territory.community_id) as reader:
        return list(await reader.scalars(select(MatchRun).order_by(MatchRun.started_at)))


def entraide(*arguments: str | Path) -> tuple[int, str]:
    outcome = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return outcome.exit_code, outcome.output


@pytest.mark.usefixtures("of_database")
async def test_each_run_of_both_lanes_gives_its_plan_again_from_its_files(demo: Territory, tmp_path: Path) -> None:
    recorded = await runs_of(demo)
    assert [each.lane for each in recorded] == ["full", "fast"]
    for each in recorded:
        directory = tmp_path / each.lane
        # The command runs an event loop of its own.
        status, output = await asyncio.to_thread(entraide, "run", "export", str(each.id), "--out", directory)
        assert status == 0, output
        assert json.loads((directory / "plan.json").read_text())["digest"] == each.digest
        assert await asyncio.to_thread(entraide, "check", directory / "problem.json", directory / "plan.json") == (
            0,
            "Aucune règle enfreinte.\n",
        )
        status, output = await asyncio.to_thread(entraide, "run", "replay", directory)
        assert (status, output.count(str(each.digest))) == (0, 2), output
        again = directory / "again.json"
        assert (await asyncio.to_thread(entraide, "match", directory / "problem.json", "--out", again))[0] == 0
        assert json.loads(again.read_text())["digest"] == each.digest


async def test_the_files_of_a_run_name_nobody(demo: Territory) -> None:
    async with demo.db.read(demo.community_id) as reader:
        people = (await reader.scalars(select(VolunteerIdentity.full_name))).all()
        references = (await reader.scalars(select(Situation.reference))).all()
    assert people
    assert references
    for each in await runs_of(demo):
        told = json.dumps([each.problem, each.plan], ensure_ascii=False)
        assert [word for word in (*people, *references, "@") if word in told] == []


def a_directory(where: Path, document: dict[str, object], plan: dict[str, object]) -> Path:
    where.mkdir()
    (where / "problem.json").write_text(json.dumps(document))
    (where / "plan.json").write_text(json.dumps(plan))
    return where


async def test_a_plan_that_another_replay_contradicts_is_told_apart_from_one_that_was_cut(
    demo: Territory, tmp_path: Path
) -> None:
    (full, _) = await runs_of(demo)
    assert full.problem is not None
    assert full.plan is not None
    other = {**full.plan, "digest": "0" * 64}
    status, output = await asyncio.to_thread(
        entraide, "run", "replay", a_directory(tmp_path / "other", full.problem, other)
    )
    assert status == 1
    assert "Les plans diffèrent" in output
    cut = {**other, "solver": {**full.plan["solver"], "wall_cap_reached": True}}
    status, output = await asyncio.to_thread(
        entraide, "run", "replay", a_directory(tmp_path / "cut", full.problem, cut)
    )
    assert status == 1
    assert "Le délai avait coupé le premier calcul" in output


@pytest.mark.usefixtures("of_database")
async def test_a_run_that_is_not_there_or_has_no_plan_is_told_in_one_sentence(demo: Territory, tmp_path: Path) -> None:
    nothing = str(UUID(int=7))
    status, output = await asyncio.to_thread(entraide, "run", "export", nothing, "--out", tmp_path)
    assert (status, output) == (1, f"Erreur : Aucun calcul n’a l’identifiant {nothing}.\n")
    (full, _) = await runs_of(demo)
    async with demo.db.write(demo.community_id) as tx:
        await tx.execute(update(MatchRun).where(MatchRun.id == full.id).values(plan=None))
    status, output = await asyncio.to_thread(entraide, "run", "export", str(full.id), "--out", tmp_path)
    assert status == 1
    assert "n’a pas de plan" in output


def test_words_that_are_no_identifier_are_told_in_french(tmp_path: Path) -> None:
    status, output = entraide("run", "export", "hier", "--out", tmp_path)
    assert status == 2
    assert "un identifiant est attendu" in output
    status, output = entraide("run", "replay", tmp_path / "absent")
    assert status == 2
    assert "un dossier est attendu" in output
