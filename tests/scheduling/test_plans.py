"""However many appointments there are, only those of the people and rooms in question are read."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from tests.examples import pet, user, veterinarian
from tests.plans import plan, watched
from tests.scheduling.practice import HALF_AN_HOUR, TEN, Practice, booked_at, practice
from vetcore.database import Database
from vetcore.models import Appointment
from vetcore.scheduling import calendar_feed, day_sheet, find_slots, move
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")

VETS, DAYS = 20, 60


@pytest.fixture
async def made(db: Database) -> Practice:
    """A practice beside which twenty veterinarians of others have been at work for two months."""
    made, elsewhere = await practice(db), await practice(db)
    owner, people = user(), [user() for _ in range(VETS)]
    others = [(veterinarian(person), pet(owner)) for person in people]
    async with db.transaction() as session:
        session.add_all([owner, *people])
        await session.flush()
        for pair in others:
            session.add_all(pair)
        await session.flush()
        rows: list[dict[str, Any]] = [
            {
                "id": uuid4(),
                "clinic_id": elsewhere.clinic.id,
                "practitioner_id": vet.user_id,
                "pet_id": animal.id,
                "service": ServiceType.WELLNESS_EXAM,
                "status": AppointmentStatus.SCHEDULED,
                "starts_at": (start := TEN + timedelta(days=day - DAYS // 2)),
                "ends_at": start + HALF_AN_HOUR,
                "occupied_from": start,
                "occupied_until": start + HALF_AN_HOUR,
            }
            for day in range(DAYS)
            for vet, animal in others
        ]
        await session.execute(insert(Appointment), rows)
        await session.execute(text("ANALYZE"))
    return made


def _reads_appointments(sql: str) -> bool:
    return "FROM appointments" in sql and not sql.startswith(("INSERT", "UPDATE"))


async def test_indexes_answer_what_scheduling_asks(db: Database, made: Practice) -> None:
    seen = watched(db, _reads_appointments)
    async with db.session() as session:
        await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            start=TEN,
            end=TEN + timedelta(days=7),
            by=Capacity.STAFF,
        )
        await day_sheet(session, clinic_id=made.clinic.id, day=TEN.date())
        for whose in ({"practitioner_id": made.vets[0].user_id}, {"pet_id": made.pets[0].id}):
            await calendar_feed(session, **whose, start=TEN, end=TEN + timedelta(days=7))
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await move(session, booked.id, starts_at=TEN + timedelta(hours=1), by=Capacity.STAFF)
    assert len(seen) >= 4
    for statement in seen:
        found = await plan(db, statement)
        assert "Seq Scan on appointments" not in found, statement
        assert "SCAN appointments" not in found, statement
