"""The revision that adds occupations guards every appointment from then on, and goes back clearly."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.scheduling.practice import NOW
from tests.scheduling.surgery import assists, theatre, uses, visit
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import SlotTaken, VetcoreError
from vetcore.models import Appointment
from vetcore.values.appointments import AppointmentStatus


async def test_the_tables_come_and_go_and_appointments_stay(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        with clock.frozen(NOW):
            made = await theatre(db)
        one, other = visit(made), visit(made, vet=1, animal=1)
        for each in (one, other):
            each.starts_at = each.occupied_from = clock.now() + timedelta(days=30)
            each.ends_at = each.occupied_until = each.starts_at + timedelta(hours=1)
        async with db.transaction() as session:
            session.add_all([one, other])
            await session.flush()
            session.add_all([assists(made.technicians[0].id, one), uses(made.equipment[0].id, one)])
        with pytest.raises((VetcoreError, RuntimeError), match="cancel those appointments"):
            await db.downgrade("0015")
        async with db.transaction() as session:
            (await session.get_one(Appointment, one.id)).status = AppointmentStatus.CANCELLED
        await db.downgrade("0015")
        async with db.engine.connect() as connection:
            rows = await connection.execute(text("SELECT count(*) FROM appointments"))
            assert rows.scalar_one() == 2
        await db.migrate()
        assert await db.check() == []
        async with db.transaction() as session:
            session.add(assists(made.technicians[0].id, other))
        with pytest.raises(SlotTaken):
            async with db.transaction() as session:
                session.add(assists(made.vets[1].user_id, other))
