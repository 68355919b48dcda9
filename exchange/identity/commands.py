"""Opening accounts, sessions, tokens and links. Raw secrets are returned once and never stored.

Accounts, sessions and tokens are written under `Scope.IDENTITY`; a link is written in its community's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.credentials import hash_of, new_token, password_is
from exchange.identity.errors import AccountAlreadyExists, LinkNoLongerValid, SignInRefused
from exchange.identity.models import Account, ActionLink, ApiToken, Membership, SessionRow
from exchange.identity.policies import require_admitting
from exchange.identity.queries import first_membership, stored_credentials
from exchange.identity.rules import SESSION_LIVES, TOUCH_EVERY, check_side, idle_limit, normal_email
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, Scope, now_of
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.organisations.models import Facility, Operator

LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """`password_hash` comes from `credentials.hash_password`, called before the transaction opens: it is slow."""

    email: str
    display_name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class AddMembership:
    """A facility manager names a facility, an on-call manager an operator, the others neither.

    `on_call_rank`: 2 is called when the first on call is silent.
    """

    account_id: UUID
    role: Role
    operator_id: UUID | None = None
    facility_id: UUID | None = None
    on_call_rank: int | None = None


@dataclass(frozen=True, slots=True)
class CreateToken:
    membership_id: UUID
    label: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """`token` goes into the cookie; the database keeps its hash alone."""

    token: str
    csrf_token: str
    ends_at: datetime


async def create_account(tx: AsyncSession, actor: Actor, account: CreateAccount, now: datetime) -> UUID:
    """Open an account. Raises `AccountAlreadyExists`."""
    require_admitting(actor)
    if not account.display_name.strip() or len(account.display_name) > LONGEST_LABEL:
        raise InvalidValue(field="display_name", rule="name")
    opened = await tx.execute(
        insert(Account)
        .values(
            id=new_id(),
            email=normal_email(account.email),
            display_name=account.display_name.strip(),
            password_hash=account.password_hash,
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(Account.id)
    )
    account_id = opened.scalar_one_or_none()
    if account_id is None:
        raise AccountAlreadyExists(field="email")
    return account_id


async def add_membership(tx: AsyncSession, actor: Actor, membership: AddMembership, now: datetime) -> UUID:
    """Give an account a role in the transaction's community. Raises `InvalidValue`, `NotFound`."""
    require_admitting(actor)
    check_side(membership.role, membership.operator_id, membership.facility_id)
    if membership.on_call_rank not in (None, 1, 2):
        raise InvalidValue(field="on_call_rank", rule="out-of-range", least=1, most=2)
    own = actor.community_id
    if membership.operator_id is not None:
        operator = select(Operator.id).where(Operator.id == membership.operator_id, Operator.community_id == own)
        if await tx.scalar(operator) is None:
            raise NotFound(field="operator_id")
    if membership.facility_id is not None:
        facility = select(Facility.id).where(Facility.id == membership.facility_id, Facility.community_id == own)
        if await tx.scalar(facility) is None:
            raise NotFound(field="facility_id")
    membership_id = new_id()
    tx.add(
        Membership(
            id=membership_id,
            account_id=membership.account_id,
            role=membership.role.value,
            operator_id=membership.operator_id,
            facility_id=membership.facility_id,
            on_call_rank=membership.on_call_rank,
        )
    )
    await tx.flush()
    return membership_id


async def sign_in(db: Database, email: str, password: str, *, replaces: str | None = None) -> OpenedSession:
    """Open a session with a fresh token, whatever the browser sent; end the session that it replaces.

    Opens its own transactions, like the planner: none may span the 0.2 s of a password check.
    Raises `SignInRefused`, after the same time for an unknown address, a wrong password and a closed account.
    """
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        known = await stored_credentials(reader, email)
    if not await password_is(password, None if known is None else known.password_hash) or known is None:
        raise SignInRefused
    async with db.write(None, scope=Scope.IDENTITY) as tx:
        now = now_of(tx)
        if replaces is not None:
            await sign_out(tx, replaces, now)
        membership_id = await first_membership(tx, known.account_id)
        if membership_id is None:
            raise SignInRefused
        return await open_session(tx, known.account_id, membership_id, now)


