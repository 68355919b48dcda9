"""The same story while Redis dies empty-handed and workers are killed: no accepted fact and no message is lost."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from exchange.embedded.valkey import EmbeddedValkey
from tests.factories.ground import database_of
from tests.scenarios import acts
from tests.scenarios.cast import Cast, on_stage, settle
from tests.servers import FreshDatabase, running_valkey
from tests.smtp_sink import SmtpSink
from tests.stage import Stage, eventually, running_stage

BACK_WITHIN_SECONDS = 60.0


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """A place short enough for a socket's path."""
    with tempfile.TemporaryDirectory(prefix="ent-", dir="/tmp") as directory:
        yield Path(directory)


@asynccontextmanager
async def doomed_valkey(directory: Path) -> AsyncIterator[EmbeddedValkey]:
    """A Valkey of this test alone, to be killed."""
    async with running_valkey(directory, directory) as server:
        yield server


async def kill_and_empty(valkey: EmbeddedValkey) -> None:
    """What a crash without a disk leaves of Redis: nothing."""
    assert valkey.process is not None
    os.killpg(valkey.process.pid, signal.SIGKILL)
    valkey.process.wait()
    valkey.process = None
    shutil.rmtree(valkey.data_dir)


async def messages_sent(stage: Stage, community_id: UUID) -> dict[str, str]:
    """Every message of the community: id to state."""
    async with database_of(stage.database).read(community_id) as reader:
        rows = await reader.execute(text("SELECT id, state FROM messages"))
        return {str(row.id): row.state for row in rows}


async def exactly_the_messages_arrive(stage: Stage, community_id: UUID, *, at_least: int) -> None:
    """Wait until every message has left, then compare what was delivered with what the database says."""

    async def all_left() -> bool:
        states = await messages_sent(stage, community_id)
        return len(states) >= at_least and set(states.values()) <= {"sent", "obsolete"}

    await eventually(all_left, "every message sent", within_seconds=BACK_WITHIN_SECONDS)

    async def nothing_to_fan_out() -> bool:
        async with database_of(stage.database).read(community_id) as reader:
            left = await reader.scalar(
                text(
                    "SELECT count(*) FROM outbox WHERE done_at IS NULL AND due_at <= now()"
                    " AND job LIKE 'notifications.%'"
                )
            )
        return left == 0

    await eventually(nothing_to_fan_out, "no notification left to do", within_seconds=BACK_WITHIN_SECONDS)
    states = await messages_sent(stage, community_id)
    expected = {message_id for message_id, state in states.items() if state == "sent"}
    delivered = {mail.message_id.strip("<>").split("@")[0] for mail in stage.sink.received}
    assert delivered == expected


async def a_held_answer(cast: Cast) -> tuple[str, str]:
    """Publish, call, hold: the reference and the placement held."""
    await acts.publish_emergency_bed(cast)
    reference = await acts.call_for_help(cast)
    answer = await acts.first_answer(cast, reference)
    await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
    return reference, str(answer["id"])


async def test_redis_killed_and_emptied_in_the_middle_loses_nothing(
    database: FreshDatabase, smtp_sink: SmtpSink, short_directory: Path, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with (
        doomed_valkey(short_directory) as valkey,
        running_stage(database, valkey.url, smtp_sink, tmp_path) as stage,
        on_stage(stage, houses) as cast,
    ):
        await acts.publish_emergency_bed(cast)
        reference = await acts.call_for_help(cast)
        answer = await acts.first_answer(cast, reference)
        await kill_and_empty(valkey)

        await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
        await cast.host.post(f"/placements/{answer['id']}/acceptance")
        # Without Redis the relay runs the rows itself: the house is told even while the bell is broken.
        await acts.mail_to(smtp_sink, "host@scenario.invalid", holding=reference)
        await valkey.start()
        await acts.agree_for_the_person(cast, answer["id"])
        assert (await acts.placement(cast, answer["id"]))["state"] == "confirmed"
        await exactly_the_messages_arrive(stage, houses.community_id, at_least=2)

        second = await acts.call_for_help(cast)
        await acts.publish_emergency_bed(cast)
        assert await acts.first_answer(cast, second), "proposals come again once Redis is back"


async def test_a_worker_killed_between_the_commit_and_the_relay_loses_nothing(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, on_stage(stage, houses) as cast:
        await acts.publish_emergency_bed(cast)
        reference = await acts.call_for_help(cast)
        answer = await acts.first_answer(cast, reference)
        stage.kill("worker")
        await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
        assert smtp_sink.received == [], "nothing can leave without a worker"
        stage.start("worker")
        await exactly_the_messages_arrive(stage, houses.community_id, at_least=1)
        await acts.mail_to(smtp_sink, "host@scenario.invalid", holding=reference)
        assert (await acts.placement(cast, answer["id"]))["state"] == "held"


async def test_a_worker_killed_while_a_mail_is_being_handed_over_sends_it_again_under_the_same_id(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, on_stage(stage, houses) as cast:
        smtp_sink.hold_at_data()
        reference, _ = await a_held_answer(cast)

        async def in_data() -> bool:
            return smtp_sink.data_reached.is_set()

        await eventually(in_data, "a mail in DATA")
        stage.kill("worker")
        smtp_sink.release()
        stage.start("worker")
        await exactly_the_messages_arrive(stage, houses.community_id, at_least=1)
        await acts.mail_to(smtp_sink, "host@scenario.invalid", holding=reference)
