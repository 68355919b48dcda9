"""What one association may read of an explanation: its own people by id, everybody else as counts. Pure.

A near miss, a refusal, a rest too short are facts about a person: they are named to that person's employer alone.
Whoever speaks for no association reads counts only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from exchange.matching.explanation import (
    ChosenVolunteer,
    Gap,
    NeedExplained,
    Reason,
    RunnerUp,
    SituationExplained,
    Usefulness,
    Verdict,
    VolunteerVerdict,
)
from exchange.matching.plan import ReasonCount
from exchange.matching.problem import LoanLine, PlacementLine, Problem
from exchange.matching.ways import Way
from exchange.planning.discreet_ways import own_way


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A need's explanation without the people of others, and how many of them each first reason holds back.

    `free` counts those whom nothing holds back: they would only ask more.
    """

    explained: NeedExplained
    others: tuple[ReasonCount, ...]
    free: int
    chosen_elsewhere: int


def disclosed_need(problem: Problem, explained: NeedExplained, associations: frozenset[str]) -> Disclosed:
    """Return what the employers `associations` may read of a need: no volunteer of others, no situation."""
    is_own = _whether_own(problem, associations)
    own = tuple(_own_verdict(one, is_own) for one in explained.others if is_own(one.volunteer))
    hidden = [one for one in explained.others if not is_own(one.volunteer)]
    chosen = tuple(_own_chosen(one, is_own) for one in explained.chosen if is_own(one.volunteer))
    first = _first_reasons(hidden)
    return Disclosed(
        explained=replace(
            explained,
            chosen=chosen,
            gaps=tuple(_own_gap(gap, is_own, people=True) for gap in explained.gaps),
            others=own,
        ),
        others=tuple(ReasonCount(code, count) for code, count in sorted(first.items()) if code),
        free=first[""],
        chosen_elsewhere=len(explained.chosen) - len(chosen),
    )


def disclosed_situation(
    problem: Problem, explained: SituationExplained, associations: frozenset[str]
) -> SituationExplained:
    """Return what the employers `associations` may read of a situation: no other situation, no volunteer of others."""
    is_own = _whether_own(problem, associations)
    facilities = tuple(
        replace(
            facility,
            offers=tuple(replace(one, verdict=_own_reasons(one.verdict, is_own)) for one in facility.offers),
        )
        for facility in explained.facilities
    )
    gaps = tuple(_own_gap(gap, is_own, people=False) for gap in explained.gaps)
    gaps = tuple(replace(gap, ways=_of_this_alone(gap.ways, explained.situation)) for gap in gaps)
    return replace(explained, gaps=gaps, facilities=facilities)


def _whether_own(problem: Problem, associations: frozenset[str]) -> Callable[[str], bool]:
    employers: Mapping[str, str] = {one.id: one.association for one in problem.volunteers}
    return lambda volunteer: employers.get(volunteer) in associations


def _first_reasons(verdicts: Iterable[VolunteerVerdict]) -> Counter[str]:
    """People by the reason told first of them, whatever the shifts; an empty code where nothing holds them back."""
    first: dict[str, str] = {}
    for one in verdicts:
        code = one.verdict.reasons[0].code if one.verdict.reasons else ""
        first[one.volunteer] = min(first.get(one.volunteer, code), code)
    return Counter(str(code) for code in first.values())


def _own_chosen(chosen: ChosenVolunteer, is_own: Callable[[str], bool]) -> ChosenVolunteer:
    runner_ups = tuple(one for one in chosen.runner_ups if _all_own(one, is_own))
    # What closes without this person is somebody's place: the employer reads that places rest on the loan, not whose.
    opening = None if chosen.opening is None else replace(chosen.opening, closed=())
    return replace(chosen, runner_ups=runner_ups, opening=opening)


def _all_own(runner_up: RunnerUp, is_own: Callable[[str], bool]) -> bool:
    # With some of its lines gone, an answer would read as another one.
    return all(is_own(line.volunteer) for line in runner_up.loans)


def _own_verdict(one: VolunteerVerdict, is_own: Callable[[str], bool]) -> VolunteerVerdict:
    return replace(one, verdict=_own_reasons(one.verdict, is_own))


def _own_reasons(verdict: Verdict, is_own: Callable[[str], bool]) -> Verdict:
    return replace(verdict, reasons=tuple(_own_reason(reason, is_own) for reason in verdict.reasons))


def _own_reason(reason: Reason, is_own: Callable[[str], bool]) -> Reason:
    return replace(reason, loans=tuple(line for line in reason.loans if is_own(line.volunteer)), placements=())


def _own_gap(gap: Gap, is_own: Callable[[str], bool], *, people: bool) -> Gap:
    near_misses = tuple(one for one in gap.near_misses if is_own(one.candidate)) if people else gap.near_misses
    return replace(
        gap,
        near_misses=tuple(replace(one, held_by=_own_lines(one.held_by, is_own)) for one in near_misses),
        held_by=_own_lines(gap.held_by, is_own),
        ways=tuple(own_way(way, is_own, people=people) for way in gap.ways),
        usefulness=None if gap.usefulness is None else _without_situations(gap.usefulness),
    )


def _of_this_alone(ways: Iterable[Way], situation: str) -> tuple[Way, ...]:
    """Those that concern no other situation: with some of its lines gone, a way would read as another one."""
    return tuple(way for way in ways if _situations_of(way) <= {situation})


def _situations_of(way: Way) -> set[str]:
    moved = {change.situation for change in way.changes if change.situation is not None}
    return moved | {line.situation for line in way.placements}


def _without_situations(usefulness: Usefulness) -> Usefulness:
    return replace(usefulness, opened=tuple(replace(one, placements=()) for one in usefulness.opened))


def _own_lines(
    lines: Iterable[LoanLine | PlacementLine], is_own: Callable[[str], bool]
) -> tuple[LoanLine | PlacementLine, ...]:
    return tuple(line for line in lines if isinstance(line, LoanLine) and is_own(line.volunteer))
