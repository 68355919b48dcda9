"""From the save of an urgent situation to its proposal on an open board, part by part, on the demonstration community.

Everything is real: embedded PostgreSQL (durable) and Valkey, `entraide serve`, `entraide worker`, the API, a browser's
stream. `python -m bench.save_to_proposal` prints the median and the 95th percentile of each part.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
import httpx
import msgspec
import psutil

from exchange.embedded.ports import listening_socket
from exchange.embedded.supervisor import Demonstration, DemoPlan
from exchange.kernel.periods import Half, segment_of
from exchange.settings import Settings
from exchange.terminal.acts import token_for_email

ZONE: Final = ZoneInfo("Europe/Paris")
ADVISER: Final = "conseil@demo.invalid"
DIRECTOR: Final = "direction.f05@demo.invalid"
PATIENCE_SECONDS: Final = 30.0
CALM_SECONDS: Final = 4.5
"""Between two calls: the full re-solve that follows the first (3 s later) is over. Less, and both share the machine."""

PARTS: Final = ("write", "queue", "snapshot", "solve", "record", "push")
_FORM_TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """One situation: milliseconds of each part (`PARTS`), of the whole, and the solver's own within `solve`.

    `write`: the API's answer; `queue`: from that answer to the lease of the run; `snapshot`: reading and building;
    `solve`: the child's round trip; `record`: to the commit; `push`: to the card on the stream.
    """

    parts_ms: dict[str, float]
    whole_ms: float
    solver_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`cpu_ms_per_situation`: processor time of server and worker (their children too) over the whole measure."""

    samples: tuple[Sample, ...]
    cpu_ms_per_situation: dict[str, float]

    def median(self, part: str) -> float:
        return statistics.median(self._of(part))

    def p95(self, part: str) -> float:
        values = sorted(self._of(part))
        return values[min(len(values) - 1, round(0.95 * len(values)))]

    def _of(self, part: str) -> list[float]:
        match part:
            case "whole":
                return [sample.whole_ms for sample in self.samples]
            case "solver":
                return [sample.solver_ms for sample in self.samples]
            case _:
                return [sample.parts_ms[part] for sample in self.samples]


class _RunLine(msgspec.Struct):
    """The worker's log line of a recorded run."""

    timestamp: datetime
    lane: str
    placements: int
    milliseconds: dict[str, int]


@dataclass
class _Board:
    """An open stream, and when each card of a placement came for the first time, by the reference that it shows."""

    seen: dict[str, float] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, browser: httpx.AsyncClient, opened: asyncio.Event) -> None:
        while True:
            async with browser.stream("GET", "/flux", timeout=None) as stream:
                stream.raise_for_status()
                opened.set()
                async for line in stream.aiter_lines():
                    self._read(line)

    def _read(self, line: str) -> None:
        if not line.startswith("data: ") or "/accueils/" not in line:
            return
        reference = re.search(r">(S-[A-Z0-9-]+) ", json.loads(line[6:]).get("html", ""))
        if reference is not None:
            self.seen.setdefault(reference[1], time.time())
            self.news.set()

    async def until(self, reference: str) -> float:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while reference not in self.seen:
                self.news.clear()
                await self.news.wait()
        return self.seen[reference]


def measure(situations: int = 30, *, pause_seconds: float = CALM_SECONDS, seed: int = 1) -> Figures:
    """Start everything, enter so many situations one after the other, and return what each part took."""
    return asyncio.run(_measure(situations, pause_seconds, random.Random(seed)))  # a pace, not a secret


async def _measure(situations: int, pause_seconds: float, draw: random.Random) -> Figures:
    async with _demonstration() as (demo, password):
        settings = Settings.from_environment({**os.environ, **demo.environment})
        adviser, director, browser = (httpx.AsyncClient(base_url=demo.site_url, timeout=20) for _ in range(3))
        async with adviser, director, browser:
            for client, email in ((adviser, ADVISER), (director, DIRECTOR)):
                client.headers["Authorization"] = f"Bearer {await token_for_email(settings, email, 'mesure', 1)}"
            await _publish_beds(director, situations + 5)
            await _sign_in(browser, password)
            board, opened = _Board(), asyncio.Event()
            following = asyncio.create_task(board.follow(browser, opened))
            try:
                await asyncio.wait_for(opened.wait(), PATIENCE_SECONDS)
                await _first_runs_over(adviser)
                for _ in range(3):
                    await _enter(adviser, board)
                    await asyncio.sleep(pause_seconds)
                before = _cpu_ms(demo)
                entered = []
                for _ in range(situations):
                    # A fixed pace would always meet the same phase of whatever polls.
                    await asyncio.sleep(pause_seconds + draw.uniform(0.0, 0.3))
                    entered.append(await _enter(adviser, board))
                after = _cpu_ms(demo)
            finally:
                following.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await following
        log = (demo.plan.data_dir / "worker.log").read_text()
    runs = [msgspec.json.decode(line, type=_RunLine) for line in log.splitlines() if '"run_recorded"' in line]
    return Figures(
        samples=tuple(_sample(sent, answered, shown, runs) for sent, answered, shown in entered),
        cpu_ms_per_situation={name: (after[name] - before[name]) / situations for name in after},
    )


