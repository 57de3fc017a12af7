"""Operations on accounts: to invite, hand over and appoint, and to see and end sessions and keys.

Signing in is no operation, since nobody acts yet: see :mod:`vetcore.identity.own`. Restricted sessions see
neither sessions nor keys.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from vetcore.access import GRANTS, Permission
from vetcore.database import ReadSession, Session
from vetcore.database.acting import acting_of
from vetcore.errors import AlreadyExists, InvalidTransition, InvalidValue, NotFound
from vetcore.identity.own.api_keys import NewApiKey, keys_of_user, new_api_key, revoke
from vetcore.identity.own.links import Letter, new_link
from vetcore.identity.own.sessions import end_sessions, open_sessions
from vetcore.models import ApiKey, User, UserSession
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.people import account_of, is_claimed, known_person
from vetcore.schemas import (
    AccountHandOver,
    ApiKeyCreate,
    ApiKeyRevoke,
    OfUser,
    SessionEnd,
    UserAppoint,
    UserInvite,
)
from vetcore.values.accounts import LinkPurpose
from vetcore.values.people import UserStatus

__all__ = [
    "appoint_user",
    "create_api_key",
    "end_other_sessions",
    "end_session",
    "hand_over_account",
    "invite_user",
    "list_api_keys",
    "list_sessions",
    "revoke_api_key",
]

_OF_PEOPLE_ONLY: Final = frozenset({Permission.ACCOUNT_WRITE, Permission.RECORD_SIGN})
"""What no key may be used for: to make other keys, and to sign in somebody's name."""


# People -------------------------------------------------------------------------------------------


@operation(permission=Permission.USER_ADMINISTER, entity=User, errors=(AlreadyExists,))
async def invite_user(session: Session, wish: UserInvite, asked: Asked) -> Letter:
    """Make an account for somebody who works on the platform, and return the link to send to them.

    The account may not be used before they have set a password by that link, which also shows that the
    address is theirs. Inviting the same person again sends another link; the earlier one works no more.

    Raises:
        AlreadyExists: somebody has an account with that address already.
    """
    asked.require_system()
    return await _letter(session, await _invited(session, wish), wish.valid_hours)


@operation(permission=Permission.USER_REGISTER, entity=User, errors=(InvalidValue,))
async def hand_over_account(session: Session, act: AccountHandOver, asked: Asked) -> Letter:
    """Return the link by which a client takes up the account that a clinic has opened for them.

    The service sends it to the address and shows it to nobody else, also not to whoever asked: who has
    it becomes the holder of the account. Handing over again sends another link; the earlier one works
    no more.

    Raises:
        InvalidValue: the client has taken it up already, or it may not be used.
    """
    asked.require_somewhere()
    user = await known_person(asked, session, act.user_id)
    if user.status is not UserStatus.ACTIVE or await is_claimed(session, user):
        raise InvalidValue(
            field="user_id",
            rule="is no account to hand over",
            expected="one that is active and that nobody has taken up",
        )
    return await _letter(session, user, act.valid_hours)


async def _letter(session: Session, user: User, valid_hours: int) -> Letter:
    token = await new_link(
        session,
        user.id,
        LinkPurpose.INVITE,
        email=user.email,
        valid_for=timedelta(hours=valid_hours),
    )
    return Letter(email=user.email, purpose=LinkPurpose.INVITE, token=token)


async def _invited(session: Session, wish: UserInvite) -> User:
    user = await session.scalar(select(User).where(User.email == wish.email))
    if user is None:
        user = User(email=wish.email, status=UserStatus.INVITED)
        session.add(user)
    elif user.status is not UserStatus.INVITED:
        raise AlreadyExists(table="users", fields=("email",), constraint="uq_users_email")
    for name in ("first_name", "last_name", "role", "locale", "timezone"):
        setattr(user, name, getattr(wish, name))
    await session.flush()
    return user


