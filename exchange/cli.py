"""The `entraide` command. Every import of the product is inside its command: `--help` stays instant."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from exchange.terminal.commands import import_, notify, token
from exchange.terminal.explain import explain
from exchange.terminal.french import FrenchGroup
from exchange.terminal.manners import INPUT_FILE, environment_settings, one_sentence
from exchange.terminal.runs import run

OUTPUT_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(cls=FrenchGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
    from exchange.terminal.database import DatabaseRefused, require_database

    settings = environment_settings()
    with one_sentence(StartRefused, DatabaseRefused):
        asyncio.run(require_database(settings.database_url))
        listener = listening_socket(settings.host, settings.port)
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
    from exchange.terminal.database import DatabaseRefused, require_database
    from workers.settings import run_worker

    settings = environment_settings()
    with one_sentence(DatabaseRefused):
        asyncio.run(require_database(settings.database_url))
    asyncio.run(run_worker(settings))


@main.command()
def migrate() -> None:
    """Met la base à jour (avec OWNER_DATABASE_URL)."""
    from exchange.terminal.database import DatabaseRefused, require_owner
    from migrations import upgrade

    owner_url = environment_settings().owner_database_url
    with one_sentence(DatabaseRefused):
        asyncio.run(require_owner(owner_url))
    asyncio.run(upgrade(owner_url))
    click.echo("La base est à jour.")


@main.command()
@click.option("--without", multiple=True, type=click.Choice(["serve", "worker"]), help="Ne démarre pas ce processus.")
def demo(without: tuple[str, ...]) -> None:
    """Démarre tout sur cette machine, avec la communauté de démonstration."""
    from exchange.embedded.errors import StartRefused
    from exchange.embedded.supervisor import DemoPlan, run_demo

    with one_sentence(StartRefused):
        run_demo(DemoPlan.from_environment(frozenset(without)))


@main.command()
@click.argument("problem", type=INPUT_FILE, metavar="PROBLÈME")
@click.option("--out", required=True, type=OUTPUT_FILE, help="Fichier du plan à écrire.")
def match(problem: Path, out: Path) -> None:
    """Calcule le plan d’un fichier de problème."""
    from exchange.planning.replay import match_file

    with one_sentence(ValueError):  # what the matcher refuses to read, with the key at fault
        summary = match_file(problem, out)
    click.echo(
        f"{summary.placements} accueil(s), {summary.loans} prêt(s), {summary.unmet} demande(s) sans réponse "
        f"en {summary.wall_seconds:.1f} s : {out}"
    )
    if not summary.replayable:
        click.echo("Le délai a coupé la recherche : un second calcul pourrait donner un autre plan.", err=True)


@main.command()
@click.argument("problem", type=INPUT_FILE, metavar="PROBLÈME")
@click.argument("plan", type=INPUT_FILE)
def check(problem: Path, plan: Path) -> None:
    """Vérifie un plan sans le solveur ; affiche le code de chaque règle enfreinte."""
    from exchange.planning.replay import check_files

    with one_sentence(ValueError):
        breaches = check_files(problem, plan)
    for breach in breaches:
        click.echo(f"{breach.code}\t{breach.key}\t{breach.detail}")
    if breaches:
        sys.exit(1)
    click.echo("Aucune règle enfreinte.")


@main.command()
@click.option(
    "--seed", required=True, type=click.IntRange(0, 2**31 - 1), help="Graine : la même donne le même fichier."
)
@click.option("--shape", required=True, metavar="FORME", help="Une des formes nommées ci-dessus.")
@click.option(
    "--frozen-share",
    default=0,
    show_default=True,
    type=click.IntRange(0, 100),
    help="Part, en %, des réponses d’une chaîne téléphonique données comme déjà acceptées.",
)
@click.option("--out", type=OUTPUT_FILE, help="Fichier à écrire ; sinon, la sortie standard.")
def generate(seed: int, shape: str, frozen_share: int, out: Path | None) -> None:
    """Fabrique le fichier de problème d’un territoire fictif.

    Formes : tiny, bassin, department, three-weeks, two-bassins, long-needs, chains, incompatible, coupled, composed,
    dense.
    """
    from exchange.planning.generated import generated_text, write_generated

    with one_sentence(ValueError):
        if out is None:
            click.echo(generated_text(seed, shape, frozen_share), nl=False)
        else:
            write_generated(out, seed, shape, frozen_share)


for command in (explain, import_, notify, run, token):
    main.add_command(command)


if __name__ == "__main__":
    main()
