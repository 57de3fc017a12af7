"""Which people an actor may name in a command: those whom they know already."""

from typing import TYPE_CHECKING
from uuid import UUID

from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.errors import NotFound
from vetcore.models import User
from vetcore.values.people import UserStatus

if TYPE_CHECKING:
    from vetcore.operations.asking import Asked

__all__ = ["account_of", "known_person"]


async def account_of(session: ReadSession, key: UUID) -> User:
    """Return the account of a person, in use or not.

    Raises:
        NotFound: there is no such account, or it was deleted.
    """
    person = await session.get(User, key)
    if person is None or person.is_deleted or person.status is UserStatus.DELETED:
        raise NotFound(entity=User, key=key)
    return person


async def known_person(asked: "Asked", session: ReadSession, key: UUID) -> User:
    """Return the user, if the actor may see them or has opened their account.

    Without this, naming somebody as an owner would be enough to read their address.

    Raises:
        NotFound: there is no such account, or none that they may name.
    """
    person = await account_of(session, key)
    if asked.actor is None or person.created_by_id == asked.actor.user_id:
        return person
    await asked.related(User, key, Permission.USER_READ)
    return person
