"""Tasks, meetings, the week, project records and referral files, as they are seen and done on pages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.journals import AccessLogEntry
from exchange.meetings.commands.project_records import open_record
from exchange.meetings.commands.referrals import freeze_referral
from exchange.meetings.commands.weekly import make_sheet
from exchange.meetings.inputs import OpenRecord
from exchange.meetings.models import ProjectRecord, ReferralFile, Task
from exchange.meetings.queries.referrals import referral
from exchange.placements.commands import HoldAnswer, hold_answer
from exchange.situations.models import Situation
from exchange.web.rendering import fragment
from tests.factories.ground import ZONE
from tests.factories.meetings import a_task, aged, today
from tests.factories.situations import a_situation
from tests.web.conftest import Town, parsed, words_of
from tests.web.test_doors import FORBIDDEN_WORDS

ADDRESS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


async def at_level_three(town: Town, *, days: int = 9) -> None:
    async with town.db.write(town.community_id) as tx:
        await aged(tx, town.situation_id, days=days, level=3)


async def planned(town: Town) -> str:
    """The address of a meeting planned on its page, with the agenda that the rules propose."""
    fields: dict[str, str | list[str]] = {
        "held_day": (await _tomorrow(town)).isoformat(),
        "held_hour": "14:00",
        "place": "Maison des associations",
        "bodies": ["mdph", "regional_health_agency"],
    }
    response = await town[Role.COORDINATOR].send("/reunions", fields, seen_on="/reunions")
    assert response.status_code == 303, response.text
    return response.headers["location"].partition("?")[0]


async def _tomorrow(town: Town) -> date:
    async with town.db.read(town.community_id) as reader:
        return await today(reader) + timedelta(days=1)


async def looks(town: Town, purpose: str) -> int:
    async with town.db.read(town.community_id) as reader:
        entries = select(func.count()).where(AccessLogEntry.purpose == purpose)
        return await reader.scalar(entries) or 0


async def test_a_task_is_given_on_its_page_done_in_one_tap_and_told_once(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    fields: dict[str, str | list[str]] = {
        "action": "call_facility",
        "assignee": f"facility:{town.home_id}",
        "due_on": (await _tomorrow(town)).isoformat(),
        "note": "Demander pour la chambre double",
        "reference": town.reference,
    }
    response = await coordinator.send("/taches", fields, seen_on="/taches")
    assert response.headers["location"] == "/taches?fait=tache-confiee"
    manager_sees = words_of(await town[Role.FACILITY_MANAGER].see("/taches"))
    assert "Appeler un lieu : Demander pour la chambre double" in manager_sees
    assert "Aucune tâche ne vous attend." in words_of(await town["neighbour"].see("/taches"))
    async with town.db.read(town.community_id) as reader:
        task_id = await reader.scalar(select(Task.id))
    assert "Appeler un lieu" in words_of(await coordinator.see(f"/situations/{town.reference}"))
    assert (await town["neighbour"].send(f"/taches/{task_id}/faite", {}, seen_on="/taches")).status_code == 404
    done = await town[Role.FACILITY_MANAGER].send(f"/taches/{task_id}/faite", {"back": "/taches"}, seen_on="/taches")
    assert done.headers["location"] == "/taches?fait=tache-faite"
    again = await coordinator.send(f"/taches/{task_id}/faite", {}, seen_on="/taches")
    assert again.status_code == 409


async def test_a_mistake_in_a_task_is_told_beside_its_field_and_what_was_typed_stays(town: Town) -> None:
    fields: dict[str, str | list[str]] = {
        "action": "other",
        "assignee": "body:mdph",
        "due_on": (await _tomorrow(town)).isoformat(),
        "note": "",
    }
    response = await town[Role.COORDINATOR].send("/taches", fields, seen_on="/taches")
    assert response.status_code == 422
    assert "Dites en quelques mots de quoi il s'agit." in words_of(response.text)
    assert '<option value="body:mdph" selected>' in response.text
    told = {**fields, "note": "Voir https://visio.exemple.fr/salle"}
    refused = await town[Role.COORDINATOR].send("/taches", told, seen_on="/taches")
    assert "N'écrivez pas d'adresse internet" in words_of(refused.text)


async def test_an_overdue_task_shows_red_on_the_first_page_of_whoever_has_it(town: Town) -> None:
    coordinator = town[Role.COORDINATOR]
    async with town.db.write(town.community_id) as tx:
        await a_task(tx, coordinator.actor, situation_id=town.situation_id)
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(Task).values(due_on=await today(tx) - timedelta(days=1)))
    page = await coordinator.see("/")
    assert '<li class="task late">' in page
    assert "En retard" in words_of(page)
    assert "1 tâche en retard chez d'autres" in words_of(await town[Role.PATHWAY_ADVISER].see("/"))
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(Task).values(due_on=await today(tx)))
    assert "En retard" not in words_of(await coordinator.see("/"))


async def test_a_meeting_is_planned_decided_and_its_minutes_no_longer_move(town: Town) -> None:
    await at_level_three(town)
    coordinator = town[Role.COORDINATOR]
    here = await planned(town)
    page = words_of(await coordinator.see(here))
    assert town.reference in page
    assert "Niveau 2 ou 3" in page
    assert "Sans solution depuis trop longtemps" in page
    decision: dict[str, str | list[str]] = {
        "decisions": ["prepare_referral", "meet_again"],
        "note": "Deux soutiens à trouver",
    }
    await coordinator.send(f"{here}/decision/{town.situation_id}", decision, seen_on=here)
    task: dict[str, str | list[str]] = {
        "action": "refer_to_mdph",
        "assignee": f"account:{coordinator.actor.account_id}",
        "due_on": (await _tomorrow(town)).isoformat(),
        "back": here,
        "reference": town.reference,
        "meeting_id": here.rsplit("/", 1)[1],
    }
    assert (await coordinator.send("/taches", task, seen_on=here)).headers["location"].startswith(here)
    drawn = await coordinator.see(here)
    await coordinator.send(f"{here}/compte-rendu", {}, seen_on=here)
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(Situation).where(Situation.id == town.situation_id).values(level=1, urgency=1))
    minutes = words_of(await coordinator.see(here))
    for told in (
        "Compte rendu",
        "Niveau 3",
        "Préparer le dossier de saisine",
        "Deux soutiens",
        "Saisir la MDPH",
        "ARS",
    ):
        assert told in minutes
    refused = await coordinator.send(f"{here}/decision/{town.situation_id}", decision, drawn=drawn)
    assert refused.status_code == 409
    assert "réunion close (coordination)" in words_of(refused.text)
    assert await looks(town, "case_meeting") >= 3


async def test_an_agenda_is_edited_by_a_coordinator_alone(town: Town) -> None:
    here = await planned(town)
    coordinator, adviser = town[Role.COORDINATOR], town[Role.PATHWAY_ADVISER]
    assert "Aucune situation à l'ordre du jour" in words_of(await coordinator.see(here))
    added = await coordinator.send(f"{here}/ordre-du-jour", {"reference": town.reference.lower()}, seen_on=here)
    assert added.headers["location"] == f"{here}?fait=situation-inscrite"
    assert "Ajoutée par la coordination" in words_of(await adviser.see(here))
    tried = await adviser.send(f"{here}/ordre-du-jour", {"reference": town.reference, "version": "2"}, seen_on=here)
    assert tried.status_code == 403
    assert (
        await coordinator.send(f"{here}/ordre-du-jour", {"reference": "S-AAAA-AA"}, seen_on=here)
    ).status_code == 422
    removed = await coordinator.send(f"{here}/retrait/{town.situation_id}", {}, seen_on=here)
    assert removed.headers["location"] == f"{here}?fait=situation-retiree"


async def test_a_line_of_the_week_becomes_a_task_in_one_tap_and_the_sheet_stays(town: Town) -> None:
    await at_level_three(town)
    coordinator = town[Role.COORDINATOR]
    made = await coordinator.send("/semaine", {}, seen_on="/semaine")
    here = made.headers["location"].partition("?")[0]
    before = await coordinator.see(here)
    assert "Sans solution depuis plus de 7 jours" in words_of(before)
    tap: dict[str, str | list[str]] = {"action": "widen_search", "situation_id": str(town.situation_id)}
    tapped = await coordinator.send(f"{here}/taches", tap, seen_on=here)
    assert tapped.headers["location"] == f"{here}?fait=tache-confiee"
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(Situation).values(urgency=1, level=2))
    after = await coordinator.see(here)
    assert _frozen_part(after) == _frozen_part(before)
    assert "Élargir la recherche" in words_of(after.partition('id="decide"')[2])


def _frozen_part(page: str) -> str:
    """The sheet itself, without what differs at each opening: keys of the forms, and the tasks decided since."""
    return ADDRESS.sub("", page.partition('aria-labelledby="bassin1"')[2].partition('id="decide"')[0])


async def test_a_referral_file_is_frozen_sent_acknowledged_and_lets_the_situation_be_closed(town: Town) -> None:
    await at_level_three(town)
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    async with town.db.read(town.community_id) as reader:
        agreed_on = (await today(reader) - timedelta(days=1)).isoformat()
    agreed = {"agreed_day": agreed_on, "agreed_hour": "10:00"}
    closing: dict[str, str | list[str]] = {"outcome": "mdph_relay", "note": "", **agreed}
    assert (await adviser.send(f"{sheet}/cloture", closing, seen_on=sheet)).status_code == 422
    made = await adviser.send(f"{sheet}/dossier", {}, seen_on=sheet)
    here = made.headers["location"].partition("?")[0]
    page = words_of(await adviser.see(here))
    for told in ("plan d'accompagnement global", town.reference, "Niveau 3", "Aucun lieu n'a encore été sollicité"):
        assert told in page
    assert await looks(town, "referral_file") == 1
    assert (await adviser.send(f"{here}/accuse", {}, seen_on=here)).status_code == 409
    for act in ("envoi", "accuse"):
        assert (await adviser.send(f"{here}/{act}", {}, seen_on=here)).status_code == 303
    assert (await adviser.send(f"{sheet}/cloture", closing, seen_on=sheet)).status_code == 303
    async with town.db.read(town.community_id) as reader:
        assert await reader.scalar(select(Situation.outcome).where(Situation.id == town.situation_id)) == "mdph_relay"


async def test_a_frozen_file_reads_the_same_on_any_day(town: Town) -> None:
    await at_level_three(town)
    async with town.db.write(town.community_id) as tx:
        await hold_answer(tx, town[Role.COORDINATOR].actor, HoldAnswer(town.situation_id, 1), now_of(tx))
        file_id = await freeze_referral(tx, town[Role.COORDINATOR].actor, town.situation_id, now_of(tx))
        view = await referral(tx, town[Role.COORDINATOR].actor, file_id)
        now = now_of(tx)
    told = {
        fragment("meetings/_referral_document.html", at, ZONE, document=view.document, content_hash="abc")
        for at in (now - timedelta(days=1), now, now + timedelta(days=1), now + timedelta(days=800))
    }
    assert len(told) == 1
    (text,) = told
    assert "Option posée" in text
    assert not re.search(r"aujourd|demain|hier", text)


async def test_a_file_is_not_made_below_level_three_nor_shown_to_a_site(town: Town) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    assert (await adviser.send(f"{sheet}/dossier", {}, seen_on=sheet)).status_code == 409
    assert "Dossier de saisine" not in words_of(await adviser.see(sheet))
    await at_level_three(town)
    await adviser.send(f"{sheet}/dossier", {}, seen_on=sheet)
    async with town.db.read(town.community_id) as reader:
        file_id = await reader.scalar(select(ReferralFile.id))
    for who in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.OBSERVER, "neighbour"):
        assert (await town[who].http.get(f"/dossiers/{file_id}")).status_code == 404, who


async def three_gaps(town: Town, *, how_many: int = 3) -> list[UUID]:
    async with town.db.write(town.community_id) as tx:
        ids = [(await a_situation(tx)).id for _ in range(how_many)]
        for situation_id in ids:
            await aged(tx, situation_id, days=20)
    return ids


async def a_record(town: Town) -> UUID:
    """A draft about one gap."""
    situation_ids = tuple(await three_gaps(town, how_many=1))
    async with town.db.write(town.community_id) as tx:
        return await open_record(tx, town[Role.COORDINATOR].actor, OpenRecord(situation_ids), now_of(tx))


async def test_words_written_meanwhile_by_somebody_else_are_not_overwritten(town: Town) -> None:
    coordinator, here = town[Role.COORDINATOR], f"/fiches-projet/{await a_record(town)}"
    drawn = await coordinator.see(here)
    await coordinator.send(f"{here}/texte", {"missing": "Accueil de nuit"}, seen_on=here)
    late = await coordinator.send(f"{here}/texte", {"missing": "Accueil de jour"}, drawn=drawn)
    assert late.status_code == 409
    assert "fiche projet modifiée (coordination)" in words_of(late.text)
    assert "Accueil de jour" in late.text
    assert "Accueil de nuit" in words_of(await coordinator.see(here))


@pytest.mark.parametrize(("how_many", "told"), [(3, "moins de cinq"), (5, "Situations 5")])
async def test_an_authority_reads_a_shared_record_without_reference_or_small_count(
    town: Town, how_many: int, told: str
) -> None:
    await three_gaps(town, how_many=how_many)
    coordinator, observer = town[Role.COORDINATOR], town[Role.OBSERVER]
    listed = await coordinator.see("/fiches-projet")
    assert f"{how_many} situations, dont {how_many} encore sans solution" in words_of(listed)
    ids = re.findall(r'name="situation_ids" value="([^"]+)"', listed)
    opened = await coordinator.send("/fiches-projet", {"situation_ids": ids}, seen_on="/fiches-projet")
    here = opened.headers["location"].partition("?")[0]
    assert (await observer.http.get(here)).status_code == 404
    assert (await coordinator.send(f"{here}/transmission", {}, seen_on=here)).status_code == 422
    await coordinator.send(f"{here}/texte", {"missing": "Accueil temporaire de nuit au Puy"}, seen_on=here)
    assert (await coordinator.send(f"{here}/transmission", {}, seen_on=here)).status_code == 303
    seen = words_of(await observer.see(here))
    assert "Accueil temporaire de nuit au Puy" in seen
    assert told in seen
    assert not re.search(r"S-[A-Z0-9]{4}", seen)
    assert "Faire avancer" not in seen
    assert "Manques qui se répètent" not in words_of(await observer.see("/fiches-projet"))
    async with town.db.read(town.community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(ProjectRecord)) == 1


@pytest.mark.parametrize("address", ["/taches", "/reunions", "/semaine", "/fiches-projet"])
async def test_who_opens_which_page(town: Town, address: str) -> None:
    opens = {
        "/taches": {"facility_manager", "on_call_manager", "coordinator", "pathway_adviser"},
        "/fiches-projet": {"coordinator", "pathway_adviser", "observer"},
    }.get(address, {"coordinator", "pathway_adviser"})
    for role in ("facility_manager", "on_call_manager", "coordinator", "pathway_adviser", "observer"):
        status = (await town[role].http.get(address)).status_code
        assert status == (200 if role in opens else 403), role


async def test_every_page_of_this_room_is_whole(town: Town) -> None:
    """Unique ids, labelled fields, no word that hurts, no address elsewhere."""
    await at_level_three(town)
    await three_gaps(town)
    coordinator = town[Role.COORDINATOR]
    meeting = await planned(town)
    async with town.db.write(town.community_id) as tx:
        await a_task(tx, coordinator.actor, situation_id=town.situation_id, meeting_id=UUID(meeting.rsplit("/", 1)[1]))
        sheet_id = await make_sheet(tx, coordinator.actor, now_of(tx))
    made = await coordinator.send(f"/situations/{town.reference}/dossier", {}, seen_on=f"/situations/{town.reference}")
    ids = re.findall(r'name="situation_ids" value="([^"]+)"', await coordinator.see("/fiches-projet"))
    record = await coordinator.send("/fiches-projet", {"situation_ids": ids}, seen_on="/fiches-projet")
    pages = ("/", "/taches", "/reunions", meeting, "/semaine", f"/semaine/{sheet_id}", "/fiches-projet",
             f"/situations/{town.reference}", *(each.headers["location"] for each in (made, record)))  # fmt: skip
    for address in pages:
        html = await coordinator.see(address)
        page, told = parsed(html), f" {words_of(html).lower()} "
        assert len(page.ids) == len(set(page.ids)), (address, sorted(page.ids))
        assert page.unlabelled == [], address
        assert [word for word in FORBIDDEN_WORDS if f" {word}" in told] == [], address
        assert [each for each in page.addresses if not each.startswith(("/", "#"))] == [], address
        assert " style=" not in html
