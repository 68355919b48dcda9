"""What the command line does in the database: one transaction per act, as the system of one community."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from exchange.adapters.smtp import SmtpChannel
from exchange.adapters.system_clock import SystemClock
from exchange.identity.commands import CreateToken, create_token
from exchange.identity.models import Membership
from exchange.identity.queries import first_membership, stored_credentials
from exchange.interop.imports import ImportReport, import_finess
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import Database, Scope, make_engine, now_of
from exchange.kernel.errors import NotFound
from exchange.kernel.ids import new_id
from exchange.notifications.ports import Letter, Receipt
from exchange.organisations.models import Community
from exchange.planning.errors import RunWithoutPlan
from exchange.planning.queries import plan_of, problem_of
from exchange.settings import Settings
from exchange.terminal.database import require_database

MAIL_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+", re.ASCII)


class NotDone(Exception):
    """The act could not be done; the text is one French sentence for the person at the terminal."""


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The application's database for the length of a block. Raises `DatabaseRefused`."""
    await require_database(settings.database_url)
    engine = make_engine(settings.database_url, pool_size=1, max_overflow=0)
    try:
        yield Database(engine)
    finally:
        await engine.dispose()


async def token_for_email(settings: Settings, email: str, label: str, days: int) -> str:
    """Return a new token that stands for the oldest membership of an account; raises `NotDone`."""
    async with open_database(settings) as database:
        async with database.read(None, scope=Scope.IDENTITY) as reader:
            account = await stored_credentials(reader, email)
            found = None if account is None else await first_membership(reader, account.account_id)
            membership = None if found is None else await reader.get(Membership, found)
        if membership is None:
            raise NotDone(f"Aucun compte actif n’a l’adresse {email}.")
        async with database.write(membership.community_id, scope=Scope.IDENTITY) as tx:
            actor = Actor(community_id=membership.community_id, role=Role.SYSTEM, via=Via.CLI)
            now = now_of(tx)
            return await create_token(tx, actor, CreateToken(membership.id, label, now + timedelta(days=days)), now)


async def files_of_run(settings: Settings, run_id: UUID) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """Return the problem and the plan of a recorded run, whichever its community; raises `NotDone`."""
    async with open_database(settings) as database:
        async with database.read(None, scope=Scope.RELAY) as reader:
            communities = (await reader.scalars(select(Community.id))).all()
        for community_id in communities:
            actor = Actor(community_id=community_id, role=Role.SYSTEM, via=Via.CLI)
            async with database.read(community_id) as reader:
                try:
                    return await problem_of(reader, actor, run_id), await plan_of(reader, actor, run_id)
                except NotFound:
                    continue
                except RunWithoutPlan as refusal:
                    raise NotDone(f"Le calcul {run_id} n’a pas de plan : il est en cours, ou il a échoué.") from refusal
    raise NotDone(f"Aucun calcul n’a l’identifiant {run_id}.")


async def import_finess_file(settings: Settings, extract: Path, departement: str, *, dry_run: bool) -> ImportReport:
    """Bring an extract into the register, all or nothing; raises what `import_finess` raises."""
    async with open_database(settings) as database, database.write(None) as tx:
        return await import_finess(tx, extract, departement, now_of(tx), dry_run=dry_run)


async def send_test_letter(settings: Settings, recipient: str) -> None:
    """Hand one letter to the mail server; raises `NotDone` with the server's verdict."""
    if not MAIL_ADDRESS.fullmatch(recipient):
        raise NotDone(f"« {recipient} » n’est pas une adresse de courriel.")
    sentence = "Ce message d’essai montre que l’échange sait envoyer des courriels. Aucune réponse n’est attendue."
    letter = Letter(
        message_id=new_id(),
        to=recipient,
        subject="Entraide : message d’essai",
        text=sentence + "\n",
        html=f'<p lang="fr">{sentence}</p>',
        written_at=SystemClock().now(),
    )
    verdict = await SmtpChannel(settings.smtp_url, settings.mail_from).send(letter)
    if not isinstance(verdict, Receipt):
        raise NotDone(f"Le serveur de courriel n’a pas pris le message ({verdict.code}).")
