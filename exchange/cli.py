"""The `entraide` command. Every import of the product is inside its command: `--help` stays instant."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from exchange.settings import Settings

REJECTED_LINES_STATUS = 3
INPUT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


def environment_settings() -> Settings:
    from exchange.settings import SettingMissing, Settings

    try:
        return Settings.from_environment()
    except SettingMissing as missing:
        raise click.ClickException(str(missing)) from missing


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Entraide : l’échange par lequel les associations se prêtent places et professionnels."""


@main.command()
@click.option("--access-log/--no-access-log", default=False, help="Écrit une ligne par requête.")
@click.option("--grace-seconds", default=3, show_default=True, help="Délai laissé aux requêtes lors de l’arrêt.")
def serve(access_log: bool, grace_seconds: int) -> None:
    """Sert les pages et l’API."""
    import uvicorn

    from exchange.app import create_app
    from exchange.embedded.errors import StartRefused
    from exchange.embedded.ports import listening_socket

    settings = environment_settings()
    try:
        listener = listening_socket(settings.host, settings.port)
    except StartRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        access_log=access_log,
        log_level="info",
        timeout_graceful_shutdown=grace_seconds,
        server_header=False,
    )
    # uvicorn raises the signal again once it has stopped: a requested stop is a success.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(0))
    uvicorn.Server(config).run(sockets=[listener])


@main.command()
def worker() -> None:
    """Exécute les travaux de fond : appariement, messages, délais."""
    from workers.settings import run_worker

    asyncio.run(run_worker(environment_settings()))


@main.command()
def migrate() -> None:
    """Met la base à jour (avec OWNER_DATABASE_URL)."""
    from migrations import upgrade

    asyncio.run(upgrade(environment_settings().owner_database_url))
    click.echo("La base est à jour.")


@main.command()
@click.option("--without", multiple=True, type=click.Choice(["serve", "worker"]), help="Ne démarre pas ce processus.")
def demo(without: tuple[str, ...]) -> None:
    """Démarre tout sur cette machine, avec la communauté de démonstration."""
    from exchange.embedded.errors import StartRefused
    from exchange.embedded.supervisor import DemoPlan, run_demo

    try:
        run_demo(DemoPlan.from_environment(frozenset(without)))
    except StartRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal


@main.command()
@click.argument("problem", type=INPUT_FILE)
@click.option("--out", required=True, type=OUTPUT_FILE, help="Fichier du plan à écrire.")
def match(problem: Path, out: Path) -> None:
    """Calcule le plan d’un fichier de problème."""
    from exchange.planning.replay import match_file

    click.echo(match_file(problem, out))


@main.command()
@click.argument("problem", type=INPUT_FILE)
@click.argument("plan", type=INPUT_FILE)
def check(problem: Path, plan: Path) -> None:
    """Vérifie un plan sans le solveur ; affiche le code de chaque règle enfreinte."""
    from exchange.planning.replay import check_files

    breaches = check_files(problem, plan)
    for breach in breaches:
        click.echo(breach)
    sys.exit(1 if breaches else 0)
