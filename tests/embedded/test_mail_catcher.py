import asyncio
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from exchange.embedded.mail_catcher import Mailbox, MailCatcher, with_links


@pytest.fixture
async def catcher(place: Path) -> AsyncIterator[MailCatcher]:
    catcher = MailCatcher(place / "mails", page_port=0)
    await catcher.start()
    yield catcher
    await catcher.stop()


def mail(subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Entraide <echange@example.org>"
    message["To"] = "Accueil <accueil@example.org>"
    message["Subject"] = subject
    message.set_content(body)
    return message


async def send(catcher: MailCatcher, message: EmailMessage) -> None:
    def deliver() -> None:
        with smtplib.SMTP("127.0.0.1", catcher.smtp_port, timeout=10) as client:
            client.send_message(message)

    await asyncio.to_thread(deliver)


async def get(address: str) -> str:
    def fetch() -> str:
        with urlopen(address, timeout=10) as response:
            return str(response.read().decode())

    return await asyncio.to_thread(fetch)


async def test_newest_mail_is_listed_first_and_its_link_can_be_clicked(catcher: MailCatcher) -> None:
    await send(catcher, mail("Première demande", "Bonjour."))
    link = "http://127.0.0.1:8000/lien/a_b-C?x=1&y=2"
    await send(catcher, mail("Prêt à confirmer", f"Répondez ici : {link}."))
    listing = await get(catcher.page_url)
    assert listing.index("Prêt à confirmer") < listing.index("Première demande")
    shown = await get(catcher.page_url + "2")
    assert '<a href="http://127.0.0.1:8000/lien/a_b-C?x=1&amp;y=2">' in shown
    assert "Accueil &lt;accueil@example.org&gt;" in shown


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Wed, 25 Nov 2026 23:05:08 +0000", "26 nov. 2026, 00 h 05"),
        ("bientôt", "bientôt"),
        (None, ""),
    ],
)
async def test_a_date_is_told_in_french_by_the_clocks_of_the_demo(
    catcher: MailCatcher, sent: str | None, shown: str
) -> None:
    message = mail("Demande", "Bonjour.").as_bytes()
    date = b"" if sent is None else f"Date: {sent}\n".encode()
    catcher.mailbox.keep(date + message)
    assert f"<td>{shown}</td>" in await get(catcher.page_url)
    assert f"<dt>Date</dt><dd>{shown}</dd>" in await get(catcher.page_url + "1")


async def test_mail_is_shown_as_text_and_never_executed(catcher: MailCatcher) -> None:
    await send(catcher, mail("<script>alert(1)</script>", "<img src=x onerror=alert(1)>"))
    for address in (catcher.page_url, catcher.page_url + "1"):
        shown = await get(address)
        assert "<script" not in shown
        assert "<img" not in shown


@pytest.mark.parametrize("path", ["2", "nothing", "..%2f..%2fetc%2fpasswd", "²"])
async def test_unknown_mail_is_a_clean_404(catcher: MailCatcher, path: str) -> None:
    with pytest.raises(HTTPError) as refused:
        await get(catcher.page_url + path.replace("²", "%C2%B2"))
    assert refused.value.code == 404
    refused.value.close()


async def test_numbers_go_on_after_a_restart(catcher: MailCatcher) -> None:
    await send(catcher, mail("Avant", "1"))
    reopened = Mailbox(catcher.mailbox.directory)
    reopened.keep(bytes(mail("Après", "2")))
    assert [kept.subject for kept in reopened.newest()] == ["Après", "Avant"]


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("voir http://a.fr/x.", "http://a.fr/x"),
        ("(https://a.fr/x)", "https://a.fr/x"),
        ("« https://a.fr/é?q=1 »", "https://a.fr/é?q=1"),
        ("https://a.fr/x, puis", "https://a.fr/x"),
    ],
)
def test_punctuation_of_the_sentence_stays_out_of_the_link(text: str, href: str) -> None:
    assert f'<a href="{href}">{href}</a>' in with_links(text)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "ftp://a.fr", "//a.fr"])
def test_only_web_addresses_become_links(text: str) -> None:
    assert "<a " not in with_links(text)
