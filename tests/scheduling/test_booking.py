"""What a booking takes: veterinarian, room, pet and time."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.scheduling.practice import HALF_AN_HOUR, TEN, Practice, booked_at, practice, stored
from vetcore.database import Acting, Database
from vetcore.errors import SlotTaken
from vetcore.models import Appointment, Pet
from vetcore.scheduling import book, find_slots
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_a_booking_is_stored_as_it_was_returned(db: Database, made: Practice) -> None:
    actor = uuid4()
    async with db.transaction() as session:
        booked = await book(session, made.request(reason="itches"), by=Capacity.STAFF)
        assert booked.practitioner_id in made.vet_ids
    found = await stored(db, booked)
    columns = [column.key for column in Appointment.__mapper__.column_attrs]
    assert {name: getattr(found, name) for name in columns} == {
        name: getattr(booked, name) for name in columns
    }
    assert found.status is AppointmentStatus.SCHEDULED
    assert found.ends_at - found.starts_at == HALF_AN_HOUR
    assert actor != found.booked_by_id


async def test_a_booked_appointment_is_an_object_of_the_session(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        booked = await book(session, made.request(), by=Capacity.STAFF)
        booked.notes = "changed in the same transaction"
    assert (await stored(db, booked)).notes == "changed in the same transaction"
    assert (await stored(db, booked)).version == 2


async def test_any_veterinarian_means_the_one_with_the_least_to_do(
    db: Database, made: Practice
) -> None:
    first = await booked_at(db, made)
    second = await booked_at(db, made, starts_at=TEN + timedelta(hours=1), animal=1)
    assert {first.practitioner_id, second.practitioner_id} == made.vet_ids


async def test_what_a_veterinarian_does_on_other_days_is_not_counted(
    db: Database, made: Practice
) -> None:
    here, there = sorted(made.vets, key=lambda vet: vet.user_id)
    for day in (1, 2):
        await booked_at(
            db, made, TEN + timedelta(days=day), practitioner_id=here.user_id, duration_minutes=120
        )
    for hours in (1, 3):
        await booked_at(
            db, made, TEN + timedelta(hours=hours), practitioner_id=there.user_id, animal=1
        )
    assert (await booked_at(db, made, animal=2)).practitioner_id == here.user_id


async def test_when_all_are_taken_the_error_names_the_veterinarian(
    db: Database, made: Practice
) -> None:
    await booked_at(db, made, animal=0)
    await booked_at(db, made, animal=1)
    with pytest.raises(SlotTaken) as caught:
        await booked_at(db, made, animal=2)
    assert caught.value.details["resource"] == "practitioner"


async def test_a_pet_is_in_one_place_at_a_time(db: Database, made: Practice) -> None:
    await booked_at(db, made, practitioner_id=made.vets[0].user_id)
    with pytest.raises(SlotTaken) as caught:
        await booked_at(
            db, made, practitioner_id=made.vets[1].user_id, starts_at=TEN + timedelta(minutes=15)
        )
    assert caught.value.details["resource"] == "pet"


async def test_rooms_are_assigned_and_run_out(db: Database) -> None:
    made = await practice(db, vets=3)
    surgery: dict[str, Any] = {"service": ServiceType.SURGERY}
    rooms = [(await booked_at(db, made, animal=number, **surgery)).room_id for number in range(2)]
    assert set(rooms) == {room.id for room in made.rooms}
    with pytest.raises(SlotTaken) as caught:
        await booked_at(db, made, animal=2, **surgery)
    assert caught.value.details["resource"] == "room"


async def test_a_room_may_be_asked_for(db: Database, made: Practice) -> None:
    wanted = made.rooms[1].id
    booked = await booked_at(db, made, room_id=wanted)
    assert booked.room_id == wanted
    with pytest.raises(SlotTaken):
        await booked_at(db, made, animal=1, room_id=wanted)


async def test_buffers_are_part_of_what_is_occupied(db: Database, made: Practice) -> None:
    vet = made.vets[0].user_id
    surgery = await booked_at(db, made, service=ServiceType.SURGERY, practitioner_id=vet)
    assert surgery.occupied_from == TEN - timedelta(minutes=15)
    assert surgery.occupied_until == TEN + timedelta(minutes=90)
    for start in (TEN - HALF_AN_HOUR, TEN + timedelta(minutes=75)):
        with pytest.raises(SlotTaken):
            await booked_at(db, made, starts_at=start, animal=1, practitioner_id=vet)
    await booked_at(db, made, starts_at=TEN - timedelta(minutes=45), animal=1, practitioner_id=vet)
    await booked_at(db, made, starts_at=TEN + timedelta(minutes=90), animal=1, practitioner_id=vet)


async def test_everything_listed_can_be_booked_until_nothing_is_left(
    db: Database, made: Practice
) -> None:
    end = TEN + timedelta(hours=3)
    booked = 0
    while True:
        async with db.session() as session:
            slots = await find_slots(
                session,
                clinic_id=made.clinic.id,
                service=ServiceType.WELLNESS_EXAM,
                start=TEN,
                end=end,
                by=Capacity.STAFF,
            )
        if not slots:
            break
        slot = slots[len(slots) // 2]
        await booked_at(
            db, made, starts_at=slot.start, practitioner_id=slot.practitioner_id, animal=booked % 4
        ) if await _pet_is_free(db, made, slot.start, booked % 4) else await booked_at(
            db,
            made,
            starts_at=slot.start,
            practitioner_id=slot.practitioner_id,
            pet_id=await _new_pet(db, made),
        )
        booked += 1
    assert booked >= 4


async def _pet_is_free(db: Database, made: Practice, start: object, animal: int) -> bool:
    async with db.session() as session:
        row = Appointment
        query = select(func.count()).where(
            row.pet_id == made.pets[animal].id,
            row.starts_at < start + HALF_AN_HOUR,  # type: ignore[operator]
            row.ends_at > start,
        )
        return not await session.scalar(query)


async def _new_pet(db: Database, made: Practice) -> object:
    async with db.transaction() as session:
        session.add(animal := Pet(name="Another", species="cat", owner_id=made.pets[0].owner_id))
    return animal.id


async def test_a_length_of_its_own_takes_its_own_time(db: Database, made: Practice) -> None:
    booked = await booked_at(db, made, duration_minutes=60)
    assert booked.ends_at - booked.starts_at == timedelta(hours=1)


async def test_nothing_is_committed_but_by_the_caller(db: Database, made: Practice) -> None:
    async with db.trial() as session:
        await book(session, made.request(), by=Capacity.STAFF)
    async with db.session() as session:
        assert await session.scalar(select(func.count(Appointment.id))) == 0


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_booking_works_in_a_tenants_schema(db: Database, empty_url: str) -> None:
    async with Database(empty_url) as whole:
        tenant = whole.for_tenant("clinic_a")
        await tenant.migrate()
        made = await practice(tenant)
        booked = await tenant.run(lambda session: book(session, made.request(), by=Capacity.STAFF))
        async with tenant.session() as session:
            assert await session.get(Appointment, booked.id) is not None
    assert db.dialect == "postgresql"


async def test_who_asked_is_the_user_that_is_named_or_the_transactions_actor(
    db: Database, made: Practice
) -> None:
    actor, owner = made.vets[0].user_id, made.pets[0].owner_id
    for named, expected in ((None, actor), (owner, owner)):
        async with db.transaction(Acting(actor)) as session:
            booked = await book(session, made.request(), booked_by=named, by=Capacity.STAFF)
            assert booked.booked_by_id == expected
            await session.delete(booked)
