"""A clinic's day: who works, what is taken, what is free, on both engines."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from tests.examples import appointment, clinic, membership, user, veterinarian
from tests.scheduling.practice import HALF_AN_HOUR, NOW, TEN, Practice, practice
from vetcore.database import Database
from vetcore.errors import NotFound
from vetcore.models import (
    Appointment,
    ClinicClosure,
    Pet,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
    Veterinarian,
)
from vetcore.models.base import Entity
from vetcore.scheduling import (
    DayBlock,
    DaySheet,
    PractitionerDay,
    book,
    cancel,
    day_sheet,
    find_slots,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import LicenseStatus, ServiceType
from vetcore.values.intervals import Interval

MONDAY = date(2026, 3, 9)
NEW_YORK = ZoneInfo("America/New_York")


pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db)


async def _sheet(db: Database, made: Practice, day: date = MONDAY) -> DaySheet:
    async with db.session() as session:
        return await day_sheet(session, clinic_id=made.clinic.id, day=day)


async def _add(db: Database, *rows: Entity) -> None:
    async with db.transaction() as session:
        session.add_all(rows)


def _of(sheet: DaySheet, vet: Veterinarian) -> PractitionerDay:
    return next(each for each in sheet.practitioners if each.id == vet.user_id)


def _clock(intervals: Sequence[Interval], zone: ZoneInfo = NEW_YORK) -> list[str]:
    """What the clinic's clock shows at the ends of each interval."""
    return [
        f"{each.start.astimezone(zone):%H:%M}-{each.end.astimezone(zone):%H:%M}"
        for each in intervals
    ]


async def test_a_day_without_visits_is_free_while_the_clinic_is_open(
    db: Database, made: Practice
) -> None:
    sheet = await _sheet(db, made)
    hours = ["08:00-12:00", "13:00-18:00"]
    assert _clock(sheet.open) == hours
    assert {each.id for each in sheet.practitioners} == made.vet_ids
    for column in sheet.practitioners:
        assert _clock(column.working) == _clock(column.free) == hours
        assert column.name == "Ana Silva"
    assert [room.name for room in sheet.rooms] == ["Theatre 1", "Theatre 2"]
    assert all(_clock(room.free) == hours for room in sheet.rooms)
    assert (sheet.visits, sheet.exception_reason) == ((), None)


