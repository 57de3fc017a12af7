"""Acts as somebody, for a few lines of a test."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from vetcore.database import SYSTEM, Acting, Session
from vetcore.database.acting import ACTING
from vetcore.models import User

__all__ = ["acting_as"]


@asynccontextmanager
async def acting_as(
    session: Session, who: User | UUID | Acting | None, *, as_owner: bool = False
) -> AsyncGenerator[Session]:
    """Let somebody else act in a session until the block ends.

    ::

        async with acting_as(session, owner):
            await cancel_appointment(session, AppointmentCancel(id=visit.id))

    Operations ask for that person's permissions, and rows that are written name them. When the block
    ends, in whatever way, whoever acted before acts again.

    Args:
        session: of the test.
        who: a user, a user's id, or an ``Acting``; None is the system.
        as_owner: whether somebody who works at the clinic acts as the pet's owner this time.
    """
    before = session.acting
    if isinstance(who, Acting):
        acting = who
    elif who is None:
        acting = SYSTEM
    else:
        acting = Acting(who.id if isinstance(who, User) else who, as_owner=as_owner)
    # What was made before the block is written by whoever made it.
    await session.flush()
    await _let_act(session, acting)
    try:
        yield session
        await session.flush()
    finally:
        await _let_act(session, before)


async def _let_act(session: Session, acting: Acting) -> None:
    session.info[ACTING] = acting
    if session.in_transaction() and session.is_active:
        connection = await session.connection()
        await connection.execution_options(**{ACTING: acting})
