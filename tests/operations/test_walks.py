"""How many files one has to read to follow an act from its operation to the row and back."""

import pytest
from sqlalchemy import text

from tests.operations.house import house_at
from tests.operations.walking import walked
from tests.scheduling.practice import TEN
from vetcore.database import Database
from vetcore.models import Appointment, Pet
from vetcore.operations import book_appointment, update_pet
from vetcore.schemas import PetUpdate

pytestmark = pytest.mark.usefixtures("on_a_friday")

A_BOOKING = 37
_LIMITS = 2
"""What owners book is limited: the limits, and turns for those who book at once."""

A_CHANGE_BY_SOMEBODY = 24
"""Twelve of them say who asks and keep the command's key."""

A_CHANGE = 12
_BEGUN = text("SELECT 1")
"""The transaction and its connection are the caller's."""


@pytest.mark.parametrize("who", ["staff", "owner"])
async def test_a_booking_goes_through_few_files(db: Database, who: str) -> None:
    house = await house_at(db)
    wish = house.made.request(TEN)
    async with db.trial(house.acting(who)) as session:
        await book_appointment(session, wish, key="first")
    async with db.transaction(house.acting(who)) as session:
        await session.execute(_BEGUN)
        with walked() as files:
            booked = await book_appointment(session, wish, key="k")
    async with db.session() as session:
        assert await session.get(Appointment, booked.id) is not None
    print(f"{db.dialect}, {who}: {len(files)} files: {' '.join(sorted(files))}")  # noqa: T201
    assert {"operations/appointments.py", "scheduling/booking.py"} <= files
    assert len(files) <= A_BOOKING + (who == "owner") * _LIMITS, sorted(files)


@pytest.mark.parametrize("who", ["staff", "owner"])
async def test_a_change_goes_through_few_files(db: Database, who: str) -> None:
    house = await house_at(db)
    pet_id = house.made.pets[0].id
    async with db.trial(house.acting(who)) as session:
        await update_pet(session, PetUpdate(id=pet_id, name="Bello"))
    change = PetUpdate(id=pet_id, name="Rex II")
    async with db.transaction(house.acting(who)) as session:
        await session.execute(_BEGUN)
        with walked() as files:
            changed = await update_pet(session, change, key="k")
    async with db.session() as session:
        assert (await session.get_one(Pet, changed.id)).name == "Rex II"
    print(f"{db.dialect}, {who}: {len(files)} files: {' '.join(sorted(files))}")  # noqa: T201
    assert {"operations/pets.py", "schemas/base.py"} <= files
    assert len(files) <= A_CHANGE_BY_SOMEBODY, sorted(files)


async def test_what_changes_a_row_goes_through_fewer(db: Database) -> None:
    """The command, the row and its table, without who asks."""
    house = await house_at(db)
    pet_id = house.made.pets[0].id
    change = PetUpdate(id=pet_id, name="Rex II")
    async with db.trial(house.acting("owner")) as session:
        change.apply_to(await session.get_one(Pet, pet_id))
        await session.flush()
    async with db.transaction(house.acting("owner")) as session:
        animal = await session.get_one(Pet, pet_id)
        with walked() as files:
            change.apply_to(animal)
            await session.flush()
    print(f"{db.dialect}: {len(files)} files: {' '.join(sorted(files))}")  # noqa: T201
    assert len(files) <= A_CHANGE, sorted(files)
