"""The addresses of the demonstration that runs, for commands typed in another terminal."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

FILE_NAME = "running.json"


def announce(data_dir: Path, environment: Mapping[str, str]) -> None:
    """Leave the addresses for this account alone; `withdraw` takes them away."""
    path = data_dir / FILE_NAME
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(dict(environment)))


def withdraw(data_dir: Path) -> None:
    (data_dir / FILE_NAME).unlink(missing_ok=True)


def environment_of_running_demo(data_dir: Path) -> dict[str, str]:
    """The process's environment, completed by the addresses of the running demonstration.

    What the environment says wins. A file left by a killed demonstration gives addresses that do not answer.
    """
    path = data_dir / FILE_NAME
    announced = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}
    return {**announced, **os.environ}
