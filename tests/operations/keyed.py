"""What the tests of keys share."""

from typing import Any

from sqlalchemy import func, select

from vetcore.database import Acting, Database
from vetcore.models import Appointment
from vetcore.operations import (
    book_appointment,
)
from vetcore.scheduling import (
    cancel,
)
from vetcore.schemas import (
    AppointmentCreate,
)
from vetcore.values.capacity import Capacity

__all__ = ["KEY", "booked_with", "cancelled", "count_of"]

KEY = "form-17"


async def booked_with(
    db: Database, wish: AppointmentCreate, key: str | None = KEY, acting: Acting | None = None
) -> Appointment:
    return await db.run(lambda session: book_appointment(session, wish, key=key), acting)


async def count_of(db: Database, entity: Any = Appointment) -> int:
    async with db.session(include_deleted=True) as session:
        return int(await session.scalar(select(func.count()).select_from(entity)) or 0)


# The same command again ---------------------------------------------------------------------------


async def cancelled(db: Database, booked: Appointment) -> None:
    await db.run(lambda session: cancel(session, booked.id, by=Capacity.STAFF))
