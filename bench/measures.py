"""What a contest on bassins does not show: departments, a change after a plan, many bassins, growth, other names."""

import json
import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.contest import Arena, Say
from bench.figures import Figure, Sense, middle, ratio, share
from bench.processes import JobFailed, run_job
from bench.runs import DEADLINE_SECONDS, Contender, Run, read_problem_document, run_contender
from bench.territory import Json
from bench.variants import half_accepted, lines_changed, renamed, shuffled, with_arrival
from exchange.matching.files import write_problem
from exchange.matching.generate import SHAPES, generate

PROCESSES = 2
# The threshold is six minutes for five hundred bassins; a smaller batch is held to the same pace.
NATIONAL_BASSINS, NATIONAL_SECONDS = 500, 360.0


def department_figures(ground: Iterable[Arena], bassin_seconds: float | None) -> list[Figure]:
    """Coverage time against a bassin's full proof, gap of the burden, memory: the worst of each."""
    runs = [run for place in ground for run in place.runs.get(Contender.OURS, [])]
    coverages = [sum(run.stages[one] for one in ("build", "coverage") if one in run.stages) for run in runs]
    told = [seconds for seconds in coverages if seconds]
    return [
        Figure("département : couverture / preuve d'un bassin", ratio(max(told, default=None), bassin_seconds), 15,
               note="la plus longue"),
        Figure("département : couverture prouvée", share(run.coverage_is_proven for run in runs), 100, Sense.AT_LEAST,
               "%", f"{len(runs)} calculs"),
        Figure("département : écart de charge", max((run.burden_gap_percent for run in runs), default=None), 0.5,
               unit="%", note="le plus grand"),
        Figure("département : durée totale", middle(run.seconds for run in runs), unit="s", note="médiane"),
        Figure("mémoire d'un département", max((run.peak_mb for run in runs), default=None), 400, unit="Mo"),
    ]  # fmt: skip


def stability_figures(ground: Iterable[Arena], rounds: int, say: Say) -> list[Figure]:
    """After one more urgent situation: half the plan accepted and the rest proposed, against a start from nothing."""
    shares: list[float] = []
    moved_again = moved_anew = same = 0
    for rank, place in enumerate(ground):
        if place.ours is None:
            continue
        say(f"{place.name}, une arrivée")
        problem = with_arrival(read_problem_document(place.path), seed=rank)
        held = half_accepted(problem, place.ours.plan, seed=rank)
        try:
            turns = [(_solved(place, "anew", problem), _solved(place, "again", held)) for _ in range(rounds)]
        except JobFailed as failure:
            place.failures.append(str(failure))
            continue
        shares.append(median(again.seconds for _, again in turns) / median(anew.seconds for anew, _ in turns))
        anew, again = turns[0]
        moved_anew += lines_changed(place.ours.plan, anew.plan)
        moved_again += lines_changed(place.ours.plan, again.plan)
        same += anew.coverage == again.coverage
    return [
        Figure("re-calcul gelé / de zéro", middle(shares), 0.35, note="médiane"),
        Figure("lignes changées / de zéro", ratio(moved_again, moved_anew), 0.1,
               note=f"{moved_again} contre {moved_anew}"),
        Figure("re-calcul gelé : même couverture", 100 * same / len(shares) if shares else None, unit="%"),
    ]  # fmt: skip


def _solved(place: Arena, name: str, document: Json) -> Run:
    path = place.path.with_name(f"{place.name}-{name}.json")
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return run_contender(Contender.OURS, path)


