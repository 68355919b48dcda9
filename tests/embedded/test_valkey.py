from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from exchange.embedded.errors import StartRefused
from exchange.embedded.valkey import EmbeddedValkey


async def test_server_answers_on_its_socket_alone(place: Path) -> None:
    server = EmbeddedValkey(place / "valkey", place)
    await server.start()
    try:
        client = Redis.from_url(server.url)
        await client.set("cle", "été")
        assert await client.get("cle") == "été".encode()
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
        await client.aclose()
        assert server.process is not None
        assert psutil.Process(server.process.pid).net_connections(kind="inet") == []
    finally:
        await server.stop()


async def test_killed_server_starts_again_on_the_same_socket(place: Path) -> None:
    server = EmbeddedValkey(place / "valkey", place)
    await server.start()
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    assert server.socket.exists(), "the dead server left its socket behind"
    await server.start()
    try:
        assert await server.answers()
    finally:
        await server.stop()


async def test_failed_start_is_told_and_leaves_no_process(place: Path) -> None:
    (place / "valkey").mkdir()
    (place / "valkey" / "appendonlydir").write_text("not a directory")
    server = EmbeddedValkey(place / "valkey", place)
    with pytest.raises(StartRefused, match="Valkey n’a pas démarré"):
        await server.start()
    assert server.process is None
