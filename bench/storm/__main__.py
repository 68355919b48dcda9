"""`./run storm`: plays the figures, lets the separate verifier judge the histories, prints one table."""

from __future__ import annotations

import asyncio
import sys
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from bench.figures import table
from bench.storm.clock import Watch
from bench.storm.figure import Figure
from bench.storm.figures import BY_NAME, FIGURES
from bench.storm.history import History
from bench.storm.plants import PLANTS
from bench.storm.verdicts.reading import Judgement, read_history
from bench.storm.verify import judge
from bench.storm.world import Servers, a_world, running_servers
from exchange.settings import PROJECT_ROOT
from exchange.terminal.french import FrenchCommand

HEADS: Final = ("figure", "ce qui est joué", "taille", "graine", "mesuré", "attendu", "verdict", "durée")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    figures: tuple[Figure, ...]
    seed: int
    tenth: bool
    plant: str | None
    folder: Path


@dataclass(frozen=True, slots=True)
class Played:
    """A figure with what the verifier says of its history."""

    figure: Figure
    judgement: Judgement
    seconds: int

    @property
    def verdict(self) -> str:
        return "FAIL" if self.judgement.faults else "PASS"


class _FigureNames(click.ParamType[tuple[Figure, ...]]):
    """Names of figures, between commas, in capitals or not."""

    name = "figures"

    def convert(
        self, value: str | tuple[Figure, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Figure, ...]:
        if not isinstance(value, str):
            return value
        known = {name.lower(): figure for name, figure in BY_NAME.items()}
        names = [name.strip().lower() for name in value.split(",")]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise click.ClickException(f"Figure inconnue : {', '.join(unknown)}. Connues : {', '.join(BY_NAME)}.")
        return tuple(known[name] for name in names)


@click.command(cls=FrenchCommand)
@click.option("--figures", type=_FigureNames(), metavar="F1,F3…", help="Ne joue que ces figures ; sinon, toutes.")
@click.option("--seed", default=1, show_default=True, metavar="ENTIER", type=click.IntRange(0, 10**6), help="Graine.")
@click.option("--tenth", is_flag=True, help="Joue au dixième de la taille, comme ./run test.")
@click.option(
    "--plant",
    metavar="PANNE",
    type=click.Choice(sorted(PLANTS)),
    help=f"Plante une panne, que la tempête doit voir : {', '.join(sorted(PLANTS))}.",
)
@click.option(
    "--out",
    metavar="DOSSIER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Dossier des histoires ; sinon, un nouveau sous var/storm.",
)
def main(figures: tuple[Figure, ...] | None, seed: int, tenth: bool, plant: str | None, out: Path | None) -> None:
    """Vérifie que rien n’est promis deux fois : joue chaque figure, puis fait juger son histoire à part."""
    if figures is None:
        figures = FIGURES if plant is None else tuple(BY_NAME[name] for name in PLANTS[plant].figures)
    folder = out or PROJECT_ROOT / "var" / "storm" / f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    asked = Asked(figures, seed, tenth, plant, folder)
    played = asyncio.run(_play_all(asked))
    click.echo(table(HEADS, [_line(one, asked) for one in played]))
    for one in played:
        for fault in one.judgement.faults:
            click.echo(f"{one.figure.name} : {fault}")
    click.echo(f"\nHistoires : {folder}\nRelire : python -m bench.storm.verify {folder}/*.jsonl")
    sys.exit(any(one.judgement.faults for one in played))


async def _play_all(asked: Asked) -> list[Played]:
    """Figures that kill servers get servers of their own, and all of them durable ones but at a tenth of the size."""
    apart = [figure for figure in asked.figures if figure.alone]
    together = [figure for figure in asked.figures if not figure.alone]
    played = {}
    if together:
        async with running_servers(durable=not asked.tenth) as servers:
            for figure in together:
                played[figure.name] = await _play(figure, servers, asked)
    for figure in apart:
        async with running_servers(durable=True) as servers:
            played[figure.name] = await _play(figure, servers, asked)
    return [played[figure.name] for figure in asked.figures]


async def _play(figure: Figure, servers: Servers, asked: Asked) -> Played:
    click.echo(f"• {figure.name} : {figure.title}", err=True)
    watch, size = Watch(), figure.size(asked.tenth)
    timed = asked.plant is None and not asked.tenth
    history = History.begin(asked.folder, figure.name, asked.seed, size, plant=asked.plant, timed=timed)
    try:
        async with a_world(servers, plant=asked.plant, worker=figure.worker) as world:
            await figure.play(world, size, asked.seed, history)
        history.end()
    except Exception:  # noqa: BLE001 : whatever stops a figure, its history fails and the next figure is played
        click.echo(traceback.format_exc(), err=True)
    finally:
        history.close()
    return Played(figure, judge(read_history(history.path)), watch.milliseconds() // 1000)


def _line(one: Played, asked: Asked) -> tuple[str, ...]:
    size = ", ".join(f"{name} {count}" for name, count in one.figure.size(asked.tenth).items())
    told = (one.figure.name, one.figure.title, size, str(asked.seed), one.judgement.measured, one.figure.target)
    return (*told, one.verdict, f"{one.seconds} s")


if __name__ == "__main__":
    main()
