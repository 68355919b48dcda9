"""The contest on bassins: every contender in turn on every territory, round after round, so that a busy machine
troubles them all alike; then what was found, against the thresholds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.evaluator import Judgement
from bench.figures import Figure, Sense, middle, ratio, share
from bench.processes import JobFailed, run_highs, run_job
from bench.runs import DEADLINE_SECONDS, NAIVE_SECONDS, Contender, Run, run_contender
from exchange.matching.files import write_problem
from exchange.matching.generate import generate_named

HIGHS_SECONDS = 60.0
HIGHS_NAME = "HiGHS, même matrice"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Peer:
    """HiGHS on the coverage matrix of one territory, once; `optimum` where it is proven and can be read as levels."""

    seconds: float
    peak_mb: float | None
    optimum: tuple[int, int] | None


@dataclass(slots=True)
class Arena:
    """One generated problem file and every run over it."""

    name: str
    path: Path
    runs: dict[Contender, list[Run]] = field(default_factory=dict)
    peers: list[Peer] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def seconds(self, contender: Contender) -> float | None:
        return middle(run.seconds for run in self.runs.get(contender, ()))

    def judgement(self, contender: Contender) -> Judgement | None:
        runs = self.runs.get(contender)
        return runs[0].judgement if runs else None

    @property
    def ours(self) -> Run | None:
        runs = self.runs.get(Contender.OURS)
        return runs[0] if runs else None

    def stage(self, *names: str) -> float | None:
        """Median seconds of stages of our solve, nothing where it does not tell them."""
        told = [sum(run.stages[name] for name in names) for run in self.runs[Contender.OURS] if names[0] in run.stages]
        return middle(told)


def arena(folder: Path, shape: str, seed: int) -> Arena:
    """Generate a problem file once, for everybody."""
    path = folder / f"{shape}-{seed}.json"
    write_problem(path, generate_named(seed, shape))
    return Arena(path.stem, path)


def compete(
    ground: Iterable[Arena],
    rounds: int,
    contenders: Iterable[Contender],
    say: Say,
    naive_seconds: float = NAIVE_SECONDS,
) -> None:
    """Run each contender in turn on each territory, as many rounds as asked; failures are kept with the territory."""
    places, turns = list(ground), list(contenders)
    for turn in range(rounds):
        for place in places:
            say(f"{place.name}, tour {turn + 1} sur {rounds}")
            for contender in turns:
                try:
                    place.runs.setdefault(contender, []).append(run_contender(contender, place.path, naive_seconds))
                except JobFailed as failure:
                    place.failures.append(str(failure))
            _peer(place)


def _peer(place: Arena) -> None:
    matrix = place.path.with_suffix(".npz")
    try:
        if not matrix.exists():
            run_job("matrix", DEADLINE_SECONDS, problem=str(place.path), out=str(matrix))
        answer = run_highs(matrix, HIGHS_SECONDS, 2 * HIGHS_SECONDS)
    except JobFailed as failure:
        place.failures.append(str(failure))
        return
    optimum = None
    if answer["proven"] and answer["multiplier"]:
        critical, other = divmod(round(answer["objective"]), answer["multiplier"])
        optimum = (critical, other)
    place.peers.append(Peer(answer["seconds"], answer["peak_mb"], optimum))


def optimal(place: Arena) -> bool:
    """Whether every run of ours reaches the optimum: HiGHS's where it was proven, else its own proven bounds."""
    runs = place.runs.get(Contender.OURS, [])
    proofs = {peer.optimum for peer in place.peers if peer.optimum is not None}
    proofs |= {run.coverage for run in runs if run.coverage_is_proven}
    return bool(runs) and len(proofs) == 1 and all(run.coverage in proofs for run in runs)


