"""Mailed links: looking changes nothing, one choice and one button act once."""

from __future__ import annotations

from datetime import timedelta

import httpx
from sqlalchemy import text

from exchange.identity.commands import mint_link
from exchange.kernel.db import now_of
from exchange.loans.commands import GiveAgreement, cancel_loan, give_agreement
from exchange.loans.models import StaffLoan
from exchange.loans.rules import LoanParty, LoanState
from exchange.notifications.deliver import LOAN_CONSENT, LOAN_WITHDRAWAL
from tests.web.conftest import Town, anonymous, asked, parsed, words_of

EVERYTHING = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM outbox), (SELECT count(*) FROM loan_acts)," \
    " (SELECT string_agg(state || coalesce(consented_at::text, ''), ',') FROM staff_loans)," \
    " (SELECT count(spent_at) FROM action_links)"  # fmt: skip


async def a_link(town: Town, *, valid_hours: int = 72) -> str:
    """The address that the volunteer receives once the loan is asked for."""
    await asked(town)
    return await cut(town, LOAN_CONSENT, valid_hours)


async def cut(town: Town, act: str, valid_hours: int = 72) -> str:
    """A link of the volunteer's own."""
    async with town.db.write(town.community_id) as tx:
        now = now_of(tx)
        expires_at = now + timedelta(hours=valid_hours)
        token = await mint_link(tx, act, town.loan_id, volunteer_id=town.volunteer_id, now=now, expires_at=expires_at)
    return f"/lien/{token}"


async def a_confirmed_mission(town: Town) -> str:
    """The address that the volunteer receives once all three have agreed."""
    consent = await a_link(town)
    async with anonymous(town.app) as person:
        assert (await person.post(consent, data={"choice": "yes"})).status_code == 303
    for who, party in (("neighbour", LoanParty.LENDER), ("facility_manager", LoanParty.HOST)):
        async with town.db.write(town.community_id) as tx:
            await give_agreement(tx, town[who].actor, GiveAgreement(town.loan_id, party), now_of(tx))
    assert (await loan(town)).state == LoanState.AGREED
    return await cut(town, LOAN_WITHDRAWAL)


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


async def test_a_confirmed_mission_shows_how_to_withdraw_and_looking_changes_nothing(town: Town) -> None:
    address = await a_confirmed_mission(town)
    before = await everything(town)
    async with anonymous(town.app) as person:
        seen = await person.get(address)
        unticked = await person.post(address, data={})
    assert await everything(town) == before
    told = words_of(seen.text)
    for words in ("Votre mission de renfort est confirmée", "Foyer des Tilleuls", "sans vous justifier"):
        assert words in told
    assert "checked" not in seen.text
    assert unticked.status_code == 422
    assert 'id="withdraws-erreur"' in unticked.text


async def test_a_withdrawal_gives_the_seats_back_and_is_done_once(town: Town) -> None:
    address = await a_confirmed_mission(town)
    async with anonymous(town.app) as person:
        assert (await person.post(address, data={"withdraws": "yes"})).status_code == 303
        again = await person.post(address, data={"withdraws": "yes"})
        after = await person.get(address)
    assert again.status_code == 409
    assert "Votre accord est retiré" in words_of(after.text)
    assert ((await loan(town)).state, (await loan(town)).consented_at) == (LoanState.CANCELLED, None)
    async with town.db.read(town.community_id) as reader:
        assert await reader.scalar(text("SELECT sum(seats_agreed) FROM shifts")) == 0


async def test_a_consent_is_taken_back_on_its_own_link_before_the_others_have_answered(town: Town) -> None:
    address = await a_link(town)
    async with anonymous(town.app) as person:
        await person.post(address, data={"choice": "yes"})
        assert "Votre accord est noté" in (await person.get(address)).text
        assert (await person.post(address, data={"withdraws": "yes"})).status_code == 303
        after = await person.get(address)
    assert (await loan(town)).state == LoanState.DECLINED
    assert "Cette mission ne se fera pas" in words_of(after.text)


async def test_a_mission_called_off_leaves_nothing_to_withdraw(town: Town) -> None:
    address = await a_confirmed_mission(town)
    async with town.db.write(town.community_id) as tx:
        await cancel_loan(tx, town["facility_manager"].actor, town.loan_id, now_of(tx))
    async with anonymous(town.app) as person:
        seen = await person.get(address)
        acted = await person.post(address, data={"withdraws": "yes"})
    assert "Cette mission n'aura pas lieu" in words_of(seen.text)
    assert acted.status_code == 409


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
    for response in responses:
        assert "Ce lien n'est plus valable" in words_of(response.text)
        assert "fiche" not in words_of(response.text)
