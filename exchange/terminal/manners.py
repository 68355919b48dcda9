"""How every command of `entraide` finds its settings and says no."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from exchange.settings import Settings

INPUT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Refusal(click.ClickException):
    """One sentence on the error output, and status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Erreur : {self.format_message()}", file=file, err=True)


@contextmanager
def one_sentence(*refusals: type[Exception]) -> Iterator[None]:
    """Show these refusals as the sentence that they carry; a defect keeps its traceback."""
    try:
        yield
    except refusals as refusal:
        raise Refusal(str(refusal)) from refusal


def environment_settings() -> Settings:
    """The settings of the environment, or those of the demonstration running on this machine."""
    from exchange.embedded.running import environment_of_running_demo
    from exchange.settings import PROJECT_ROOT, SettingMissing, Settings, SettingWrong

    data_dir = Path(os.environ.get("ENTRAIDE_DATA_DIR", PROJECT_ROOT / "var"))
    with one_sentence(SettingMissing, SettingWrong):
        return Settings.from_environment(environment_of_running_demo(data_dir))
