"""Click's own words, in French: its help, and what it says of a command that was typed wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, Never

import click

WORDS: Final = {
    "Commands": "Commandes",
    "required": "obligatoire",
    "default:": "par défaut :",
    "INTEGER RANGE": "ENTIER",
    "INTEGER": "ENTIER",
    "FILE": "FICHIER",
    "DIRECTORY": "DOSSIER",
    "TEXT": "TEXTE",
    "Show this message and exit.": "Affiche cette aide.",
}
_ENGLISH = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in WORDS))


def _in_french(text: str) -> str:
    return _ENGLISH.sub(lambda found: WORDS[found[0]], text)


class _FrenchFormatter(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "Utilisation : ")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_in_french(heading)} :\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(_in_french(one), _in_french(two)) for one, two in rows], col_max, col_spacing)


class _FrenchContext(click.Context):
    formatter_class = _FrenchFormatter


class FrenchCommand(click.Command):
    """A command that explains itself in French."""

    context_class = _FrenchContext


class FrenchGroup(click.Group):
    """A group of commands that explains itself, and refuses what was typed wrong, in French."""

    context_class = _FrenchContext
    command_class = FrenchCommand
    group_class = type

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **{"subcommand_metavar": "COMMANDE [ARGUMENTS]…", **attributes})

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Never:
        """Run the command line and end the process; a misuse is one French sentence after the command's form."""
        try:
            status = super().main(args, prog_name, **{**extra, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            if error.ctx is not None:
                click.echo(error.ctx.get_usage(), err=True)
            click.echo(f"Erreur : {_misuse(error)}", err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Interrompu.", err=True)
            sys.exit(1)
        sys.exit(status if isinstance(status, int) else 0)


def _misuse(error: click.UsageError) -> str:
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            return f"Il manque {_name(param)}."
        case click.BadParameter(param=click.Parameter() as param):
            return f"Valeur refusée pour {_name(param)} : {_expected(param.type)}."
        case click.NoSuchOption():
            return f"L’option {error.option_name} n’existe pas."
        case click.exceptions.NoSuchCommand():
            return f"La commande « {error.command_name} » n’existe pas."
        case click.BadOptionUsage():
            return f"L’option {error.option_name} n’est pas suivie de ce qu’elle attend."
        case _:
            return "Il y a un argument de trop."


def _name(param: click.Parameter) -> str:
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.human_readable_name


def _expected(kind: click.ParamType[Any]) -> str:
    match kind:
        case click.Path():
            if not kind.file_okay:
                return "un dossier est attendu"
            return "un fichier lisible est attendu" if kind.exists else "un fichier à écrire est attendu"
        case click.Choice():
            return f"une de celles-ci est attendue, {', '.join(map(str, kind.choices))}"
        case click.IntRange():
            return f"un nombre entier entre {kind.min} et {kind.max} est attendu"
        case click.types.UUIDParameterType():
            return "un identifiant est attendu, tel que l’API le donne"
        case _:
            return "un nombre entier est attendu"
