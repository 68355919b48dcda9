"""An evening of crisis over HTTP, with real workers and mail: shorter clocks, a house that closes, and the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.scenarios import acts
from tests.scenarios.cast import Cast, on_stage, settle, tonight
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.stage import eventually, running_stage


async def solved(cast: Cast, drill_id: str) -> dict[str, Any]:
    """The drill, once a worker has solved it."""

    async def read() -> dict[str, Any] | None:
        told: dict[str, Any] = await cast.coordinator.get(f"/closing-drills/{drill_id}")
        return None if told["drill"]["state"] == "asked" else told

    return await eventually(read, "the drill's result")


async def test_a_crisis_shortens_the_hold_and_a_house_that_closes_is_emptied_line_by_line(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    houses = await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, on_stage(stage, houses) as cast:
        await acts.publish_emergency_bed(cast)
        until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
        order = {"requested_by": "health_agency", "order_reference": "message du 20 mars", "until": until}
        await cast.observer.post("/crises", order, expect=403)
        crisis = await cast.coordinator.post("/crises", order)
        told = await acts.mail_to(smtp_sink, "host@scenario.invalid", holding="Organisation de crise")
        assert "à la demande de l'ARS" in told.text

        resident = {"age_band": "30-44", "need_codes": ["intellectual_disability"]}
        asked = await cast.coordinator.post(
            "/closing-drills",
            {
                "facility_id": str(houses.lender_id),
                "first_segment": tonight(),
                "last_segment": tonight(),
                "headcount": [resident, resident],
            },
        )
        result = (await solved(cast, asked["id"]))["result"]
        assert [line["facility_id"] for line in result["lines"]] == [str(houses.host_id)]
        assert len(result["unmet"]) == 1, "one place for two"
        assert (await cast.coordinator.get("/situations"))["items"] == [], "a drill receives nobody"

        key = result["lines"][0]["key"]
        path = f"/closing-drills/{asked['id']}/application"
        applied = await cast.coordinator.post(path, {"residents": [key]})
        reference = applied["received"][str(key)]
        before = datetime.now(UTC)
        held = await cast.adviser.post(f"/situations/{reference}/hold", {"rank": 1})
        given_at = datetime.fromisoformat(held["held_until"]) - timedelta(minutes=15)
        assert before <= given_at <= datetime.now(UTC), "a quarter of an hour, not half an hour"
        await acts.mail_to(smtp_sink, "host@scenario.invalid", holding=reference)

        await cast.coordinator.post(f"/crises/{crisis['id']}/closing")
        await acts.mail_to(smtp_sink, "lender@scenario.invalid", holding="a pris fin")
        assert (await cast.observer.get("/crisis"))["open"] is None
        kept = await acts.first_answer(cast, reference)
        assert kept["state"] == "held", "a hold keeps the hour that was told"
