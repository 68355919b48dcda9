"""`entraide import`, `notify` and `token`: the commands that act on a database or a mail server already there."""

import asyncio
import sys
from pathlib import Path

import click

from exchange.terminal.french import FrenchGroup
from exchange.terminal.manners import INPUT_FILE, environment_settings, one_sentence


@click.group("import", cls=FrenchGroup)
def import_() -> None:
    """Lecture de données officielles."""


@import_.command("finess")
@click.argument("extract", type=INPUT_FILE, metavar="EXTRAIT")
@click.option("--departement", required=True, help="Code INSEE du département, par exemple 43.")
@click.option("--dry-run", is_flag=True, help="Montre les différences sans rien changer.")
def import_finess(extract: Path, departement: str, dry_run: bool) -> None:
    """Complète le répertoire des établissements (code 3 quand des lignes sont rejetées)."""
    from exchange.interop.finess import DepartementUnknown, FinessHeaderBroken
    from exchange.terminal.acts import import_finess_file
    from exchange.terminal.database import DatabaseRefused

    with one_sentence(FinessHeaderBroken, DepartementUnknown, DatabaseRefused):
        report = asyncio.run(import_finess_file(environment_settings(), extract, departement, dry_run=dry_run))
    click.echo(str(report))
    sys.exit(report.exit_status)


@click.group(cls=FrenchGroup)
def notify() -> None:
    """Messages envoyés par l’application."""


@notify.command("test")
@click.option("--to", "recipient", required=True, help="Adresse qui recevra le message d’essai.")
def notify_test(recipient: str) -> None:
    """Envoie un message d’essai par SMTP_URL."""
    from exchange.terminal.acts import NotDone, send_test_letter

    with one_sentence(NotDone):
        asyncio.run(send_test_letter(environment_settings(), recipient))
    click.echo(f"Message d’essai remis au serveur de courriel pour {recipient}.")


@click.group(cls=FrenchGroup)
def token() -> None:
    """Jetons d’accès à l’API."""


@token.command("create")
@click.option("--email", required=True, help="Adresse du compte que le jeton représente.")
@click.option("--label", default="ligne de commande", show_default=True, help="À quoi servira le jeton.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 365), help="Durée de validité.")
def token_create(email: str, label: str, days: int) -> None:
    """Crée un jeton et l’affiche, une seule fois."""
    from exchange.terminal.acts import NotDone, token_for_email
    from exchange.terminal.database import DatabaseRefused

    with one_sentence(NotDone, DatabaseRefused):
        click.echo(asyncio.run(token_for_email(environment_settings(), email, label, days)))
