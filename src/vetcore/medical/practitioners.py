"""Finds the veterinarian of a person. Commands name people, and rows name veterinarians."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.acting import acting_of
from vetcore.errors import InvalidValue
from vetcore.models import Veterinarian

__all__ = ["person_meant", "veterinarian_meant"]


def person_meant(session: AsyncSession, user_id: UUID | None, field: str) -> UUID:
    """Return the user who is named in ``field``, or the session's actor if nobody is.

    Raises:
        InvalidValue: nobody is named, and the system acts.
    """
    person = user_id or acting_of(session).actor
    if person is None:
        raise InvalidValue(
            field=field, rule="is missing", expected="a user's id, since nobody in person acts"
        )
    return person


async def veterinarian_meant(
    session: AsyncSession, user_id: UUID | None, field: str
) -> Veterinarian:
    """Return the veterinarian who is named in ``field``, or the session's actor if nobody is.

    Raises:
        InvalidValue: nobody is named, and the system acts, or that person is no veterinarian.
    """
    person = person_meant(session, user_id, field)
    found = await session.scalar(select(Veterinarian).where(Veterinarian.user_id == person))
    if found is None:
        raise InvalidValue(
            field=field,
            rule="is no veterinarian",
            expected="the user's id of a veterinarian",
            value=person,
        )
    return found
