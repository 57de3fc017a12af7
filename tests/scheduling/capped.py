"""A practice with caps, and what is booked there."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.scheduling.practice import SERVICES, TEN, Practice, practice
from vetcore.database import Database
from vetcore.models import Appointment, Clinic
from vetcore.scheduling.errors import DayIsFull
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ServiceType
from vetcore.values.services import ServiceCatalog

EXAM = ServiceType.WELLNESS_EXAM


def at_most(most: int | None) -> ServiceCatalog:
    """The catalogue, with so many exams a day."""
    exam, *others = SERVICES
    return ServiceCatalog(offerings=(exam.replace(most_per_day=most), *others))


def new_at_most(most: int | None, **given: Any) -> BookingPolicy:
    return BookingPolicy(minimum_notice_minutes=0, new_patients_per_day=most, **given)


async def capped(
    db: Database, most: int | None = None, *, new: int | None = None, **given: Any
) -> Practice:
    values: dict[str, Any] = {
        "services": at_most(most),
        "booking_policy": new_at_most(new),
        "pets": 8,
    }
    return await practice(db, **values | given)


async def changed(db: Database, made: Practice, **columns: Any) -> None:
    """The clinic gets other columns."""
    async with db.transaction() as session:
        place = await session.get_one(Clinic, made.clinic.id)
        for name, value in columns.items():
            setattr(place, name, value)


async def full(work: Callable[[], Awaitable[object]], **details: Any) -> None:
    """The work is refused, since the day is full."""
    with pytest.raises(DayIsFull) as caught:
        await work()
    assert details.items() <= caught.value.details.items(), caught.value.details


async def there(db: Database, made: Practice) -> list[tuple[datetime, bool]]:
    """What stands at the clinic: its start, and whether it is of a new patient."""
    async with db.session() as session:
        rows = await session.scalars(
            select(Appointment)
            .where(Appointment.clinic_id == made.clinic.id)
            .order_by(Appointment.starts_at, Appointment.id)
        )
        return [(row.starts_at, row.new_patient) for row in rows if row.status.occupies]


__all__ = ["EXAM", "TEN", "at_most", "capped", "changed", "full", "new_at_most", "there"]
