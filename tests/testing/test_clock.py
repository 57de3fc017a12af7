"""A stopped clock holds for what we ask of the database, too."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.examples import NINE, pet, world
from vetcore.clock import now
from vetcore.database import Database
from vetcore.database.statements import Now, SecondsDown
from vetcore.errors import InvalidValue
from vetcore.scheduling import book, confirm_hold, hold
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate
from vetcore.testing import refused, stopped_clock
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

TEN_IN_SEATTLE = NINE.replace(hour=17)


async def test_a_hold_runs_out_when_the_clock_is_moved_to_its_end(db: Database) -> None:
    everything, place, vet, animal = world()
    other = pet()
    wish: dict[str, Any] = {
        "clinic_id": place.id,
        "practitioner_id": vet.user_id,
        "service": ServiceType.WELLNESS_EXAM,
        "starts_at": TEN_IN_SEATTLE,
    }
    with stopped_clock(NINE - timedelta(days=3)) as clock:
        async with db.transaction() as session:
            session.add_all([*everything, other])
        async with db.transaction() as session:
            held = await hold(
                session, AppointmentHoldCreate(**wish, pet_id=animal.id), by=Capacity.STAFF
            )
        assert held.hold_expires_at is not None
        assert held.hold_expires_at > clock.now
        clock.move_to(held.hold_expires_at - timedelta(microseconds=1))
        async with db.transaction() as session:
            with refused("slot_taken", resource="practitioner"):
                await book(session, AppointmentCreate(**wish, pet_id=other.id), by=Capacity.STAFF)
        clock.move_to(held.hold_expires_at)
        async with db.transaction() as session:
            with refused("hold_expired"):
                await confirm_hold(session, held.id, by=Capacity.STAFF)
        async with db.transaction() as session:
            await book(session, AppointmentCreate(**wish, pet_id=other.id), by=Capacity.STAFF)


async def test_the_clock_of_the_database_goes_on_afterwards(db: Database) -> None:
    async def told() -> int | None:
        async with db.engine.connect() as connection:
            return await connection.scalar(select(SecondsDown(Now())))

    with stopped_clock(datetime(2020, 2, 29, tzinfo=UTC)) as clock:
        assert await told() == clock.now.timestamp()
    assert await told() == pytest.approx(now().timestamp(), abs=60)


def test_a_clock_cannot_be_stopped_at_a_naive_time() -> None:
    with pytest.raises(InvalidValue), stopped_clock(NINE.replace(tzinfo=None)):
        pass
