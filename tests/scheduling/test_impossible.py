"""A change of the calendar over booked visits tells which of them it makes impossible."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.plans import watched
from tests.scheduling.availability import DAY, MONDAY, at, away, closure, hourly_practice
from tests.scheduling.practice import Practice, booked_at, held_at, lasting, practice, run_out
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Clinic, Pet, Room, ScheduleBlock, StaffMembership, Veterinarian
from vetcore.scheduling import cancel, impossible_visits
from vetcore.values.animals import PetStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ClinicStatus, LicenseStatus, RoomKind

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def _codes(session: Session, made: Practice) -> list[tuple[UUID, str]]:
    found = await impossible_visits(session, clinic_id=made.clinic.id)
    return [(each.appointment.id, each.refusal.code) for each in found]


Change = Callable[[Session, Practice], Awaitable[None]]


async def _time_off(session: Session, made: Practice) -> None:
    session.add(away(made, "09:00", "11:30"))


async def _closed(session: Session, made: Practice) -> None:
    session.add(closure(made))


async def _other_hours(session: Session, made: Practice) -> None:
    session.add(closure(made, opening_hours="12:00-15:00"))


async def _new_week(session: Session, made: Practice) -> None:
    clinic = await session.get_one(Clinic, made.clinic.id)
    clinic.opening_hours = "Mo-Fr 14:00-18:00"


async def _post_ends(session: Session, made: Practice) -> None:
    await session.execute(
        update(StaffMembership)
        .where(StaffMembership.user_id == made.vets[0].user_id)
        .values(ends_on=MONDAY - DAY)
    )


async def _post_is_deleted(session: Session, made: Practice) -> None:
    post = await session.scalar(
        select(StaffMembership).where(StaffMembership.user_id == made.vets[0].user_id)
    )
    assert post is not None
    post.deleted_at = clock.now()


async def _hours_of_work(session: Session, made: Practice) -> None:
    await session.execute(
        update(StaffMembership)
        .where(StaffMembership.user_id == made.vets[0].user_id)
        .values(working_hours="Tu-Fr 08:00-18:00")
    )


async def _suspended(session: Session, made: Practice) -> None:
    vet = await session.get_one(Veterinarian, made.vets[0].id)
    vet.license_status = LicenseStatus.SUSPENDED


async def _licence_runs_out(session: Session, made: Practice) -> None:
    vet = await session.get_one(Veterinarian, made.vets[0].id)
    vet.license_expires_on = MONDAY - DAY


async def _out_of_business(session: Session, made: Practice) -> None:
    clinic = await session.get_one(Clinic, made.clinic.id)
    clinic.status = ClinicStatus.SUSPENDED


async def _clinic_is_deleted(session: Session, made: Practice) -> None:
    await session.execute(
        update(Clinic).where(Clinic.id == made.clinic.id).values(deleted_at=clock.now())
    )


async def _pet_dies(session: Session, made: Practice) -> None:
    await session.execute(
        update(Pet)
        .where(Pet.id == made.pets[0].id)
        .values(status=PetStatus.DECEASED, died_on=date(2026, 3, 6))
    )


async def _lunch(session: Session, made: Practice) -> None:
    session.add(
        ScheduleBlock(
            clinic_id=made.clinic.id,
            practitioner_id=made.vets[0].user_id,
            label="Lunch",
            first_on=MONDAY,
            hours="10:30-11:00",
        )
    )


CHANGES: dict[str, tuple[Change, str]] = {
    "a block": (_lunch, "blocked"),
    "time off": (_time_off, "off_duty"),
    "a closure": (_closed, "clinic_closed"),
    "other hours on a day": (_other_hours, "clinic_closed"),
    "new weekly hours": (_new_week, "clinic_closed"),
    "a post ends": (_post_ends, "not_working_here"),
    "a post is deleted": (_post_is_deleted, "not_working_here"),
    "hours of work": (_hours_of_work, "off_duty"),
    "a suspended licence": (_suspended, "license_not_valid"),
    "a licence that runs out": (_licence_runs_out, "license_not_valid"),
    "a clinic out of business": (_out_of_business, "clinic_not_active"),
    "a deleted clinic": (_clinic_is_deleted, "clinic_not_active"),
    "a pet that dies": (_pet_dies, "pet_not_bookable"),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_tells_before_it_is_committed_what_it_makes_impossible(
    shared: Database, name: str
) -> None:
    made = await hourly_practice(shared)
    vet = made.vets[0]
    booked = await booked_at(shared, made, at("10:00"), practitioner_id=vet.user_id)
    change, code = CHANGES[name]
    async with shared.transaction() as session:
        assert await _codes(session, made) == []
        await change(session, made)
        assert await _codes(session, made) == [(booked.id, code)]
        (found,) = await impossible_visits(session, practitioner_id=vet.user_id)
        assert found.appointment.id == booked.id


async def test_visits_that_the_change_does_not_touch_are_not_told(shared: Database) -> None:
    made = await hourly_practice(shared)
    mine, other = made.vets
    await booked_at(shared, made, at("08:00"), practitioner_id=mine.user_id)
    touched = await booked_at(shared, made, at("11:00"), practitioner_id=mine.user_id)
    await booked_at(shared, made, at("13:00"), practitioner_id=mine.user_id)
    await booked_at(shared, made, at("11:00"), practitioner_id=other.user_id, animal=1)
    async with shared.trial() as session:
        session.add(away(made, "11:30", "13:00"))
        assert await _codes(session, made) == [(touched.id, "off_duty")]
        assert await impossible_visits(session, practitioner_id=other.user_id) == []
        assert (
            await impossible_visits(
                session, practitioner_id=mine.user_id, since=at("11:00") + timedelta(seconds=1)
            )
            == []
        )
        assert (
            await impossible_visits(session, practitioner_id=mine.user_id, until=at("11:00")) == []
        )


async def test_rules_about_making_an_appointment_do_not_bind_one_that_was_made(
    shared: Database,
) -> None:
    """Another step, more notice, a nearer horizon, no new patients any more."""
    made = await hourly_practice(shared)
    await booked_at(shared, made, at("10:00"))
    async with shared.trial() as session:
        clinic = await session.get_one(Clinic, made.clinic.id)
        clinic.booking_policy = BookingPolicy(
            step_minutes=45, minimum_notice_minutes=20_000, horizon_days=15
        )
        clinic.opening_hours = "Mo-Fr 07:50-18:00"
        clinic.accepts_new_patients = False
        assert await _codes(session, made) == []


async def test_what_is_past_or_occupies_nothing_is_not_told(shared: Database) -> None:
    made = await hourly_practice(shared)
    await booked_at(shared, made, at("08:00"))
    called_off = await booked_at(shared, made, at("14:00"), animal=1)
    lapsed = await held_at(shared, made, starts_at=at("15:00"), animal=2)
    await run_out(shared, lapsed)
    open_hold = await held_at(shared, made, starts_at=at("16:00"), animal=3)
    await lasting(shared, open_hold)
    async with shared.transaction() as session:
        await cancel(session, called_off.id, by=Capacity.STAFF)
    async with shared.trial() as session:
        session.add(closure(made))
        with clock.frozen(at("12:00")):
            assert await _codes(session, made) == [(open_hold.id, "clinic_closed")]


async def test_a_rule_that_staff_set_aside_stays_set_aside(shared: Database) -> None:
    made = await hourly_practice(shared)
    vet = made.vets[0]
    early = await booked_at(
        shared,
        made,
        at("06:00"),
        practitioner_id=vet.user_id,
        overrides=("clinic_closed", "off_duty"),
    )
    async with shared.trial() as session:
        assert await _codes(session, made) == []
        await _suspended(session, made)
        assert await _codes(session, made) == [(early.id, "license_not_valid")]


async def test_a_visit_whose_room_is_gone_has_no_room(shared: Database) -> None:
    made = await practice(shared)
    wish = made.request(at("10:00"), service="surgery")
    booked = await booked_at(shared, made, at("10:00"), service=wish.service)
    async with shared.trial() as session:
        assert await _codes(session, made) == []
        room = await session.get_one(Room, booked.room_id)
        room.deleted_at = clock.now()
        assert await _codes(session, made) == [(booked.id, "no_room")]
    assert made.rooms[0].kind is RoomKind.SURGERY


async def test_a_service_that_is_no_longer_offered_is_told(shared: Database) -> None:
    made = await practice(shared)
    booked = await booked_at(shared, made, at("10:00"))
    async with shared.trial() as session:
        clinic = await session.get_one(Clinic, made.clinic.id)
        clinic.services = clinic.services.without(booked.service)
        assert await _codes(session, made) == [(booked.id, "service_not_offered")]


async def test_a_visit_is_judged_at_the_length_at_which_it_was_booked(shared: Database) -> None:
    made = await hourly_practice(shared)
    booked = await booked_at(shared, made, at("11:00"), duration_minutes=30)
    async with shared.trial() as session:
        session.add(closure(made, opening_hours="08:00-11:30"))
        assert await _codes(session, made) == []
        clinic = await session.get_one(Clinic, made.clinic.id)
        clinic.opening_hours = "Mo-Fr 08:00-11:29"
        session.add(closure(made, opening_hours="09:00-11:29", reason="Shorter"))
        assert (await _codes(session, made))[0][0] == booked.id


@pytest.mark.parametrize("count", [1, 12])
async def test_it_takes_two_statements_however_many_visits_there_are(
    shared: Database, count: int
) -> None:
    made = await hourly_practice(shared)
    for number in range(count):
        await booked_at(
            shared, made, at("10:00", MONDAY + number // 5 * 7 * DAY + number % 5 * DAY)
        )
    async with shared.session() as session:
        await session.execute(select(1))
        seen = watched(shared, lambda _sql: True)
        found = await impossible_visits(session, clinic_id=made.clinic.id)
    assert found == []
    assert len(seen) == 2


async def test_nobody_and_strangers_are_refused(shared: Database) -> None:
    async with shared.trial() as session:
        with pytest.raises(InvalidValue):
            await impossible_visits(session)
        with pytest.raises(NotFound):
            await impossible_visits(session, clinic_id=UUID(int=1))
        with pytest.raises(NotFound):
            await impossible_visits(session, practitioner_id=UUID(int=1))
