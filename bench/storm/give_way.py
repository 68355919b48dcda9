"""Retries (reliability plan, section 6): the database aborts the first transactions of each hold, and nobody notices.

A trigger of the throwaway database plays the loser of a deadlock or of a serialisation conflict, twice for each
situation; a sequence counts, since nothing else survives the rollback.
"""

from __future__ import annotations

from typing import Final

from bench.storm.client import Caller, at_once
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.sockets import sockets
from bench.storm.town import Line, a_town
from bench.storm.world import World

CLIENTS: Final = 50
ABORTS_EACH: Final = 2
TRIGGER: Final = f"""
    CREATE FUNCTION storm_gives_way() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.kind = 'placement_held' AND to_regclass(format('storm_%s', replace(NEW.subject_id::text, '-', '_')))
           IS NOT NULL
         AND nextval(format('storm_%s', replace(NEW.subject_id::text, '-', '_'))) <= {ABORTS_EACH} THEN
        RAISE EXCEPTION 'give way' USING ERRCODE = CASE WHEN random() < 0.5 THEN '40001' ELSE '40P01' END;
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER storm_gives_way BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION storm_gives_way();
"""
FORGET: Final = "DROP TRIGGER storm_gives_way ON events; DROP FUNCTION storm_gives_way();"


async def play(world: World, size: Size, seed: int, history: History) -> None:
    town = await a_town(world)
    offer_id = await town.offer(capacity=size["holds"])
    calls = await town.calls_for_tomorrow_night(size["holds"])
    placements = await town.propose(Line(call.id, offer_id) for call in calls)
    async with world.as_owner() as owner:
        for placement_id in placements:
            name = f"storm_{str(placement_id).replace('-', '_')}"
            await owner.execute(f"CREATE SEQUENCE {name}; GRANT USAGE ON {name} TO entraide_app")
        await owner.execute(TRIGGER)
        async with sockets(world.url) as http:
            adviser = Caller(http, history, town.adviser.token)
            await at_once(
                (
                    adviser.post(
                        "hold", f"/situations/{call.reference}/hold", {"rank": 1}, targets=(call.id, placement)
                    )
                    for call, placement in zip(calls, placements, strict=True)
                ),
                most=CLIENTS,
            )
        await owner.execute(FORGET)
        for placement_id in placements:
            name = f"storm_{str(placement_id).replace('-', '_')}"
            tried = await owner.fetchval(f"SELECT last_value FROM {name}")  # noqa: S608 : a name of ours
            history.noted("attempts", placement_id=str(placement_id), attempts=tried)
            await owner.execute(f"DROP SEQUENCE {name}")
    await world.dump(history, town.community_id, "placements", "placement_segments", "offer_segments")


FIGURE: Final = Figure(
    name="retry",
    title="Deux transactions de chaque demande avortées par la base (40001, 40P01)",
    target="toutes réussies au troisième essai, chacune une fois",
    full={"holds": 200},
    tenth={"holds": 20},
    play=play,
)
