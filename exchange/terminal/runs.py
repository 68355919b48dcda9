"""`entraide run`: the files of a recorded run, to keep, to join to a report, or to solve again."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

import click

from exchange.terminal.french import FrenchGroup
from exchange.terminal.manners import environment_settings, one_sentence

NEW_DIRECTORY = click.Path(file_okay=False, path_type=Path)
FILLED_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(cls=FrenchGroup)
def run() -> None:
    """Calculs enregistrés."""


@run.command("export")
@click.argument("run_id", type=click.UUID, metavar="CALCUL")
@click.option("--out", required=True, type=NEW_DIRECTORY, help="Dossier où écrire problem.json et plan.json.")
def export(run_id: UUID, out: Path) -> None:
    """Écrit le problème et le plan d’un calcul : des identifiants seuls, aucun nom."""
    from exchange.planning.replay import write_run
    from exchange.terminal.acts import NotDone, files_of_run
    from exchange.terminal.database import DatabaseRefused

    with one_sentence(NotDone, DatabaseRefused, ValueError):
        problem, plan = write_run(out, *asyncio.run(files_of_run(environment_settings(), run_id)))
    click.echo(f"{problem}\n{plan}")


@run.command("replay")
@click.argument("directory", type=FILLED_DIRECTORY, metavar="DOSSIER")
def replay(directory: Path) -> None:
    """Refait un calcul exporté, avec les limites du premier, et compare les plans (code 1 s’ils diffèrent)."""
    from exchange.planning.replay import replay_run

    with one_sentence(ValueError):
        outcome = replay_run(directory)
    click.echo(f"enregistré : {outcome.recorded}\nrefait :     {outcome.replayed}")
    if outcome.is_the_same:
        click.echo("Le plan est le même.")
    elif outcome.was_cut:
        click.echo("Le délai avait coupé le premier calcul : il ne peut pas être refait à l’identique.", err=True)
        sys.exit(1)
    else:
        click.echo("Les plans diffèrent, alors que le premier calcul n’avait pas été coupé.", err=True)
        sys.exit(1)