def contest_rows(ground: Iterable[Arena]) -> list[tuple[str, ...]]:
    """One line per contender: sums of levels over the territories, medians of time, largest memory, proofs."""
    places = [place for place in ground if len(place.runs) == len(Contender) and all(place.runs.values())]
    rows: list[tuple[str, ...]] = []
    for contender in Contender:
        first = [place.runs[contender][0] for place in places]
        everything = [run for place in places for run in place.runs[contender]]
        if everything:
            rows.append(
                (
                    contender.value,
                    str(sum(run.judgement.critical for run in first)),
                    str(sum(run.judgement.other for run in first)),
                    str(sum(run.judgement.burden for run in first)),
                    f"{sum(run.proven for run in first)}/{len(first)}",
                    f"{median(run.seconds for run in everything):.2f}".replace(".", ","),
                    f"{max(run.peak_mb for run in everything):.0f}",
                    str(sum(len(run.breaches) for run in everything)),
                )
            )
    peers = [peer for place in places for peer in place.peers]
    if peers:
        proven = sum(bool(place.peers) and place.peers[0].optimum is not None for place in places)
        seconds = f"{median(peer.seconds for peer in peers):.2f}".replace(".", ",")
        memory = max((peer.peak_mb for peer in peers if peer.peak_mb is not None), default=0.0)
        rows.append((HIGHS_NAME, "", "", "", f"{proven}/{len(places)}", seconds, f"{memory:.0f}", ""))
    return rows


CONTEST_HEADS = ("concurrent", "critique", "autre", "charge", "prouvés", "s", "Mo", "règles enfreintes")


def bassin_figures(ground: list[Arena], extra: list[Arena]) -> list[Figure]:
    """The figures of the contest; `extra` territories of other shapes only count for rules and optimality."""
    ours = [run for place in [*ground, *extra] for run in place.runs.get(Contender.OURS, [])]
    bassin_runs = [run for place in ground for run in place.runs.get(Contender.OURS, [])]
    failures = [failure for place in [*ground, *extra] for failure in place.failures]
    seconds = middle(run.seconds for run in bassin_runs)
    builds = [ratio(place.stage("build"), place.seconds(Contender.OURS)) for place in ground]
    coverages = [ratio(place.stage("coverage"), middle(peer.seconds for peer in place.peers)) for place in ground]
    return [
        Figure("violations, deux contrôles", sum(len(run.breaches) for run in ours), 0, strict=True,
               note=f"{len(ours)} plans" + (f", {len(failures)} échecs de processus" if failures else "")),
        Figure("(critique, autre) à l'optimum prouvé", share(map(optimal, ground)), 100, Sense.AT_LEAST, "%",
               f"{len(ground)} bassins", strict=True),
        Figure("poids sans réponse / ordre d'appel", _unmet_ratio(ground, Contender.CALLS), 0.60),
        Figure("poids sans réponse / par urgence", _unmet_ratio(ground, Contender.URGENCY), 0.80),
        Figure("poids sans réponse / CP-SAT naïf", _unmet_ratio(ground, Contender.NAIVE), note="information"),
        Figure("couverture / HiGHS, même matrice", middle(one for one in coverages if one is not None), 1.0),
        Figure("preuve complète / 10 s", ratio(seconds, NAIVE_SECONDS), 0.15, note="médiane"),
        Figure("part prouvée", share(run.proven for run in bassin_runs), 95, Sense.AT_LEAST, "%"),
        Figure("construction / total", middle(one for one in builds if one is not None), 0.20),
        Figure("mémoire d'un bassin", max((run.peak_mb for run in bassin_runs), default=None), 200, unit="Mo"),
        Figure("autres formes à l'optimum prouvé", share(map(optimal, extra)), unit="%",
               note=", ".join(place.name for place in extra if not optimal(place))),
    ]  # fmt: skip


def _unmet_ratio(ground: Iterable[Arena], rival: Contender) -> float | None:
    """Our unmet weight over a rival's, summed over the territories that both answered."""
    pairs = [(place.judgement(Contender.OURS), place.judgement(rival)) for place in ground]
    both = [(mine, other) for mine, other in pairs if mine is not None and other is not None]
    return ratio(sum(mine.unmet for mine, _ in both), sum(other.unmet for _, other in both))
