"""Feeds and calendar messages, as each who asks is given them."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.examples import clinic, membership, registration
from tests.operations.house import ACTORS, OUTSIDERS, House
from tests.scheduling.practice import SERVICES, TEN, booked_at
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound, PermissionDenied
from vetcore.models import Appointment, Clinic, ClinicPatient, Pet, PetCoOwner, User
from vetcore.operations import get_calendar_message, read_calendar
from vetcore.scheduling import CalendarMethod, NoCalendarMessage, book, cancel
from vetcore.schemas import AppointmentCreate, CalendarMessageQuery, CalendarQuery
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role

pytestmark = pytest.mark.usefixtures("on_a_friday")

HOUR = timedelta(hours=1)
SPAN = {"start": TEN - timedelta(days=1), "end": TEN + timedelta(days=1)}
WORDS: dict[str, Any] = {"reason": "limps", "notes": "shy", "internal_notes": "owes us 20"}


async def _read(db: Database, house: House, who: str, **wanted: Any) -> str:
    async with db.session(house.acting(who)) as session:
        found = await read_calendar(session, CalendarQuery(**SPAN, **wanted))
    return found.decode().replace("\r\n ", "")


async def _with_address(db: Database, house: House, email: str | None = "desk@x.example") -> None:
    async with db.transaction() as session:
        (await session.get_one(Clinic, house.made.clinic.id)).email = email


async def _elsewhere(db: Database, house: House, vet: UUID) -> Appointment:
    """The same pet and practitioner, at a clinic where nobody of the house works but them."""
    other = clinic(
        name="Elsewhere",
        timezone="America/New_York",
        opening_hours="Mo-Fr 08:00-18:00",
        services=SERVICES,
        booking_policy=BookingPolicy(minimum_notice_minutes=0),
    )
    pet_id = house.made.pets[0].id
    async with db.transaction() as session:
        session.add(other)
        await session.flush()
        person = await session.get_one(User, vet)
        session.add(membership(person, other, role=Role.VETERINARIAN))
        session.add(registration(other.id, pet_id=pet_id))
    wish = AppointmentCreate(
        clinic_id=other.id,
        service=ServiceType.WELLNESS_EXAM,
        pet_id=pet_id,
        starts_at=TEN + 2 * HOUR,
        practitioner_id=vet,
    )
    async with db.transaction() as session:
        return await book(session, wish, by=Capacity.STAFF)


@pytest.mark.parametrize("who", ACTORS)
async def test_a_calendar_is_for_who_may_see_the_pet_or_works_there(
    shared: Database, house: House, who: str
) -> None:
    booked = await booked_at(shared, house.made)
    if who in OUTSIDERS:
        with pytest.raises(NotFound):
            await _read(shared, house, who, pet_id=booked.pet_id)
    else:
        assert str(booked.id) in await _read(shared, house, who, pet_id=booked.pet_id)


@pytest.mark.parametrize("who", ACTORS)
async def test_a_clinics_calendar_is_for_its_staff(
    shared: Database, house: House, who: str
) -> None:
    booked = await booked_at(shared, house.made)
    clinic_id = house.made.clinic.id
    if who in {"staff", "system"}:
        assert str(booked.id) in await _read(shared, house, who, clinic_id=clinic_id)
    else:
        with pytest.raises(PermissionDenied):
            await _read(shared, house, who, clinic_id=clinic_id)


async def test_staff_see_of_a_pet_a_colleague_and_an_owner_what_is_their_clinics(
    shared: Database, house: House
) -> None:
    vet = house.made.vets[0]
    here = await booked_at(shared, house.made, practitioner_id=vet.user_id)
    there = await _elsewhere(shared, house, vet.user_id)
    house.people["vet"] = vet.user_id
    owner_id = house.people["owner"]
    for whose, all_of_it in (
        ({"practitioner_id": vet.user_id}, ("vet", "system")),
        ({"pet_id": here.pet_id}, ("owner", "vet", "system")),
        ({"owner_id": owner_id}, ("owner", "vet", "system")),
    ):
        assert str(there.id) not in await _read(shared, house, "staff", **whose)
        assert str(here.id) in await _read(shared, house, "staff", **whose)
        for who in all_of_it:
            feed = await _read(shared, house, who, **whose)
            assert str(here.id) in feed
            assert str(there.id) in feed


@pytest.mark.parametrize("who", ["owner", "staff", "system"])
async def test_words_are_each_audiences_own(shared: Database, house: House, who: str) -> None:
    booked = await booked_at(shared, house.made, **WORDS)
    whose = {"pet_id": booked.pet_id}
    assert "limps" not in await _read(shared, house, who, **whose)
    told = await _read(shared, house, who, **whose, words=True)
    assert "Reason: limps\\nNotes: shy" in told
    assert ("owes us 20" in told) is (who != "owner")


async def test_a_calendar_is_somebodys(shared: Database, house: House) -> None:
    both = {"pet_id": house.made.pets[0].id, "clinic_id": house.made.clinic.id}
    for whose in ({}, both):
        with pytest.raises(InvalidValue):
            await _read(shared, house, "staff", **whose)


# Messages ----------------------------------------------------------------------------------------


async def _message(db: Database, house: House, who: str, **wanted: Any) -> Any:
    async with db.session(house.acting(who)) as session:
        return await get_calendar_message(session, CalendarMessageQuery(**wanted))


@pytest.mark.parametrize("who", ACTORS)
async def test_an_owner_has_their_own_message_and_staff_that_of_all(
    shared: Database, house: House, who: str
) -> None:
    await _with_address(shared, house)
    booked = await booked_at(shared, house.made)
    if who in OUTSIDERS:
        with pytest.raises(NotFound):
            await _message(shared, house, who, id=booked.id)
        return
    message = await _message(shared, house, who, id=booked.id)
    assert message.method is CalendarMethod.REQUEST
    assert len(message.recipients) == (1 if who == "owner" else 2)
    async with shared.session() as session:
        owner = await session.get_one(User, house.people["owner"])
    assert message.recipients[0] == owner.email


async def test_nobody_learns_an_address_by_it_that_they_may_not_see(
    shared: Database, house: House
) -> None:
    await _with_address(shared, house)
    booked = await booked_at(shared, house.made)
    stranger = house.people["stranger"]
    async with shared.transaction() as session:
        session.add(PetCoOwner(pet_id=booked.pet_id, user_id=stranger))
    mine = await _message(shared, house, "stranger", id=booked.id)
    addresses = re.findall(r"mailto:\S+", mine.content.decode().replace("\r\n ", ""))
    assert len(addresses) == 2
    assert len(mine.recipients) == 1
    for attendee in (house.people["owner"], booked.practitioner_id):
        with pytest.raises(PermissionDenied):
            await _message(shared, house, "stranger", id=booked.id, attendee_id=attendee)
    # A clinic that nobody agreed to does not learn who looks after the pet.
    everybody = await _message(shared, house, "staff", id=booked.id)
    assert mine.recipients[0] in everybody.recipients
    async with shared.transaction() as session:
        await session.execute(update(ClinicPatient).values(agreed_at=None, agreed_by_id=None))
        (await session.get_one(Appointment, booked.id)).patient_until = None
    fewer = await _message(shared, house, "staff", id=booked.id)
    assert mine.recipients[0] not in fewer.recipients
    with pytest.raises(InvalidValue):
        await _message(shared, house, "staff", id=booked.id, attendee_id=stranger)


async def test_staff_ask_for_one_who_takes_part(shared: Database, house: House) -> None:
    await _with_address(shared, house)
    booked = await booked_at(shared, house.made)
    owner = house.people["owner"]
    message = await _message(shared, house, "staff", id=booked.id, attendee_id=owner)
    assert len(message.recipients) == 1
    with pytest.raises(InvalidValue):
        await _message(shared, house, "staff", id=booked.id, attendee_id=house.people["technician"])


async def test_what_was_cancelled_is_taken_out(shared: Database, house: House) -> None:
    await _with_address(shared, house)
    booked = await booked_at(shared, house.made)
    async with shared.transaction() as session:
        await cancel(session, booked.id, reason="ill", by=Capacity.STAFF)
    message = await _message(shared, house, "owner", id=booked.id)
    assert message.method is CalendarMethod.CANCEL
    assert message.sequence == 1


async def test_without_an_address_of_the_clinic_there_is_none(
    shared: Database, house: House
) -> None:
    await _with_address(shared, house, None)
    booked = await booked_at(shared, house.made)
    with pytest.raises(NoCalendarMessage):
        await _message(shared, house, "staff", id=booked.id)


async def test_the_message_of_a_pet_that_is_gone_is_still_the_clinics(
    shared: Database, house: House
) -> None:
    await _with_address(shared, house)
    booked = await booked_at(shared, house.made)
    async with shared.transaction() as session:
        (await session.get_one(Pet, booked.pet_id)).soft_delete()
    assert await _message(shared, house, "staff", id=booked.id)
