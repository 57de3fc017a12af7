"""Rows that are about to be changed: locked first, so that concurrent additions add up."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import MedicalRecord, Pet

__all__ = ["locked_pet", "locked_record", "not_in_the_future"]

_FURTHEST_EAST = timedelta(hours=14)


async def locked_pet(session: AsyncSession, pet_id: UUID) -> Pet:
    """The pet as it is now, locked until the transaction ends.

    Raises:
        NotFound: there is no such pet.
    """
    query = select(Pet).where(Pet.id == pet_id).with_for_update(key_share=True)
    found = await session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound(entity="pet", key=pet_id)
    return found


async def locked_record(session: AsyncSession, record_id: UUID) -> MedicalRecord:
    """The medical record as it is now, locked until the transaction ends.

    Raises:
        NotFound: there is no such record.
    """
    query = select(MedicalRecord).where(MedicalRecord.id == record_id)
    found = await session.scalar(
        query.with_for_update(key_share=True), execution_options={"populate_existing": True}
    )
    if found is None:
        raise NotFound(entity="medical record", key=record_id)
    return found


def not_in_the_future(when: date | datetime, field: str) -> None:
    """Refuse what has not happened yet, anywhere on Earth.

    Raises:
        InvalidValue: ``when`` is an instant after now, or a day that has begun nowhere.
    """
    now = clock.now()
    latest = now if isinstance(when, datetime) else (now + _FURTHEST_EAST).date()
    if when > latest:
        raise InvalidValue(
            field=field,
            rule="lies in the future",
            expected=f"{latest.isoformat()} or earlier",
            value=when.isoformat(),
        )
