"""The contest as one picture: what is left unmet, how long it took, and how time grows."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture

from bench.contest import Arena
from bench.runs import Contender

COLOURS = {
    Contender.OURS: "#0b6e4f",
    Contender.CALLS: "#b5651d",
    Contender.URGENCY: "#e0a458",
    Contender.NAIVE: "#5c6784",
}


def draw(path: Path, ground: list[Arena], points: list[tuple[int, float]]) -> None:
    """Write the picture as PNG."""
    picture = Picture(figsize=(13, 4.2), layout="constrained")
    FigureCanvasAgg(picture)
    unmet, times, growth = picture.subplots(1, 3)
    width = 0.8 / len(Contender)
    for rank, contender in enumerate(Contender):
        places = [(index, place.judgement(contender)) for index, place in enumerate(ground)]
        found = [(index, judgement.unmet) for index, judgement in places if judgement is not None]
        unmet.bar(
            [index + rank * width for index, _ in found],
            [weight for _, weight in found],
            width,
            label=contender.value,
            color=COLOURS[contender],
        )
        seconds = [one for place in ground if (one := place.seconds(contender)) is not None]
        if seconds:
            times.scatter(seconds, [contender.value] * len(seconds), color=COLOURS[contender])
    unmet.set_title("Poids sans réponse, par bassin (critique + autre)")
    unmet.set_xticks([index + 0.3 for index in range(len(ground))], [place.name for place in ground], rotation=60)
    picture.legend(*unmet.get_legend_handles_labels(), loc="outside lower left", ncols=len(Contender), fontsize="small")
    times.set_title("Durée d'un calcul (s)")
    times.set_xscale("log")
    times.invert_yaxis()
    if points:
        counts = [count for count, _ in points]
        growth.loglog(counts, [seconds for _, seconds in points], "o-", color=COLOURS[Contender.OURS])
        growth.set_xticks(counts, [str(count) for count in counts])
        growth.minorticks_off()
    growth.set_title("Durée selon le nombre de bassins liés")
    growth.set_xlabel("bassins")
    growth.set_ylabel("s")
    picture.savefig(path, dpi=120)
