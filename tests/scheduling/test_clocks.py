"""Whether a hold has run out, the database's clock decides, whatever ours shows."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.scheduling.availability import hourly_practice, taken
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import HoldExpired
from vetcore.models import Appointment
from vetcore.scheduling import confirm_hold, expire_holds
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("days", [-400, 400], ids=["ours is behind", "ours is ahead"])
async def test_a_hold_is_confirmed_or_swept_by_the_databases_clock(
    shared: Database, days: int
) -> None:
    made = await hourly_practice(shared)
    real = datetime.now(UTC)  # the database's clock cannot be stopped
    ran_out, lasts, forgotten = (
        taken(made, start, end, status=AppointmentStatus.HELD, hold_expires_at=expires)
        for start, end, expires in (
            ("09:00", "10:00", real - HOUR),
            ("10:00", "11:00", real + HOUR),
            ("11:00", "12:00", real - HOUR),
        )
    )
    for held in (ran_out, lasts, forgotten):  # by either clock, their time has not come
        for name in ("starts_at", "ends_at", "occupied_from", "occupied_until"):
            setattr(held, name, getattr(held, name) + timedelta(weeks=157))
    async with shared.transaction() as session:
        session.add_all([ran_out, lasts, forgotten])
    with clock.frozen(real + timedelta(days=days)):
        async with shared.transaction() as session:
            with pytest.raises(HoldExpired):
                await confirm_hold(session, ran_out.id, by=Capacity.STAFF)
            await expire_holds(session)
            assert (
                await confirm_hold(session, lasts.id, by=Capacity.STAFF)
            ).status is AppointmentStatus.SCHEDULED
    async with shared.session() as session:
        swept = await session.get_one(Appointment, forgotten.id)
        assert swept.status is AppointmentStatus.EXPIRED
