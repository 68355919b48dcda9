"""Fixtures of the embedded servers: a place of their own, short enough for sockets."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """A private directory under /tmp: pytest's own are too long for a socket."""
    with tempfile.TemporaryDirectory(prefix="ent-", dir="/tmp") as directory:
        yield Path(directory)
