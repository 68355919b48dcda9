"""A loan on its page: each party says its own yes or no, and nobody else's."""

from __future__ import annotations

from exchange.kernel.actor import Role
from exchange.loans.models import StaffLoan
from tests.web.conftest import Town, asked, words_of
from tests.web.rows import column


async def test_a_loan_is_asked_released_and_accepted_by_its_own_parties(town: Town) -> None:
    here, host = f"/mises-a-disposition/{town.loan_id}", town[Role.FACILITY_MANAGER]
    assert (await town["neighbour"].http.get(here)).status_code == 404
    assert (await host.send(f"{here}/demande", {}, seen_on=here)).status_code == 303
    assert "cherche un renfort" in words_of(await town["neighbour"].see("/"))
    assert (await town["neighbour"].send(f"{here}/accord", {"party": "host"}, seen_on=here)).status_code == 403
    assert (await town["neighbour"].send(f"{here}/accord", {"party": "person"}, seen_on=here)).status_code == 422
    assert (await town["neighbour"].send(f"{here}/accord", {"party": "lender"}, seen_on=here)).status_code == 303
    assert (
        await town[Role.FACILITY_MANAGER].send(f"{here}/accord", {"party": "host"}, seen_on=here)
    ).status_code == 303
    loan = await column(town, StaffLoan.consented_at, StaffLoan.id == town.loan_id)
    assert loan is None
    told = words_of(await town[Role.FACILITY_MANAGER].see(here))
    assert "Camille Essai" not in told
    assert "sur son propre lien" in told


async def test_a_lender_may_say_no(town: Town) -> None:
    await asked(town)
    here = f"/mises-a-disposition/{town.loan_id}"
    assert (await town["neighbour"].send(f"{here}/refus", {"party": "lender"}, seen_on=here)).status_code == 303
    assert await column(town, StaffLoan.state, StaffLoan.id == town.loan_id) == "declined"
