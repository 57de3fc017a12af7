"""Opening an account: by oneself, as an owner; or by an invitation, as somebody who works here."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import Database
from vetcore.database.locking import locking, take_turns
from vetcore.errors import AlreadyExists, SerializationFailure
from vetcore.identity.own.hashing import hashing_of
from vetcore.identity.own.limits import Limit, require_room
from vetcore.identity.own.links import Letter, new_link, owner_of_link, used_link
from vetcore.identity.own.sessions import NOWHERE, SignedIn, Where, begin_session
from vetcore.identity.own.signing_in import (
    DEFAULTS,
    Shown,
    counted,
    require_shown,
    shown_right,
)
from vetcore.identity.own.strength import require_good
from vetcore.models import User, UserCredential
from vetcore.schemas.account import InvitationSignUp, SignIn, SignUpConfirm, UserSignUp
from vetcore.settings.accounts import AccountsSettings
from vetcore.values.accounts import LinkPurpose
from vetcore.values.people import Role, UserStatus

__all__ = [
    "confirm_sign_up",
    "request_confirmation",
    "requested_letters",
    "set_password",
    "sign_up",
    "take_up_account",
]

_HOUR: Final = timedelta(hours=1)
_OF_THE_PERSON: Final = (
    "first_name",
    "last_name",
    "phone",
    "locale",
    "timezone",
    "terms_accepted_at",
    "privacy_accepted_at",
    "marketing_accepted_at",
)


async def sign_up(
    db: Database, wish: UserSignUp, *, where: Where = NOWHERE, settings: AccountsSettings = DEFAULTS
) -> Letter:
    """Open an account for an owner, and return what to send to the address that was given.

    Send it and answer the same in every case: whoever signs up is not told whether there was an account.
    Where there is none, or one that nobody has confirmed, the letter confirms it. To somebody who has an
    account it offers another password. Where a clinic has made the account, it has no token: the clinic
    invites.

    Raises:
        PasswordRefused: the password is one that would be guessed.
        TooManyAttempts: too many accounts were opened from there, or with that address.
        SignInBusy: too many people sign in at this moment.
        ConfigurationError: the extra ``accounts`` is not installed.
    """
    where = where.bounded()
    await require_good(wish.password, wish, beside_another=False)
    limits = requested_letters(wish.email, where)
    async with db.session() as session:
        await require_room(session, limits)
    await counted(db, limits)
    hashed = await hashing_of(settings).hashed(wish.password)
    valid_for = timedelta(hours=settings.link_hours)

    async def open_account(session: AsyncSession) -> Letter:
        await take_turns(session, "account", f"email:{wish.email}")
        query = locking(select(User), User).where(User.email == wish.email)
        user = await session.scalar(query)
        credential = None if user is None else await session.get(UserCredential, user.id)
        # One that was ever used stays its owner's, also with an address that is not confirmed yet.
        is_nobodys = credential is not None and credential.confirmed_at is None
        if user is None:
            user = User(email=wish.email, role=Role.PET_OWNER)
        elif user.email_verified or user.clerk_user_id is not None or not is_nobodys:
            return await _letter_to_holder(session, user, settings)
        for name in _OF_THE_PERSON:
            setattr(user, name, getattr(wish, name))
        session.add(user)
        try:
            await session.flush()
        except AlreadyExists as error:
            message = "somebody else took the address in the meantime"
            raise SerializationFailure(message) from error
        # A stranger's earlier password does not stay, nor does the link that goes with it.
        await set_password(session, user, hashed)
        token = await new_link(
            session, user.id, LinkPurpose.VERIFY, email=wish.email, valid_for=valid_for
        )
        return Letter(email=wish.email, purpose=LinkPurpose.VERIFY, token=token)

    return await db.run(open_account)


async def _letter_to_holder(
    session: AsyncSession, user: User, settings: AccountsSettings
) -> Letter:
    """What goes to somebody who has an account, when their address is entered to open another."""
    if not user.email_verified:
        return Letter(email=user.email, purpose=LinkPurpose.INVITE, token=None)
    token = None
    if user.clerk_user_id is None and user.status is UserStatus.ACTIVE:
        valid_for = timedelta(minutes=settings.reset_minutes)
        token = await new_link(
            session, user.id, LinkPurpose.RESET, email=user.email, valid_for=valid_for
        )
    return Letter(email=user.email, purpose=LinkPurpose.RESET, token=token)


def requested_letters(email: str, where: Where) -> list[Limit]:
    """Return the limits on letters: to one address, and from one place."""
    return [
        Limit("letters", email, 5, _HOUR),
        Limit("letters from", where.address or "?", 50, _HOUR),
    ]


async def confirm_sign_up(
    db: Database,
    given: SignUpConfirm,
    *,
    where: Where = NOWHERE,
    settings: AccountsSettings = DEFAULTS,
) -> SignedIn:
    """Confirm an account by the link that came by mail and its password, and sign its owner in.

    Raises:
        LinkRefused: the link was used, has expired or was replaced.
        SignInRefused: it is not the password that the account was opened with.
        SecondFactorNeeded: a code is needed as well; the link works on.
        TooManyAttempts: there were too many tries.
        SignInBusy: too many people sign in at this moment.
    """
    where, token = where.bounded(), given.token.get_secret_value()
    async with db.session() as session:
        user_id = (await owner_of_link(session, token, LinkPurpose.VERIFY)).id
    shown = Shown.by(given)
    stored = await require_shown(db, user_id, shown, settings=settings)

    async def confirm(session: AsyncSession) -> SignedIn:
        user = await used_link(session, token, LinkPurpose.VERIFY)
        _, credential = await shown_right(session, user.id, stored, shown)
        user.email_verified = True
        credential.confirmed_at = credential.confirmed_at or clock.now()
        return await begin_session(session, user.id, where, second_factor=False, settings=settings)

    return await db.run(confirm)


async def take_up_account(
    db: Database,
    given: InvitationSignUp,
    *,
    where: Where = NOWHERE,
    settings: AccountsSettings = DEFAULTS,
) -> SignedIn:
    """Take up an account by the link of an invitation, and sign its owner in.

    Raises:
        LinkRefused: the link was used, has expired or was replaced.
        PasswordRefused: the password is one that would be guessed.
        SignInBusy: too many people sign in at this moment.
    """
    where, token = where.bounded(), given.token.get_secret_value()
    async with db.session() as session:
        user = await owner_of_link(session, token, LinkPurpose.INVITE)
    await require_good(given.password, user, beside_another=False)
    hashed = await hashing_of(settings).hashed(given.password)

    async def take_up(session: AsyncSession) -> SignedIn:
        user = await used_link(session, token, LinkPurpose.INVITE)
        user.email_verified = True
        if user.status is UserStatus.INVITED:
            user.status = UserStatus.ACTIVE
        user.terms_accepted_at = given.terms_accepted_at
        user.privacy_accepted_at = given.privacy_accepted_at
        await set_password(session, user, hashed, confirmed=True)
        return await begin_session(session, user.id, where, second_factor=False, settings=settings)

    return await db.run(take_up)


async def set_password(
    session: AsyncSession, user: User, hashed: str, *, confirmed: bool = False
) -> None:
    """Keep the hash of a person's password.

    Args:
        session: of a transaction.
        user: whose.
        hashed: the hash.
        confirmed: whether they have just shown that the address is theirs.
    """
    credential = await session.get(UserCredential, user.id)
    if credential is None:
        credential = UserCredential(user_id=user.id)
        session.add(credential)
    credential.password_hash, credential.password_set_at = hashed, clock.now()
    if confirmed:
        credential.confirmed_at = credential.confirmed_at or clock.now()
    await session.flush()


async def request_confirmation(
    db: Database, wish: SignIn, *, where: Where = NOWHERE, settings: AccountsSettings = DEFAULTS
) -> Letter:
    """Return the letter that confirms an address, for somebody who shows their password.

    It serves whoever was told that the address is not confirmed: the first letter was lost, or they have
    changed the address.

    Raises:
        SignInRefused: the address or the password is wrong.
        TooManyAttempts: there were too many tries, or too many letters.
        SignInBusy: too many people sign in at this moment.
    """
    where = where.bounded()
    await counted(db, requested_letters(wish.email, where))
    async with db.session() as session:
        user_id = await session.scalar(select(User.id).where(User.email == wish.email))
    # Nobody's id has no password, and to find that takes as long.
    shown, whose = Shown.by(wish), user_id or UUID(int=0)
    stored = await require_shown(db, whose, shown, settings=settings, subject=wish.email)
    valid_for = timedelta(hours=settings.link_hours)

    async def link(session: AsyncSession) -> Letter:
        user, _ = await shown_right(session, whose, stored, shown)
        token = await new_link(
            session, user.id, LinkPurpose.VERIFY, email=user.email, valid_for=valid_for
        )
        return Letter(email=user.email, purpose=LinkPurpose.VERIFY, token=token)

    return await db.run(link)
