"""Every figure of the storm, in the order in which it is played."""

from __future__ import annotations

from typing import Final

from bench.storm import (
    block_sets,
    clocks,
    consent,
    crashes,
    crowds,
    give_way,
    last_place,
    nights,
    not_theirs,
    runs_of_machine,
    same_key,
    silent_bell,
    too_late,
    week,
    write_path,
)
from bench.storm.figure import Figure

FIGURES: Final[tuple[Figure, ...]] = (
    last_place.FIGURE,
    block_sets.FIGURE,
    crowds.FIGURE,
    same_key.FIGURE,
    runs_of_machine.FIGURE,
    too_late.FIGURE,
    nights.FIGURE,
    not_theirs.FIGURE,
    consent.FIGURE,
    give_way.FIGURE,
    silent_bell.FIGURE,
    clocks.FIGURE,
    crashes.FIGURE,
    week.FIGURE,
    write_path.FIGURE,
)
BY_NAME: Final = {figure.name: figure for figure in FIGURES}