async def test_a_visit_takes_its_veterinarian_and_room_with_both_buffers(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        wish = made.request(service=ServiceType.SURGERY, practitioner_id=made.vets[0].user_id)
        booked = await book(session, wish, by=Capacity.STAFF)
    sheet = await _sheet(db, made)
    (visit,) = sheet.visits
    assert (visit.appointment_id, visit.pet_name) == (booked.id, "Pet 0")
    assert (visit.start, visit.end) == (TEN, TEN + timedelta(hours=1))
    assert _clock([visit.occupied]) == ["09:45-11:30"]
    left = ["08:00-09:45", "11:30-12:00", "13:00-18:00"]
    assert _clock(_of(sheet, made.vets[0]).free) == left
    assert _clock(_of(sheet, made.vets[1]).free) == ["08:00-12:00", "13:00-18:00"]
    (room,) = (each for each in sheet.rooms if each.visits)
    assert (room.id, _clock(room.free)) == (booked.room_id, left)


async def test_what_is_free_on_the_sheet_is_what_is_listed(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        for number, minutes in enumerate((0, 45, 240)):
            await book(
                session,
                made.request(TEN + timedelta(minutes=minutes), animal=number),
                by=Capacity.STAFF,
            )
    sheet = await _sheet(db, made)
    expected = {
        (column.id, free.start + step * timedelta(minutes=15))
        for column in sheet.practitioners
        for free in column.free
        for step in range((free.length - HALF_AN_HOUR) // timedelta(minutes=15) + 1)
    }
    async with db.session() as session:
        slots = await find_slots(
            session,
            clinic_id=made.clinic.id,
            service=ServiceType.WELLNESS_EXAM,
            start=datetime(2026, 3, 9, 4, tzinfo=UTC),
            end=datetime(2026, 3, 10, 4, tzinfo=UTC),
            by=Capacity.STAFF,
        )
    assert {(slot.practitioner_id, slot.start) for slot in slots} == expected


async def test_what_does_not_occupy_is_not_on_the_sheet(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        cancelled = await book(session, made.request(), by=Capacity.STAFF)
        await cancel(session, cancelled.id, by=Capacity.STAFF)
    place, vet = made.clinic, made.vets[0]
    ran_out = appointment(
        place,
        vet,
        made.pets[1],
        TEN,
        status=AppointmentStatus.HELD,
        hold_expires_at=datetime(2001, 1, 1, tzinfo=UTC),
    )
    live = appointment(
        place,
        vet,
        made.pets[2],
        TEN + HALF_AN_HOUR,
        status=AppointmentStatus.HELD,
        hold_expires_at=datetime(2400, 1, 1, tzinfo=UTC),
    )
    gone = appointment(place, vet, made.pets[3], TEN + timedelta(hours=3), deleted_at=NOW)
    await _add(db, ran_out, live, gone)
    sheet = await _sheet(db, made)
    assert [visit.appointment_id for visit in sheet.visits] == [live.id]
    assert "10:30-11:00" not in _clock(_of(sheet, vet).free)
    assert _clock(_of(sheet, vet).free)[0] == "08:00-10:30"


async def test_time_off_and_other_clinics_take_time_without_saying_with_what(
    db: Database, made: Practice
) -> None:
    away, busy = made.vets
    other = clinic(name="Elsewhere")
    await _add(db, other)
    await _add(
        db,
        TimeOff(practitioner_id=away.user_id, starts_at=TEN - timedelta(days=3), ends_at=TEN),
        appointment(other, busy, made.pets[0], TEN),
    )
    sheet = await _sheet(db, made)
    assert _clock(_of(sheet, away).away) == ["00:00-10:00"]
    assert _clock(_of(sheet, away).working) == ["10:00-12:00", "13:00-18:00"]
    assert _clock(_of(sheet, busy).elsewhere) == ["10:00-10:30"]
    assert _clock(_of(sheet, busy).free) == ["08:00-10:00", "10:30-12:00", "13:00-18:00"]
    assert sheet.visits == ()


async def test_a_closure_or_other_hours_are_told_with_their_reason(
    db: Database, made: Practice
) -> None:
    tuesday = MONDAY + timedelta(days=1)
    await _add(
        db,
        ClinicClosure(
            clinic_id=made.clinic.id, first_on=MONDAY, last_on=MONDAY, reason="Inventory"
        ),
        ClinicClosure(
            clinic_id=made.clinic.id,
            first_on=MONDAY,
            last_on=tuesday,
            opening_hours="10:00-14:00",
            reason="Short staffed",
        ),
    )
    closed, short = await _sheet(db, made), await _sheet(db, made, tuesday)
    assert (closed.open, closed.exception_reason) == ((), "Inventory")
    assert not any(each.free for each in closed.practitioners)
    assert not any(each.free for each in closed.rooms)
    assert (_clock(short.open), short.exception_reason) == (["10:00-14:00"], "Short staffed")


async def test_what_is_kept_free_is_shown_with_its_label_and_is_not_free(
    db: Database, made: Practice
) -> None:
    (mine, other), (theatre, spare) = made.vets, made.rooms
    everyday: dict[str, Any] = {"clinic_id": made.clinic.id, "first_on": MONDAY - timedelta(days=9)}
    await _add(
        db,
        ScheduleBlock(**everyday, label="Meeting", hours="Mo 08:00-08:30"),
        ScheduleBlock(**everyday, label="Lunch", hours="11:30-12:30", practitioner_id=mine.user_id),
        ScheduleBlock(**everyday, label="Leak", hours="Su 20:00-33:00", room_id=theatre.id),
        ScheduleBlock(**everyday, label="Over", hours="24/7", last_on=MONDAY - timedelta(days=8)),
        ScheduleBlock(**everyday, label="Gone", hours="24/7", deleted_at=NOW),
    )
    sheet = await _sheet(db, made)

    def told(blocks: Sequence[DayBlock]) -> list[tuple[str, str]]:
        return [(each.label, _clock([Interval(each.start, each.end)])[0]) for each in blocks]

    assert told(_of(sheet, mine).blocks) == [("Meeting", "08:00-08:30"), ("Lunch", "11:30-12:30")]
    assert told(_of(sheet, other).blocks) == [("Meeting", "08:00-08:30")]
    assert _clock(_of(sheet, mine).free) == ["08:30-11:30", "13:00-18:00"]
    assert _clock(_of(sheet, mine).working) == ["08:00-12:00", "13:00-18:00"]
    assert _clock(_of(sheet, other).free) == ["08:30-12:00", "13:00-18:00"]
    rooms = {room.id: room for room in sheet.rooms}
    assert told(rooms[theatre.id].blocks) == [("Leak", "00:00-09:00"), ("Meeting", "08:00-08:30")]
    assert _clock(rooms[theatre.id].free) == ["09:00-12:00", "13:00-18:00"]
    assert _clock(rooms[spare.id].free) == ["08:30-12:00", "13:00-18:00"]


async def test_a_night_appears_on_both_days_with_its_part(db: Database) -> None:
    made = await practice(db, opening_hours="Su 22:00-06:00")
    midnight = TEN - timedelta(hours=10)
    vet = made.vets[0]
    await _add(db, appointment(made.clinic, vet, made.pets[0], midnight - timedelta(minutes=10)))
    sunday, monday = await _sheet(db, made, MONDAY - timedelta(days=1)), await _sheet(db, made)
    assert _clock(sunday.open) == ["22:00-00:00"]
    assert _clock(monday.open) == ["00:00-06:00"]
    assert len(sunday.visits) == len(monday.visits) == 1
    assert _clock(_of(sunday, vet).free) == ["22:00-23:50"]
    assert _clock(_of(monday, vet).free) == ["00:20-06:00"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 8), 23), (date(2026, 3, 9), 24), (date(2026, 11, 1), 25)],
)
async def test_a_day_is_as_long_as_the_clock_makes_it(db: Database, day: date, hours: int) -> None:
    made = await practice(db, opening_hours="24/7")
    sheet = await _sheet(db, made, day)
    (open_,) = sheet.open
    assert open_.length == timedelta(hours=hours)
    assert open_.start.astimezone(NEW_YORK).date() == day


async def test_a_day_that_never_was_is_empty(db: Database) -> None:
    made = await practice(db, opening_hours="24/7", timezone="Pacific/Apia")
    assert (await _sheet(db, made, date(2011, 12, 30))).open == ()


async def test_nobody_is_free_without_a_licence(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        (await session.get_one(Veterinarian, made.vets[0].id)).license_expires_on = MONDAY
        suspended = await session.get_one(Veterinarian, made.vets[1].id)
        suspended.license_status = LicenseStatus.SUSPENDED
    sheet = await _sheet(db, made)
    assert _of(sheet, made.vets[0]).free
    assert _of(sheet, made.vets[1]).free == ()
    assert _of(sheet, made.vets[1]).working
    tuesday = await _sheet(db, made, MONDAY + timedelta(days=1))
    assert _of(tuesday, made.vets[0]).free == ()


async def test_a_visit_that_still_stands_stays_on_the_sheet_whoever_has_gone(
    db: Database, made: Practice
) -> None:
    person = user(first_name="Zoe", last_name="Ash")
    leaver = veterinarian(person)
    await _add(db, person)
    await _add(db, leaver)
    await _add(
        db,
        membership(person, made.clinic, ends_on=MONDAY - timedelta(days=30)),
        appointment(made.clinic, leaver, made.pets[0], TEN),
    )
    async with db.transaction() as session:
        # By statements: through the ORM, those who go take their visits to come with them.
        for entity, key in ((Pet, made.pets[0].id), (Veterinarian, leaver.id)):
            await session.execute(update(entity).where(entity.id == key).values(deleted_at=NOW))
    sheet = await _sheet(db, made)
    column = _of(sheet, leaver)
    assert (column.name, column.working, column.free) == ("Zoe Ash", (), ())
    assert [visit.pet_name for visit in column.visits] == ["Pet 0"]


async def test_the_last_night_of_a_post_goes_on_into_the_next_day(db: Database) -> None:
    made = await practice(db, opening_hours="24/7", vets=0)
    person, leaver = user(), user()
    await _add(db, person, leaver)
    vet, left = veterinarian(person), veterinarian(leaver)
    await _add(db, vet, left)
    sunday = MONDAY - timedelta(days=1)
    night = "22:00-06:00"
    await _add(
        db,
        membership(person, made.clinic, ends_on=sunday, working_hours=night),
        membership(leaver, made.clinic, ends_on=sunday - timedelta(days=1), working_hours=night),
    )
    sheet = await _sheet(db, made)
    assert [(each.id, _clock(each.free)) for each in sheet.practitioners] == [
        (vet.user_id, ["00:00-06:00"])
    ]


async def test_posts_that_begin_later_or_were_deleted_do_not_count(
    db: Database, made: Practice
) -> None:
    later, deleted = user(), user()
    await _add(db, later, deleted)
    await _add(db, veterinarian(later), veterinarian(deleted))
    post: StaffMembership = membership(deleted, made.clinic, deleted_at=NOW)
    await _add(db, post, membership(later, made.clinic, starts_on=MONDAY + timedelta(days=1)))
    assert {each.id for each in (await _sheet(db, made)).practitioners} == made.vet_ids


async def test_an_unknown_clinic_is_not_found(db: Database) -> None:
    async with db.session() as session:
        with pytest.raises(NotFound):
            await day_sheet(session, clinic_id=uuid4(), day=MONDAY)


async def test_the_sheet_writes_nothing(db: Database, made: Practice) -> None:
    async with db.session() as session:
        await day_sheet(session, clinic_id=made.clinic.id, day=MONDAY)
        assert not session.new
        assert not session.dirty
        assert await session.get(Appointment, uuid4()) is None
