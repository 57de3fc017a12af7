"""A clinic or a veterinarian that takes no new patients takes those that were seen there."""

from datetime import timedelta
from typing import Any

import pytest

from tests.plans import watched
from tests.scheduling.practice import TEN, Practice, booked_at, practice, stored
from vetcore.database import Database
from vetcore.medical import open_record
from vetcore.models import Appointment, Clinic, Veterinarian
from vetcore.scheduling import book, find_slots, hold, join_waitlist, next_available
from vetcore.scheduling.errors import InThePast, NotAcceptingNewPatients
from vetcore.schemas import AppointmentHoldCreate, MedicalRecordCreate, WaitlistEntryCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")

LATER = TEN + timedelta(hours=1)
SEEN = {
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.CHECKED_IN,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.COMPLETED,
}


async def _closes_its_books(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        (await session.get_one(Clinic, made.clinic.id)).accepts_new_patients = False


async def _takes_nobody_new(db: Database, vet: Veterinarian) -> None:
    async with db.transaction() as session:
        (await session.get_one(Veterinarian, vet.id)).accepts_new_patients = False


def _question(made: Practice, **given: Any) -> dict[str, Any]:
    asked = {"clinic_id": made.clinic.id, "service": ServiceType.WELLNESS_EXAM}
    return asked | {"start": TEN, "end": LATER} | given


async def test_a_clinic_that_takes_no_new_patients_refuses_a_pet_that_it_never_saw(
    db: Database,
) -> None:
    made = await practice(db, accepts_new_patients=False)
    wish = made.request().model_dump()
    for step, request in ((book, made.request()), (hold, AppointmentHoldCreate(**wish))):
        for by in Capacity:
            async with db.transaction() as session:
                with pytest.raises(NotAcceptingNewPatients) as caught:
                    await step(session, request, by=by)
            assert caught.value.code == "not_accepting_new_patients"
            assert caught.value.details == {"pet_id": str(made.pets[0].id), "by": "clinic"}
    entry = WaitlistEntryCreate(
        clinic_id=made.clinic.id,
        pet_id=made.pets[0].id,
        service=ServiceType.WELLNESS_EXAM,
        earliest_at=TEN,
        latest_at=LATER,
    )
    async with db.transaction() as session:
        with pytest.raises(NotAcceptingNewPatients):
            await join_waitlist(session, entry, by=Capacity.STAFF)


async def test_listing_says_of_a_new_patient_what_booking_says(db: Database) -> None:
    made = await practice(db, accepts_new_patients=False)
    async with db.session() as session:
        assert await find_slots(session, **_question(made), by=Capacity.STAFF)
        with pytest.raises(NotAcceptingNewPatients):
            await find_slots(session, **_question(made, pet_id=made.pets[0].id), by=Capacity.STAFF)
        assert (
            await next_available(
                session,
                clinic_ids=[made.clinic.id],
                service=ServiceType.WELLNESS_EXAM,
                pet_id=made.pets[0].id,
                by=Capacity.STAFF,
            )
            is None
        )


@pytest.mark.parametrize("status", AppointmentStatus)
async def test_a_visit_that_took_place_or_stands_makes_a_pet_known_and_no_other_does(
    db: Database, made: Practice, status: AppointmentStatus
) -> None:
    booked = await booked_at(db, made)
    await _closes_its_books(db, made)
    async with db.transaction() as session:
        visit = await session.get_one(Appointment, booked.id)
        visit.status, visit.hold_expires_at = status, TEN
    if status in SEEN:
        await booked_at(db, made, LATER)
    else:
        with pytest.raises(NotAcceptingNewPatients):
            await booked_at(db, made, LATER)


async def test_a_visit_that_was_deleted_or_was_elsewhere_makes_nobody_known(db: Database) -> None:
    made, other = await practice(db), await practice(db)
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await book(session, other.request(LATER, pet_id=made.pets[0].id), by=Capacity.STAFF)
        (await session.get_one(Appointment, booked.id)).soft_delete()
    await _closes_its_books(db, made)
    with pytest.raises(NotAcceptingNewPatients):
        await booked_at(db, made)


async def test_a_medical_record_makes_a_pet_known(db: Database, made: Practice) -> None:
    await _closes_its_books(db, made)
    async with db.transaction() as session:
        given = MedicalRecordCreate(
            pet_id=made.pets[0].id,
            clinic_id=made.clinic.id,
            practitioner_id=made.vets[0].user_id,
        )
        await open_record(session, given)
    await booked_at(db, made)


async def test_staff_take_a_new_patient_all_the_same_and_that_is_recorded(db: Database) -> None:
    made = await practice(db, accepts_new_patients=False)
    booked = await booked_at(db, made, overrides=("not_accepting_new_patients", "off_grid"))
    assert (await stored(db, booked)).overrides == ("not_accepting_new_patients",)


async def test_a_rule_that_cannot_be_set_aside_is_not_hidden_by_one_that_can(db: Database) -> None:
    made = await practice(db, accepts_new_patients=False)
    every = ("not_accepting_new_patients", "clinic_closed", "off_duty", "off_grid")
    with pytest.raises(InThePast):
        await booked_at(db, made, TEN - timedelta(days=7), overrides=every)


async def test_a_veterinarian_who_takes_nobody_new_is_passed_over(
    db: Database, made: Practice
) -> None:
    first, second = made.vets
    await _takes_nobody_new(db, first)
    async with db.session() as session:
        listed = await find_slots(
            session, **_question(made, pet_id=made.pets[0].id), by=Capacity.STAFF
        )
    assert {slot.practitioner_id for slot in listed} == {second.user_id}
    with pytest.raises(NotAcceptingNewPatients) as caught:
        await booked_at(db, made, practitioner_id=first.user_id)
    assert caught.value.details["by"] == "practitioner"
    assert (await booked_at(db, made)).practitioner_id == second.user_id
    await _takes_nobody_new(db, second)
    with pytest.raises(NotAcceptingNewPatients):
        await booked_at(db, made, animal=1)
    known = await booked_at(db, made, LATER)
    assert known.practitioner_id == second.user_id


async def test_the_veterinarian_who_knows_a_pet_sees_it_again(db: Database, made: Practice) -> None:
    first, second = made.vets
    await booked_at(db, made, practitioner_id=first.user_id)
    for vet in made.vets:
        await _takes_nobody_new(db, vet)
    await booked_at(db, made, LATER, practitioner_id=first.user_id)
    with pytest.raises(NotAcceptingNewPatients):
        await booked_at(db, made, LATER + timedelta(hours=3), practitioner_id=second.user_id)


async def test_the_question_of_new_patients_costs_no_statement(
    db: Database, made: Practice
) -> None:
    seen = watched(db, lambda sql: "clinics" in sql or "appointments" in sql)
    await booked_at(db, made)
    assert len(seen) == 2
