"""Group visits through their operations: who may, and what a key repeats."""

from uuid import UUID

import pytest

from tests.operations.house import house_at
from tests.scheduling.practice import HALF_AN_HOUR, TEN, booked_at, stored
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotFound, PermissionDenied
from vetcore.models import Clinic, Pet
from vetcore.operations import (
    book_group_visit,
    cancel_appointment,
    cancel_group_visit,
    find_group_slots,
    move_group_visit,
)
from vetcore.scheduling.errors import NoLongerBooked, TooManyBookings
from vetcore.schemas import (
    AppointmentCancel,
    GroupSlotQuery,
    GroupVisitCancel,
    GroupVisitCreate,
    GroupVisitMove,
)
from vetcore.values.booking_policy import BookingPolicy

pytestmark = pytest.mark.usefixtures("on_a_friday")


async def test_an_owner_books_moves_and_cancels_for_pets_of_theirs(db: Database) -> None:
    house = await house_at(db)
    made = house.made
    pets = [each.id for each in made.pets[:2]]
    wish = GroupVisitCreate(first=made.request(), with_pets=(pets[1],))
    for name in ("stranger", "other"):
        async with db.transaction(house.acting(name)) as session:
            with pytest.raises((NotFound, PermissionDenied)):
                await book_group_visit(session, wish)
    async with db.session(house.acting("owner")) as session:
        found = await find_group_slots(
            session,
            GroupSlotQuery(
                clinic_id=made.clinic.id,
                service="wellness_exam",
                pet_ids=tuple(pets),
                start=TEN,
                end=TEN + HALF_AN_HOUR,
            ),
        )
    assert {(slot.end - slot.start) / HALF_AN_HOUR for slot in found} == {2}
    async with db.transaction(house.acting("owner")) as session:
        booked = await book_group_visit(session, wish)
        later = GroupVisitMove(id=booked[0].id, starts_at=TEN + 2 * HALF_AN_HOUR)
        await move_group_visit(session, later)
        await cancel_group_visit(session, GroupVisitCancel(id=booked[1].id, reason="Both are well"))
    for each in booked:
        kept = await stored(db, each)
        assert (kept.status, kept.cancellation_reason) == ("cancelled", "Both are well")


async def test_one_of_a_strangers_pets_is_left_alone(db: Database) -> None:
    house = await house_at(db)
    made = house.made
    async with db.transaction(house.acting("staff")) as session:
        booked = await book_group_visit(
            session, GroupVisitCreate(first=made.request(), with_pets=(made.pets[1].id,))
        )
    async with db.transaction() as session:
        pet = await session.get_one(Pet, made.pets[1].id)
        pet.owner_id = house.people["other"]
    act = GroupVisitCancel(id=booked[0].id)
    async with db.transaction(house.acting("owner")) as session:
        with pytest.raises(PermissionDenied):
            await cancel_group_visit(session, act)
        with pytest.raises(PermissionDenied):
            await move_group_visit(session, GroupVisitMove(id=booked[0].id, starts_at=TEN))
        await cancel_appointment(session, AppointmentCancel(id=booked[0].id))
    assert (await stored(db, booked[1])).status == "scheduled"


async def test_a_key_books_once_while_all_stands_together(db: Database) -> None:
    house = await house_at(db)
    made = house.made
    wish = GroupVisitCreate(first=made.request(), with_pets=(made.pets[1].id,))
    key, seen = "two puppies", set[UUID]()
    for _ in range(2):
        async with db.transaction(house.acting("staff")) as session:
            booked = await book_group_visit(session, wish, key=key)
        seen |= {each.id for each in booked}
        assert [each.pet_id for each in booked] == [made.pets[0].id, made.pets[1].id]
    assert len(seen) == 2
    async with db.transaction(house.acting("staff")) as session:
        await cancel_appointment(session, AppointmentCancel(id=booked[1].id))
    async with db.transaction(house.acting("staff")) as session:
        with pytest.raises(NoLongerBooked):
            await book_group_visit(session, wish, key=key)


async def test_a_key_moves_and_cancels_once(db: Database) -> None:
    house = await house_at(db)
    made = house.made
    async with db.transaction(house.acting("staff")) as session:
        booked = await book_group_visit(
            session, GroupVisitCreate(first=made.request(), with_pets=(made.pets[1].id,))
        )
    later = GroupVisitMove(id=booked[0].id, starts_at=TEN + 2 * HALF_AN_HOUR)
    act = GroupVisitCancel(id=booked[0].id)
    for _ in range(2):
        async with db.transaction(house.acting("staff")) as session:
            moved = await move_group_visit(session, later, key="later")
            assert {each.starts_at for each in moved} == {later.starts_at}
            assert {each.version for each in moved} == {2}
    for _ in range(2):
        async with db.transaction(house.acting("staff")) as session:
            gone = await cancel_group_visit(session, act, key="gone")
            assert [each.status for each in gone] == ["cancelled", "cancelled"]
    assert {(await stored(db, each)).version for each in booked} == {3}


async def test_the_limits_of_owners_count_each_pet(db: Database) -> None:
    house = await house_at(db)
    made = house.made
    async with db.transaction() as session:
        clinic = await session.get_one(Clinic, made.clinic.id)
        clinic.booking_policy = BookingPolicy(minimum_notice_minutes=0, bookings_per_owner=1)
    async with db.transaction(house.acting("owner")) as session:
        with pytest.raises(TooManyBookings):
            await book_group_visit(
                session, GroupVisitCreate(first=made.request(), with_pets=(made.pets[1].id,))
            )
    async with db.transaction(house.acting("owner")) as session:
        await booked_at(db, made)


async def test_an_appointment_alone_is_refused(db: Database) -> None:
    house = await house_at(db)
    alone = await booked_at(db, house.made)
    async with db.transaction(house.acting("staff")) as session:
        with pytest.raises(InvalidValue) as caught:
            await cancel_group_visit(session, GroupVisitCancel(id=alone.id))
    assert caught.value.details["field"] == "id"
