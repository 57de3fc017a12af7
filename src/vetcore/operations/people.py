"""Which people an actor may name in a command: those whom they know already."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import exists, or_, select

from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.errors import NotFound, PermissionDenied, VetcoreError
from vetcore.models import Passkey, StaffMembership, User, UserCredential, UserIdentity
from vetcore.values.people import UserStatus

if TYPE_CHECKING:
    from vetcore.operations.asking import Asked

__all__ = ["account_of", "is_claimed", "known_person", "take_practitioner"]


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


async def is_claimed(session: ReadSession, person: User) -> bool:
    """Return whether somebody has shown that the account is theirs.

    They have verified its address or signed in by it at some time, whatever its address is by now.
    """
    if person.email_verified or person.clerk_user_id is not None:
        return True
    ways = or_(
        exists().where(
            UserCredential.user_id == person.id, UserCredential.confirmed_at.is_not(None)
        ),
        exists().where(UserIdentity.user_id == person.id),
        exists().where(Passkey.user_id == person.id),
    )
    return bool(await session.scalar(select(ways)))


async def take_practitioner(asked: "Asked", session: ReadSession, practitioner_id: UUID) -> None:
    """Refuse an actor who may not do this to the person: oneself, or a colleague of some clinic.

    Raises:
        NotFound: there is no such person with a membership, or the actor may not see any.
        PermissionDenied: the actor sees a membership, but may not do this.
    """
    if asked.actor is not None and asked.actor.user_id == practitioner_id:
        asked.allow_anyone()
        return
    held = select(StaffMembership.id).where(StaffMembership.user_id == practitioner_id)
    refused: VetcoreError = NotFound(entity="practitioner", key=practitioner_id)
    for membership_id in await session.scalars(held.order_by(StaffMembership.id)):
        try:
            await asked.take(StaffMembership, membership_id, lock=False)
        except PermissionDenied as denied:
            refused = denied
        except NotFound:
            continue
        else:
            return
    raise refused
