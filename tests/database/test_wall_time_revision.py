"""The revision that keeps wall times leaves every appointment, and fills in what clocks show."""

from datetime import timedelta

from sqlalchemy import select, text

from tests.examples import NINE, appointment, clinic, pet, user, veterinarian
from vetcore.database import Database
from vetcore.models import Appointment
from vetcore.values.walltime import AgreedTime, zone_named

ZONES = ("America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
EACH = 300
"""Together, more than one batch."""


async def test_every_appointment_is_kept_and_gets_the_wall_time_of_its_clinic(
    empty_url: str,
) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        await _filled(db)
        await db.downgrade("0001")
        async with db.engine.connect() as connection:
            first = (await connection.execute(text("SELECT * FROM appointments LIMIT 1"))).one()
            assert "wall_time" not in first._fields
        await db.migrate()
        async with db.session() as session:
            rows = (await session.scalars(select(Appointment))).all()
            texts = await session.execute(
                text(
                    "SELECT a.wall_time, c.timezone, a.version FROM appointments a"
                    " JOIN clinics c ON c.id = a.clinic_id ORDER BY a.id"
                )
            )
            kept = texts.all()
        assert len(rows) == len(kept) == EACH * len(ZONES)
        assert {version for _, _, version in kept} == {1}
        by_key = sorted(rows, key=lambda row: row.id.hex)
        for row, (written, zone, _) in zip(by_key, kept, strict=True):
            assert written == row.wall_time
            assert written == str(AgreedTime.at(row.starts_at, zone_named(zone)))
        assert await db.check() == []


async def _filled(db: Database) -> None:
    places = [clinic(timezone=zone, name=zone) for zone in ZONES]
    person = user()
    vet, animal = veterinarian(person), pet()
    async with db.transaction() as session:
        session.add_all([*places, person])
        await session.flush()
        session.add_all([vet, animal])
        await session.flush()
        session.add_all(
            appointment(place, vet, animal, NINE + timedelta(hours=number * len(ZONES) + offset))
            for number in range(EACH)
            for offset, place in enumerate(places)
        )
