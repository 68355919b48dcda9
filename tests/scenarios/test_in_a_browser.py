"""The same story as people live it: several browsers, mailed links, a board that moves by itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from exchange.kernel.periods import date_of
from tests.factories.ground import PASSWORD
from tests.scenarios import acts
from tests.scenarios.cast import settle, today, tonight
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.stage import Stage, running_stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Street:
    """Browsers of several people on one stage, and every address that their pages asked for."""

    stage: Stage
    browser: Browser
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def visitor(self, size: dict[str, int]) -> Page:
        """A person's own browser window, signed in nowhere."""
        context = await self.browser.new_context(viewport=size, locale="fr-FR", timezone_id="Europe/Paris")  # type: ignore[arg-type]
        page = await context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        return page

    async def signed_in(self, name: str, size: dict[str, int]) -> Page:
        page = await self.visitor(size)
        await page.goto(f"{self.stage.url}/connexion")
        await page.get_by_label("Adresse e-mail").fill(f"{name}@scenario.invalid")
        await page.get_by_label("Mot de passe").fill(PASSWORD)
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Ce soir")
        return page

    def outside_hosts(self) -> set[str | None]:
        """Hosts other than ours that any page asked something of."""
        own = urlsplit(self.stage.url).netloc
        return {urlsplit(url).netloc for url in self.asked if not url.startswith(("data:", "about:"))} - {own}


@asynccontextmanager
async def street(stage: Stage, chromium: str) -> AsyncIterator[Street]:
    """Open a browser on a running stage."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            yield Street(stage, browser)
        finally:
            await browser.close()


async def publish_a_night(page: Page, kind: str) -> None:
    """Fill the form of a place for tonight, as far as every kind of place asks."""
    await page.goto(f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}/places/nouvelle")
    await page.get_by_label(kind).check()
    await page.get_by_label("Première date").fill(date_of(tonight()).isoformat())
    await page.get_by_label("La nuit", exact=True).check()


async def enter_a_situation(page: Page, base: str) -> str:
    """The adviser's form, with a caller on the line; returns the spoken reference."""
    await page.goto(f"{base}/situations/nouvelle")
    await expect(page.get_by_text("Danger immédiat : 15, 17, 18, 112")).to_be_visible()
    await page.get_by_label("Ce soir").check()
    await page.get_by_label("45–59 ans").check()
    await page.get_by_label("Commune").select_option("43157")
    await page.get_by_label("Trouble du développement intellectuel").check()
    await page.get_by_label("Aidant épuisé ou absent").check()
    await page.get_by_text("Dates, mode d'accueil, cadre juridique").click()
    await page.get_by_label("À partir du").fill(date_of(tonight()).isoformat())
    await page.get_by_label("Les nuits").check()
    await page.get_by_label("Cadre juridique").select_option("none")
    await page.get_by_label("Qui appelle (facultatif)").select_option("carer")
    await page.get_by_role("button", name="Enregistrer et chercher").click()
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_have_text(re.compile(r"S-\w{4}-\w{2}"))
    return (await heading.inner_text()).strip()


async def test_a_bed_is_found_at_night_by_people_who_never_reload(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path, chromium: str
) -> None:
    await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, street(stage, chromium) as town:
        board = await town.signed_in("coordinator", DESK)
        await board.goto(f"{stage.url}/tableau")
        host = await town.signed_in("host", PHONE)
        await publish_a_night(host, "Accueil 24 h/24")
        await host.get_by_role("button", name="Publier", exact=True).click()
        await expect(board.get_by_text("Maison des Hôtes").first).to_be_visible()

        adviser = await town.signed_in("adviser", DESK)
        reference = await enter_a_situation(adviser, stage.url)
        await expect(board.get_by_text(reference).first).to_be_visible()
        propose = adviser.get_by_role("button", name="Poser une option").first
        await expect(propose).to_be_visible(timeout=30_000)
        await propose.click()
        await expect(adviser.get_by_text("En attente de la réponse de Maison des Hôtes")).to_be_visible()

        asked = await acts.mail_to(smtp_sink, "host@scenario.invalid", holding=reference)
        link = re.search(r"https?://\S+/accueils/\S+", asked.text)
        assert link, asked.text
        await host.goto(link.group(0))
        await host.get_by_role("button", name="Je peux accueillir").click()
        await expect(host.get_by_text("Votre réponse est enregistrée : vous pouvez accueillir.")).to_be_visible()
        await expect(host.get_by_text("Accord de la personne ou de son représentant").first).to_be_visible()

        await adviser.goto(host.url)
        await adviser.get_by_label("Qui donne l'accord").select_option("person")
        await adviser.get_by_role("button", name="Enregistrer cet accord").click()
        await expect(adviser.get_by_text("L'accord de la personne est enregistré.")).to_be_visible()
        await adviser.get_by_label("Cadre de l'accueil").select_option("emergency_admission")
        await adviser.get_by_role("button", name="Enregistrer ce cadre").click()
        await adviser.get_by_label("Date de sortie prévue").fill(acts.exit_day(tonight()))
        await adviser.get_by_role("button", name="La personne est arrivée").click()
        await adviser.goto(f"{stage.url}/situations/{reference}")
        await expect(adviser.get_by_text("la personne est arrivée").first).to_be_visible()

        observer = await town.signed_in("observer", DESK)
        await expect(observer.get_by_text(reference)).to_have_count(0)
        assert town.outside_hosts() == set()
        assert town.complaints == []