def invariance_figures(ground: Iterable[Arena], say: Say) -> list[Figure]:
    """The same digest for repeats and shuffled lists, the same levels for other names."""
    repeats: list[bool] = []
    digests: list[bool] = []
    levels: list[bool] = []
    for rank, place in enumerate(ground):
        if place.ours is None:
            continue
        say(f"{place.name}, répété, mêlé, renommé")
        problem = read_problem_document(place.path)
        try:
            again = _solved(place, "repeated", problem)
            mixed = _solved(place, "shuffled", shuffled(problem, seed=rank))
            told = _solved(place, "renamed", renamed(problem, seed=rank))
        except JobFailed as failure:
            place.failures.append(str(failure))
            continue
        repeats.append(len({run.plan["digest"] for run in [again, *place.runs[Contender.OURS]]}) == 1)
        digests.append(mixed.plan["digest"] == place.ours.plan["digest"])
        levels.append(told.plan["levels"] == place.ours.plan["levels"])
    return [
        Figure("même empreinte d'un calcul à l'autre", share(repeats), 100, Sense.AT_LEAST, "%", strict=True),
        Figure("même empreinte, listes mêlées", share(digests), 100, Sense.AT_LEAST, "%", strict=True),
        Figure("mêmes niveaux, autres noms", share(levels), 100, Sense.AT_LEAST, "%", strict=True),
    ]


def explanation_figure(ground: Iterable[Arena], say: Say) -> Figure:
    """Why an item is unmet, over the solve of its bassin: shifts and blocks alike, item by item."""
    shares: list[float] = []
    for place in ground:
        seconds = place.seconds(Contender.OURS)
        if place.ours is None or not seconds:
            continue
        say(f"{place.name}, explications")
        try:
            told = run_job("explain", DEADLINE_SECONDS, problem=str(place.path), plan=place.ours.plan)
        except JobFailed as failure:
            place.failures.append(str(failure))
            continue
        shares += [one / seconds for one in told["seconds"]]
    return Figure("explication d'un manque / calcul", middle(shares), 0.5, note=f"{len(shares)} manques, médiane")


def scaling(folder: Path, bassins: Iterable[int], seed: int, say: Say) -> list[tuple[int, float]]:
    """Seconds of coverage (of the whole solve where stages are not told) for 1, 2, 5… linked bassins."""
    points = []
    for count in bassins:
        say(f"croissance, {count} bassin(s)")
        path = folder / f"scaling-{count}.json"
        write_problem(path, generate(seed, replace(SHAPES["department"], bassins=count), name=f"scaling-{count}"))
        try:
            run = run_contender(Contender.OURS, path)
        except JobFailed as failure:
            say(f"croissance, {count} bassin(s) : {failure}")
            continue
        points.append((count, run.stages.get("coverage", run.seconds)))
    return points


def scaling_figure(points: list[tuple[int, float]]) -> Figure:
    """The exponent of time against the number of bassins, by least squares on logarithms."""
    if len(points) < 2:
        return Figure("exposant de croissance", None)
    logs = [(math.log(count), math.log(max(seconds, 1e-3))) for count, seconds in points]
    across, up = (sum(pair[axis] for pair in logs) / len(logs) for axis in (0, 1))
    slope = sum((x - across) * (y - up) for x, y in logs) / sum((x - across) ** 2 for x, _ in logs)
    told = ", ".join(f"{count} : {seconds:.2f} s" for count, seconds in points)
    return Figure("exposant de croissance", slope, note=told.replace(".", ","))


def national_figure(bassins: int, first_seed: int, say: Say) -> Figure:
    """A batch of independent bassins on two processes, held to the pace of five hundred in six minutes.

    Measured from the first territory of a process to its last, whichever process is the longer.
    """
    say(f"lot national, {bassins} bassins sur {PROCESSES} processus")
    allowed = NATIONAL_SECONDS * bassins / NATIONAL_BASSINS
    seeds = list(range(first_seed, first_seed + bassins))
    shares = [mine for rank in range(PROCESSES) if (mine := seeds[rank::PROCESSES])]
    with ThreadPoolExecutor(PROCESSES) as pool:
        parts = [pool.submit(run_job, "batch", 60 + 20 * allowed, seeds=mine, bassins=1) for mine in shares]
        try:
            answers = [part.result() for part in parts]
        except JobFailed as failure:
            return Figure("lot national", None, allowed, unit="s", note=str(failure))
    seconds = max(answer["seconds"] for answer in answers)
    proven = sum(one["status"] == "proven" for answer in answers for one in answer["results"])
    scale = "six minutes" if bassins == NATIONAL_BASSINS else f"{bassins} bassins, à l'allure de 500 en six minutes"
    return Figure("lot national", seconds, allowed, unit="s", note=f"{scale} ; {proven} prouvés sur {bassins}")
