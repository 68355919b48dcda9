"""`python -m workers`: the worker alone, with its settings from the environment."""

from __future__ import annotations

import asyncio

from exchange.settings import Settings
from workers.settings import run_worker

if __name__ == "__main__":
    asyncio.run(run_worker(Settings.from_environment()))
