"""What Clerk's events and session tokens do to accounts.

Clerk is the master of its accounts. E-mail, names, role and suspension here are what the newest
event says, whatever the order in which events arrive.

- **The newest event** of a user is the one with the latest time. Of events with equal times, a change
  comes after a creation; then the one that grants less counts as the newer: a suspension, a smaller
  role, an address that is not verified. A time that lies ahead of this machine's clock is no time: such
  an event counts as older than all others, so that it never keeps a later one out.
- **An address belongs to one account.** What each Clerk account claims is kept. Of several that claim
  one address, a verified claim goes before one that is not, and a newer before an older. The others
  have no address until the claim that holds is given up. An account that Clerk does not know never
  loses its address.
- **Linking.** An account that Clerk does not know becomes that of a Clerk user if both have the same
  address, and it is verified in both. Otherwise the two accounts stay apart. A row that was made for the
  Clerk user in the meantime gives way, unless something refers to it already.
- **Deletion** is final. The row stays, without anything personal, and keeps the Clerk id. So no late
  event and no token brings the account back.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum, unique
from hashlib import sha256
from typing import Final, cast

from sqlalchemy import Table, and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.locking import locking, take_turns
from vetcore.database.softdelete import INCLUDE_DELETED
from vetcore.errors import AlreadyExists, ConcurrentUpdate, SerializationFailure
from vetcore.identity.addresses import (
    NEVER,
    NOWHERE,
    has_address,
    is_local,
    leave_without_address,
    settle,
)
from vetcore.identity.claims import SessionClaims
from vetcore.identity.errors import AccountDeleted
from vetcore.identity.events import (
    ClerkEvent,
    ClerkUser,
    UserCreated,
    UserDeleted,
    normalize_user,
)
from vetcore.identity.own.forgetting import forget_sign_in
from vetcore.identity.webhooks import TOLERANCE
from vetcore.models import Base, User
from vetcore.values.people import Role, UserStatus
from vetcore.values.preferences import Preferences

__all__ = ["Outcome", "anonymize", "apply_event", "ensure_user", "find_user"]

_EVERYTHING: Final = {INCLUDE_DELETED: True}
_ROLES: Final = tuple(Role)
"""From the one that may do least to the one that may do most."""


@unique
class Outcome(StrEnum):
    """What became of a genuine delivery or event."""

    APPLIED = "applied"
    REPEATED = "repeated"
    """This delivery was handled before; nothing changed."""
    OUTDATED = "outdated"
    """Something newer is known, the account's deletion included; nothing changed."""
    IGNORED = "ignored"
    """vetcore has no use for events of this type; nothing changed."""


async def apply_event(session: AsyncSession, event: ClerkEvent) -> Outcome:
    """Change the account to what ``event`` says. Events may come twice and in any order.

    Args:
        session: of a transaction at READ COMMITTED or SERIALIZABLE. Events of one Clerk user, and
            events that claim one address, take turns until their transactions end.
        event: one that is known to come from Clerk.

    Raises:
        SerializationFailure: a concurrent writer took the address or changed the account; replay
            the transaction, as ``Database.run`` does.
    """
    if isinstance(event, UserDeleted):
        with _races_replayed():
            return await _delete(session, event.data.id)
    person = normalize_user(event.data)
    with _races_replayed():
        return await _update(session, person, is_new=isinstance(event, UserCreated))


async def find_user(session: ReadSession, claims: SessionClaims) -> User | None:
    """Return the account of the bearer of a verified session token, or None on first sight.

    The function only reads. So on SQLite, a request that only reads waits for no writer.

    Raises:
        AccountDeleted: the account was deleted after the token was issued.
    """
    user = await _account(session, claims.clerk_user_id)
    if user is not None and user.is_deleted:
        raise AccountDeleted
    return user


async def ensure_user(session: AsyncSession, claims: SessionClaims) -> User:
    """Return the account of the bearer of a verified session token; make it on first sight.

    A new account has only a role, if the token states one. Names and address come with the event
    ``user.created``, which often arrives after the token. The account may be suspended; see
    ``vetcore.access.load_actor``.

    Raises:
        AccountDeleted: the account was deleted after the token was issued.
        InvalidValue: the token's subject is too long for a Clerk id.
        SerializationFailure: as for :func:`apply_event`.
    """
    known = await find_user(session, claims)
    if known is not None:
        return known
    with _races_replayed():
        await take_turns(session, "account", f"user:{claims.clerk_user_id}")
        made_meanwhile = await find_user(session, claims)
        if made_meanwhile is not None:
            return made_meanwhile
        user = _create(session, claims.clerk_user_id)
        user.role = claims.role or Role.PET_OWNER
        await session.flush()
        return user