async def test_a_night_worker_is_lent_with_a_consent_given_on_a_phone(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path, chromium: str
) -> None:
    await settle(database)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, street(stage, chromium) as town:
        lender = await town.signed_in("lender", DESK)
        await lender.goto(f"{stage.url}/volontaires/nouveau")
        await lender.get_by_label("Prénom et nom").fill("Volontaire du scénario")
        await lender.get_by_label("Adresse e-mail").fill("volontaire@scenario.invalid")
        await lender.get_by_label("Commune de départ").select_option("43157")
        await lender.get_by_label("Surveillant de nuit qualifié").check()
        await lender.get_by_label("Velay").check()
        await lender.get_by_label("Dossier prêt jusqu'au").fill((today() + timedelta(days=60)).isoformat())
        await lender.get_by_label("appelable la nuit").check()
        await lender.get_by_label("Cette personne accepte d'être sollicitée").check()
        await lender.get_by_role("button", name="Enregistrer").click()
        await lender.get_by_label("Du temps de travail que nous libérons").check()
        await lender.get_by_label("Date", exact=True).fill(tomorrow)
        await lender.get_by_label("De", exact=True).fill("20:30")
        await lender.get_by_label("à", exact=True).fill("08:00")
        await lender.get_by_role("button", name="Ajouter ces horaires").click()
        await expect(lender.get_by_role("heading", name="Horaires à venir")).to_be_visible()

        home = await town.signed_in("home", PHONE)
        await home.goto(f"{stage.url}/renforts/nouveau")
        await home.get_by_label("Surveillant de nuit qualifié").check()
        await home.get_by_label("Date", exact=True).fill(tomorrow)
        await home.get_by_label("De", exact=True).fill("21:30")
        await home.get_by_label("à", exact=True).fill("07:00")
        await home.get_by_label("Ce renfort ne remplace pas un salarié gréviste").check()
        await home.get_by_role("button", name="Demander ce renfort").click()
        await home.goto(f"{stage.url}/")
        await home.get_by_role("link", name="Voir cette proposition").click(timeout=30_000)
        await home.get_by_role("button", name="Demander ce renfort").click()
        await expect(home.get_by_text("Accords attendus")).to_be_visible()
        mission = home.url

        await lender.goto(mission)
        await lender.get_by_role("button", name="Libérer ce temps de travail").click()
        mail = await acts.mail_to(smtp_sink, "volontaire@scenario.invalid", holding="/lien/")
        found = acts.LINK.search(mail.text)
        assert found, mail.text
        professional = await town.visitor(PHONE)
        await professional.goto(found.group(0))
        await expect(professional.get_by_text("Vous êtes libre de dire oui ou non")).to_be_visible()
        await professional.get_by_label("Oui, je donne mon accord à cette mission").check()
        await professional.get_by_role("button", name="Envoyer ma réponse").click()
        await expect(professional.get_by_role("button", name="Envoyer ma réponse")).to_have_count(0)

        await home.goto(mission)
        await home.get_by_role("button", name="Accepter ce renfort").click()
        await expect(home.get_by_text("Volontaire du scénario")).to_be_visible()
        confirmed = await acts.mail_to(smtp_sink, "volontaire@scenario.invalid", holding="retirer votre accord")
        own_link = acts.LINK.search(confirmed.text)
        assert own_link, confirmed.text
        await professional.goto(own_link.group(0))
        withdraws = professional.get_by_label("Oui, je retire mon accord à cette mission")
        await expect(withdraws).not_to_be_checked()
        await withdraws.check()
        await professional.get_by_role("button", name="Retirer mon accord").click()
        await expect(professional.get_by_role("heading", name="Votre accord est retiré")).to_be_visible()
        await home.goto(mission)
        await expect(home.get_by_text("Annulée")).to_be_visible()
        await expect(home.get_by_text("Volontaire du scénario")).to_have_count(0)
        assert town.outside_hosts() == set()
        assert town.complaints == []


async def test_a_house_that_cannot_says_why(
    database: FreshDatabase, redis_url: str, smtp_sink: SmtpSink, tmp_path: Path, chromium: str
) -> None:
    await settle(database)
    async with running_stage(database, redis_url, smtp_sink, tmp_path) as stage, street(stage, chromium) as town:
        host = await town.signed_in("host", PHONE)
        await publish_a_night(host, "Accueil 24 h/24")
        await host.get_by_role("button", name="Publier", exact=True).click()
        adviser = await town.signed_in("adviser", PHONE)
        reference = await enter_a_situation(adviser, stage.url)
        propose = adviser.get_by_role("button", name="Poser une option").first
        await expect(propose).to_be_visible(timeout=30_000)
        await propose.click()
        await expect(adviser.get_by_text("L'option est posée")).to_be_in_viewport()
        asked = await acts.mail_to(smtp_sink, "host@scenario.invalid", holding=reference)
        link = re.search(r"https?://\S+/accueils/\S+", asked.text)
        assert link, asked.text
        await host.goto(link.group(0))
        await host.get_by_text("Je ne peux pas accueillir", exact=True).click()
        await host.get_by_label("Effectif insuffisant pour accueillir en sécurité").check()
        await host.get_by_role("button", name="Envoyer cette réponse").click()
        await adviser.goto(f"{stage.url}/situations/{reference}")
        await expect(adviser.get_by_text("Effectif insuffisant pour accueillir en sécurité")).to_be_visible()
        assert town.complaints == []
