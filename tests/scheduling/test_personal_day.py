"""A practitioner's day at all their clinics, by the calendar of one time zone, on both engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from tests.examples import appointment, clinic, membership, room, user, veterinarian
from tests.scheduling.practice import NOW, Practice, practice
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import (
    Clinic,
    ClinicClosure,
    Room,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
    User,
    Veterinarian,
)
from vetcore.models.base import Entity
from vetcore.scheduling import PersonalDay, day_sheet, practitioner_day
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import LicenseStatus
from vetcore.values.intervals import Interval

pytestmark = pytest.mark.usefixtures("on_a_friday")

MONDAY = date(2026, 3, 9)
NEW_YORK, DENVER = ZoneInfo("America/New_York"), ZoneInfo("America/Denver")


@dataclass
class Two:
    """A practice in New York and one in Denver, where its first veterinarian works as well."""

    made: Practice
    west: Clinic
    den: Room

    @property
    def vet(self) -> Veterinarian:
        return self.made.vets[0]

    @property
    def who(self) -> UUID:
        return self.vet.user_id


@pytest.fixture
async def two(db: Database) -> Two:
    made = await practice(db, vets=1)
    west = clinic(
        name="West",
        timezone="America/Denver",
        opening_hours="Mo-Fr 15:00-20:00",
        license_number="W",
    )
    await _add(db, west)
    den = room(west, name="Den")
    async with db.transaction() as session:
        person = await session.get_one(User, made.vets[0].user_id)
        person.timezone = "America/New_York"
        session.add_all([den, membership(person, west)])
    return Two(made, west, den)


async def _add(db: Database, *rows: Entity) -> None:
    async with db.transaction() as session:
        session.add_all(rows)


async def _day(db: Database, two: Two, day: date = MONDAY, **given: Any) -> PersonalDay:
    async with db.session() as session:
        return await practitioner_day(session, practitioner_id=two.who, day=day, **given)


def _at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(f"2026-03-09 {text}").replace(tzinfo=zone)


def _clock(intervals: Sequence[Interval], zone: ZoneInfo = NEW_YORK) -> list[str]:
    return [
        f"{each.start.astimezone(zone):%H:%M}-{each.end.astimezone(zone):%H:%M}"
        for each in intervals
    ]


async def test_duty_visits_and_what_is_free_are_told_of_each_clinic(db: Database, two: Two) -> None:
    here, pets = two.made, two.made.pets
    theatre = here.rooms[0]
    await _add(
        db,
        appointment(here.clinic, two.vet, pets[0], _at("10:00"), room_id=theatre.id),
        appointment(two.west, two.vet, pets[1], _at("15:30", DENVER), room_id=two.den.id),
        appointment(
            here.clinic, two.vet, pets[2], _at("11:00"), status=AppointmentStatus.CANCELLED
        ),
        TimeOff(practitioner_id=two.who, starts_at=_at("13:00"), ends_at=_at("14:00")),
        ScheduleBlock(
            clinic_id=two.west.id, label="Meeting", first_on=MONDAY, hours="Mo 19:00-20:00"
        ),
        ScheduleBlock(
            clinic_id=here.clinic.id,
            practitioner_id=two.who,
            label="Lunch",
            first_on=MONDAY,
            hours="11:30-12:00",
        ),
        ScheduleBlock(
            clinic_id=here.clinic.id,
            room_id=theatre.id,
            label="Leak",
            first_on=MONDAY,
            hours="24/7",
        ),
    )
    found = await _day(db, two)
    assert (found.day, found.timezone, found.name) == (MONDAY, "America/New_York", "Ana Silva")
    east, west = sorted(found.clinics, key=lambda each: each.timezone, reverse=True)
    assert (east.clinic_id, west.clinic_name) == (here.clinic.id, "West")
    assert _clock(east.working) == ["08:00-12:00", "14:00-18:00"]
    assert _clock(west.working) == ["17:00-22:00"]
    assert _clock(found.away) == ["13:00-14:00"]
    assert [each.label for each in east.blocks] == ["Lunch"]
    assert [each.label for each in west.blocks] == ["Meeting"]
    assert _clock(east.free) == ["08:00-10:00", "10:30-11:30", "14:00-17:30"]
    assert _clock(west.free) == ["17:00-17:30", "18:00-21:00"]
    assert _clock(found.free) == [
        "08:00-10:00", "10:30-11:30", "14:00-17:30", "17:00-17:30", "18:00-21:00",
    ]  # fmt: skip
    assert [
        (each.clinic_id, each.clinic_name, each.room_name, each.visit.pet_name)
        for each in found.visits
    ] == [
        (here.clinic.id, here.clinic.name, theatre.name, "Pet 0"),
        (two.west.id, "West", "Den", "Pet 1"),
    ]
    assert found.elsewhere == ()


async def test_of_a_clinic_that_is_not_told_of_only_the_time_is(db: Database, two: Two) -> None:
    await _add(
        db,
        appointment(two.west, two.vet, two.made.pets[1], _at("15:30", DENVER), room_id=two.den.id),
        ScheduleBlock(clinic_id=two.west.id, label="Meeting", first_on=MONDAY, hours="24/7"),
    )
    found = await _day(db, two, tells=two.made.clinic.id.__eq__)
    assert [each.clinic_id for each in found.clinics] == [two.made.clinic.id]
    assert found.visits == ()
    assert _clock(found.elsewhere) == ["17:30-18:00"]
    assert _clock(found.free) == ["08:00-12:00", "13:00-17:30"]
    async with db.session() as session:
        sheet = await day_sheet(session, clinic_id=two.made.clinic.id, day=MONDAY)
    (column,) = sheet.practitioners
    assert (column.elsewhere, column.free) == (found.elsewhere, found.free)


async def test_the_day_is_that_of_the_zone_that_is_given(db: Database, two: Two) -> None:
    sydney = ZoneInfo("Australia/Sydney")
    found = await _day(db, two, date(2026, 3, 10), timezone="Australia/Sydney")
    told = {each.clinic_id: _clock(each.working, sydney) for each in found.clinics}
    # From ten in the morning in New York until nine in the morning of the next day there.
    assert told[two.made.clinic.id] == ["00:00-03:00", "04:00-09:00", "23:00-00:00"]
    assert told[two.west.id] == ["08:00-13:00"]
    assert found.timezone == "Australia/Sydney"


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 8), 23), (date(2026, 3, 9), 24), (date(2026, 11, 1), 25)],
)
async def test_a_day_has_23_to_25_hours(db: Database, two: Two, day: date, hours: int) -> None:
    async with db.transaction() as session:
        await session.execute(update(Clinic).values(opening_hours="24/7"))
    found = await _day(db, two, day)
    length = timedelta(hours=hours)
    for duty in found.clinics:
        (whole,) = duty.working
        assert whole.length == length
        assert duty.free == (whole,)


async def test_a_night_appears_on_both_days_with_its_part(db: Database, two: Two) -> None:
    async with db.transaction() as session:
        await session.execute(update(Clinic).values(opening_hours="Su 22:00-06:00"))
    midnight = _at("00:00")
    await _add(
        db,
        appointment(two.made.clinic, two.vet, two.made.pets[0], midnight - timedelta(minutes=10)),
    )
    sunday, monday = await _day(db, two, MONDAY - timedelta(days=1)), await _day(db, two)
    for found, working in ((sunday, "22:00-00:00"), (monday, "00:00-06:00")):
        (duty,) = (each for each in found.clinics if each.clinic_id == two.made.clinic.id)
        assert _clock(duty.working) == [working]
        assert len(found.visits) == 1


async def test_closures_and_memberships_are_by_each_clinics_days(db: Database, two: Two) -> None:
    async with db.transaction() as session:
        session.add(
            ClinicClosure(
                clinic_id=two.made.clinic.id, first_on=MONDAY, last_on=MONDAY, reason="Inventory"
            )
        )
        await session.execute(
            update(StaffMembership)
            .where(StaffMembership.clinic_id == two.west.id)
            # In Denver it is Sunday still when that Monday begins.
            .values(ends_on=MONDAY - timedelta(days=2))
        )
    (duty,) = (await _day(db, two)).clinics
    assert (duty.clinic_id, duty.working, duty.free) == (two.made.clinic.id, (), ())


async def test_nothing_is_free_without_a_licence_that_is_good_then(db: Database, two: Two) -> None:
    async def change(**values: Any) -> PersonalDay:
        async with db.transaction() as session:
            await session.execute(update(Veterinarian).values(**values))
        return await _day(db, two)

    found = await change(license_expires_on=MONDAY)
    assert len(found.free) == 3
    found = await change(license_expires_on=MONDAY - timedelta(days=1))
    assert (found.free, len(found.clinics)) == ((), 2)
    found = await change(license_expires_on=None, license_status=LicenseStatus.SUSPENDED)
    assert found.free == ()


async def test_a_visit_stays_though_its_clinic_and_room_are_gone(db: Database, two: Two) -> None:
    await _add(
        db,
        appointment(two.west, two.vet, two.made.pets[1], _at("15:30", DENVER), room_id=two.den.id),
    )
    async with db.transaction() as session:
        await session.execute(update(Room).where(Room.id == two.den.id).values(deleted_at=NOW))
        await session.execute(update(Clinic).where(Clinic.id == two.west.id).values(deleted_at=NOW))
    found = await _day(db, two)
    assert [each.clinic_id for each in found.clinics] == [two.made.clinic.id]
    assert [(each.clinic_name, each.room_name) for each in found.visits] == [("West", "Den")]


async def test_somebody_without_a_clinic_has_an_empty_day(db: Database, two: Two) -> None:
    free_lance = user()
    await _add(db, free_lance)
    await _add(db, veterinarian(free_lance, license_number="F"))
    async with db.session() as session:
        found = await practitioner_day(session, practitioner_id=free_lance.id, day=MONDAY)
        assert (found.clinics, found.visits, found.free, found.away) == ((), (), (), ())
        with pytest.raises(NotFound):
            await practitioner_day(session, practitioner_id=uuid4(), day=MONDAY)
        with pytest.raises(InvalidValue):
            await practitioner_day(
                session, practitioner_id=two.who, day=MONDAY, timezone="Mars/Olympus"
            )
