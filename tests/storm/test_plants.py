"""The mutants of the storm: with each fault planted, each figure that it names fails at a tenth of its size."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.storm.faults import PATCHES
from bench.storm.figures import BY_NAME
from bench.storm.history import History
from bench.storm.plants import PLANTS
from bench.storm.verdicts.reading import read_history
from bench.storm.verify import judge
from bench.storm.world import Servers, a_world

pytestmark = pytest.mark.timeout(600)

SEED = 1
SMALLER = {
    "F1": {"rounds": 1, "holds": 50},
    "F2": {"seeds": 1, "block_sets": 120, "capacity": 2},
    "F3": {"rounds": 1, "holds": 25, "loans": 2},
    "F4": {"taps": 2},
    "F5": {"runs": 20, "steps": 40},
    "F6": {"races": 4},
    "F13": {"attempts": 6},
    "F14": {"races": 8},
    "week": {"situations": 8, "changes": 4, "managers": 3, "days": 4},
}
"""As small as still shows the fault: what is played here is the plant, not the figure."""


@pytest.mark.parametrize("plant", sorted(PLANTS))
async def test_planted_fault_is_seen_by_each_figure_that_it_names(
    plant: str, storm_servers: Servers, tmp_path: Path
) -> None:
    names = PLANTS[plant].figures
    async with a_world(storm_servers, plant=plant, worker=any(BY_NAME[name].worker for name in names)) as world:
        for name in names:
            figure = BY_NAME[name]
            size = SMALLER.get(name, figure.tenth)
            history = History.begin(tmp_path, name, SEED, size, plant=plant)
            await figure.play(world, size, SEED, history)
            history.end()
            found = judge(read_history(history.path))
            assert found.faults, (name, found.measured)


def test_every_plant_changes_something() -> None:
    assert PATCHES.keys() == PLANTS.keys()
