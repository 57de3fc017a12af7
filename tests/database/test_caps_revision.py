"""The revision that keeps whether a pet was new keeps every appointment, up and down."""

from sqlalchemy import inspect, select

from tests.examples import appointment, world
from vetcore.database import Database
from vetcore.models import Appointment


async def test_what_was_booked_before_is_kept_and_counts_as_no_new_patient(empty_url: str) -> None:
    everything, place, vet, animal = world()
    async with Database(empty_url) as db:
        await db.migrate()
        visit = appointment(place, vet, animal, new_patient=True)
        async with db.transaction() as session:
            for row in everything:
                session.add(row)
                await session.flush()
            session.add(visit)
        await db.downgrade("0016")
        async with db.engine.connect() as connection:
            columns = await connection.run_sync(
                lambda sync: {each["name"] for each in inspect(sync).get_columns("appointments")}
            )
        assert "new_patient" not in columns
        await db.migrate()
        async with db.session() as session:
            found = (await session.scalars(select(Appointment))).one()
        assert (found.id, found.starts_at, found.new_patient) == (visit.id, visit.starts_at, False)