async def open_session(tx: AsyncSession, account_id: UUID, membership_id: UUID, now: datetime) -> OpenedSession:
    """Open a session of 12 hours for an account already proven, acting as one of its memberships."""
    opened = OpenedSession(token=new_token(), csrf_token=new_token(), ends_at=now + SESSION_LIVES)
    tx.add(
        SessionRow(
            token_hash=hash_of(opened.token),
            account_id=account_id,
            membership_id=membership_id,
            csrf_token=opened.csrf_token,
            created_at=now,
            idle_until=idle_limit(now, opened.ends_at),
            ends_at=opened.ends_at,
        )
    )
    await tx.flush()
    return opened


async def touch_session(tx: AsyncSession, token: str, now: datetime) -> None:
    """Push back the idle limit of a live session; written once a minute at most."""
    row = await tx.scalar(
        select(SessionRow)
        .where(SessionRow.token_hash == hash_of(token), SessionRow.revoked_at.is_(None), SessionRow.idle_until > now)
        .with_for_update(key_share=True, of=SessionRow)
    )
    if row is not None and idle_limit(now, row.ends_at) - row.idle_until >= TOUCH_EVERY:
        row.idle_until = idle_limit(now, row.ends_at)
        await tx.flush()


async def sign_out(tx: AsyncSession, token: str, now: datetime) -> None:
    """End a session; ending it twice, or one that never was, changes nothing."""
    await tx.execute(
        update(SessionRow)
        .where(SessionRow.token_hash == hash_of(token), SessionRow.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def create_token(tx: AsyncSession, actor: Actor, token: CreateToken, now: datetime) -> str:
    """Cut a bearer token that stands for one membership of the actor's community; return it, once."""
    require_admitting(actor)
    if not token.label.strip() or len(token.label) > LONGEST_LABEL:
        raise InvalidValue(field="label", rule="name")
    if token.ends_at <= now:
        raise InvalidValue(field="ends_at", rule="in-the-past")
    mine = select(Membership.id).where(
        Membership.id == token.membership_id,
        Membership.community_id == actor.community_id,
        Membership.ended_at.is_(None),
    )
    if await tx.scalar(mine) is None:
        raise NotFound(field="membership_id")
    raw = new_token()
    tx.add(
        ApiToken(
            token_hash=hash_of(raw),
            membership_id=token.membership_id,
            label=token.label.strip(),
            created_at=now,
            ends_at=token.ends_at,
        )
    )
    await tx.flush()
    return raw


async def mint_link(
    tx: AsyncSession,
    act: str,
    subject_id: UUID,
    *,
    volunteer_id: UUID | None = None,
    account_id: UUID | None = None,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Cut a link bound to one recipient and one act on one subject; return its raw token, once."""
    if (volunteer_id is None) == (account_id is None):
        raise ValueError("a link has one recipient")
    raw = new_token()
    tx.add(
        ActionLink(
            token_hash=hash_of(raw),
            act=act,
            subject_id=subject_id,
            volunteer_id=volunteer_id,
            account_id=account_id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    await tx.flush()
    return raw


async def spend_link(tx: AsyncSession, link_id: UUID, now: datetime) -> None:
    """Use a link up, in the transaction of its act: of two taps, one acts. Raises `LinkNoLongerValid`."""
    spent = await tx.execute(
        update(ActionLink)
        .where(ActionLink.id == link_id, ActionLink.spent_at.is_(None), ActionLink.expires_at > now)
        .values(spent_at=now)
        .returning(ActionLink.id)
    )
    if spent.scalar_one_or_none() is None:
        raise LinkNoLongerValid
