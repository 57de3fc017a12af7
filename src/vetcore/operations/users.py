"""Operations on accounts: to open, change, suspend, delete and find them."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from vetcore import directory, scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.directory import Found
from vetcore.errors import AlreadyExists, InvalidTransition, NotFound
from vetcore.models import User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed, of_ids
from vetcore.operations.naming import named
from vetcore.operations.outcomes import Retired, retired
from vetcore.operations.people import is_claimed
from vetcore.schemas import ById, UserCreate, UserQuery, UserSearch, UserUpdate
from vetcore.values.people import UserStatus

__all__ = [
    "create_user",
    "delete_user",
    "get_user",
    "list_users",
    "reactivate_user",
    "restore_user",
    "search_owners",
    "suspend_user",
    "update_user",
]

_OF_ADMINISTRATORS: Final = {
    "clerk_user_id": Permission.USER_ADMINISTER,
    "email_verified": Permission.USER_ADMINISTER,
    "phone_verified": Permission.USER_ADMINISTER,
    "role": Permission.USER_ADMINISTER,
    "status": Permission.USER_ADMINISTER,
}


async def _opened_before(session: Session, key: UUID, _command: object) -> User:
    """The account that a key has opened, while nobody has claimed it: then it is theirs."""
    everything = {"include_deleted": True, "populate_existing": True}
    person = await session.get_one(User, key, execution_options=everything)
    if await is_claimed(session, person):
        raise NotFound(entity=User, key=key)
    return person


@operation(
    permission=Permission.USER_REGISTER,
    also=_OF_ADMINISTRATORS,
    entity=User,
    keyed=True,
    again=_opened_before,
    unrelated=True,
    errors=(AlreadyExists,),
)
async def create_user(_session: Session, wish: UserCreate, asked: Asked) -> User:
    """Open an account for somebody, as a clinic's staff do for a client who has none.

    Who opens one may name the person as an owner; nobody else learns of it by that. Once the person
    has claimed the account, the key of the command gives it back no more.

    Raises:
        AlreadyExists: another account has that address or that Clerk user.
    """
    asked.require_somewhere()
    return await asked.create(User, wish)


@operation(
    permission=Permission.USER_WRITE,
    also=_OF_ADMINISTRATORS,
    entity=User,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def update_user(session: Session, change: UserUpdate, asked: Asked) -> User:
    """Change an account. An address or a number that changes is not verified any more.

    Raises:
        AlreadyExists: another account has that address.
    """
    user, _ = await asked.take(User, named(change))
    change.apply_to(user)
    await session.flush()
    return user


@operation(
    permission=Permission.USER_ADMINISTER,
    entity=User,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def suspend_user(session: Session, act: ById, asked: Asked) -> User:
    """Suspend an account, so that nobody acts by it until it is reactivated. Its rows stay.

    Raises:
        InvalidTransition: the person has been anonymised.
    """
    return await _turned(session, act, asked, UserStatus.SUSPENDED)


@operation(
    permission=Permission.USER_ADMINISTER,
    entity=User,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def reactivate_user(session: Session, act: ById, asked: Asked) -> User:
    """Activate an account that was suspended or invited.

    Raises:
        InvalidTransition: the person has been anonymised.
    """
    return await _turned(session, act, asked, UserStatus.ACTIVE)


async def _turned(session: Session, act: ById, asked: Asked, status: UserStatus) -> User:
    user, _ = await asked.take(User, act.id)
    if user.status is UserStatus.DELETED:
        raise InvalidTransition(entity="User", current=user.status, requested=status, allowed=())
    user.status = status
    await session.flush()
    return user


@operation(permission=Permission.USER_WRITE, entity=User, versioned=True)
async def delete_user(session: Session, act: ById, asked: Asked) -> Retired[User]:
    """Delete an account: one's own, or any as an administrator. It can be restored.

    The appointments to come of the pets that nobody else looks after end with it and, of a
    practitioner, those with them.
    """
    user, _ = await asked.take(User, act.id)
    ended = [
        await scheduling.withdraw(
            session, owner_id=user.id, reason="The owner's account was deleted"
        ),
        await scheduling.withdraw(
            session, practitioner_id=user.id, reason="The practitioner has left"
        ),
    ]
    user.soft_delete()
    await session.flush()
    return retired(user, *ended)


@operation(
    permission=Permission.USER_ADMINISTER,
    entity=User,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def restore_user(_session: Session, act: ById, asked: Asked) -> User:
    """Restore a deleted account. Appointments that were cancelled with it stay cancelled.

    Raises:
        AlreadyExists: another account has its address by now.
    """
    return await asked.restore(User, act.id)


@reading(permission=Permission.USER_READ, entity=User)
async def get_user(_session: ReadSession, wanted: ById, asked: Asked) -> User:
    """Return an account."""
    user, _ = await asked.take(User, wanted.id, lock=False)
    return user


@reading(permission=Permission.USER_READ, entity=User)
async def list_users(session: ReadSession, wanted: UserQuery, asked: Asked) -> Page[User]:
    """Return the people whom the actor may see, by last and first name."""
    query = narrowed(
        asked.seen(select(User), User),
        (User.role, wanted.role),
        (User.status, wanted.status),
        (User.email, wanted.email),
    )
    query = of_ids(query, User.id, wanted.ids)
    by_name = [User.last_name, User.first_name, User.id]
    return await page(session, query, order_by=by_name, limit=wanted.limit, after=wanted.after)


@reading(permission=Permission.USER_READ, entity=User)
async def search_owners(
    session: ReadSession, wanted: UserSearch, asked: Asked
) -> Page[Found[User]]:
    """Return the owners whom the actor may see, by what somebody remembers of them."""
    return await directory.search_owners(
        session,
        wanted.text,
        clinic_id=wanted.clinic_id,
        where=[asked.sees(User)],
        limit=wanted.limit,
        after=wanted.after,
    )
