"""Private directories of one instance, and the lock that keeps a second instance away from them."""

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exchange.embedded.errors import StartRefused

# A Unix socket path holds 107 bytes; the longest name that we put in the directory is ".s.PGSQL.5432.lock".
LONGEST_RUNTIME_PATH_BYTES = 107 - len("/.s.PGSQL.5432.lock")


def reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "ce compte n’en a pas le droit"
    if error.errno == errno.ENOSPC:
        return "le disque est plein"
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "un fichier porte déjà ce nom"
    return f"le système répond « {error.strerror} »"


def claim_private_directory(path: Path, owner_uid: int) -> Path:
    """Create `path` with mode 0700, or accept it when it already is that and ours.

    A predictable name in a shared temporary directory can be created first by someone else: then refuse.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise StartRefused(f"Impossible de créer le dossier {path} : {reason(error)}.") from error
    found = path.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == owner_uid
    if not ours or stat.S_IMODE(found.st_mode) != 0o700:
        raise StartRefused(
            f"Le dossier {path} existe déjà et n’est pas réservé à votre compte (mode 700) : "
            "supprimez-le ou corrigez ses droits, puis relancez."
        )
    return path


def runtime_directory(data_dir: Path) -> Path:
    """Make or accept the directory of the sockets of the instance in `data_dir`; raises StartRefused."""
    return claim_private_directory(runtime_directory_path(data_dir), os.geteuid())


def runtime_directory_path(data_dir: Path) -> Path:
    """Where the sockets of the instance that lives in `data_dir` belong: a short and stable path."""
    identity = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]
    name = f"entraide-{os.geteuid()}-{identity}"
    # TMPDIR may be too long for a socket; what stands in /tmp is checked before use.
    bases = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"]  # noqa: S108
    for base in (Path(given) for given in bases if given):
        short_enough = len(os.fsencode(base / name)) <= LONGEST_RUNTIME_PATH_BYTES
        if short_enough and os.access(base, os.W_OK | os.X_OK):
            return base / name
    raise StartRefused("Aucun dossier temporaire utilisable : vérifiez les droits de /tmp.")


def claim_data_directory(data_dir: Path) -> Path:
    """Create the data directory or check that this account can use it; raises StartRefused otherwise."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner_uid = data_dir.stat().st_uid
    except OSError as error:
        raise StartRefused(
            f"Impossible d’utiliser le dossier de données {data_dir} : {reason(error)}. "
            "Indiquez-en un autre avec ENTRAIDE_DATA_DIR."
        ) from error
    if owner_uid != os.geteuid() or not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        raise StartRefused(
            f"Le dossier de données {data_dir} appartient à un autre compte : "
            "relancez avec ce compte, ou indiquez un autre dossier avec ENTRAIDE_DATA_DIR."
        )
    return data_dir


@contextmanager
def sole_instance(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process; raises StartRefused when another instance holds it.

    The lock goes with the process, so a killed instance leaves nothing to clean.
    """
    descriptor = os.open(data_dir / "instance.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartRefused(
                f"Une démonstration utilise déjà les données de {data_dir} : "
                "arrêtez-la, ou indiquez un autre dossier avec ENTRAIDE_DATA_DIR."
            ) from error
        yield
    finally:
        os.close(descriptor)
