"""The database on which the commands of the practice act, and their actor.

A command acts as the system, since whoever runs it has access to the database. With ``--as`` it
acts as the person with that address, and may do what that person may do.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from vetcore.database import Acting, Database, ReadSession, Session
from vetcore.errors import InvalidInput, NotFound
from vetcore.operations import list_users
from vetcore.schemas import UserQuery
from vetcore.schemas.base import Schema
from vetcore.values.contact import normalize_email

__all__ = ["Desk", "told"]

C = TypeVar("C", bound=Schema)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """A database, and the actor who acts on it."""

    db: Database
    acting: Acting

    @classmethod
    async def of(cls, db: Database, address: str | None) -> "Desk":
        """Return the desk of the person with that e-mail address, or of the system without one.

        Raises:
            NotFound: nobody has that address.
            InvalidValue: the text is not an address.
        """
        if address is None:
            return cls(db, Acting(via="command"))
        email = normalize_email(address, field="--as")
        async with db.session(Acting(via="command")) as session:
            found = await list_users(session, told(UserQuery, email=email))
        if not found:
            raise NotFound(entity="user", key=email)
        return cls(db, Acting(found[0].id, via="command"))

    def session(self) -> AbstractAsyncContextManager[ReadSession]:
        """Return a session for reading."""
        return self.db.session(self.acting)

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Do the work in a transaction, which is replayed if that can help."""
        return await self.db.run(work, self.acting)


def told(schema: type[C], **given: Any) -> C:
    """Return the command of an operation, made from what was typed.

    Raises:
        InvalidInput: a value is not of its kind, or values do not fit together.
    """
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        raise InvalidInput.from_pydantic(error) from error
