"""What a comparison of solvers does not show: calls that come one by one, a situation saved in the real product."""

from bench.arrivals import compare, season, share_closed
from bench.contest import Say
from bench.figures import Figure, Sense, shown
from bench.save_to_proposal import PARTS, Figures, measure
from exchange.organisations.parameters import CommunityParameters

FIRST_SEASON = 201
LABELS = {
    "write": "écriture",
    "queue": "file",
    "snapshot": "lecture",
    "solve": "calcul",
    "record": "inscription",
    "push": "affichage",
}


def scarcity_figures(seasons: int, say: Say) -> list[Figure]:
    """What learnt prices of rare places save of the gap to hindsight, over so many seasons of calls."""
    if not seasons:
        return []
    outcomes = []
    for seed in range(FIRST_SEASON, FIRST_SEASON + seasons):
        say(f"appels un par un, graine {seed}")
        outcomes.append(compare(season(seed), CommunityParameters().scarcity_most_minutes))
    closed = share_closed(outcomes)
    better = sum(one.with_price < one.without_price for one in outcomes)
    worse = sum(one.with_price > one.without_price for one in outcomes)
    note = f"mieux {better} fois, moins bien {worse}, sur {seasons} graines"
    value = None if closed is None else 100 * closed
    return [Figure("prix des places rares : écart comblé", value, 0, Sense.AT_LEAST, "%", note)]


def board_figures(situations: int, say: Say) -> list[Figure]:
    """From the save of a situation to its card on an open board, whole and part by part, in milliseconds."""
    if not situations:
        return []
    say(f"démonstration, {situations} situations saisies")
    return told(measure(situations))


def told(taken: Figures) -> list[Figure]:
    """The 95th percentile against its threshold, then the median of each part."""
    split = ", ".join(f"{LABELS[part]} {shown(round(taken.median(part)))}" for part in PARTS)
    return [
        Figure("enregistrer → proposition affichée, p95", taken.p95("whole"), 1000, unit="ms",
               note=f"médiane {shown(round(taken.median('whole')))} ; {len(taken.samples)} situations"),
        Figure("enregistrer → proposition, parts", taken.median("whole"), unit="ms", note=f"médianes : {split}"),
    ]  # fmt: skip
