"""What is foreseen of a series in generated worlds is what comes of booking each of it."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.scheduling.worlds import SPECIAL_DAYS, Scene, scene, store
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import BookingRefused
from vetcore.scheduling import book, preview_series
from vetcore.schemas import AppointmentCreate
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000")) // 200 // len(SPECIAL_DAYS) + 1
RULES = ("FREQ=DAILY;COUNT=6", "FREQ=DAILY;INTERVAL=2;COUNT=4", "FREQ=WEEKLY;COUNT=3")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("zone", SPECIAL_DAYS)
async def test_what_is_foreseen_is_what_comes_of_it(shared: Database, zone: str) -> None:
    scenes = [scene(zone, -number - 5000) for number in range(WORLDS)]
    booked = refused = 0
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE"))
        for made in scenes:
            with clock.frozen(made.now):
                for hours in range(0, 24, 3):
                    for rule in RULES:
                        found = await _agree(session, made, hours, Recurrence.parse(rule))
                        booked, refused = booked + sum(found), refused + len(found) - sum(found)
    assert booked > WORLDS
    assert refused > WORLDS


async def _agree(session: Session, made: Scene, hours: int, rule: Recurrence) -> list[bool]:
    """Whether each was booked, after it came out as foreseen."""
    asked = made.question
    start = asked.start.replace(second=0, microsecond=0) + timedelta(hours=hours)
    wish = AppointmentCreate(
        clinic_id=made.clinic.id,
        pet_id=made.pets[0].id,
        practitioner_id=None,
        service=asked.service,
        starts_at=start,
        duration_minutes=None if asked.duration is None else asked.duration // MINUTE,
    )
    seen = await preview_series(session, wish, rule=rule, by=Capacity.STAFF)
    savepoint = await session.begin_nested()
    found: list[bool] = []
    for each in seen.occurrences:
        try:
            one = await book(
                session,
                wish.model_copy(update={"starts_at": each.starts_at}),
                by=Capacity.STAFF,
            )
        except BookingRefused as error:
            assert each.error is not None, (made, each)
            assert (each.error.code, each.practitioner_id) == (error.code, None)
            found.append(False)
        else:
            assert each.error is None, (made, each)
            assert each.practitioner_id == one.practitioner_id
            found.append(True)
    await savepoint.rollback()
    return found
