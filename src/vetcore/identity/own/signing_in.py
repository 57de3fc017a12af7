"""Signing in with a password, and showing again who one is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import Acting, Database, ReadSession
from vetcore.database.locking import locking
from vetcore.errors import NotAuthenticated
from vetcore.identity.own.errors import (
    AddressNotVerified,
    SecondFactorNeeded,
    SessionOver,
    SignInRefused,
    TooManyAttempts,
)
from vetcore.identity.own.factors import step_of
from vetcore.identity.own.hashing import hashing_of
from vetcore.identity.own.limits import Limit, count, forgive, of_sign_in, require_room
from vetcore.identity.own.sessions import (
    NOWHERE,
    SignedIn,
    Where,
    begin_session,
    has_signed_in_from,
)
from vetcore.models import User, UserCredential, UserSession
from vetcore.schemas.account import Reauthentication, SignIn
from vetcore.settings.accounts import AccountsSettings
from vetcore.values.passwords import Password
from vetcore.values.people import UserStatus

__all__ = [
    "DEFAULTS",
    "Shown",
    "counted",
    "require_shown",
    "shown_right",
    "sign_in",
    "signed_in_person",
    "verify_again",
]

DEFAULTS: Final = AccountsSettings()
"""What holds where nothing else is set."""
_AGAIN: Final = 10, timedelta(minutes=15)
_FRESH: Final = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows of who they are."""

    password: Password
    code: str | None = field(default=None, repr=False)

    @classmethod
    def by(cls, given: Any) -> "Shown":
        """Return what a command says."""
        return cls(given.password, given.code and given.code.get_secret_value())


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an account before its password is compared."""

    user_id: UUID
    password_hash: str | None = field(repr=False)
    is_known_there: bool


async def sign_in(
    db: Database, wish: SignIn, *, where: Where = NOWHERE, settings: AccountsSettings = DEFAULTS
) -> SignedIn:
    """Sign somebody in by e-mail address, password and, where the account has one, a code.

    The try is counted and committed before the password is compared, and no transaction is open while it
    is. That takes as long whether there is such an account or not.

    Args:
        db: the database.
        wish: who wants to sign in, and what shows it.
        where: from where, as the service knows it. Without an address, all who have none share one limit.
        settings: how long the session lasts, and how passwords are hashed.

    Raises:
        SignInRefused: the address, the password or the code is wrong, or the account may not be used.
        SecondFactorNeeded: the password is right, and a code is needed as well.
        AddressNotVerified: the password is right, but the address was never confirmed.
        TooManyAttempts: there were too many tries; nothing was compared.
        SignInBusy: too many people sign in at this moment.
        ConfigurationError: the extra ``accounts`` is not installed.
    """
    where = where.bounded()
    async with db.session() as session:
        known = await _known(session, wish.email, where)
        there = known is not None and known.is_known_there
        limits = of_sign_in(wish.email, where.address, is_known_there=there)
        await require_room(session, limits)
    await counted(db, limits)
    stored = None if known is None else known.password_hash
    renewed = await _compared(wish.password, stored, settings)
    if known is None or stored is None:
        raise SignInRefused
    shown, user_id, hashed = Shown.by(wish), known.user_id, stored

    async def let_in(session: AsyncSession) -> SignedIn:
        user, credential = await shown_right(session, user_id, hashed, shown)
        if not user.email_verified or user.email != wish.email:
            raise AddressNotVerified
        credential.password_hash = renewed or credential.password_hash
        await forgive(session, limits)
        has_code = credential.totp_confirmed_at is not None
        return await begin_session(
            session, user.id, where, second_factor=has_code, settings=settings
        )

    return await db.run(let_in)


async def verify_again(
    db: Database,
    acting: Acting,
    given: Reauthentication,
    *,
    settings: AccountsSettings = DEFAULTS,
) -> None:
    """Note that somebody who is signed in has just shown again who they are.

    Raises:
        SignInRefused: the password or the code is wrong.
        SecondFactorNeeded: a code is needed as well.
        SessionOver: nobody is signed in.
        TooManyAttempts: there were too many tries; nothing was compared.
        SignInBusy: too many people sign in at this moment.
    """
    user_id, session_id, shown = signed_in_person(acting), acting.session, Shown.by(given)
    stored = await require_shown(db, user_id, shown, settings=settings)

    async def note(session: AsyncSession) -> None:
        await shown_right(session, user_id, stored, shown)
        row = await session.get(UserSession, session_id)
        if row is None or row.ended_at is not None or row.user_id != user_id:
            raise SessionOver
        row.verified_at = clock.now()

    await db.run(note)


def signed_in_person(acting: Acting) -> UUID:
    """Return who acts, if it is a person in a session of one's own accounts.

    Raises:
        NotAuthenticated: nobody in person is signed in.
    """
    if acting.actor is None or acting.session is None or acting.impersonator is not None:
        message = "This needs somebody who has signed in with an account of ours"
        raise NotAuthenticated(message)
    return acting.actor


async def require_shown(
    db: Database,
    user_id: UUID,
    shown: Shown,
    *,
    settings: AccountsSettings,
    subject: str | None = None,
) -> str:
    """Compare the password of somebody who says who they are, and return its hash.

    Args:
        db: the database.
        user_id: whose password.
        shown: what they show.
        settings: how passwords are hashed.
        subject: under what tries are counted; without it, the account.

    Raises:
        SignInRefused: it is wrong.
        TooManyAttempts: there were too many tries.
    """
    limits = [Limit("again", subject or str(user_id), *_AGAIN)]
    async with db.session() as session:
        await require_room(session, limits)
        credential = await session.get(UserCredential, user_id)
        stored = None if credential is None else credential.password_hash
    await counted(db, limits)
    await _compared(shown.password, stored, settings)
    if stored is None:
        raise SignInRefused
    await db.run(lambda session: forgive(session, limits))
    return stored


async def counted(db: Database, limits: Sequence[Limit]) -> None:
    """Count a try, so that it stays counted whatever comes of it.

    Raises:
        TooManyAttempts: it is one too many.
    """
    until = await db.run(lambda session: count(session, limits))
    if until is not None:
        raise TooManyAttempts(until=until)


async def shown_right(
    session: AsyncSession, user_id: UUID, stored: str, shown: Shown
) -> tuple[User, UserCredential]:
    """Return the account and its credential, locked, if all that was shown is right now.

    Raises:
        SignInRefused: the password was changed meanwhile, the code is wrong or was used before, or
            the account may not be used.
        SecondFactorNeeded: a code is needed as well.
    """
    query = locking(select(UserCredential), UserCredential).where(UserCredential.user_id == user_id)
    credential = await session.scalar(query, execution_options=_FRESH)
    user = await session.get(User, user_id)
    if (
        credential is None
        or user is None
        or user.status is not UserStatus.ACTIVE
        or credential.password_hash != stored
    ):
        raise SignInRefused
    if credential.totp_confirmed_at is not None:
        if shown.code is None:
            raise SecondFactorNeeded
        step = step_of(
            credential.totp_secret or "", shown.code, at=clock.now(), after=credential.totp_step
        )
        if step is None:
            raise SignInRefused
        credential.totp_step = step
    return user, credential


async def _known(session: ReadSession, email: str, where: Where) -> _Known | None:
    query: Any = (
        select(User.id, UserCredential.password_hash, has_signed_in_from(User.id, where.address))
        .outerjoin(UserCredential, UserCredential.user_id == User.id)
        .where(User.email == email)
    )
    found = (await session.execute(query)).one_or_none()
    return None if found is None else _Known(*found)


async def _compared(
    password: Password, stored: str | None, settings: AccountsSettings
) -> str | None:
    """The hash anew, if the known one was made with other parameters; refuse the wrong password."""
    hashing = hashing_of(settings)
    if not await hashing.matches(password, stored) or stored is None:
        raise SignInRefused
    return await hashing.hashed(password) if hashing.is_outdated(stored) else None