def anonymize(user: User) -> None:
    """Remove everything personal from an account and mark it as deleted. It cannot be undone.

    How they signed in with an account of ours is removed by
    :func:`~vetcore.identity.own.forgetting.forget_sign_in`.

    The key is kept, because a pet's history refers to it. The Clerk id is kept as well. So is the
    time at which the terms and the privacy policy were accepted, as evidence.
    """
    user.email, user.email_verified = f"{user.id}@deleted{NOWHERE}", False
    user.phone, user.phone_verified = None, False
    user.first_name = user.last_name = ""
    user.role, user.status = Role.PET_OWNER, UserStatus.DELETED
    user.locale, user.timezone = "en", "UTC"
    user.address, user.preferences = None, Preferences()
    user.marketing_accepted_at = user.clerk_updated_at = user.clerk_rank = None
    user.clerk_email, user.clerk_email_verified = None, False
    user.soft_delete()


async def _delete(session: AsyncSession, clerk_user_id: str) -> Outcome:
    known, rows = await _taking_turns(session, clerk_user_id)
    if known is not None and known.is_deleted and known.status is UserStatus.DELETED:
        return Outcome.OUTDATED
    # Of a user who was never seen, too: creation may be on its way.
    user = known or _create(session, clerk_user_id)
    claimed = user.clerk_email
    anonymize(user)
    await forget_sign_in(session, user.id)
    await session.flush()
    await settle(session, rows, {claimed})
    return Outcome.APPLIED


async def _update(session: AsyncSession, person: ClerkUser, *, is_new: bool) -> Outcome:
    known, rows = await _taking_turns(session, person.clerk_user_id, person.email)
    contested = {person.email, None if known is None else known.clerk_email}
    user = known
    local = next((row for row in rows if is_local(row) and row.email == person.email), None)
    if local is not None and _is_same_person(local, person):
        user = await _link(session, known, local, person)
    if user is None:
        user = _create(session, person.clerk_user_id)
    rows = [row for row in rows if row is not known or user is known]
    rows += [] if user in rows else [user]
    if user.is_deleted or _is_outdated(user, person, is_new=is_new):
        await settle(session, rows, contested)
        return Outcome.OUTDATED if user is known else Outcome.APPLIED
    user.phone, user.phone_verified = _phone(user, person)
    user.first_name, user.last_name = person.first_name or "", person.last_name or ""
    user.role, user.status = person.role, person.status
    user.clerk_email, user.clerk_email_verified = person.email, person.email_verified
    user.clerk_updated_at, user.clerk_rank = _moment(person), _rank(person, is_new=is_new)
    if user.email != person.email:
        is_given_up = has_address(user)
        leave_without_address(user)
        if is_given_up:
            await session.flush()
    await settle(session, rows, contested)
    return Outcome.APPLIED


# Which event is newer -----------------------------------------------------------------------------


def _moment(person: ClerkUser) -> datetime:
    """When the user changed, or the beginning of time if that cannot be."""
    return person.updated_at if person.updated_at <= clock.now() + TOLERANCE else NEVER


def _rank(person: ClerkUser, *, is_new: bool) -> str:
    """What orders events of one instant: the last that counts is the one that grants the least."""
    grants = "".join(
        str(int(each))
        for each in (
            not is_new,
            person.status is UserStatus.SUSPENDED,
            len(_ROLES) - _ROLES.index(person.role),
            not person.email_verified,
            not person.phone_verified,
        )
    )
    said = (person.email, person.phone, person.first_name, person.last_name)
    return f"{grants}:{sha256(repr(said).encode()).hexdigest()[:32]}"


def _is_outdated(user: User, person: ClerkUser, *, is_new: bool) -> bool:
    known = user.clerk_updated_at
    if known is None:
        return False
    mine = (_moment(person), _rank(person, is_new=is_new))
    return (known, user.clerk_rank or "") > mine


def _phone(user: User, person: ClerkUser) -> tuple[str | None, bool]:
    """Clerk's number, if verified; else one that was entered here, which is not."""
    if person.phone_verified:
        return person.phone, True
    return (None, False) if user.phone_verified else (user.phone, False)


