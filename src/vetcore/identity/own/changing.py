"""Another password, and the second factor: what people change of how they sign in."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import Acting, Database
from vetcore.database.locking import locking
from vetcore.identity.own.errors import PasswordRefused, SignInRefused
from vetcore.identity.own.factors import new_secret, setup_address, step_of
from vetcore.identity.own.hashing import hashing_of
from vetcore.identity.own.limits import Limit, forgive, require_room
from vetcore.identity.own.links import (
    Letter,
    forget_links,
    new_link,
    owner_of_link,
    used_link,
)
from vetcore.identity.own.sessions import NOWHERE, Where, end_sessions
from vetcore.identity.own.signing_in import (
    DEFAULTS,
    Shown,
    counted,
    require_shown,
    shown_right,
    signed_in_person,
)
from vetcore.identity.own.signing_up import requested_letters, set_password
from vetcore.identity.own.strength import require_good
from vetcore.models import User, UserCredential
from vetcore.schemas.account import (
    PasswordChange,
    PasswordReset,
    PasswordResetRequest,
    Reauthentication,
)
from vetcore.settings.accounts import AccountsSettings
from vetcore.values.accounts import LinkPurpose
from vetcore.values.passwords import SHORTEST_ALONE
from vetcore.values.people import UserStatus

__all__ = [
    "CodeSetup",
    "begin_codes",
    "change_password",
    "confirm_codes",
    "end_codes",
    "request_reset",
    "reset_password",
]


async def change_password(
    db: Database, acting: Acting, wish: PasswordChange, *, settings: AccountsSettings = DEFAULTS
) -> None:
    """Set another password for whoever is signed in. Their other sessions end.

    Raises:
        SignInRefused: the present password or the code is wrong.
        SecondFactorNeeded: a code is needed as well.
        PasswordRefused: the new one is one that would be guessed.
        TooManyAttempts: there were too many tries.
        SignInBusy: too many people sign in at this moment.
    """
    user_id = signed_in_person(acting)
    shown = Shown.by(Reauthentication(password=wish.current, code=wish.code))
    stored = await require_shown(db, user_id, shown, settings=settings)
    await _require_good(db, user_id, wish)
    hashed = await hashing_of(settings).hashed(wish.password)

    async def change(session: AsyncSession) -> None:
        _, credential = await shown_right(session, user_id, stored, shown)
        credential.password_hash, credential.password_set_at = hashed, clock.now()
        await end_sessions(session, user_id, but=acting.session)
        await forget_links(session, user_id, *LinkPurpose)

    await db.run(change)


async def _require_good(db: Database, user_id: UUID, wish: Any) -> None:
    async with db.session() as session:
        user = await session.get_one(User, user_id)
        credential = await session.get(UserCredential, user_id)
    has_codes = credential is not None and credential.totp_confirmed_at is not None
    await require_good(wish.password, user, beside_another=has_codes)


async def request_reset(
    db: Database,
    wish: PasswordResetRequest,
    *,
    where: Where = NOWHERE,
    settings: AccountsSettings = DEFAULTS,
) -> Letter | None:
    """Return what to send to somebody who has forgotten their password, or None where there is nobody.

    Answer the same in both cases, and before the letter is sent: sending takes longer than not sending.
    An account of Clerk's gets none, since Clerk has its password.

    Raises:
        TooManyAttempts: too many letters were asked for, for that address or from that place.
    """
    limits = requested_letters(wish.email, where.bounded())
    async with db.session() as session:
        await require_room(session, limits)
    await counted(db, limits)
    valid_for = timedelta(minutes=settings.reset_minutes)

    async def link(session: AsyncSession) -> Letter | None:
        query = select(User).where(
            User.email == wish.email, User.status == UserStatus.ACTIVE, User.clerk_user_id.is_(None)
        )
        user = await session.scalar(query)
        credential = None if user is None else await session.get(UserCredential, user.id)
        # To an address that nobody has confirmed a link goes only where nobody has used the account: it may
        # be mistyped. A clinic's account of a person who has never signed in is handed over by the clinic.
        is_nobodys = credential is not None and credential.confirmed_at is None
        if user is None or not (user.email_verified or is_nobodys):
            return None
        token = await new_link(
            session, user.id, LinkPurpose.RESET, email=user.email, valid_for=valid_for
        )
        return Letter(email=user.email, purpose=LinkPurpose.RESET, token=token)

    return await db.run(link)


async def reset_password(
    db: Database, wish: PasswordReset, *, settings: AccountsSettings = DEFAULTS
) -> None:
    """Set another password by the link that came by mail. Every session ends; sign in anew.

    The second factor stays: a mailbox alone opens no account that has one.

    Raises:
        LinkRefused: the link was used, has expired or was replaced.
        PasswordRefused: the password is one that would be guessed.
        SignInBusy: too many people sign in at this moment.
    """
    token = wish.token.get_secret_value()
    async with db.session() as session:
        user = await owner_of_link(session, token, LinkPurpose.RESET)
    await _require_good(db, user.id, wish)
    hashed = await hashing_of(settings).hashed(wish.password)

    async def reset(session: AsyncSession) -> None:
        user = await used_link(session, token, LinkPurpose.RESET)
        if user.status is not UserStatus.ACTIVE:
            raise SignInRefused
        # Whoever reads its mail has the address.
        user.email_verified = True
        await set_password(session, user, hashed, confirmed=True)
        await end_sessions(session, user.id)
        await forget_links(session, user.id, *LinkPurpose)
        # Strangers who guessed meanwhile keep the owner out no longer.
        await forgive(session, [Limit("account", user.email, 0, timedelta())])

    await db.run(reset)


# The authenticator app ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSetup:
    """What an authenticator app is given, once."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    """What the app reads from a QR code."""


async def begin_codes(
    db: Database, acting: Acting, given: Reauthentication, *, settings: AccountsSettings = DEFAULTS
) -> CodeSetup:
    """Begin to use an authenticator app. It counts once it has told a right code.

    Raises:
        SignInRefused: the password is wrong, or so is the code of the app that is in use.
        SecondFactorNeeded: there is an app in use, whose code is needed.
        TooManyAttempts: there were too many tries.
        SignInBusy: too many people sign in at this moment.
    """
    user_id = signed_in_person(acting)
    shown = Shown.by(given)
    stored = await require_shown(db, user_id, shown, settings=settings)
    secret = new_secret()

    async def begin(session: AsyncSession) -> str:
        user, credential = await shown_right(session, user_id, stored, shown)
        credential.totp_secret, credential.totp_confirmed_at = secret, None
        credential.totp_step = 0
        return user.email

    email = await db.run(begin)
    address = setup_address(secret, email=email, platform=settings.passkey_name)
    return CodeSetup(secret=secret, address=address)


async def confirm_codes(
    db: Database, acting: Acting, code: str, *, settings: AccountsSettings = DEFAULTS
) -> None:
    """Show that the app works. From now on its codes are asked for; other sessions end.

    Raises:
        SignInRefused: the code is wrong, or nothing was begun.
        TooManyAttempts: there were too many tries.
    """
    del settings
    user_id = signed_in_person(acting)
    await counted(db, [Limit("codes", str(user_id), 10, timedelta(minutes=15))])

    async def confirm(session: AsyncSession) -> None:
        query = locking(select(UserCredential), UserCredential)
        credential = await session.scalar(query.where(UserCredential.user_id == user_id))
        if credential is None or credential.totp_secret is None:
            raise SignInRefused
        step = step_of(credential.totp_secret, code, at=clock.now(), after=credential.totp_step)
        if step is None:
            raise SignInRefused
        credential.totp_confirmed_at, credential.totp_step = clock.now(), step
        await end_sessions(session, user_id, but=acting.session)

    await db.run(confirm)


async def end_codes(
    db: Database, acting: Acting, given: Reauthentication, *, settings: AccountsSettings = DEFAULTS
) -> None:
    """Use no authenticator app any more. The password must be long enough to stand alone.

    Raises:
        SignInRefused: the password or the code is wrong.
        SecondFactorNeeded: the code is needed.
        PasswordRefused: the password is too short to be all that is asked for.
        TooManyAttempts: there were too many tries.
        SignInBusy: too many people sign in at this moment.
    """
    user_id = signed_in_person(acting)
    shown = Shown.by(given)
    stored = await require_shown(db, user_id, shown, settings=settings)
    if len(given.password) < SHORTEST_ALONE:
        raise PasswordRefused(rule="is too short", expected=f"{SHORTEST_ALONE} characters or more")

    async def end(session: AsyncSession) -> None:
        _, credential = await shown_right(session, user_id, stored, shown)
        credential.totp_secret = credential.totp_confirmed_at = None

    await db.run(end)
