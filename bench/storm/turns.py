"""Every turn of an outbox row written down by the database itself: rung, taken by a run, given back, done.

A trigger of the storm, in its throwaway database: what a run did is not asked of the run.
"""

from __future__ import annotations

import asyncio
from typing import Final

from bench.storm.clock import Watch
from bench.storm.history import History
from bench.storm.world import World

PATIENCE_MS: Final = 400_000
QUIET_LOOKS: Final = 3

_WATCH: Final = """
CREATE TABLE public.storm_turns (id bigserial PRIMARY KEY, row_id uuid NOT NULL, job text NOT NULL, turn text NOT NULL);
CREATE FUNCTION public.storm_turn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO storm_turns (row_id, job, turn) SELECT NEW.id, NEW.job, CASE
    WHEN NEW.attempts > OLD.attempts THEN 'taken'
    WHEN NEW.done_at IS NOT NULL AND OLD.done_at IS NULL THEN 'done'
    WHEN NEW.fence > OLD.fence THEN 'rung'
    ELSE 'given back' END;
  RETURN NULL;
END $$;
CREATE TRIGGER storm_turn AFTER UPDATE ON public.outbox FOR EACH ROW WHEN (NEW.gather_key IS NULL)
  EXECUTE FUNCTION public.storm_turn();
"""


async def watch_rows(world: World) -> None:
    """Write down every turn from now on."""
    async with world.as_owner() as owner:
        await owner.execute(_WATCH)


async def tell_turns(world: World, history: History) -> None:
    """Append every turn, in its order."""
    await world.dump_query(history, "turns", "SELECT id, row_id, job, turn FROM public.storm_turns ORDER BY id")
    await world.dump_query(
        history,
        "left",
        "SELECT job, count(*) AS rows, max(failed_with) AS failed_with, max(attempts) AS attempts FROM outbox"
        " WHERE done_at IS NULL AND due_at <= now() GROUP BY job",
    )


async def left_due(world: World) -> int:
    """How many rows are due and not done, planning included."""
    async with world.as_owner() as owner:
        left: int = await owner.fetchval("SELECT count(*) FROM outbox WHERE done_at IS NULL AND due_at <= now()")
        return left


async def until_nothing_is_due(world: World) -> None:
    """Wait until nothing is due, and a moment later still nothing; give up in the end, and leave it to the judge."""
    watch, quiet = Watch(), 0
    while quiet < QUIET_LOOKS and watch.milliseconds() < PATIENCE_MS:
        quiet = 0 if await left_due(world) else quiet + 1
        await asyncio.sleep(0.2)