# Linking ------------------------------------------------------------------------------------------


def _is_same_person(local: User, person: ClerkUser) -> bool:
    return (
        local.clerk_user_id is None
        and local.email_verified
        and person.email_verified
        and local.status is not UserStatus.SUSPENDED
    )


async def _link(
    session: AsyncSession, user: User | None, local: User, person: ClerkUser
) -> User | None:
    """Make ``local`` the account of the Clerk user, and return it; ``user`` where that must not be.

    An event that is outdated, or of a user who is deleted, links as well: had it come in time, it
    would have.
    """
    if user is None:
        local.clerk_user_id = person.clerk_user_id
        return local
    # Who came back to the clinic after having deleted their account at Clerk is not erased again.
    if user.is_deleted and local.created_at > person.updated_at:
        return user
    if has_address(user) or await _is_referred_to(session, user):
        return user
    # First, since both cannot bear the Clerk id at once.
    await session.execute(delete(User).where(User.id == user.id), execution_options=_EVERYTHING)
    leave_without_address(local)
    local.clerk_user_id = person.clerk_user_id
    local.phone, local.phone_verified = _merged_phone(user, local)
    local.first_name, local.last_name = user.first_name, user.last_name
    local.role, local.status = user.role, user.status
    local.clerk_updated_at, local.clerk_rank = user.clerk_updated_at, user.clerk_rank
    local.clerk_email = user.clerk_email
    local.clerk_email_verified = user.clerk_email_verified
    if user.is_deleted:
        anonymize(local)
    await session.flush()
    return local


def _merged_phone(user: User, local: User) -> tuple[str | None, bool]:
    if user.phone_verified or local.phone is None:
        return user.phone, user.phone_verified
    return (None, False) if local.phone_verified else (local.phone, False)


async def _is_referred_to(session: AsyncSession, user: User) -> bool:
    """Whether any row, of a service's own tables on the same metadata too, refers to the account."""
    users = cast("Table", User.__table__)
    references = [
        exists().where(key.parent == user.id)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.references(users)
    ]
    found = await session.scalar(select(or_(*references)), execution_options=_EVERYTHING)
    return bool(found)


# Rows ---------------------------------------------------------------------------------------------


async def _account(session: ReadSession, clerk_user_id: str) -> User | None:
    """The account of a Clerk user, a deleted one too; there is one at most."""
    query = select(User).where(User.clerk_user_id == clerk_user_id)
    return await session.scalar(query, execution_options=_EVERYTHING)


async def _taking_turns(
    session: AsyncSession, clerk_user_id: str, *addresses: str | None
) -> tuple[User | None, list[User]]:
    """The account of a Clerk user, and all that hold or claim an address that it claims or will.

    Only the events of a user change what it claims, and they take turns. So it is known, without a
    lock on the row, which addresses are at stake.
    """
    await take_turns(session, "account", f"user:{clerk_user_id}")
    stated = select(User.clerk_email).where(User.clerk_user_id == clerk_user_id)
    before = await session.scalar(stated, execution_options=_EVERYTHING)
    at_stake = {each for each in (before, *addresses) if each is not None}
    await take_turns(session, "account", *(f"email:{each}" for each in at_stake))
    query = select(User).where(
        or_(
            User.clerk_user_id == clerk_user_id,
            and_(
                or_(User.email.in_(at_stake), User.clerk_email.in_(at_stake)),
                User.deleted_at.is_(None),
            ),
        )
    )
    # One of them may give way to another.
    query = locking(query, User, removing=True).execution_options(populate_existing=True)
    rows = list(await session.scalars(query, execution_options=_EVERYTHING))
    return next((row for row in rows if row.clerk_user_id == clerk_user_id), None), rows


def _create(session: AsyncSession, clerk_user_id: str) -> User:
    user = User(id=uuid7(), clerk_user_id=clerk_user_id, first_name="", last_name="")
    leave_without_address(user)
    session.add(user)
    return user


@contextmanager
def _races_replayed() -> Generator[None]:
    """Say of a race lost against a writer that takes no turns what it is: worth a replay."""
    try:
        yield
    except (AlreadyExists, ConcurrentUpdate) as error:
        message = "somebody else took the address or changed the account in the meantime"
        raise SerializationFailure(message) from error
