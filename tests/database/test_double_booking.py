"""The database itself refuses two appointments at once, whoever writes them."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.examples import NINE, appointment, world
from vetcore.database import Database
from vetcore.errors import SlotTaken
from vetcore.models import Appointment


async def _booked(db: Database) -> Appointment:
    everything, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(everything)
        await session.flush()
        booked = appointment(place, vet, animal)
        session.add(booked)
    return booked


async def test_the_orm_learns_that_the_slot_is_taken(db: Database) -> None:
    booked = await _booked(db)
    with pytest.raises(SlotTaken) as caught:
        async with db.transaction() as session:
            again = Appointment(
                clinic_id=booked.clinic_id,
                practitioner_id=booked.practitioner_id,
                pet_id=booked.pet_id,
                service=booked.service,
                starts_at=NINE + timedelta(minutes=15),
                ends_at=NINE + timedelta(minutes=45),
                occupied_from=NINE + timedelta(minutes=15),
                occupied_until=NINE + timedelta(minutes=45),
            )
            session.add(again)
    assert caught.value.details["resource"] in {"practitioner", "pet"}
    async with db.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM appointments")) == 1
    assert UUID(str(caught.value.details["resource_id"])) in {booked.practitioner_id, booked.pet_id}
