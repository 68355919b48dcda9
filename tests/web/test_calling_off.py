"""The pages' own doors out, shown to whoever may open them and to nobody else."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from exchange.kernel.actor import Role
from exchange.loans.models import StaffLoan
from tests.web.conftest import Town, asked, words_of
from tests.web.test_pages import column, held, placement_state, tomorrow

CONTEST, GIVE_BACK, LEFT = "Ce n'est pas notre accord", "Annuler cet accueil", "La personne est partie"


async def shown(town: Town, who: str | Role) -> set[str]:
    """Which doors out the page of the placement shows."""
    page = words_of(await town[who].see(f"/accueils/{town.placement_id}"))
    return {door for door in (CONTEST, GIVE_BACK, LEFT) if door in page}


async def said_by_phone(town: Town) -> str:
    await held(town)
    here = f"/accueils/{town.placement_id}"
    said = {"spoken_with": "La directrice", "function": "Direction"}
    assert (await town[Role.PATHWAY_ADVISER].send(f"{here}/oui-telephone", said, seen_on=here)).status_code == 303
    return here


async def test_a_yes_by_phone_is_contested_by_the_house_it_speaks_for(town: Town) -> None:
    here = await said_by_phone(town)
    assert await shown(town, Role.FACILITY_MANAGER) == {CONTEST}
    assert await shown(town, Role.PATHWAY_ADVISER) == {GIVE_BACK}
    assert (await town[Role.PATHWAY_ADVISER].send(f"{here}/contestation", {}, seen_on=here)).status_code == 403
    assert (await town["neighbour"].send(f"{here}/contestation", {})).status_code == 404
    response = await town[Role.ON_CALL_MANAGER].send(f"{here}/contestation", {}, seen_on=here)
    assert response.headers["location"] == f"{here}?fait=accord-conteste"
    assert await placement_state(town) == "cancelled"
    assert await shown(town, Role.FACILITY_MANAGER) == set()


async def test_coordination_gives_a_place_back_before_arrival(town: Town) -> None:
    await held(town)
    here = f"/accueils/{town.placement_id}"
    assert await shown(town, Role.FACILITY_MANAGER) == set()
    assert (await town[Role.FACILITY_MANAGER].send(f"{here}/annulation", {}, seen_on=here)).status_code == 403
    assert (await town[Role.COORDINATOR].send(f"{here}/annulation", {}, seen_on=here)).status_code == 303
    assert await placement_state(town) == "cancelled"
    again = await town[Role.COORDINATOR].send(f"{here}/annulation", {}, seen_on="/")
    assert again.status_code == 409


async def test_a_departure_is_said_by_the_house(town: Town) -> None:
    here, adviser = await said_by_phone(town), town[Role.PATHWAY_ADVISER]
    await adviser.send(f"{here}/accord", {"person_yes_from": "person"}, seen_on=here)
    await adviser.send(f"{here}/cadre", {"legal_basis": "emergency_admission"}, seen_on=here)
    leaves = (date.fromisoformat(tomorrow()) + timedelta(days=3)).isoformat()
    await adviser.send(f"{here}/arrivee", {"exit_on": leaves}, seen_on=here)
    for who in (Role.FACILITY_MANAGER, Role.PATHWAY_ADVISER):
        assert await shown(town, who) == {LEFT}
    assert (await town[Role.FACILITY_MANAGER].send(f"{here}/depart", {}, seen_on=here)).status_code == 303
    assert await placement_state(town) == "ended"


async def test_a_mission_is_called_off_by_who_may(town: Town) -> None:
    here, words = f"/mises-a-disposition/{town.loan_id}", "Annuler cette mise à disposition"
    assert words not in words_of(await town[Role.COORDINATOR].see(here)), "nobody was asked yet"
    await asked(town)
    assert words in words_of(await town[Role.COORDINATOR].see(here))
    for who in (Role.PATHWAY_ADVISER, "neighbour"):
        assert words not in words_of(await town[who].see(here)), "who still has to answer says no instead"
    assert (await town[Role.PATHWAY_ADVISER].send(f"{here}/annulation", {}, seen_on=here)).status_code == 403
    assert (await town[Role.COORDINATOR].send(f"{here}/annulation", {}, seen_on=here)).status_code == 303
    assert await column(town, StaffLoan.state, StaffLoan.id == town.loan_id) == "cancelled"


async def test_an_internal_move_is_never_called_a_loan(town: Town) -> None:
    async with town.db.write(town.community_id) as tx:
        await tx.execute(update(StaffLoan).values(kind="internal_move"))
    await asked(town)
    for who in (Role.COORDINATOR, Role.FACILITY_MANAGER, "neighbour"):
        page = words_of(await town[who].see(f"/mises-a-disposition/{town.loan_id}"))
        assert "Mouvement interne" in page
        assert "il n'y a pas de dossier de mise à disposition" in page
    assert "Annuler ce mouvement interne" in words_of(
        await town[Role.COORDINATOR].see(f"/mises-a-disposition/{town.loan_id}")
    )
