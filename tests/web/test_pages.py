"""What each role sees and does: the words on the page, and what the act left behind."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from exchange.availability.models import OfferSegment, PlaceOffer, SegmentRequirement
from exchange.kernel.actor import Role
from exchange.kernel.journals import AccessLogEntry
from exchange.placements.models import Placement
from exchange.situations.models import Situation, SituationBlock
from exchange.staffing.models import LoanVolunteer, StaffNeed, VolunteerTime
from tests.factories.ground import LE_PUY, ZONE
from tests.web.conftest import Town, words_of
from tests.web.rows import column, count, scalar

PLACE = {
    "kind": "emergency_bed",
    "care_mode": "immediate_stay",
    "populations": ["intellectual_disability"],
    "provides": ["awake_night"],
    "ages_from": "18",
    "ages_to": "60",
    "halves": ["night"],
    "capacity": "2",
}
SITUATION = {
    "urgency": "4",
    "age_band": "30-44",
    "commune_code": LE_PUY,
    "pattern": "nights",
    "care_mode": "temporary_stay",
    "need_codes": ["intellectual_disability"],
    "origin": "carer",
    "legal_status": "none",
    "max_travel_minutes": "60",
    "max_places": "3",
}
NEED = {
    "qualifications": ["care_support_worker", "nursing_assistant"],
    "from_hour": "21:00",
    "until_hour": "07:00",
    "urgency": "4",
    "reason": "unplanned_absence",
    "impact": "unit_unsafe",
    "headcount": "1",
    "no_striker": "yes",
}


async def test_a_manager_s_evening_shows_own_places_and_one_tap(town: Town) -> None:
    told = words_of(await town[Role.FACILITY_MANAGER].see("/"))
    for words in (
        "Ce soir",
        "Rien n'a changé",
        "Mes places",
        "Demander un renfort",
        "Maison de la Borne peut vous aider",
    ):
        assert words in told
    assert "Poser une option" not in told
    neighbour = words_of(await town["neighbour"].see("/"))
    assert "Aucune place publiée" in neighbour


async def test_coordination_s_evening_shows_open_situations_with_their_next_check(town: Town) -> None:
    for role in (Role.COORDINATOR, Role.PATHWAY_ADVISER):
        told = words_of(await town[role].see("/"))
        for words in (town.reference, "Prochain point", "Poser une option", "Foyer des Tilleuls", "Nouvelle situation"):
            assert words in told
        assert "Rien n'a changé" not in told


async def test_an_observer_s_evening_is_counts_without_small_ones(town: Town) -> None:
    for address in ("/", "/tableau"):
        told = words_of(await town[Role.OBSERVER].see(address))
        assert "moins de 5" in told
        assert town.reference not in told
        assert "Foyer des Tilleuls" not in told
    assert (await town[Role.OBSERVER].http.get("/flux")).status_code == 403


async def test_the_board_tells_members_families_and_dates_of_a_situation_and_no_more(town: Town) -> None:
    member = words_of(await town["neighbour"].see("/tableau"))
    assert "besoins : vigilance" in member
    assert "30–44 ans" in member
    for hidden in (town.reference, "Épilepsie", "Prochain point", "Reçue", "Le Puy-en-Velay →"):
        assert hidden not in member
    assert town.reference in words_of(await town[Role.COORDINATOR].see("/tableau"))


async def test_the_board_s_filters_keep_what_was_asked_and_refuse_what_does_not_exist(town: Town) -> None:
    browser = town[Role.COORDINATOR]
    told = words_of(await browser.see("/tableau?bassin=velay&genre=places"))
    assert "Accueil temporaire avec hébergement · 18–60 ans" in told
    assert "Prochain point" not in told
    assert "Aucune place publiée" in words_of(await browser.see("/tableau?genre=places&etat=a-confirmer"))
    for wrong in ("bassin=ailleurs", "genre=inconnu", "etat=inconnu"):
        await browser.see(f"/tableau?{wrong}", 404)


async def test_nothing_has_changed_is_one_tap(town: Town) -> None:
    before = await column(town, PlaceOffer.attested_at, PlaceOffer.id == town.offer_id)
    response = await town[Role.FACILITY_MANAGER].send(f"/places/{town.offer_id}/confirmation", {})
    assert (response.status_code, response.headers["location"]) == (303, "/?fait=place-confirmee")
    assert await column(town, PlaceOffer.attested_at, PlaceOffer.id == town.offer_id) > before
    assert "rien n'a changé" in words_of(await town[Role.FACILITY_MANAGER].see("/?fait=place-confirmee"))


async def test_one_place_less_and_one_more(town: Town) -> None:
    capacity = select(func.min(OfferSegment.capacity)).where(OfferSegment.offer_id == town.offer_id)
    for delta, expected in (("-1", 1), ("1", 2)):
        await town[Role.FACILITY_MANAGER].send(f"/places/{town.offer_id}/capacite", {"delta": delta})
        assert await scalar(town, capacity) == expected
    response = await town[Role.FACILITY_MANAGER].send(f"/places/{town.offer_id}/capacite", {"delta": "40"})
    assert response.status_code == 422


async def test_only_the_site_s_own_people_speak_for_it(town: Town) -> None:
    for who in ("neighbour", Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.OBSERVER):
        response = await town[who].send(f"/places/{town.offer_id}/confirmation", {})
        assert response.status_code in (403, 404), who


async def test_publishing_a_place_for_tonight(town: Town) -> None:
    response = await publish(town, {})
    assert response.status_code == 303, response.text
    assert await count(town, PlaceOffer) == 2


async def test_two_taps_publish_one_place(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    fields = {**PLACE, "facility_id": str(town.home_id), "first": tomorrow(), "idempotency_key": "deux-fois"}
    first = await manager.send("/places", fields, seen_on="/places/nouvelle")
    second = await manager.send("/places", fields, seen_on="/places/nouvelle")
    assert first.headers["location"] == second.headers["location"]
    assert await count(town, PlaceOffer) == 2
    changed = await manager.send("/places", {**fields, "capacity": "5"}, seen_on="/places/nouvelle")
    assert changed.status_code == 422
    assert "déjà été envoyé" in changed.text


async def test_a_conditional_place_brings_its_shifts(town: Town) -> None:
    last = (date.fromisoformat(tomorrow()) + timedelta(days=1)).isoformat()
    fields = {
        "kind": "conditional", "last": last, "shift_from": "21:00", "shift_until": "07:00",
        "need_qualifications": ["care_support_worker"],
    }  # fmt: skip
    response = await publish(town, fields)
    assert response.status_code == 303, response.text
    assert await count(town, SegmentRequirement) == 4
    assert await count(town, StaffNeed) == 2


async def test_a_refused_form_tells_each_mistake_beside_its_field_and_keeps_what_was_typed(town: Town) -> None:
    response = await publish(town, {"capacity": "beaucoup", "first": "le 30", "populations": [], "ages_to": "61"})
    assert response.status_code == 422
    page = response.text
    assert 'role="alert"' in page
    for name in ("capacity", "first", "populations"):
        assert f'id="{name}-erreur"' in page
        assert f'href="#{name}"' in page
    assert 'value="beaucoup"' in page
    assert 'value="61"' in page
    assert await count(town, PlaceOffer) == 1


async def test_a_rule_of_the_house_is_told_beside_its_field_too(town: Town) -> None:
    response = await publish(town, {"ages_from": "60", "ages_to": "18"})
    assert response.status_code == 422
    assert 'id="ages_from-erreur"' in response.text
    assert await count(town, PlaceOffer) == 1


async def test_a_null_character_never_reaches_the_database(town: Town) -> None:
    response = await intake(town, {"free_text": "calme\x00 le soir"})
    assert response.status_code == 303


async def test_asking_for_reinforcement_needs_the_word_about_strikers(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    fields = {**NEED, "facility_id": str(town.home_id), "first": tomorrow()}
    silent = {name: value for name, value in fields.items() if name != "no_striker"}
    refused = await manager.send("/renforts", silent, seen_on="/renforts/nouveau")
    assert refused.status_code == 422
    accepted = await manager.send("/renforts", fields, seen_on="/renforts/nouveau")
    assert accepted.status_code == 303
    told = words_of(await manager.see(accepted.headers["location"]))
    assert "Accompagnant éducatif et social (AES) ou Aide-soignant (AS)" in told or "Aide-soignant (AS) ou" in told
    assert "demain, de 21 h à 7 h : 0 sur 1" in told


async def test_a_shortage_tells_its_permanent_staff_and_the_floor(town: Town) -> None:
    manager = town[Role.FACILITY_MANAGER]
    fields = {**NEED, "facility_id": str(town.home_id), "first": tomorrow(), "min_permanent_staff": "2"}
    refused = await manager.send("/renforts", fields, seen_on="/renforts/nouveau")
    assert refused.status_code == 422
    assert "Dites combien de permanents sont prévus, puisqu'il en faut un nombre minimum." in words_of(refused.text)
    declared = await manager.send("/renforts", {**fields, "permanent_staff": "1"}, seen_on="/renforts/nouveau")
    assert declared.status_code == 303, declared.text
    sheet = words_of(await manager.see(declared.headers["location"]))
    assert "1 permanent prévu (il en faut 2)" in sheet
    board = words_of(await town[Role.COORDINATOR].see("/tableau?genre=renforts"))
    assert "Permanents manquants" in board
    assert "1 permanent prévu (il en faut 2)" in board


async def test_a_volunteer_is_registered_then_their_times_are_stated(town: Town) -> None:
    manager = town["neighbour"]
    area_id = (await column(town, LoanVolunteer.living_area_ids, LoanVolunteer.id == town.volunteer_id))[0]
    fields = {
        "facility_id": str(town.neighbour_id), "full_name": "Alix Essai", "email": "alix@essai.invalid",
        "commune_code": LE_PUY, "qualifications": ["nurse"], "living_area_ids": [str(area_id)],
        "max_travel_minutes": "30", "max_loan_hours": "20", "agrees": "yes",
    }  # fmt: skip
    response = await manager.send("/volontaires", fields, seen_on="/volontaires/nouveau")
    assert response.status_code == 303, response.text
    times = response.headers["location"].split("?")[0]
    stated = await manager.send(
        times, {"kind": "available", "first": tomorrow(), "from_hour": "21h", "until_hour": "7 h 30"}, seen_on=times
    )
    assert stated.status_code == 303, stated.text
    assert "demain, de 21 h à 7 h 30" in words_of(await manager.see(times))
    assert await count(town, VolunteerTime) == 2


async def test_a_volunteer_s_name_is_the_employer_s_alone(town: Town) -> None:
    assert "Camille Essai" in await town["neighbour"].see("/volontaires")
    for who in (Role.FACILITY_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER):
        assert "Camille Essai" not in await town[who].see("/volontaires")


async def test_the_intake_opens_on_the_emergency_numbers(town: Town) -> None:
    told = words_of(await town[Role.PATHWAY_ADVISER].see("/situations/nouvelle"))
    numbers = "Danger immédiat : 15, 17, 18, 112 ; enfant : 119 ; sans abri : 115 ; violences : 3919"
    assert told.index(numbers) < told.index("Nouvelle situation Ni nom")
    assert (await town[Role.FACILITY_MANAGER].http.get("/situations/nouvelle")).status_code == 403


async def test_a_situation_is_entered_and_gets_its_reference(town: Town) -> None:
    response = await intake(town, {})
    assert response.status_code == 303, response.text
    told = words_of(await town[Role.PATHWAY_ADVISER].see(response.headers["location"]))
    assert "Rien n'est encore sûr" in told
    assert "Trouble du développement intellectuel" in told


async def test_dates_that_may_be_shared_make_one_block_each(town: Town) -> None:
    last = (date.fromisoformat(tomorrow()) + timedelta(days=2)).isoformat()
    before = await count(town, SituationBlock)
    await intake(town, {"last": last, "may_be_shared": "yes"})
    assert await count(town, SituationBlock) == before + 3


async def test_a_note_that_names_someone_is_refused(town: Town) -> None:
    response = await intake(town, {"free_text": "Joindre sa mère au 06 12 34 56 78"})
    assert response.status_code == 422
    assert 'id="free_text-erreur"' in response.text
    assert await count(town, Situation) == 1


async def test_reading_a_sheet_is_journalled_before_the_page_leaves(town: Town) -> None:
    await town[Role.COORDINATOR].see(f"/situations/{town.reference}")
    await town[Role.PATHWAY_ADVISER].see(f"/accueils/{town.placement_id}")
    async with town.db.read(town.community_id) as reader:
        looks = (await reader.execute(select(AccessLogEntry.account_id, AccessLogEntry.subject_id))).all()
    expected = {town[role].actor.account_id for role in (Role.COORDINATOR, Role.PATHWAY_ADVISER)}
    assert {look.account_id for look in looks} == expected
    assert {look.subject_id for look in looks} == {town.situation_id}


async def test_from_hold_to_arrival_each_party_says_its_own_yes(town: Town) -> None:
    adviser, manager = town[Role.PATHWAY_ADVISER], town[Role.FACILITY_MANAGER]
    sheet, here = f"/situations/{town.reference}", f"/accueils/{town.placement_id}"
    assert (await adviser.send(f"{sheet}/option", {"rank": "1"}, seen_on=sheet)).status_code == 303
    assert "On vous demande 1" in words_of(await manager.see("/"))
    request = words_of(await manager.see(here))
    for words in ("Épilepsie avec traitement de secours", "Je peux accueillir", "Je ne peux pas accueillir"):
        assert words in request
    assert (await adviser.send(f"{here}/oui", {}, seen_on=here)).status_code == 403
    assert (await manager.send(f"{here}/oui", {}, seen_on=here)).status_code == 303
    assert "En attente de l'accord de la personne" in words_of(await adviser.see(sheet))
    await adviser.send(f"{here}/accord", {"person_yes_from": "person"}, seen_on=here)
    await adviser.send(f"{here}/cadre", {"legal_basis": "emergency_admission"}, seen_on=here)
    assert await placement_state(town) == "confirmed"
    no_exit = await manager.send(f"{here}/arrivee", {}, seen_on=here)
    assert no_exit.status_code == 422
    assert 'id="exit_on-erreur"' in no_exit.text
    leaves = (date.fromisoformat(tomorrow()) + timedelta(days=5)).isoformat()
    assert (await manager.send(f"{here}/arrivee", {"exit_on": leaves}, seen_on=here)).status_code == 303
    assert await placement_state(town) == "admitted"
    told = words_of(await adviser.see(sheet))
    assert "la personne est arrivée" in told
    assert "Accueil confirmé" in told


async def test_a_no_has_a_reason_and_other_needs_a_note(town: Town) -> None:
    manager, here = town[Role.FACILITY_MANAGER], f"/accueils/{town.placement_id}"
    await held(town)
    assert (await manager.send(f"{here}/non", {}, seen_on=here)).status_code == 422
    unsaid = await manager.send(f"{here}/non", {"reason": "other"}, seen_on=here)
    assert 'id="private_note-erreur"' in unsaid.text
    said = await manager.send(f"{here}/non", {"reason": "skill_missing"}, seen_on=here)
    assert said.status_code == 303
    assert await placement_state(town) == "refused"
    sheet = words_of(await town[Role.PATHWAY_ADVISER].see(f"/situations/{town.reference}"))
    assert "Ne peut pas accueillir, Pas de professionnel formé pour ce besoin" in sheet
    assert "Épilepsie" not in words_of(await manager.see(here))


async def test_a_yes_by_phone_names_who_spoke(town: Town) -> None:
    adviser, here = town[Role.PATHWAY_ADVISER], f"/accueils/{town.placement_id}"
    await held(town)
    assert (await adviser.send(f"{here}/oui-telephone", {}, seen_on=here)).status_code == 422
    said = {"spoken_with": "La directrice", "function": "Direction"}
    assert (await adviser.send(f"{here}/oui-telephone", said, seen_on=here)).status_code == 303
    assert "par téléphone avec La directrice (Direction)" in words_of(await adviser.see(here))


async def test_two_advisers_one_hold_the_second_is_told_politely(town: Town) -> None:
    sheet = f"/situations/{town.reference}"
    drawn = await town[Role.COORDINATOR].see(sheet)
    await held(town)
    second = await town[Role.COORDINATOR].send(f"{sheet}/option", {"rank": "1"}, drawn=drawn)
    assert second.status_code == 409
    assert 'role="alert"' in second.text
    assert "option posée (conseil en parcours)" in words_of(second.text)


async def test_closing_asks_for_what_the_outcome_needs(town: Town) -> None:
    adviser, sheet = town[Role.PATHWAY_ADVISER], f"/situations/{town.reference}"
    refused = await adviser.send(f"{sheet}/cloture", {"outcome": "placed_off_network"}, seen_on=sheet)
    assert refused.status_code == 422
    assert "data-live" not in refused.text  # reloading it would send the form again
    assert 'id="note-erreur"' in refused.text
    closed = await adviser.send(
        f"{sheet}/cloture", {"outcome": "need_gone", "note": "Dit par la famille"}, seen_on=sheet
    )
    assert closed.status_code == 303
    assert "Besoin disparu" in words_of(await adviser.see(sheet))


async def held(town: Town) -> None:
    """The adviser reserves the first answer."""
    sheet = f"/situations/{town.reference}"
    response = await town[Role.PATHWAY_ADVISER].send(f"{sheet}/option", {"rank": "1"}, seen_on=sheet)
    assert response.status_code == 303, response.text


async def publish(town: Town, over: dict[str, str | list[str]]):  # type: ignore[no-untyped-def]
    fields = {**PLACE, "facility_id": str(town.home_id), "first": tomorrow(), **over}
    return await town[Role.FACILITY_MANAGER].send("/places", fields, seen_on="/places/nouvelle")


async def intake(town: Town, over: dict[str, str | list[str]]):  # type: ignore[no-untyped-def]
    fields = {**SITUATION, "first": tomorrow(), **over}
    return await town[Role.PATHWAY_ADVISER].send("/situations", fields, seen_on="/situations/nouvelle")


def tomorrow() -> str:
    """The territory's date of tomorrow."""
    return (datetime.now(ZONE).date() + timedelta(days=1)).isoformat()


async def placement_state(town: Town) -> str:
    return str(await column(town, Placement.state, Placement.id == town.placement_id))
