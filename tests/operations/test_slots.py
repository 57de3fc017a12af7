"""When there is time, as each who asks is told it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.operations.house import ACTORS, OUTSIDERS, House
from tests.scheduling.availability import exams
from tests.scheduling.practice import HALF_AN_HOUR, TEN, booked_at
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotBookable, NotFound, PermissionDenied
from vetcore.models import Clinic, Veterinarian
from vetcore.operations import (
    book_appointment,
    day_sheet,
    find_next_slot,
    find_slots,
    list_impossible_appointments,
)
from vetcore.scheduling.errors import NotBookableOnline
from vetcore.schemas import (
    AppointmentCreate,
    DayQuery,
    ImpossibleQuery,
    NextSlotQuery,
    SlotQuery,
)
from vetcore.values.clinics import LicenseStatus, ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")

EXAM = ServiceType.WELLNESS_EXAM


def _window(house: House, **given: Any) -> SlotQuery:
    values: dict[str, Any] = {
        "clinic_id": house.made.clinic.id,
        "service": EXAM,
        "start": TEN,
        "end": TEN + HALF_AN_HOUR,
    }
    return SlotQuery(**values | given)


def _next(house: House, **given: Any) -> NextSlotQuery:
    values: dict[str, Any] = {"clinic_ids": [house.made.clinic.id], "service": EXAM, "after": TEN}
    return NextSlotQuery(**values | given)


async def _closes_to_owners(db: Database, house: House) -> None:
    async with db.transaction() as session:
        place = await session.get_one(Clinic, house.made.clinic.id)
        place.services = exams(30, online_bookable=False)


@pytest.mark.parametrize("who", ACTORS)
async def test_everybody_sees_free_slots_and_their_staff_also_those_that_owners_do_not_book(
    shared: Database, house: House, who: str
) -> None:
    async with shared.session(house.acting(who)) as session:
        slots = await find_slots(session, _window(house))
        first = await find_next_slot(session, _next(house))
    assert {(slot.start, slot.practitioner_id) for slot in slots} == {
        (TEN + number * HALF_AN_HOUR / 2, vet.user_id)
        for number in range(2)
        for vet in house.made.vets
    }
    assert first == slots[0]
    await _closes_to_owners(shared, house)
    async with shared.session(house.acting(who)) as session:
        if who in {"staff", "system"}:
            assert await find_slots(session, _window(house)) == slots
        else:
            with pytest.raises(NotBookableOnline):
                await find_slots(session, _window(house))


async def test_who_works_there_sees_as_an_owner_what_owners_see(
    shared: Database, house: House
) -> None:
    await _closes_to_owners(shared, house)
    async with shared.session(house.acting("both")) as session:
        assert await find_slots(session, _window(house))
    async with shared.session(house.acting("both", as_owner=True)) as session:
        with pytest.raises(NotBookableOnline):
            await find_slots(session, _window(house))


@pytest.mark.parametrize("who", ACTORS)
async def test_a_pet_is_asked_about_by_who_may_see_it(
    shared: Database, house: House, who: str
) -> None:
    pet_id = house.made.pets[0].id
    await booked_at(shared, house.made)
    window, following = _window(house, pet_id=pet_id), _next(house, pet_id=pet_id)
    async with shared.session(house.acting(who)) as session:
        if who in OUTSIDERS:
            for operation, query in ((find_slots, window), (find_next_slot, following)):
                with pytest.raises(NotFound):
                    await operation(session, query)  # type: ignore[operator]
        else:
            assert await find_slots(session, window) == []
            found = await find_next_slot(session, following)
            assert found is not None
            assert found.start == TEN + HALF_AN_HOUR
        missing = _window(house, pet_id=uuid4())
        with pytest.raises(NotFound):
            await find_slots(session, missing)


@pytest.mark.parametrize("who", ACTORS)
async def test_a_length_of_ones_own_is_for_staff(shared: Database, house: House, who: str) -> None:
    async with shared.session(house.acting(who)) as session:
        query = _window(house, duration_minutes=45)
        if who in {"staff", "system"}:
            (first, *_) = await find_slots(session, query)
            assert first.end - first.start == timedelta(minutes=45)
        else:
            with pytest.raises(PermissionDenied):
                await find_slots(session, query)


async def test_a_slot_names_whom_to_book(shared: Database, house: House) -> None:
    async with shared.transaction(house.acting("owner")) as session:
        for slot in await find_slots(session, _window(house, end=TEN + timedelta(minutes=1))):
            query = _window(house, practitioner_id=slot.practitioner_id, limit=1)
            assert await find_slots(session, query) == [slot]
        wish = AppointmentCreate(
            clinic_id=slot.clinic_id,
            service=EXAM,
            pet_id=house.made.pets[0].id,
            practitioner_id=slot.practitioner_id,
            starts_at=slot.start,
        )
        booked = await book_appointment(session, wish)
    assert (booked.practitioner_id, booked.ends_at) == (slot.practitioner_id, slot.end)


async def test_a_clinic_that_is_not_there_is_not_found(shared: Database, house: House) -> None:
    async with shared.session(house.acting("owner")) as session:
        with pytest.raises(NotFound):
            await find_slots(session, _window(house, clinic_id=uuid4()))
        with pytest.raises(NotBookable):
            await find_slots(session, _window(house, service=ServiceType.GROOMING))


@pytest.mark.parametrize("who", ACTORS)
async def test_a_clinics_day_is_for_its_staff(shared: Database, house: House, who: str) -> None:
    booked = await booked_at(shared, house.made)
    day = DayQuery(clinic_id=house.made.clinic.id, day=TEN.date())
    impossible = ImpossibleQuery(clinic_id=house.made.clinic.id)
    async with shared.transaction() as session:
        mine = Veterinarian.user_id == booked.practitioner_id
        vet = (await session.scalars(select(Veterinarian).where(mine))).one()
        vet.license_status = LicenseStatus.SUSPENDED
    async with shared.session(house.acting(who)) as session:
        if who in {"staff", "system"}:
            sheet = await day_sheet(session, day)
            visits = [visit for each in sheet.practitioners for visit in each.visits]
            assert [visit.appointment_id for visit in visits] == [booked.id]
            (found,) = await list_impossible_appointments(session, impossible)
            assert found.appointment.id == booked.id
        else:
            for operation, query in (
                (day_sheet, day),
                (list_impossible_appointments, impossible),
            ):
                with pytest.raises(PermissionDenied):
                    await operation(session, query)  # type: ignore[operator]


async def test_what_is_impossible_is_asked_of_a_clinic_or_a_veterinarian(
    shared: Database, house: House
) -> None:
    async with shared.session(house.acting("system")) as session:
        with pytest.raises(InvalidValue):
            await list_impossible_appointments(session, ImpossibleQuery())
        whose = ImpossibleQuery(practitioner_id=house.made.vets[0].user_id)
        assert await list_impossible_appointments(session, whose) == []
