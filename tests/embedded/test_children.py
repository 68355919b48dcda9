import subprocess
import sys

from exchange.embedded.children import LONGEST_DELAY_SECONDS, SOUND_LIFE_SECONDS, Watch
from exchange.embedded.errors import StartRefused


class ShortLived:
    """A server whose process ends at once."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.refuses = refuses

    async def start(self) -> None:
        self.starts += 1
        if self.refuses and self.starts > 1:
            raise StartRefused("le disque est plein")
        self.process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
        self.process.wait()

    async def stop(self) -> None:
        """Already gone."""


async def test_dead_process_is_started_again_after_longer_and_longer_delays() -> None:
    server, told, clock = ShortLived(), [], [0.0]
    await server.start()
    watch = Watch("Travaux de fond", server, told.append, now=lambda: clock[0])
    delays = []
    for _ in range(8):
        await watch.look()
        assert watch.due_at is not None
        delays.append(watch.due_at - clock[0])
        starts = server.starts
        clock[0] = watch.due_at - 0.01
        await watch.look()
        assert server.starts == starts, "started before its delay"
        clock[0] = watch.due_at
        await watch.look()
        assert server.starts == starts + 1
    assert delays == [0.5, 1, 2, 4, 8, 15, 15, 15]
    assert delays[-1] == LONGEST_DELAY_SECONDS
    assert told[0] == "Travaux de fond : arrêt inattendu (code 7) ; nouvel essai dans 0,5 s."


async def test_long_life_earns_a_quick_restart() -> None:
    server, clock = ShortLived(), [0.0]
    await server.start()
    watch = Watch("Application", server, [].append, now=lambda: clock[0])
    watch.delay_seconds = LONGEST_DELAY_SECONDS
    clock[0] = SOUND_LIFE_SECONDS + 1
    await watch.look()
    assert watch.due_at == clock[0] + 0.5


async def test_refused_restart_is_told_and_tried_again() -> None:
    server, told, clock = ShortLived(refuses=True), [], [0.0]
    await server.start()
    watch = Watch("PostgreSQL", server, told.append, now=lambda: clock[0])
    await watch.look()
    clock[0] = 1.0
    await watch.look()
    assert "le disque est plein" in told[-1]
    assert watch.due_at is not None