@operation(
    permission=Permission.USER_ADMINISTER,
    entity=User,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def appoint_user(session: Session, wish: UserAppoint, asked: Asked) -> User:
    """Say what a person is on the platform. Nobody says it of themselves.

    Raises:
        InvalidTransition: the person has been anonymised, or is whoever acts.
    """
    user, _ = await asked.take(User, wish.id)
    is_oneself = asked.actor is not None and asked.actor.user_id == user.id
    if user.status is UserStatus.DELETED or is_oneself:
        raise InvalidTransition(entity="User", current=user.role, requested=wish.role, allowed=())
    user.role = wish.role
    await session.flush()
    return user


# Sessions -----------------------------------------------------------------------------------------


@reading(permission=Permission.ACCOUNT_READ, entity=UserSession)
async def list_sessions(
    session: ReadSession, wanted: OfUser, asked: Asked
) -> Sequence[UserSession]:
    """Return where somebody is signed in, the latest use first."""
    return await open_sessions(session, _whose(asked, wanted.user_id))


@operation(permission=Permission.ACCOUNT_WRITE, entity=UserSession)
async def end_session(session: Session, act: SessionEnd, asked: Asked) -> int:
    """End one session: sign out here, or from afar.

    Returns:
        How many ended: none where it had ended before.
    """
    row = await session.get(UserSession, act.id)
    user_id = _owner(asked, None if row is None else row.user_id, UserSession, act.id)
    return await end_sessions(session, user_id, only=act.id)


@operation(permission=Permission.ACCOUNT_WRITE, entity=UserSession)
async def end_other_sessions(session: Session, act: OfUser, asked: Asked) -> int:
    """End every session of somebody but the one in which they act, and return how many.

    An administrator ends all of somebody else's.
    """
    return await end_sessions(session, _whose(asked, act.user_id), but=acting_of(session).session)


# Keys ---------------------------------------------------------------------------------------------


@reading(permission=Permission.ACCOUNT_READ, entity=ApiKey)
async def list_api_keys(session: ReadSession, wanted: OfUser, asked: Asked) -> Sequence[ApiKey]:
    """Return the keys of somebody, those that have ended included, the latest first."""
    return await keys_of_user(session, _whose(asked, wanted.user_id))


@operation(permission=Permission.ACCOUNT_WRITE, entity=ApiKey)
async def create_api_key(session: Session, wish: ApiKeyCreate, asked: Asked) -> NewApiKey:
    """Make a key for a program. Its text is in what is returned, and nowhere else.

    Raises:
        InvalidValue: a permission is none, or one that no key may have; or the key would last longer
            than a year.
    """
    user_id = _whose(asked, wish.user_id)
    known = {str(each) for each in GRANTS} - {str(each) for each in _OF_PEOPLE_ONLY}
    if strange := sorted(wish.permissions - known):
        raise InvalidValue(
            field="permissions",
            rule="has what no key may be used for",
            expected="names such as pet:read",
            value=", ".join(strange),
        )
    await account_of(session, user_id)
    return await new_api_key(
        session,
        user_id,
        name=wish.name,
        permissions=wish.permissions,
        expires_at=wish.expires_at,
    )


@operation(permission=Permission.ACCOUNT_WRITE, entity=ApiKey)
async def revoke_api_key(session: Session, act: ApiKeyRevoke, asked: Asked) -> ApiKey:
    """End a key at once."""
    row = await session.get(ApiKey, act.id)
    _owner(asked, None if row is None else row.user_id, ApiKey, act.id)
    if row is None:
        raise NotFound(entity=ApiKey, key=act.id)
    await revoke(session, row)
    return row


def _whose(asked: Asked, user_id: UUID | None) -> UUID:
    """Whose account is meant: one's own or, for administrators, anybody's.

    Raises:
        PermissionDenied: it is somebody else's.
        InvalidValue: the system acts, which has none, and nobody is named.
    """
    oneself = None if asked.actor is None else asked.actor.user_id
    wanted = user_id or oneself
    if wanted is None:
        raise InvalidValue(field="user_id", rule="is missing", expected="whose it is")
    if wanted == oneself:
        asked.require_own()
    else:
        asked.require_system()
    return wanted


def _owner(asked: Asked, user_id: UUID | None, entity: type[object], key: UUID) -> UUID:
    """Whose row it is. Whoever may not know of it is told that there is none.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    oneself = None if asked.actor is None else asked.actor.user_id
    is_theirs = user_id is not None and (user_id == oneself or asked.is_admin)
    if is_theirs:
        return _whose(asked, user_id)
    asked.require_own()
    raise NotFound(entity=entity, key=key)
