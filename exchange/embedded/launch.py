"""Starting child processes that die with their parent, and under which identity a server may run.

PostgreSQL refuses uid 0. As root it therefore runs inside a user namespace, where root shows as an ordinary
account while files stay root's; where namespaces are forbidden, it runs as the account `nobody`.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import IO

from exchange.embedded.errors import StartRefused


class Guise(Enum):
    """Identity under which a server that refuses root is started."""

    SELF = "self"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


def nobody_uid() -> int:
    """The uid of `nobody`: PostgreSQL refuses a uid that has no name."""
    return pwd.getpwnam("nobody").pw_uid


def has_a_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def guise_prefix(guise: Guise) -> list[str]:
    if guise is Guise.SELF:
        return []
    uid = nobody_uid()
    if guise is Guise.NAMESPACE:
        return ["unshare", "--user", f"--map-user={uid}", f"--map-group={uid}", "--"]
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--"]


def runs(command: Sequence[str | Path]) -> bool:
    """Whether the command starts and ends well."""
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def choose_guise() -> Guise:
    """How to start a server that refuses root and uids without a name, for the account running this process."""
    if os.geteuid() != 0 and has_a_name(os.geteuid()):
        return Guise.SELF
    for guise in (Guise.NAMESPACE, Guise.NOBODY):
        if runs([*guise_prefix(guise), "true"]):
            return guise
    raise StartRefused(
        "PostgreSQL refuse de démarrer sous ce compte (root ou compte sans nom) et cette machine n’autorise pas "
        "d’autre identité : relancez avec un compte ordinaire, ou indiquez DATABASE_URL."
    )


def spawn(
    command: Sequence[str | Path],
    *,
    prefix: Sequence[str] = (),
    death_signal: signal.Signals,
    output: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C at the terminal reaches the parent alone.

    On Linux the child receives `death_signal` when the *thread* that spawned it ends: call on the main one.
    """
    tether: list[str] = []
    if shutil.which("setpriv"):
        tether = ["setpriv", "--pdeathsig", death_signal.name.removeprefix("SIG"), "--"]
    return subprocess.Popen(
        [*prefix, *tether, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        env=environment,
    )


async def stop_process(process: subprocess.Popen[bytes], request: signal.Signals, *, patience_seconds: float) -> int:
    """Ask the process to end, kill it when it does not, and return its status."""
    if process.poll() is None:
        process.send_signal(request)
    try:
        return await asyncio.to_thread(process.wait, patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return await asyncio.to_thread(process.wait)


def open_log(path: Path, *, largest_bytes: int = 5_000_000) -> IO[bytes]:
    """Open a server's log for appending; beyond `largest_bytes` the former content moves to `<name>.1`."""
    if path.exists() and path.stat().st_size > largest_bytes:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def last_lines(path: Path, count: int = 3) -> str:
    """The end of a log, on one line, to tell why a server did not start."""
    if not path.exists():
        return "journal vide"
    lines = path.read_text(errors="replace").strip().splitlines()[-count:]
    return " / ".join(line.strip() for line in lines) or "journal vide"
