"""The main job, from a published place to an arrival and a lent night, over HTTP, with real workers and real mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from exchange.kernel.db import Scope
from tests.factories.ground import database_of
from tests.scenarios import acts
from tests.scenarios.cast import on_stage, settle, tonight
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.stage import Stage, eventually, running_stage


async def test_a_person_is_hosted_tonight_and_told_to_everyone_who_must_know(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, on_stage(stage, houses) as cast:
        offer_id = await acts.publish_emergency_bed(cast)
        night = tonight()
        reference = await acts.call_for_help(cast, night=night)
        answer = await acts.first_answer(cast, reference)
        assert answer["offer_id"] == offer_id
        assert answer["reasons"], "every proposal says why"

        held = await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
        assert held["held_until"]
        asked = await acts.mail_to(smtp_sink, "host@scenario.invalid", holding=reference)
        assert "intellectual" not in asked.raw.decode().lower(), "no need code ever leaves by mail"

        path = f"/placements/{answer['id']}"
        assert (await cast.host.post(f"{path}/acceptance"))["state"] == "accepted"
        await acts.mail_to(smtp_sink, "adviser@scenario.invalid", holding=reference)
        await acts.agree_for_the_person(cast, answer["id"], night=night)
        assert (await acts.placement(cast, answer["id"]))["state"] == "confirmed"

        await cast.adviser.post(f"{path}/arrival", {"exit_on": acts.exit_day(night)})
        assert (await acts.placement(cast, answer["id"]))["state"] == "admitted"
        assert (await cast.adviser.get(f"/situations/{reference}"))["state"] == "effective"
        await every_message_is_told_once(stage)


async def test_a_lent_night_opens_a_place_and_its_loss_closes_it(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, on_stage(stage, houses) as cast:
        offer_id = await acts.publish_conditional_place(cast)
        await acts.volunteer_for_the_night(cast)
        reference = await acts.call_for_help(cast)
        answer = await acts.first_answer(cast, reference)
        assert answer["offer_id"] == offer_id
        loan = await acts.proposed_loan(cast, str(houses.home_id))

        await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
        await cast.home.post(f"/placements/{answer['id']}/acceptance")
        await acts.agree_for_the_person(cast, answer["id"])
        waiting = await acts.placement(cast, answer["id"])
        assert (waiting["state"], waiting["waits_for_cover"]) == ("accepted", True), "no place before its night worker"

        await cast.coordinator.post(f"/loans/{loan['id']}/request")
        await cast.lender.post(f"/loans/{loan['id']}/release")
        await acts.consent_on_the_mailed_link(stage, "volontaire@scenario.invalid")
        await cast.home.post(f"/loans/{loan['id']}/acceptance")

        async def confirmed() -> bool:
            return bool((await acts.placement(cast, answer["id"]))["state"] == "confirmed")

        await eventually(confirmed, "the place that the loan opens")
        await acts.withdraw_on_the_mailed_link(stage, "volontaire@scenario.invalid")

        async def cancelled() -> bool:
            return bool((await acts.placement(cast, answer["id"]))["state"] == "cancelled")

        async def searching() -> bool:
            return bool((await cast.adviser.get(f"/situations/{reference}"))["state"] == "searching")

        await eventually(cancelled, "the place that the lost loan closes")
        await eventually(searching, "the situation searched for again")
        assert (await cast.coordinator.get(f"/loans/{loan['id']}"))["state"] == "cancelled"
        called_off = await acts.mail_to(smtp_sink, "adviser@scenario.invalid", holding="est annulé")
        assert reference in called_off.text
        await every_message_is_told_once(stage)


async def test_a_refusal_says_why_and_the_next_house_is_asked(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, on_stage(stage, houses) as cast:
        await acts.publish_emergency_bed(cast)
        reference = await acts.call_for_help(cast)
        answer = await acts.first_answer(cast, reference)
        await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
        await cast.host.post(f"/placements/{answer['id']}/refusal", {"refusal_reason": "staffing_insufficient"})
        refused = await acts.placement(cast, answer["id"])
        assert (refused["state"], refused["refusal_reason"]) == ("refused", "staffing_insufficient")

        async def searching() -> bool:
            return bool((await cast.adviser.get(f"/situations/{reference}"))["state"] == "searching")

        await eventually(searching, "the situation searched for again")
        await acts.mail_to(smtp_sink, "adviser@scenario.invalid", holding=reference)
        await every_message_is_told_once(stage)


async def every_message_is_told_once(stage: Stage) -> None:
    """Wait until nothing is due; then the delivered ids are those of the messages sent, each once."""
    db = database_of(stage.database)

    async def nothing_due() -> bool:
        async with db.read(None, scope=Scope.RELAY) as reader:
            due = await reader.scalar(
                text("SELECT count(*) FROM outbox WHERE done_at IS NULL AND due_at < now() + :soon"),
                {"soon": timedelta(seconds=1)},
            )
        return due == 0

    await eventually(nothing_due, "an outbox without due rows", within_seconds=60)
    async with stage.database.engine.connect() as connection:
        communities = await connection.execute(text("SELECT set_config('entraide.scope', 'relay', true)"))
        communities = await connection.execute(text("SELECT id FROM communities"))
        sent: set[str] = set()
        for (community_id,) in communities.all():
            await connection.execute(
                text("SELECT set_config('entraide.community_id', :id, true)"), {"id": str(community_id)}
            )
            rows = await connection.execute(text("SELECT id, state FROM messages"))
            messages = rows.all()
            assert {state for _, state in messages} <= {"sent", "obsolete"}, messages
            sent |= {str(message_id) for message_id, state in messages if state == "sent"}
    delivered = [mail.message_id.strip("<>").split("@")[0] for mail in stage.sink.received]
    assert sorted(delivered) == sorted(sent)
