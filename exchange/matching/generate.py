"""Fictional territories for tests and measures: the same seed and shape give the same problem everywhere.

Only whole numbers and the generator methods whose sequence is the same from Python 3.11 to 3.13 are used, so the
file of a seed is the same to the byte. Nobody in it exists.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from exchange.matching.generate_chains import chained_people, chained_places
from exchange.matching.generate_ground import lay_ground
from exchange.matching.generate_places import offers_of, situations_of
from exchange.matching.generate_shapes import SHAPES, Shape
from exchange.matching.generate_staff import lend_caps_of, needs_of, volunteers_of
from exchange.matching.phone_chain import CallOrder, phone_chain
from exchange.matching.problem import Lines, LoanLine, PlacementLine, Problem

__all__ = ["SHAPES", "Shape", "ShapeUnknown", "generate", "generate_named", "with_accepted_lines"]

_Line = TypeVar("_Line", LoanLine, PlacementLine)

HORIZON_START = "2026-03-02"


class ShapeUnknown(ValueError):
    """No shape has this name; the text is one French sentence."""


def generate_named(seed: int, shape: str) -> Problem:
    """The problem of a seed and of a shape named in `SHAPES`; raises `ShapeUnknown`."""
    if shape not in SHAPES:
        raise ShapeUnknown(f"la forme « {shape} » n'existe pas : {', '.join(SHAPES)}")
    return generate(seed, SHAPES[shape], name=shape)


def generate(seed: int, shape: Shape, name: str = "custom") -> Problem:
    """The problem of a seed and a shape; `name` only enters its identifier."""
    rng = Random(seed)  # noqa: S311 - repeatable on purpose, no secret
    ground = lay_ground(rng, shape)
    needs = needs_of(rng, shape, ground)
    volunteers = volunteers_of(rng, shape, ground)
    offers = offers_of(rng, shape, ground, needs)
    situations = situations_of(rng, shape, ground)
    chained_needs, chained_volunteers = chained_people(rng, shape, ground)
    chained_offers, chained_situations = chained_places(rng, shape, ground)
    return Problem(
        id=f"{name}-{seed}",
        horizon_start=HORIZON_START,
        days=shape.days,
        bassins=shape.bassins,
        communes=ground.communes,
        travel_min=ground.travel_min,
        associations=ground.associations,
        establishments=ground.establishments,
        volunteers=(*volunteers, *chained_volunteers),
        lend_caps=lend_caps_of(rng, shape, ground, chained_volunteers),
        needs=(*needs, *chained_needs),
        offers=(*offers, *chained_offers),
        situations=(*situations, *chained_situations),
    )


def with_accepted_lines(problem: Problem, percent: int, seed: int) -> Problem:
    """The same territory where a share of what a round of phone calls obtained is already accepted.

    A place that rests on staff is accepted with the loans that open it.
    """
    rng = Random(seed)  # noqa: S311 - repeatable on purpose, no secret
    found = phone_chain(problem, CallOrder.CREATED)
    placements = _share(rng, found.placements, percent)
    loans = {*_share(rng, found.loans, percent), *_loans_under(problem, placements, found.loans)}
    return replace(problem, frozen=Lines(tuple(sorted(loans)), placements))


def _loans_under(problem: Problem, placements: Sequence[PlacementLine], loans: Sequence[LoanLine]) -> list[LoanLine]:
    offers = {offer.id: offer for offer in problem.offers}
    segments = {(one.id, block.id): block.segments for one in problem.situations for block in one.blocks}
    resting = {
        shift
        for line in placements
        for requirement in offers[line.offer].requires
        if requirement.segment in segments[line.situation, line.block]
        for _, shift in requirement.shifts
    }
    return [line for line in loans if line.shift in resting]


def _share(rng: Random, lines: Sequence[_Line], percent: int) -> tuple[_Line, ...]:
    kept = sorted(rng.sample(range(len(lines)), len(lines) * percent // 100))
    return tuple(lines[index] for index in kept)
