"""Why nothing was found, and what tells two proposals of one house apart."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.placements.commands import put_forward
from exchange.planning.models import MatchRun
from exchange.situations.models import Situation, SituationBlock
from tests.factories.availability import an_offer, from_tonight, tomorrow_night
from tests.factories.placements import a_line
from tests.factories.situations import a_situation
from tests.factories.staffing import shifts_of
from tests.web.conftest import Town, words_of

TITLE = "Pourquoi aucune solution pour l'instant"
REST = "Pourquoi aucune solution pour le reste"


async def recorded_run(town: Town, *unmet: Mapping[str, object]) -> None:
    """A run that left these without an answer."""
    async with town.db.write(town.community_id) as tx:
        now = now_of(tx)
        tx.add(
            MatchRun(
                id=new_id(), lane="full", state="recorded", lease_until=now, started_at=now, recorded_at=now,
                plan={"unmet": list(unmet)},
            )
        )  # fmt: skip


def held_back(**counts: int) -> list[dict[str, object]]:
    return [{"code": code.replace("_", "-"), "count": count} for code, count in counts.items()]


async def two_dates(town: Town) -> tuple[str, list[UUID]]:
    """A situation of two blocks; its reference and its blocks."""
    async with town.db.write(town.community_id) as tx:
        night = await tomorrow_night(tx)
        received = await a_situation(tx, blocks=((night,), (night + 2,)))
        blocks = await tx.scalars(
            select(SituationBlock.id)
            .where(SituationBlock.situation_id == received.id)
            .order_by(SituationBlock.position)
        )
        return received.reference, list(blocks)


async def test_a_situation_without_any_proposal_says_why_and_what_would_unlock(town: Town) -> None:
    reference, blocks = await two_dates(town)
    adviser = town[Role.PATHWAY_ADVISER]
    assert TITLE not in words_of(await adviser.see(f"/situations/{reference}")), "nothing was searched yet"
    reasons = held_back(age=2, awaits_staff=1)
    situation_id = await id_of(town, reference)
    lines = [{"situation": situation_id, "block": str(block), "missing": 1, "reasons": reasons} for block in blocks]
    await recorded_run(town, *lines)
    told = words_of(await adviser.see(f"/situations/{reference}"))
    for words in (
        TITLE,
        "2 lieux pour un autre âge",
        "1 place qui attend un renfort",
        "Couvrir le renfort attendu pourrait ouvrir cette place.",
    ):
        assert told.count(words) == 1, "the same obstacles are told once for all their dates"


async def test_dates_with_a_proposal_are_not_told_as_missing(town: Town) -> None:
    reference, blocks = await two_dates(town)
    situation_id = await id_of(town, reference)
    async with town.db.write(town.community_id) as tx:
        line = await a_line(tx, UUID(situation_id), town.offer_id, positions=(0,))
        await put_forward(tx, town[Role.COORDINATOR].actor, (line,), None, now_of(tx))
    await recorded_run(
        town,
        {"situation": situation_id, "block": str(blocks[0]), "missing": 1, "reasons": held_back(capacity=3)},
        {"situation": situation_id, "block": str(blocks[1]), "missing": 1, "reasons": held_back(travel=1)},
    )
    told = words_of(await town[Role.PATHWAY_ADVISER].see(f"/situations/{reference}"))
    assert REST in told
    assert TITLE not in told
    assert "1 possibilité trop éloignée" in told
    assert "3 lieux complets" not in told


@pytest.mark.parametrize(
    ("who", "knows"),
    [("facility_manager", True), ("on_call_manager", True), ("coordinator", True), ("neighbour", False)],
)
async def test_missing_people_are_counted_for_who_asks_and_for_coordination_alone(
    town: Town, who: str, knows: bool
) -> None:
    async with town.db.read(town.community_id) as reader:
        (shift_id,) = await shifts_of(reader, town.need_id)
    reasons = held_back(availability=4, lend_cap=1)
    await recorded_run(town, {"need": str(town.need_id), "shift": str(shift_id), "missing": 1, "reasons": reasons})
    page = words_of(await town[who].see(f"/renforts/{town.need_id}"))
    assert (REST in page) is knows, "the town has a proposal for some of it"
    assert ("4 professionnels non disponibles" in page) is knows
    assert "Camille" not in page


async def test_two_proposals_of_one_house_are_told_apart(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        week = await from_tonight(tx)
        other = await an_offer(tx, town.home_id, care_mode="immediate_stay", kind="emergency_bed", spans=week)
        near = {"code": "travel_minutes", "minutes": 18, "is_estimate": True}
        lines = [
            await a_line(tx, town.situation_id, town.offer_id, reasons=({"code": "fits_needs"}, near)),
            await a_line(
                tx, town.situation_id, other, rank=2, reasons=({"code": "fits_needs"}, {"code": "age_to_confirm"})
            ),
        ]
        await put_forward(tx, town[Role.COORDINATOR].actor, lines, None, now_of(tx))
    for address in ("/", f"/situations/{town.reference}"):
        told = words_of(await town[Role.PATHWAY_ADVISER].see(address))
        for words in (
            "1. Foyer des Tilleuls · Accueil temporaire avec hébergement",
            "À 18 min (estimation).",
            "2. Foyer des Tilleuls · Accueil immédiat 24 h/24",
            "Âge à confirmer avec le lieu.",
        ):
            assert words in told, (address, words)


async def id_of(town: Town, reference: str) -> str:
    async with town.db.read(town.community_id) as reader:
        return str(await reader.scalar(select(Situation.id).where(Situation.reference == reference)))
