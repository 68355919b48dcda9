"""An explanation as lines of text, one sentence per offer or person."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.planning.explanations import (
    Change,
    ExplainedFile,
    Gap,
    NeedExplained,
    Opening,
    RunnerUp,
    SituationExplained,
    Verdict,
    parameters_of,
)
from exchange.wording.explanations import (
    FAMILIES,
    GROUNDS,
    NEAR_MISSES,
    SHORTAGES,
    change_sentence,
    cost_sentence,
    instant_name,
    line_said,
    lines_said,
    phrase_of,
    segment_name,
    verdict_sentence,
)
from exchange.wording.reasons import obstacle_sentence


def situation_told(of: ExplainedFile[SituationExplained]) -> list[str]:
    """The lines of a situation: what serves it, what is missing, then every establishment and its offers."""
    told = of.explained
    lines = [f"Situation {told.situation}", "", "Choisi :"]
    for chosen in told.chosen:
        opened = f" ; place ouverte par {', '.join(chosen.opened_by)}" if chosen.opened_by else ""
        grounds = phrase_of(GROUNDS, chosen.grounds)
        lines.append(
            f"  {chosen.offer} ({chosen.establishment}) pour {', '.join(chosen.blocks)} : "
            f"à {chosen.minutes} min ; {grounds}{opened}."
        )
    lines += [] if told.chosen else ["  Aucun lieu."]
    lines += _section("À défaut :", (_runner_up(one) for one in told.runner_ups))
    lines += _gaps(of.horizon_start, told.gaps)
    lines += ["", "Non choisi :"]
    for facility in told.facilities:
        if facility.offers:
            lines.append(f"  {facility.establishment}")
            lines += [
                f"    {one.offer}, pour {', '.join(one.blocks)} : {_verdict(one.verdict)}." for one in facility.offers
            ]
        elif not facility.serves:
            lines.append(f"  {facility.establishment} : aucune place proposée.")
    return lines


def need_told(of: ExplainedFile[NeedExplained]) -> list[str]:
    """The lines of a need: who comes, what is missing, then every other volunteer of the file."""
    told = of.explained
    lines = [f"Besoin {told.need}", "", "Choisi :"]
    for chosen in told.chosen:
        grounds = phrase_of(GROUNDS, chosen.grounds)
        lines.append(
            f"  {chosen.volunteer} ({chosen.association}) pour {', '.join(chosen.shifts)} : "
            f"à {chosen.minutes} min ; {grounds}."
        )
        lines += [f"    Ouvre {_opening(chosen.opening)}."] if chosen.opening else []
        lines += [f"    À défaut : {_runner_up(one)}." for one in chosen.runner_ups]
    lines += [] if told.chosen else ["  Personne."]
    lines += _gaps(of.horizon_start, told.gaps)
    others = (
        f"{one.volunteer} ({one.association}), pour {', '.join(one.shifts)} : {_verdict(one.verdict)}"
        for one in told.others
    )
    return [*lines, *_section("Non choisi :", others)]


def _section(title: str, sentences: Iterable[str]) -> list[str]:
    lines = [f"  {sentence}." for sentence in sentences]
    return ["", title, *lines] if lines else []


def _runner_up(one: RunnerUp) -> str:
    lines = lines_said(parameters_of(one)) or "rien ni personne d'autre"
    return f"{lines} ({cost_sentence(one.cost.critical, one.cost.other, one.cost.burden)})"


def _opening(opening: Opening) -> str:
    moved = [one for one in opening.closed if one.moves_to is not None]
    lost = [one for one in opening.closed if one.moves_to is None]
    persons = len({one.situation for one in opening.closed})
    told = [f"{persons} {'place' if persons == 1 else 'places'}"]
    if lost:
        told.append("sans cette personne, fermées : " + ", ".join(f"{one.offer} ({one.situation})" for one in lost))
    if moved:
        told.append("déplacées : " + ", ".join(f"{one.situation} vers {one.moves_to}" for one in moved))
    return " ; ".join(told)


def _verdict(verdict: Verdict) -> str:
    cost = verdict.cost
    told = " ; ".join(verdict_sentence(parameters_of(reason)) for reason in verdict.reasons)
    if cost is None:
        return told or "ferait doublon : la ligne en place est déjà acceptée"
    price = cost_sentence(cost.critical, cost.other, cost.burden)
    return f"{told} ; choisir malgré tout : {price}" if told else f"possible ; choisir : {price}"


def _gaps(horizon_start: str, gaps: Iterable[Gap]) -> list[str]:
    lines: list[str] = []
    for gap in gaps:
        lines.append(f"  {gap.part} ({gap.missing}) : {phrase_of(SHORTAGES, gap.shortage)}.")
        refused = ((obstacle_sentence(step.code, step.count), phrase_of(FAMILIES, step.family)) for step in gap.steps)
        lines += [f"    {sentence} ({family})." for sentence, family in refused]
        if gap.held_by:
            held_by = ", ".join(line_said(parameters_of(line)) for line in gap.held_by)
            lines.append(f"    Conviendrait, mais déjà pris : {held_by}.")
        for near in gap.near_misses:
            measured = f" ({near.found} min, pour {near.limit} acceptées)" if near.found is not None else ""
            lines.append(f"    Presque : {near.candidate}, {phrase_of(NEAR_MISSES, near.by)}{measured}.")
        for way in gap.ways:
            asked = " et ".join(_change(horizon_start, change) for change in way.changes)
            lines.append(f"    Suffirait : {asked or 'une nouvelle recherche, sans rien assouplir'}.")
    return ["", "Ce qui manque :", *lines] if lines else []


def _change(horizon_start: str, change: Change) -> str:
    given = parameters_of(change)
    given["segments"] = [segment_name(horizon_start, segment) for segment in change.segments]
    for key, instant in (("start", change.start), ("end", change.end)):
        given[key] = None if instant is None else instant_name(horizon_start, instant)
    return change_sentence(given)
