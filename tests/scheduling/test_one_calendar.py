"""Every room gives one answer to the question when a clinic is open."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tests.scheduling.availability import DAY, MONDAY, add, at, closure, hourly_practice, starts
from tests.scheduling.practice import Practice
from vetcore.database import Database
from vetcore.directory import nearest_clinics, open_clinics
from vetcore.models import ClinicClosure
from vetcore.scheduling import day_sheet

pytestmark = pytest.mark.usefixtures("on_a_friday")

EXCEPTIONS = (
    {"opening_hours": "10:00-14:00", "reason": "Short day"},
    {"opening_hours": None, "reason": "Holidays"},
    {"opening_hours": "12:00-16:00", "reason": "Long lunch"},
)


async def _open_in_every_room(db: Database, made: Practice, moment: datetime) -> bool:
    """Whether the clinic is open then, by the directory, twice, and by the day's sheet."""
    async with db.session() as session:
        listed = made.clinic.id in await open_clinics(session, [made.clinic], moment)
        place = made.clinic.latitude or 0, made.clinic.longitude or 0
        near = await nearest_clinics(session, *place, open_at=moment, limit=10_000)
        sheet = await day_sheet(session, clinic_id=made.clinic.id, day=MONDAY)
    found = made.clinic.id in {each.clinic.id for each in near}
    shown = any(span.start <= moment < span.end for span in sheet.open)
    assert listed is found is shown, moment
    return listed


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_where_one_exception_closes_and_others_open_the_day_is_closed_for_everybody(
    shared: Database, order: tuple[int, ...]
) -> None:
    made = await hourly_practice(shared)
    await add(shared, *(closure(made, **EXCEPTIONS[number]) for number in order))
    for hours in range(0, 24, 3):
        assert not await _open_in_every_room(shared, made, at("00:00") + timedelta(hours=hours))
    assert await starts(shared, made) == []
    async with shared.session() as session:
        sheet = await day_sheet(session, clinic_id=made.clinic.id, day=MONDAY)
    assert sheet.exception_reason == "Holidays"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_of_two_that_open_the_one_that_begins_last_holds_for_everybody(
    shared: Database, order: tuple[int, ...]
) -> None:
    made = await hourly_practice(shared)
    several = (
        closure(made, first_on=MONDAY - DAY, opening_hours="09:00-18:00", reason="Open week"),
        closure(made, opening_hours="10:00-14:00", reason="Short day"),
    )
    rows: list[ClinicClosure] = [several[number] for number in order]
    await add(shared, *rows)
    assert not await _open_in_every_room(shared, made, at("09:30"))
    assert await _open_in_every_room(shared, made, at("10:30"))
    assert not await _open_in_every_room(shared, made, at("15:00"))
    assert await starts(shared, made) == ["10:00", "11:00", "12:00", "13:00"]
    async with shared.session() as session:
        sheet = await day_sheet(session, clinic_id=made.clinic.id, day=MONDAY)
    assert sheet.exception_reason == "Short day"
