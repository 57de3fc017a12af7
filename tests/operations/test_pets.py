"""Registering, changing, retiring, deleting and finding pets."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from tests.operations.scenes import LATER, Scene, fresh, scene, stored
from vetcore.database import Acting, Database
from vetcore.errors import (
    AlreadyExists,
    ConcurrentUpdate,
    InvalidValue,
    KeyReused,
    NotFound,
    PermissionDenied,
)
from vetcore.models import Pet, VaccinationReminder
from vetcore.operations import (
    create_pet,
    create_user,
    delete_pet,
    get_pet,
    list_pets,
    restore_pet,
    retire_pet,
    search_pets,
    update_pet,
)
from vetcore.schemas import (
    ById,
    PetCreate,
    PetQuery,
    PetRetire,
    PetSearch,
    PetUpdate,
    UserCreate,
)
from vetcore.values.animals import PetStatus
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus

CHIP = "985112003456789"


@pytest.fixture
async def made(db: Database) -> Scene:
    return await scene(db)


async def _count(db: Database) -> int:
    async with db.session(include_deleted=True) as session:
        return len(await list_pets(session, PetQuery(limit=1000)))


async def test_an_owner_registers_their_own_pet_without_naming_themselves(
    db: Database, made: Scene
) -> None:
    async with db.transaction(made.acting("stranger")) as session:
        pet = await create_pet(session, PetCreate(name="Mia", species="cat"))
    assert (pet.owner_id, pet.created_by_id) == (made.who("stranger"), made.who("stranger"))


async def test_an_owner_registers_no_pet_for_somebody_else(db: Database, made: Scene) -> None:
    before = await _count(db)
    for place in (None, made.clinic.id):
        wish = PetCreate(
            name="Mia", species="cat", owner_id=made.who("owner"), primary_clinic_id=place
        )
        async with db.transaction(made.acting("stranger")) as session:
            with pytest.raises(PermissionDenied):
                await create_pet(session, wish)
    assert await _count(db) == before


async def test_staff_register_a_patient_of_their_clinic(db: Database, made: Scene) -> None:
    wish = PetCreate(name="Stray", species="cat", primary_clinic_id=made.clinic.id)
    async with db.transaction(made.acting("receptionist")) as session:
        pet = await create_pet(session, wish)
    assert pet.owner_id is None

    known = wish.model_copy(update={"owner_id": made.who("owner")})
    async with db.transaction(made.acting("receptionist")) as session:
        assert (await create_pet(session, known)).owner_id == made.who("owner")


async def test_staff_name_the_clinic(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("receptionist")) as session:
        with pytest.raises(InvalidValue, match="primary_clinic_id"):
            await create_pet(session, PetCreate(name="Stray", species="cat"))


async def test_somebody_who_works_there_registers_their_own_pet(db: Database, made: Scene) -> None:
    wish = PetCreate(name="Mia", species="cat")
    acting = Acting(made.who("receptionist"), as_owner=True)
    async with db.transaction(acting) as session:
        assert (await create_pet(session, wish)).owner_id == made.who("receptionist")


async def test_staff_name_an_owner_whom_they_know_or_whose_account_they_opened(
    db: Database, made: Scene
) -> None:
    wish = PetCreate(
        name="Mia", species="cat", primary_clinic_id=made.clinic.id, owner_id=made.who("stranger")
    )
    async with db.transaction(made.acting("receptionist")) as session:
        with pytest.raises(NotFound):
            await create_pet(session, wish)
        opened = await create_user(
            session, UserCreate(email="new@example.com", first_name="Nia", last_name="Okoro")
        )
        theirs = wish.model_copy(update={"owner_id": opened.id})
        assert (await create_pet(session, theirs)).owner_id == opened.id


async def test_a_key_registers_a_pet_once(db: Database, made: Scene) -> None:
    wish = PetCreate(name="Mia", species="cat")
    async with db.transaction(made.acting("owner")) as session:
        first = await create_pet(session, wish, key="form-1")
    async with db.transaction(made.acting("owner")) as session:
        assert (await create_pet(session, wish, key="form-1")).id == first.id
        with pytest.raises(KeyReused):
            await create_pet(session, PetCreate(name="Leo", species="cat"), key="form-1")


async def test_a_chip_is_one_pets(db: Database, made: Scene) -> None:
    await stored(db, Pet(name="Ona", species="dog", microchip=CHIP))
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("owner")) as session:
            await create_pet(session, PetCreate(name="Mia", species="cat", microchip=CHIP))


async def test_a_change_is_made_to_the_version_that_it_was_made_for(
    db: Database, made: Scene
) -> None:
    change = PetUpdate(id=made.pet.id, version=made.pet.version, color="black")
    async with db.transaction(made.acting("owner")) as session:
        pet = await update_pet(session, change)
    assert (pet.color, pet.updated_by_id) == ("black", made.who("owner"))
    with pytest.raises(ConcurrentUpdate):
        async with db.transaction(made.acting("owner")) as session:
            await update_pet(session, change)


@pytest.mark.parametrize(
    ("field", "value", "act"),
    [("owner_id", uuid4(), "transfer_pet"), ("status", "deceased", "retire_pet")],
)
async def test_an_update_says_which_act_does_what_it_does_not(
    db: Database, made: Scene, field: str, value: object, act: str
) -> None:
    async with db.transaction(made.acting("owner")) as session:
        with pytest.raises(InvalidValue, match=act) as refused:
            await update_pet(session, PetUpdate(**{"id": made.pet.id, field: value}))
    assert refused.value.details["field"] == field
    assert getattr(await fresh(db, made.pet), field) == getattr(made.pet, field)


async def test_a_pet_may_be_sent_back_as_it_was_read(db: Database, made: Scene) -> None:
    change = PetUpdate(id=made.pet.id, owner_id=made.who("owner"), status="active", color="grey")
    async with db.transaction(made.acting("receptionist")) as session:
        assert (await update_pet(session, change)).color == "grey"


async def test_a_pet_that_was_missing_is_found_again(db: Database, made: Scene) -> None:
    async with db.transaction(made.acting("owner")) as session:
        await retire_pet(session, PetRetire(id=made.pet.id, status="lost"))
    async with db.transaction(made.acting("owner")) as session:
        pet = await update_pet(session, PetUpdate(id=made.pet.id, status="active"))
    assert pet.status is PetStatus.ACTIVE


async def test_a_birth_date_that_changes_changes_what_is_due(db: Database, made: Scene) -> None:
    await stored(db, young := Pet(name="Pup", species="dog", born_on=date(2025, 1, 1)))
    async with db.transaction() as session:
        (await session.get_one(Pet, young.id)).next_vaccination_due_on = date(2020, 1, 1)
    async with db.transaction() as session:
        pet = await update_pet(session, PetUpdate(id=young.id, born_on=date(2025, 6, 1)))
    assert pet.next_vaccination_due_on != date(2020, 1, 1)


@pytest.mark.parametrize("status", ["deceased", "lost", "rehomed"])
async def test_what_is_open_ends_with_a_pet_that_is_retired(
    db: Database, made: Scene, status: str
) -> None:
    visit, wish = made.visit(), made.wish()
    past = made.visit(start=datetime(2026, 3, 9, 9, tzinfo=UTC))
    reminder = VaccinationReminder(
        pet_id=made.pet.id, due_on=date(2030, 1, 1), claimed_by="w", claimed_until=LATER
    )
    await stored(db, visit, past, wish, reminder)
    act = PetRetire(id=made.pet.id, status=status, on=date(2026, 3, 1))
    async with db.transaction(made.acting("receptionist")) as session:
        done = await retire_pet(session, act)
    assert [each.id for each in done.appointments] == [visit.id]
    assert [each.id for each in done.entries] == [wish.id]
    assert done.reminders == 1
    now = await fresh(db, visit)
    assert now.status is AppointmentStatus.CANCELLED
    assert "2026-03-01" in (now.cancellation_reason or "")
    assert (await fresh(db, wish)).status is WaitlistStatus.WITHDRAWN
    assert (await fresh(db, past)).status is AppointmentStatus.SCHEDULED
    pet = await fresh(db, made.pet)
    assert pet.status == status
    assert pet.died_on == (date(2026, 3, 1) if status == "deceased" else None)


async def test_to_retire_twice_changes_nothing(db: Database, made: Scene) -> None:
    for day in (date(2026, 3, 1), None):
        async with db.transaction(made.acting("owner")) as session:
            done = await retire_pet(session, PetRetire(id=made.pet.id, status="deceased", on=day))
    assert (done.appointments, done.entries, done.reminders) == ((), (), 0)
    assert done.row.died_on == date(2026, 3, 1)


async def test_nobody_dies_before_they_are_born(db: Database, made: Scene) -> None:
    born = PetUpdate(id=made.pet.id, born_on=date(2025, 5, 5))
    async with db.transaction(made.acting("owner")) as session:
        await update_pet(session, born)
    await stored(db, visit := made.visit())
    early = PetRetire(id=made.pet.id, status="deceased", on=date(2025, 5, 4))
    async with db.transaction(made.acting("owner")) as session:
        with pytest.raises(InvalidValue, match="died_on"):
            await retire_pet(session, early)
    assert (await fresh(db, visit)).status is AppointmentStatus.SCHEDULED
    assert (await fresh(db, made.pet)).status is PetStatus.ACTIVE


async def test_a_deleted_pet_is_brought_back(db: Database, made: Scene) -> None:
    await stored(db, visit := made.visit())
    async with db.transaction(made.acting("owner")) as session:
        done = await delete_pet(session, ById(id=made.pet.id, version=made.pet.version))
    assert [each.id for each in done.appointments] == [visit.id]
    async with db.session(made.acting("owner")) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=made.pet.id))
    async with db.transaction(made.acting("owner")) as session:
        assert not (await restore_pet(session, ById(id=made.pet.id))).is_deleted
    assert (await fresh(db, visit)).status is AppointmentStatus.CANCELLED


async def test_a_pet_is_not_brought_back_beside_one_with_its_chip(
    db: Database, made: Scene
) -> None:
    async with db.transaction(made.acting("owner")) as session:
        await update_pet(session, PetUpdate(id=made.pet.id, microchip=CHIP))
        await delete_pet(session, ById(id=made.pet.id))
    async with db.transaction(made.acting("owner")) as session:
        await create_pet(session, PetCreate(name="Rex", species="dog", microchip=CHIP))
    with pytest.raises(AlreadyExists):
        async with db.transaction(made.acting("owner")) as session:
            await restore_pet(session, ById(id=made.pet.id))


async def test_a_list_is_narrowed_and_read_in_parts(db: Database, made: Scene) -> None:
    async with db.session(made.acting("receptionist")) as session:
        first = await list_pets(session, PetQuery(limit=1))
        second = await list_pets(session, PetQuery(limit=1, after=first.next_cursor))
        theirs = await list_pets(session, PetQuery(owner_id=made.who("owner")))
        cats = await list_pets(session, PetQuery(species="cat"))
    assert [first[0].id, second[0].id] == [made.pet.id, made.twin.id]
    assert second.next_cursor is None
    assert {pet.id for pet in theirs} == {made.pet.id, made.twin.id}
    assert list(cats) == []


async def test_an_owner_leads_only_those_to_their_pets_who_may_see_both(
    db: Database, made: Scene
) -> None:
    wanted = PetSearch(text="Owner Silva")
    async with db.session(made.acting("receptionist")) as session:
        found = await search_pets(session, wanted)
    assert {each.item.id for each in found} == {made.pet.id, made.twin.id}
    async with db.session(made.acting("stranger")) as session:
        assert list(await search_pets(session, wanted)) == []
