"""What differs between machines, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses and folders of one process.

    `database_url`: the application's login, never the owner of the tables.
    `owner_database_url`: used by migrations alone; defaults to `database_url`, whose role must then own the tables
    (the application still gives its rights up: see `exchange.kernel.db.make_engine`).
    """

    database_url: str
    owner_database_url: str
    redis_url: str
    smtp_url: str
    mail_from: str
    data_dir: Path
    host: str
    port: int
    public_url: str
    secure_cookies: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises `SettingMissing` or `SettingWrong`, with a sentence naming the variable."""
        env = os.environ if environment is None else environment
        database_url = with_async_driver(_required(env, "DATABASE_URL"))
        port = _port(env.get("ENTRAIDE_PORT", "8000"))
        host = env.get("ENTRAIDE_HOST", "127.0.0.1")
        public_url = env.get("ENTRAIDE_PUBLIC_URL", f"http://{host}:{port}").rstrip("/")
        return cls(
            database_url=database_url,
            owner_database_url=with_async_driver(env.get("OWNER_DATABASE_URL") or database_url),
            redis_url=_required(env, "REDIS_URL"),
            smtp_url=env.get("SMTP_URL", "smtp://127.0.0.1:25"),
            mail_from=env.get("ENTRAIDE_MAIL_FROM", "Entraide <ne-pas-repondre@entraide.invalid>"),
            data_dir=Path(env.get("ENTRAIDE_DATA_DIR", PROJECT_ROOT / "var")),
            host=host,
            port=port,
            public_url=public_url,
            secure_cookies=public_url.startswith("https://"),
        )


class SettingMissing(Exception):
    """A required environment variable is absent."""


class SettingWrong(Exception):
    """An environment variable says something that cannot be."""


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SettingMissing(f"La variable d'environnement {name} est absente. `./run demo` la fournit lui-même.")
    return value


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingWrong(f"ENTRAIDE_PORT doit être un numéro de port entre 1 et 65535, et non « {text} ».")
    return int(text)


def with_async_driver(url: str) -> str:
    """Name the asyncpg driver in a PostgreSQL address written in its usual form."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+asyncpg://" + url.removeprefix(scheme)
    return url
