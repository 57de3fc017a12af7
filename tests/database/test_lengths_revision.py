"""The revision that gives appointments a length of their own keeps every row, and knows theirs."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import column, insert, select, table

from tests.examples import EXAM, world
from vetcore.database import Database
from vetcore.models import Appointment
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ServiceType

BEFORE = "0003"
THEN: Any = table(
    "appointments",
    *(column(each.name, each.type) for each in Appointment.__table__.c),
    column("veterinarian_id", Appointment.__table__.c.id.type),
)
"""The table as it was: without defaults of columns that are newer."""
NINE = datetime(2030, 3, 11, 9, tzinfo=UTC)
LENGTHS = {
    (ServiceType.WELLNESS_EXAM, EXAM.duration_minutes): None,
    (ServiceType.WELLNESS_EXAM, 45): 45,
    (ServiceType.WELLNESS_EXAM, 31): 31,
    (ServiceType.SURGERY, 30): 30,
}
"""By service and minutes: the length of its own; the catalogue has no surgery."""


async def test_a_length_that_is_not_the_catalogues_is_kept_as_the_appointments_own(
    empty_url: str,
) -> None:
    wanted: dict[UUID, int | None] = {}
    async with Database(empty_url) as db:
        everything, place, vet, animal = world()
        await _as_it_was(db, everything)
        async with db.transaction() as session:
            for number, ((service, minutes), own) in enumerate(LENGTHS.items()):
                row = _row(NINE + timedelta(days=number), minutes)
                row |= {"service": service, "clinic_id": place.id}
                row |= {"veterinarian_id": vet.id, "pet_id": animal.id}
                await session.execute(insert(THEN).values(row))
                wanted[row["id"]] = own
        await db.migrate()
        async with db.session() as session:
            rows = (await session.scalars(select(Appointment))).all()
        assert {row.id: row.duration_minutes for row in rows} == wanted
        assert await db.check() == []


async def test_a_hold_that_outlasts_its_start_ends_there(empty_url: str) -> None:
    async with Database(empty_url) as db:
        everything, place, vet, animal = world()
        await _as_it_was(db, everything)
        ends = {NINE: NINE + timedelta(minutes=9), NINE + timedelta(days=1): NINE}
        async with db.transaction() as session:
            for start, expires in ends.items():
                row = _row(start, 30) | {"clinic_id": place.id, "service": "wellness_exam"}
                row |= {"veterinarian_id": vet.id, "pet_id": animal.id}
                row |= {"status": AppointmentStatus.HELD, "hold_expires_at": expires}
                await session.execute(insert(THEN).values(row))
        await db.migrate()
        async with db.session() as session:
            rows = (await session.scalars(select(Appointment))).all()
        assert {row.starts_at: row.hold_expires_at for row in rows} == {
            NINE: NINE,
            NINE + timedelta(days=1): NINE,
        }


async def _as_it_was(db: Database, everything: list[Any]) -> None:
    """The rows around an appointment, in a database of before the revision."""
    await db.migrate()
    async with db.transaction() as session:
        session.add_all(everything)
    # Written by the models of today, which know columns that are newer.
    await db.downgrade(BEFORE)


def _row(start: datetime, minutes: int) -> dict[str, Any]:
    end = start + timedelta(minutes=minutes)
    return {
        "id": uuid4(),
        "starts_at": start,
        "ends_at": end,
        "occupied_from": start,
        "occupied_until": end,
    }
