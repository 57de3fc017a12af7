"""The holidays of a clinic's part of the country, in every room that asks when it is open."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tests.scheduling.practice import practice
from vetcore import clock
from vetcore.database import Database
from vetcore.directory import open_clinics
from vetcore.scheduling import day_sheet, find_slots
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

ST_ANDREW = date(2027, 11, 30)
NOON = datetime(2027, 11, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_the_day_before() -> Iterator[None]:
    with clock.frozen(datetime(2027, 11, 29, 12, tzinfo=UTC)):
        yield


@pytest.mark.parametrize(("part", "is_open"), [("GB-SCT", False), ("GB-ENG", True), (None, True)])
async def test_a_holiday_of_a_part_of_the_country_closes_the_clinics_there(
    db: Database, part: str | None, is_open: bool
) -> None:
    made = await practice(
        db,
        timezone="Europe/London",
        opening_hours="Mo-Fr 09:00-17:00; PH off",
        subdivision=part,
        booking_policy=BookingPolicy(minimum_notice_minutes=0),
        address={"line1": "1 Fennel Close", "city": "Edinburgh", "country": "GB"},
    )
    async with db.session() as session:
        slots = await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            start=NOON,
            end=NOON.replace(hour=15),
            by=Capacity.STAFF,
        )
        sheet = await day_sheet(session, clinic_id=made.clinic.id, day=ST_ANDREW)
        found = await open_clinics(session, [made.clinic], NOON)
    assert bool(slots) is is_open
    assert bool(sheet.open) is is_open
    assert (made.clinic.id in found) is is_open
