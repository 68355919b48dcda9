"""An explanation as lines of text: what was chosen, why and what would suffice, then the rest in detail."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.planning.explanations import (
    Change,
    ChosenVolunteer,
    ExplainedFile,
    FacilityVerdicts,
    Gap,
    NeedExplained,
    Opening,
    RunnerUp,
    SituationExplained,
    Usefulness,
    Way,
    parameters_of,
)
from exchange.terminal.rows import Candidate, rows_of_near_misses, rows_of_verdicts
from exchange.wording.explanations import (
    FAMILIES,
    GROUNDS,
    SHORTAGES,
    USES,
    cost_sentence,
    line_said,
    lines_said,
    period_said,
    phrase_of,
    segments_said,
    way_sentence,
)
from exchange.wording.reasons import obstacle_sentence


def situation_told(of: ExplainedFile[SituationExplained]) -> list[str]:
    """The lines of a situation: what serves it, what is missing, then every establishment and its offers."""
    told = of.explained
    lines = [f"Situation {told.situation}", "", "Choisi :"]
    for chosen in told.chosen:
        opened = f" ; place ouverte par {', '.join(chosen.opened_by)}" if chosen.opened_by else ""
        grounds = phrase_of(GROUNDS, chosen.grounds)
        parts = "".join(
            f" ; de {part.block}, seulement {', '.join(segments_said(of.horizon_start, part.segments))}"
            for part in chosen.parts
        )
        lines.append(
            f"  {chosen.offer} ({chosen.establishment}) pour {', '.join(chosen.blocks)} : "
            f"à {chosen.minutes} min ; {grounds}{opened}{parts}."
        )
    lines += [] if told.chosen else ["  Aucun lieu."]
    lines += _section("Ce qui manque :", _missing(of.horizon_start, told.gaps))
    lines += _section("À défaut :", (f"  {_runner_up(one)}." for one in told.runner_ups))
    lines += _section("Le détail de ce qui manque :", _counted(told.gaps))
    rows = (row for facility in told.facilities for row in _facility(facility))
    return [*lines, *_section("Non choisi :", rows)]


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
    lines += [] if told.chosen else ["  Personne."]
    lines += _section("Ce qui manque :", _missing(of.horizon_start, told.gaps))
    lines += _section("À défaut :", (row for chosen in told.chosen for row in _instead(chosen)))
    lines += _section("Le détail de ce qui manque :", _counted(told.gaps))
    others = (Candidate(one.volunteer, one.association, one.shifts, one.verdict) for one in told.others)
    return [*lines, *_section("Non choisi :", (f"  {row}." for row in rows_of_verdicts(others)))]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    told = list(lines)
    return ["", title, *told] if told else []


def _facility(facility: FacilityVerdicts) -> list[str]:
    rows = rows_of_verdicts(Candidate(one.offer, None, one.blocks, one.verdict) for one in facility.offers)
    if not rows:
        return [] if facility.serves else [f"  {facility.establishment} : aucune place proposée."]
    if len(rows) == 1:
        return [f"  {facility.establishment} – {rows[0]}."]
    return [f"  {facility.establishment}", *(f"    {row}." for row in rows)]


def _instead(chosen: ChosenVolunteer) -> list[str]:
    return [f"  De {chosen.volunteer} : {_runner_up(one)}." for one in chosen.runner_ups]


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


def _missing(horizon_start: str, gaps: Iterable[Gap]) -> list[str]:
    """What is missing, why in a word, and what would suffice; parts of which the same is told share their lines."""
    parts: dict[tuple[str, ...], list[str]] = {}
    for gap in gaps:
        told = (f"{_why(gap)}.", *(f"    Suffirait : {_way(horizon_start, way)}." for way in gap.ways))
        parts.setdefault(told, []).append(f"{gap.part} ({gap.missing})")
    return [line for (why, *ways), named in parts.items() for line in (f"  {', '.join(named)} : {why}", *ways)]


def _why(gap: Gap) -> str:
    if gap.usefulness is None:
        return phrase_of(SHORTAGES, gap.shortage)
    use = _use(gap.usefulness)
    return f"{phrase_of(SHORTAGES, gap.shortage)} ; {use}" if gap.usefulness.opened else use


def _use(usefulness: Usefulness) -> str:
    opened = (
        lines_said(parameters_of(one)) + (f", avec {', '.join(one.besides)}" if one.besides else "")
        for one in usefulness.opened
    )
    named = " ; ".join(opened)
    return phrase_of(USES, usefulness.code) + (f" ({named})" if named else "")


def _counted(gaps: Iterable[Gap]) -> list[str]:
    """Who is held back by what, and who nearly could; of a shift asked of nobody there is nothing to say."""
    parts: dict[tuple[str, ...], list[str]] = {}
    for gap in (one for one in gaps if one.usefulness is None or one.usefulness.opened):
        steps = ((obstacle_sentence(step.code, step.count), phrase_of(FAMILIES, step.family)) for step in gap.steps)
        told = [f"    {sentence} ({family})." for sentence, family in steps]
        if gap.held_by:
            held_by = ", ".join(line_said(parameters_of(line)) for line in gap.held_by)
            told.append(f"    Conviendrait, mais déjà pris : {held_by}.")
        told += [f"    Presque, {row}." for row in rows_of_near_misses(gap.near_misses)]
        if told:
            parts.setdefault(tuple(told), []).append(gap.part)
    return [line for told, named in parts.items() for line in (f"  {', '.join(named)}", *told)]


def _way(horizon_start: str, way: Way) -> str:
    named = {change.offer for change in way.changes}
    offers = dict.fromkeys(line.offer for line in way.placements if line.offer not in named)
    brings = " et ".join(offers) if way.changes else lines_said(parameters_of(way))
    return way_sentence((_parameters(horizon_start, change) for change in way.changes), brings)


def _parameters(horizon_start: str, change: Change) -> dict[str, object]:
    given = parameters_of(change)
    given["place"], given["posts"] = f"offre {change.offer}", " ou ".join(change.qualifications)
    given["segments"] = segments_said(horizon_start, change.segments)
    if change.start is not None and change.end is not None:
        given["period"] = period_said(horizon_start, change.start, change.end)
    return given
