"""Schema history. `upgrade(owner_url)` brings a database to the newest version, as the tables' owner."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config


def configuration(owner_url: str) -> Config:
    """Return Alembic's configuration for an owner's address, without any file of settings."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["owner_url"] = owner_url
    return config


async def upgrade(owner_url: str) -> None:
    """Apply every missing migration, one transaction each."""
    await asyncio.to_thread(command.upgrade, configuration(owner_url), "head")