@asynccontextmanager
async def _demonstration() -> AsyncIterator[tuple[Demonstration, str]]:
    """The product on servers of its own, in a directory that leaves with it."""
    with tempfile.TemporaryDirectory(prefix="ent-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        given: dict[str, str] = {}
        demo = Demonstration(DemoPlan("127.0.0.1", _free_port(), _free_port(), Path(directory), given))
        try:
            await demo.start_servers()
            access = await demo.prepare_data()
            await demo.start_products()
            if access.password is None:
                raise RuntimeError("a fresh demonstration draws its password")
            yield demo, access.password
        finally:
            await demo.stop()


def _free_port() -> int:
    with listening_socket("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        return port


async def _publish_beds(director: httpx.AsyncClient, beds: int) -> None:
    """One house with room for everyone: the measure is about time, not about scarcity."""
    (facility_id,) = (await director.get("/api/v1/me")).raise_for_status().json()["facility_ids"]
    body = {
        "facility_id": facility_id,
        "kind": "emergency_bed",
        "care_mode": "immediate_stay",
        "populations": ["intellectual_disability"],
        "provides": ["awake_night", "night_arrival_possible"],
        "ages_from": 18,
        "ages_to": 60,
        "spans": [{"first": _tomorrow(), "last": _tomorrow(), "halves": ["day", "night"], "capacity": beds}],
    }
    await _post(director, "/offers", body)


async def _enter(adviser: httpx.AsyncClient, board: _Board) -> tuple[float, float, float]:
    """Enter one urgent situation; return the instants at which it was sent, answered and shown with its proposal."""
    body = {
        "commune_code": "43162",
        "age_band": "30-44",
        "need_codes": ["intellectual_disability"],
        "care_mode": "immediate_stay",
        "blocks": [[segment_of(datetime.now(ZONE).date() + timedelta(days=1), Half.NIGHT)]],
        "urgency": 4,
        "origin": "carer",
        "legal_status": "none",
        "max_travel_minutes": 120,
        "confirmed_distinct": True,
    }
    sent = time.time()
    reference = (await _post(adviser, "/situations", body))["reference"]
    answered = time.time()
    return sent, answered, await board.until(reference)


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    key = f"mesure-{random.getrandbits(64):x}"
    reply = await client.post(f"/api/v1{path}", json=body, headers={"Idempotency-Key": key})
    if reply.is_error:
        raise RuntimeError(f"{path}: {reply.status_code} {reply.text}")
    told: dict[str, Any] = reply.json()
    return told


async def _sign_in(browser: httpx.AsyncClient, password: str) -> None:
    token = _FORM_TOKEN.search((await browser.get("/connexion")).text)
    fields = {"email": "coordination@demo.invalid", "password": password, "csrf_token": token[1] if token else ""}
    reply = await browser.post("/connexion", data=fields)
    if reply.status_code != 303:
        raise RuntimeError(f"/connexion: {reply.status_code}")


async def _first_runs_over(adviser: httpx.AsyncClient) -> None:
    """Wait until both lanes have recorded what loading the community asked for."""
    async with asyncio.timeout(2 * PATIENCE_SECONDS):
        while True:
            runs = (await adviser.get("/api/v1/match-runs")).raise_for_status().json()["items"]
            recorded = {run["lane"] for run in runs if run["state"] == "recorded"}
            if recorded == {"fast", "full"} and all(run["state"] != "solving" for run in runs):
                return
            await asyncio.sleep(0.2)


def _tomorrow() -> str:
    return (datetime.now(ZONE).date() + timedelta(days=1)).isoformat()


def _sample(sent: float, answered: float, shown: float, runs: list[_RunLine]) -> Sample:
    """Cut the time of one situation at the first run recorded after it was sent that proposed something."""
    since = datetime.fromtimestamp(sent, UTC)
    run = min((run for run in runs if run.timestamp > since and run.placements), key=lambda run: run.timestamp)
    committed, taken = run.timestamp.timestamp(), run.milliseconds
    begun = committed - sum(taken[part] for part in ("lease", "load", "build", "solve", "record")) / 1000
    parts = {
        "write": 1000 * (answered - sent),
        "queue": max(0.0, 1000 * (begun - answered)) + taken["lease"],
        "snapshot": float(taken["load"] + taken["build"]),
        "solve": float(taken["solve"]),
        "record": float(taken["record"]),
        "push": 1000 * (shown - committed),
    }
    return Sample(parts, 1000 * (shown - sent), float(taken["solver"]))


def _cpu_ms(demo: Demonstration) -> dict[str, float]:
    """Processor milliseconds so far of each process of the product, ended children included."""
    spent = {}
    for name, product in demo.products.items():
        if product.process is None:
            continue
        root = psutil.Process(product.process.pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        spent[name] = 1000 * sum(t.user + t.system + t.children_user + t.children_system for t in times)
    return spent


def table(figures: Figures) -> str:
    """Return the figures as lines to print, milliseconds."""
    lines = [f"{'milliseconds':<22}{'median':>9}{'p95':>9}"]
    for part in (*PARTS, "whole", "solver"):
        label = {"whole": "save → card", "solver": "(solver alone)"}.get(part, part)
        lines.append(f"{label:<22}{figures.median(part):>9.0f}{figures.p95(part):>9.0f}")
    for name, spent in sorted(figures.cpu_ms_per_situation.items()):
        lines.append(f"cpu of {name + ', each':<15}{spent:>9.0f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="From the save of a situation to its proposal on an open board.")
    parser.add_argument("--situations", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=CALM_SECONDS, help="seconds between two situations")
    asked = parser.parse_args()
    click.echo(table(measure(asked.situations, pause_seconds=asked.pause, seed=asked.seed)))


if __name__ == "__main__":
    main()
