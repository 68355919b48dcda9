"""Each figure at a tenth of its size, judged by the verifier that reads its history."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.storm.figure import Figure
from bench.storm.figures import FIGURES
from bench.storm.history import History
from bench.storm.verdicts.reading import read_history
from bench.storm.verify import JUDGES, judge
from bench.storm.world import World

pytestmark = pytest.mark.timeout(600)

SEED = 1
SHARED = [figure for figure in FIGURES if not (figure.alone or figure.worker)]


@pytest.mark.parametrize("figure", SHARED, ids=lambda figure: figure.name)
async def test_figure_holds_at_a_tenth_of_its_size(figure: Figure, sound_world: World, tmp_path: Path) -> None:
    history = History.begin(tmp_path, figure.name, SEED, figure.tenth)
    await figure.play(sound_world, figure.tenth, SEED, history)
    history.end()
    found = judge(read_history(history.path))
    assert found.faults == (), found.measured


def test_every_figure_has_its_judge_and_no_judge_is_idle() -> None:
    assert JUDGES.keys() == {figure.name for figure in FIGURES}
