"""Joining the waitlist and being offered a slot, for the tests of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from tests.scheduling.practice import NOW, TEN, Practice
from vetcore.database import Database, Session
from vetcore.models import Appointment, WaitlistEntry
from vetcore.scheduling import (
    book,
    join_waitlist,
    offer_next,
)
from vetcore.schemas import WaitlistEntryCreate
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

QUARTER = timedelta(minutes=15)


def wish(made: Practice, animal: int = 0, **given: Any) -> WaitlistEntryCreate:
    """To come on Monday at ten."""
    values: dict[str, Any] = {
        "clinic_id": made.clinic.id,
        "pet_id": made.pets[animal].id,
        "service": ServiceType.WELLNESS_EXAM,
        "earliest_at": TEN,
        "latest_at": TEN + QUARTER,
    }
    return WaitlistEntryCreate(**values | given)


async def join(db: Database, made: Practice, animal: int = 0, **given: Any) -> WaitlistEntry:
    async with db.transaction() as session:
        return await join_waitlist(session, wish(made, animal, **given), by=Capacity.STAFF)


async def offer(db: Database, made: Practice, **given: Any) -> WaitlistEntry | None:
    async def work(session: Session) -> WaitlistEntry | None:
        return await offer_next(session, clinic_id=made.clinic.id, **given)

    return await db.run(work)


async def read_back(db: Database, entry: WaitlistEntry) -> WaitlistEntry:
    async with db.session() as session:
        return await session.get_one(WaitlistEntry, entry.id)


async def hold_of(db: Database, entry: WaitlistEntry) -> Appointment:
    async with db.session() as session:
        held_id = (await session.get_one(WaitlistEntry, entry.id)).offered_appointment_id
        return await session.get_one(Appointment, held_id)


async def run_out(db: Database, entry: WaitlistEntry) -> Appointment:
    held = await hold_of(db, entry)
    async with db.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == held.id)
            .values(hold_expires_at=NOW - timedelta(days=365))
        )
    return held


async def occupy(db: Database, made: Practice, *, start: datetime = TEN) -> Appointment:
    async with db.transaction() as session:
        return await book(session, made.request(start, animal=5), by=Capacity.STAFF)
