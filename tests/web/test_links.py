"""Mailed links: looking changes nothing, one choice and one button act once."""

from __future__ import annotations

from datetime import timedelta

import httpx
from sqlalchemy import text

from exchange.identity.commands import mint_link
from exchange.kernel.db import now_of
from exchange.loans.models import StaffLoan
from exchange.loans.rules import LoanState
from exchange.notifications.deliver import LOAN_CONSENT
from tests.web.conftest import Town, anonymous, asked, parsed, words_of

EVERYTHING = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM outbox), (SELECT count(*) FROM loan_acts)," \
    " (SELECT string_agg(state || coalesce(consented_at::text, ''), ',') FROM staff_loans)," \
    " (SELECT count(spent_at) FROM action_links)"  # fmt: skip


async def a_link(town: Town, *, valid_hours: int = 72) -> str:
    """The address that the volunteer receives once the loan is asked for."""
    await asked(town)
    async with town.db.write(town.community_id) as tx:
        now = now_of(tx)
        token = await mint_link(
            tx,
            LOAN_CONSENT,
            town.loan_id,
            volunteer_id=town.volunteer_id,
            now=now,
            expires_at=now + timedelta(hours=valid_hours),
        )
    return f"/lien/{token}"


async def everything(town: Town) -> tuple[object, ...]:
    async with town.db.read(town.community_id) as reader:
        return tuple((await reader.execute(text(EVERYTHING))).one())


async def loan(town: Town) -> StaffLoan:
    async with town.db.read(town.community_id) as reader:
        return await reader.get_one(StaffLoan, town.loan_id)


async def test_looking_at_a_link_changes_nothing(town: Town) -> None:
    address = await a_link(town)
    before = await everything(town)
    async with anonymous(town.app) as person:
        for _ in range(2):
            seen = await person.get(address)
            assert seen.status_code == 200
        for method in ("HEAD", "OPTIONS"):
            assert (await person.request(method, address)).status_code < 500
    assert await everything(town) == before
    told = words_of(seen.text)
    for words in ("Foyer des Tilleuls, Le Puy-en-Velay", "12 min à l'aller", "Maison de la Borne"):
        assert words in told
    assert [each for each in parsed(seen.text).addresses if not each.startswith(("/", "#"))] == []
    assert "checked" not in seen.text


async def test_an_unticked_choice_does_nothing(town: Town) -> None:
    address = await a_link(town)
    before = await everything(town)
    async with anonymous(town.app) as person:
        response = await person.post(address, data={})
    assert response.status_code == 422
    assert 'id="choice-erreur"' in response.text
    assert await everything(town) == before


async def test_a_yes_is_the_person_s_consent_and_is_given_once(town: Town) -> None:
    address = await a_link(town)
    async with anonymous(town.app) as person:
        assert (await person.post(address, data={"choice": "yes"})).status_code == 303
        assert (await loan(town)).consented_at is not None
        again = await person.post(address, data={"choice": "no"})
        assert again.status_code == 409
        assert 'role="alert"' in again.text
        after = await person.get(address)
    assert "Votre accord est noté" in after.text
    assert (await loan(town)).state == LoanState.PROPOSED


async def test_a_no_is_silent_about_its_reason(town: Town) -> None:
    address = await a_link(town)
    async with anonymous(town.app) as person:
        assert (await person.post(address, data={"choice": "no", "reason": "too_far"})).status_code == 303
        assert "Cette mission ne se fera pas" in (await person.get(address)).text
    assert (await loan(town)).state == LoanState.DECLINED
    for who in ("neighbour", "facility_manager", "coordinator"):
        seen = await town[who].http.get(f"/mises-a-disposition/{town.loan_id}")
        assert "Trop loin" not in seen.text
    assert "Non disponible" in words_of((await town["neighbour"].http.get(f"/mises-a-disposition/{town.loan_id}")).text)


async def test_an_expired_link_is_told_politely(town: Town) -> None:
    address = await a_link(town, valid_hours=0)
    async with anonymous(town.app) as person:
        seen = await person.get(address)
        acted = await person.post(address, data={"choice": "yes"})
    assert "Ce lien n'est plus valable" in seen.text
    assert acted.status_code == 409
    assert (await loan(town)).consented_at is None


async def test_a_link_that_was_never_cut_does_not_exist(town: Town) -> None:
    async with anonymous(town.app) as person:
        responses: list[httpx.Response] = [
            await person.get("/lien/" + "a" * 43),
            await person.post("/lien/" + "a" * 43, data={"choice": "yes"}),
        ]
    assert [response.status_code for response in responses] == [404, 404]
