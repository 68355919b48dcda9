"""The figures that need background work or kill servers, at a tenth of their size, on servers of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.storm import clocks, crashes, silent_bell
from bench.storm.figure import Figure
from bench.storm.history import History
from bench.storm.verdicts.reading import read_history
from bench.storm.verify import judge
from bench.storm.world import a_world, running_servers

pytestmark = pytest.mark.timeout(600)

SEED = 1
OF_THEIR_OWN = [silent_bell.FIGURE, clocks.FIGURE, crashes.FIGURE]


@pytest.mark.parametrize("figure", OF_THEIR_OWN, ids=lambda figure: figure.name)
async def test_figure_holds_at_a_tenth_of_its_size_through_its_outages(figure: Figure, tmp_path: Path) -> None:
    history = History.begin(tmp_path, figure.name, SEED, figure.tenth)
    async with running_servers(durable=figure.alone) as servers, a_world(servers, worker=figure.worker) as world:
        await figure.play(world, figure.tenth, SEED, history)
    history.end()
    found = judge(read_history(history.path))
    assert found.faults == (), found.measured
