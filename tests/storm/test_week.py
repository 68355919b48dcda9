"""A week of a community at a tenth of its size, with the background work running and a clock of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.storm.history import History
from bench.storm.verdicts.reading import read_history
from bench.storm.verify import judge
from bench.storm.week import FIGURE
from bench.storm.world import Servers, a_world

pytestmark = pytest.mark.timeout(900)
SEED = 1


async def test_a_week_ends_legally_and_wednesday_s_board_reads_the_same(storm_servers: Servers, tmp_path: Path) -> None:
    history = History.begin(tmp_path, FIGURE.name, SEED, FIGURE.tenth)
    async with a_world(storm_servers, worker=True) as world:
        await FIGURE.play(world, FIGURE.tenth, SEED, history)
    history.end()
    found = judge(read_history(history.path))
    assert found.faults == (), found.measured
