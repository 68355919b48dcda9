"""A Redis given to the demonstration and away: the start goes on, and says so once."""

from pathlib import Path

import pytest

from exchange.embedded.directories import claim_data_directory
from exchange.embedded.supervisor import Demonstration, DemoPlan
from exchange.embedded.valkey import EmbeddedValkey


def plan_with(redis_url: str, data_dir: Path) -> DemoPlan:
    claim_data_directory(data_dir)
    given = {"DATABASE_URL": "postgresql://127.0.0.1:1/x", "SMTP_URL": "smtp://127.0.0.1:1", "REDIS_URL": redis_url}
    return DemoPlan(host="127.0.0.1", port=1, mail_port=1, data_dir=data_dir, given=given)


@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "n’importe quoi"])
async def test_dead_redis_is_told_in_one_line(url: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demonstration = Demonstration(plan_with(url, place / "data"))
    await demonstration.start_servers()
    await demonstration.stop()
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert told.startswith("  Attention : REDIS_URL ne répond pas")
    assert "secret" not in told


async def test_living_redis_is_not_spoken_of(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = EmbeddedValkey(place / "valkey", place)
    await server.start()
    try:
        demonstration = Demonstration(plan_with(server.url, place / "data"))
        await demonstration.start_servers()
        await demonstration.stop()
    finally:
        await server.stop()
    assert capsys.readouterr().out == ""
