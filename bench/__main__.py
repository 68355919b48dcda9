"""`./run bench`: the whole comparison, one table, one picture, one file of numbers."""

import sys
import tempfile
from pathlib import Path

import click

from bench.contest import CONTEST_HEADS, Arena, arena, bassin_figures, compete, contest_rows
from bench.figures import Figure, middle, missed, table
from bench.measures import (
    department_figures,
    explanation_figure,
    invariance_figures,
    national_figure,
    scaling,
    scaling_figure,
    stability_figures,
)
from bench.plot import draw
from bench.product import board_figures, scarcity_figures
from bench.report import write_numbers
from bench.runs import NAIVE_SECONDS, Contender
from exchange.matching.generate import SHAPES
from exchange.settings import PROJECT_ROOT
from exchange.terminal.french import FrenchCommand

FIGURE_HEADS = ("mesure", "valeur", "seuil", "verdict", "détail")
# Bassins and departments have contests of their own.
APART = ("bassin", "department")


def say(text: str) -> None:
    click.echo(f"• {text}", err=True)


@click.command(cls=FrenchCommand)
@click.option("--quick", is_flag=True, help="Deux bassins, un tour, pas de département : une minute environ.")
@click.option("--instances", type=click.IntRange(1, 100), help="Nombre de bassins (2 avec --quick, sinon 8).")
@click.option("--rounds", type=click.IntRange(1, 50), help="Nombre de tours (1 avec --quick, sinon 3).")
@click.option("--departments", type=click.IntRange(0, 20), help="Nombre de départements (0 avec --quick, sinon 2).")
@click.option("--national", type=click.IntRange(1, 2000), help="Taille du lot national (4 avec --quick, sinon 24).")
@click.option("--seasons", type=click.IntRange(0, 200), help="Suites d'appels un par un (0 avec --quick, sinon 16).")
@click.option(
    "--situations",
    type=click.IntRange(0, 500),
    help="Situations saisies dans la démonstration (0 avec --quick, sinon 20).",
)
@click.option(
    "--naive-seconds",
    default=NAIVE_SECONDS,
    show_default=True,
    metavar="NOMBRE",
    type=click.FloatRange(min=0.1),
    help="Temps laissé au modèle naïf.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 10**6), help="Première graine.")
@click.option(
    "--out",
    default=PROJECT_ROOT / "var" / "bench",
    metavar="DOSSIER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Dossier de figures.json et de bench.png (var/bench sinon).",
)
def main(
    quick: bool,
    instances: int | None,
    rounds: int | None,
    departments: int | None,
    national: int | None,
    seasons: int | None,
    situations: int | None,
    naive_seconds: float,
    seed: int,
    out: Path,
) -> None:
    """Compare notre calcul au téléphone, à un modèle naïf et à HiGHS, sur des territoires fictifs."""
    turns = rounds or (1 if quick else 3)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        ground = [arena(room, "bassin", seed + step) for step in range(instances or (2 if quick else 8))]
        compete(ground, turns, Contender, say, naive_seconds)
        extra = [arena(room, shape, seed) for shape in SHAPES if shape not in APART and not quick]
        wide = [arena(room, "department", seed + step) for step in range(_given(departments, 0 if quick else 2))]
        compete([*extra, *wide], 1, [Contender.OURS], say)
        points = scaling(room, (1, 2) if quick else (1, 2, 5), seed, say)
        bassin_seconds = middle(run.seconds for place in ground for run in place.runs.get(Contender.OURS, []))
        figures = [
            *bassin_figures(ground, [*extra, *wide]),
            *invariance_figures(ground, say),
            *stability_figures(ground, turns, say),
            explanation_figure(ground, say),
            *department_figures(wide, bassin_seconds),
            scaling_figure(points),
            national_figure(national or (4 if quick else 24), seed, say),
            *scarcity_figures(_given(seasons, 0 if quick else 16), say),
            *board_figures(_given(situations, 0 if quick else 20), say),
        ]
        rows = contest_rows(ground)
        write_numbers(out / "figures.json", [*ground, *extra, *wide], figures, points)
        draw(out / "bench.png", ground, points)
    _show(rows, figures, [*ground, *extra, *wide], out)


def _given(asked: int | None, usual: int) -> int:
    return usual if asked is None else asked


def _show(rows: list[tuple[str, ...]], figures: list[Figure], ground: list[Arena], out: Path) -> None:
    click.echo(table(CONTEST_HEADS, rows))
    click.echo()
    click.echo(table(FIGURE_HEADS, [figure.cells() for figure in figures]))
    for place in ground:
        for failure in place.failures:
            click.echo(f"{place.name} : {failure}")
    click.echo(f"\nNombres et image : {out}")
    if faults := missed(figures):
        click.echo("Ces mesures n'admettent aucun manque : " + ", ".join(fault.name for fault in faults), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
