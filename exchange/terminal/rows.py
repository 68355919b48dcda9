"""Candidates in a row: those that the same words hold back share one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from exchange.planning.explanations import NearMiss, Verdict, parameters_of
from exchange.wording.explanations import NEAR_MISSES, cost_sentence, phrase_of, verdict_sentence


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer, or a volunteer and their employer, and the verdict on some parts of an item."""

    name: str
    employer: str | None
    parts: tuple[str, ...]
    verdict: Verdict


def rows_of_verdicts(candidates: Iterable[Candidate]) -> list[str]:
    """One row per verdict and parts, those that could be chosen first; travel is told beside each name."""
    groups: dict[tuple[tuple[str, ...], Verdict], list[Candidate]] = {}
    for one in candidates:
        groups.setdefault((one.parts, _without_figures(one.verdict)), []).append(one)
    ordered = sorted(groups.items(), key=lambda group: (len(group[0][1].reasons), group[0][1].cost is None))
    rows = []
    for (parts, verdict), alike in ordered:
        if len(alike) == 1:
            names, verdict = _named(alike[0].name, alike[0].employer), alike[0].verdict
        else:
            names = ", ".join(_named(one.name, one.employer, _travel(one.verdict)) for one in alike)
        rows.append(f"{names}, pour {', '.join(parts)} : {_verdict(verdict)}")
    return rows


def rows_of_near_misses(near_misses: Iterable[NearMiss]) -> list[str]:
    """One row for all that the same rule alone refuses, the nearest first."""
    groups: dict[str, list[NearMiss]] = {}
    for near in near_misses:
        groups.setdefault(near.by, []).append(near)
    rows = []
    for by, alike in groups.items():
        nearest = sorted(alike, key=lambda near: (near.found or 0) - (near.limit or 0))
        names = (_named(near.candidate, None, _measured(near.found, near.limit)) for near in nearest)
        rows.append(f"{phrase_of(NEAR_MISSES, by)} : {', '.join(names)}")
    return rows


def _without_figures(verdict: Verdict) -> Verdict:
    return replace(verdict, reasons=tuple(replace(reason, found=None, limit=None) for reason in verdict.reasons))


def _travel(verdict: Verdict) -> str | None:
    return next((_measured(one.found, one.limit) for one in verdict.reasons if one.found is not None), None)


def _measured(found: int | None, limit: int | None) -> str | None:
    return None if found is None else f"{found} min pour {limit}"


def _named(name: str, *beside: str | None) -> str:
    told = ", ".join(word for word in beside if word)
    return f"{name} ({told})" if told else name


def _verdict(verdict: Verdict) -> str:
    cost = verdict.cost
    told = " ; ".join(verdict_sentence(parameters_of(reason)) for reason in verdict.reasons)
    if cost is None:
        return told or "ferait doublon : la ligne en place est déjà acceptée"
    price = cost_sentence(cost.critical, cost.other, cost.burden)
    choosing = f"les autres lignes restant en place : {price}"
    return f"{told} ; choisir malgré tout, {choosing}" if told else f"possible ; choisir, {choosing}"
