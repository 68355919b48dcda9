"""The sheet of an open situation: each act has its form, is kept, and is told back in French."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.situations.commands import check_situation
from exchange.situations.models import Situation
from exchange.situations.models_following import CallBack
from tests.web.conftest import Town, parsed, words_of

CALL = {"direction": "received", "call_party": "carer", "call_outcome": "spoken"}
FORMS: list[tuple[str, dict[str, str | list[str]], str, str]] = [
    ("appels", CALL, "appel-note", "appel reçu, l'aidant ou la famille, échange fait"),
    ("rappels", {"ring_party": "carer", "ring_day": "DAY", "ring_hour": "10:00"}, "rappel-prevu", "Rappeler l'aidant"),
    ("urgence", {"new_urgency": "2"}, "urgence-revue", "Sous 7 jours"),
    (
        "niveau",
        {"level": "2", "level_reason": "several_partners", "level_note": "Réunion demandée."},
        "niveau-change",
        "niveau 1 → 2, plusieurs partenaires à réunir",
    ),
    (
        "sans-solution",
        {"tried": ["network_searched", "relatives"]},
        "sans-solution-note",
        "Essayé : recherche dans le réseau, relais d'un proche.",
    ),
]
REFUSED: list[tuple[str, dict[str, str | list[str]], str]] = [
    ("appels", {**CALL, "call_party": "voisin"}, "Choisissez une réponse de la liste."),
    ("rappels", {"ring_party": "carer", "ring_day": "2020-01-01", "ring_hour": "10:00"}, "Cette date est passée."),
    ("urgence", {}, "Cette réponse est nécessaire."),
    ("niveau", {"level": "3", "level_reason": "pag_requested"}, "d'un seul niveau à la fois"),
    ("niveau", {"level": "2", "level_reason": "pag_requested", "level_note": "06 12 34 56 78"}, "numéro de téléphone"),
    ("sans-solution", {}, "Choisissez au moins une réponse."),
    ("referent", {"next_referent": "", "hand_over_reason": "absence"}, "Cette réponse est nécessaire."),
    ("relais", {"service_code": "", "outside_spoken_with": "Mme Essai", "outside_function": "écoutante"}, "nécessaire"),
    ("identification", {}, "déjà identifiée"),
    ("cloture", {"outcome": "duplicate"}, "nécessaire pour clore"),
    ("cloture", {"outcome": "duplicate", "duplicate_reference": "S-AAAA-AA"}, "n'existe pas"),
]


def tomorrow_of(town: Town, fields: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
    from tests.web.test_pages import tomorrow

    return {name: tomorrow() if value == "DAY" else value for name, value in fields.items()}


@pytest.mark.parametrize(("act", "fields", "notice", "told"), FORMS)
async def test_each_act_of_the_sheet_is_kept_and_told(
    town: Town, act: str, fields: dict[str, str | list[str]], notice: str, told: str
) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    reply = await adviser.send(f"{sheet}/{act}", tomorrow_of(town, fields), seen_on=sheet)
    assert (reply.status_code, reply.headers.get("location")) == (303, f"{sheet}?fait={notice}"), reply.text
    page = await adviser.see(f"{sheet}?fait={notice}")
    assert told in words_of(page)
    ids = parsed(page).ids
    assert len(ids) == len(set(ids))
    assert parsed(page).unlabelled == []


@pytest.mark.parametrize(("act", "fields", "complaint"), REFUSED)
async def test_what_is_refused_is_said_on_the_sheet_with_what_was_typed(
    town: Town, act: str, fields: dict[str, str | list[str]], complaint: str
) -> None:
    sheet = f"/situations/{town.reference}"
    reply = await town[Role.PATHWAY_ADVISER].send(f"{sheet}/{act}", fields, seen_on=sheet)
    assert reply.status_code in (409, 422), reply.text
    assert complaint in reply.text.replace("&#39;", "'")


@pytest.mark.parametrize("who", [Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.OBSERVER])
async def test_who_does_not_coordinate_finds_no_sheet_and_no_form(town: Town, who: Role) -> None:
    sheet = f"/situations/{town.reference}"
    for address in (sheet, f"{sheet}/demande"):
        await town[who].see(address, 404)
    for act, fields, *_ in FORMS:
        reply = await town[who].send(f"{sheet}/{act}", tomorrow_of(town, fields))
        assert reply.status_code in (403, 404), act


async def test_an_overdue_call_rises_on_the_first_page_of_those_who_coordinate(town: Town) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    await adviser.send(f"{sheet}/rappels", tomorrow_of(town, FORMS[1][1]), seen_on=sheet)
    assert "À rappeler" not in words_of(await adviser.see("/"))
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(CallBack).values(due_at=now_of(tx) - timedelta(minutes=1)))
    told = words_of(await adviser.see("/"))
    assert f"{town.reference} : rappeler l'aidant ou la famille" in told
    assert "Pour vous" in told
    planned = await adviser.see(sheet)
    assert "En retard" in words_of(planned)


async def test_a_referent_is_asked_on_the_sheet_and_answers_there(town: Town) -> None:
    adviser, coordinator = town[Role.PATHWAY_ADVISER], town[Role.COORDINATOR]
    sheet = f"/situations/{town.reference}"
    asked = {"next_referent": str(coordinator.actor.account_id), "hand_over_reason": "end_of_duty"}
    reply = await adviser.send(f"{sheet}/referent", asked, seen_on=sheet)
    assert reply.headers["location"].endswith("relais-propose")
    assert f"{town.reference} : on vous demande de devenir le référent" in words_of(await coordinator.see("/"))
    assert "Je prends le relais" in words_of(await coordinator.see(sheet))
    assert "Je prends le relais" not in words_of(await adviser.see(sheet))
    reply = await coordinator.send(f"{sheet}/referent/reponse", {"answer": "yes"}, seen_on=sheet)
    assert reply.headers["location"].endswith("referent-nomme")
    async with town.db.read(town.community_id) as reader:
        referent = await reader.scalar(
            select(Situation.referent_account_id).where(Situation.reference == town.reference)
        )
    assert referent == coordinator.actor.account_id


async def test_nobody_answers_and_the_sheet_says_whom_to_ring_until_it_is_noted(town: Town) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    assert "Le relais en cascade court depuis" not in words_of(await adviser.see(sheet))
    async with town.db.write(town.community_id) as tx:
        late = now_of(tx) - timedelta(hours=3)
        await tx.execute(update(Situation).values(deadline_at=late, next_check_at=late))
    async with town.db.write(town.community_id) as tx:
        await check_situation(tx, Actor.system(town.community_id), town.situation_id, now_of(tx))
    told = words_of(await adviser.see(sheet))
    for words in ("Sans réponse à l'échéance", "Service extérieur, de vive voix", "115, sans-abri ( 115 )"):
        assert words in told
    noted = {"service_code": "homeless", "outside_spoken_with": "Mme Essai", "outside_function": "écoutante"}
    reply = await adviser.send(f"{sheet}/relais", noted, seen_on=sheet)
    assert reply.headers["location"] == f"{sheet}?fait=relais-note"
    told = words_of(await adviser.see(sheet))
    assert "Relais pris par 115, sans-abri : Mme Essai, écoutante" in told
    assert "Sans réponse à l'échéance" not in told


async def test_completing_the_demand_is_a_page_of_its_own_filled_with_what_stands(town: Town) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    page = await adviser.see(f"{sheet}/demande")
    assert 'value="intellectual_disability" checked' in page
    fields: dict[str, str | list[str]] = {
        "terms_version": "1",
        "commune_code": "43157",
        "age_band": "45-59",
        "need_codes": ["intellectual_disability", "hoist_transfers"],
        "care_mode": "temporary_stay",
        "origin": "carer",
        "legal_status": "guardianship",
        "max_travel_minutes": "60",
        "max_places": "3",
        "pattern": "nights",
    }
    reply = await adviser.send(f"{sheet}/demande", fields, seen_on=f"{sheet}/demande")
    assert reply.headers["location"] == f"{sheet}?fait=demande-completee"
    assert "Tutelle" in words_of(await adviser.see(sheet))
    stale = await adviser.send(f"{sheet}/demande", {**fields, "max_places": "1"}, seen_on=f"{sheet}/demande")
    assert stale.status_code == 409
    assert "La demande a changé entre-temps" in words_of(stale.text)
    wrong = await adviser.send(f"{sheet}/demande", {**fields, "change_dates": "yes"}, seen_on=f"{sheet}/demande")
    assert (wrong.status_code, "Cette réponse est nécessaire." in wrong.text) == (422, True)


async def test_a_duplicate_says_where_the_person_is_followed_and_may_be_reopened(town: Town) -> None:
    from tests.web.test_intake import FOUR, received

    adviser = town[Role.PATHWAY_ADVISER]
    kept = await received(town, FOUR)
    sheet = f"/situations/{town.reference}"
    ended = {"outcome": "duplicate", "duplicate_reference": kept.lower()}
    reply = await adviser.send(f"{sheet}/cloture", ended, seen_on=sheet)
    assert reply.status_code == 303, reply.text
    told = words_of(await adviser.see(sheet))
    assert f"Doublon : la situation de cette personne est suivie sous {kept}" in told
    reply = await adviser.send(f"{sheet}/reouverture", {}, seen_on=sheet)
    assert reply.headers["location"] == f"{sheet}?fait=situation-rouverte"
    assert "Doublon :" not in words_of(await adviser.see(sheet))
