"""The revision that keeps series leaves every appointment in its series, and gives it a place."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, text

from tests.examples import NINE, appointment, clinic, pet, user, veterinarian
from vetcore.database import Database
from vetcore.models import Appointment, AppointmentSeries

SERIES = 20
EACH = 12


async def test_every_series_is_kept_with_its_appointments_in_their_order(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        before = await _filled(db)
        await db.downgrade("0013")
        async with db.engine.connect() as connection:
            first = (await connection.execute(text("SELECT * FROM appointments LIMIT 1"))).one()
            assert "series_place" not in first._fields
            assert "series_id" in first._fields
        await db.migrate()
        async with db.session() as session:
            rows = (await session.scalars(select(Appointment))).all()
            series = (await session.scalars(select(AppointmentSeries))).all()
        assert {row.id: (row.series_id, row.series_place) for row in rows} == before
        assert len(rows) == SERIES * EACH + 1
        assert {row.version for row in rows} == {1}
        by_key = {row.id: row for row in series}
        assert len(by_key) == SERIES
        for row in rows:
            if row.series_place == 1:
                agreed = by_key[row.series_id]  # type: ignore[index]
                assert agreed.rule is None
                assert agreed.first_wall_time == row.wall_time
                assert (agreed.clinic_id, agreed.pet_id) == (row.clinic_id, row.pet_id)
                assert agreed.created_at == row.created_at
        assert await db.check() == []


async def _filled(db: Database) -> dict[object, tuple[object, int | None]]:
    """Series that overlap in time, and an appointment that is in none."""
    place, person = clinic(), user()
    vet, animal = veterinarian(person), pet()
    async with db.transaction() as session:
        session.add_all([place, person])
        await session.flush()
        session.add_all([vet, animal])
        await session.flush()
        agreed = [
            AppointmentSeries(id=uuid4(), clinic_id=place.id, pet_id=animal.id)
            for _ in range(SERIES)
        ]
        session.add_all(agreed)
        await session.flush()
        alone = appointment(place, vet, animal, NINE - timedelta(days=1))
        visits = [alone]
        for number in range(EACH):
            for offset, series in enumerate(agreed):
                visit = appointment(
                    place, vet, animal, NINE + timedelta(hours=number * SERIES + offset)
                )
                visit.series_id, visit.series_place = series.id, number + 1
                visit.wall_time = f"wall {number} {offset}"
                visits.append(visit)
        session.add_all(visits)
    return {visit.id: (visit.series_id, visit.series_place) for visit in visits}
