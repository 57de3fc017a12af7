"""What is foreseen of a series in generated worlds is what comes of booking each of it."""

import os
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.scheduling.worlds import SPECIAL_DAYS, Scene, scene, store
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import BookingRefused
from vetcore.scheduling import book, find_slots, preview_series
from vetcore.schemas import AppointmentCreate
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000")) // 125 // len(SPECIAL_DAYS) + 1
RULES = ("FREQ=DAILY;COUNT=6", "FREQ=DAILY;INTERVAL=2;COUNT=4", "FREQ=WEEKLY;COUNT=3")
MINUTE = timedelta(minutes=1)


ZONES = sorted(SPECIAL_DAYS)


@pytest.mark.parametrize("zones", [ZONES[::2], ZONES[1::2]], ids=["even", "odd"])
async def test_what_is_foreseen_is_what_comes_of_it(shared: Database, zones: list[str]) -> None:
    scenes = [scene(zone, -number - 1) for zone in zones for number in range(WORLDS)]
    found: list[bool] = []
    async with shared.trial() as session:
        await store(session, scenes)
        await session.execute(text("ANALYZE appointments"))
        for made in scenes:
            with clock.frozen(made.now):
                for start in await _starts(session, made):
                    for rule in RULES:
                        found += await _agree(session, made, start, Recurrence.parse(rule))
    assert any(found)
    assert not all(found)


async def _starts(session: Session, made: Scene) -> list[datetime]:
    """Some that are free, and some that may not be."""
    asked = made.question
    whole = asked.start.replace(second=0, microsecond=0)
    with suppress(BookingRefused):
        slots = await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=asked.service,
            start=asked.start,
            end=asked.end,
            by=Capacity.STAFF,
            pet_id=made.pets[0].id,
            duration=asked.duration,
            limit=200,
        )
        return [
            *(slot.start for slot in slots[:: max(len(slots) // 2, 1)]),
            whole + timedelta(hours=9),
        ]
    return [whole + timedelta(hours=9)]


async def _agree(session: Session, made: Scene, start: datetime, rule: Recurrence) -> list[bool]:
    """Whether each was booked, after it came out as foreseen."""
    asked = made.question
    wish = AppointmentCreate(
        clinic_id=made.clinic.id,
        pet_id=made.pets[0].id,
        service=asked.service,
        starts_at=start,
        duration_minutes=None if asked.duration is None else asked.duration // MINUTE,
    )
    seen = await preview_series(session, wish, rule=rule, by=Capacity.STAFF)
    savepoint = await session.begin_nested()
    for each in seen.occurrences:
        expected = each.practitioner_id if each.error is None else each.error.code
        assert await _booked(session, wish, each.starts_at) == expected, (made, each)
    await savepoint.rollback()
    return [each.error is None for each in seen.occurrences]


async def _booked(session: Session, wish: AppointmentCreate, at: datetime) -> UUID | str:
    """Who sees the pet, or the code of the rule that refuses it."""
    try:
        one = await book(session, wish.model_copy(update={"starts_at": at}), by=Capacity.STAFF)
    except BookingRefused as error:
        return error.code
    return one.practitioner_id
