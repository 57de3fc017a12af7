"""A look in an emergency is possible with a reason, and is kept for those whom it concerns."""

from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from tests.examples import clinic, membership, user
from tests.medical.signed import Practice, practice
from vetcore.database import Acting, Database
from vetcore.errors import NotFound, PermissionDenied
from vetcore.models import Clinic, EmergencyAccess, Pet
from vetcore.operations import get_pet, list_emergency_accesses, read_in_emergency
from vetcore.schemas import ById, EmergencyAccessQuery, EmergencyRead
from vetcore.values.people import Role

CHIP = "985112003456789"


@pytest.fixture
async def made(db: Database) -> Practice:
    made = await practice(db)
    async with db.transaction() as session:
        (await session.get_one(Pet, made.animal.id)).microchip = CHIP
    return made


async def _veterinarian_elsewhere(db: Database) -> tuple[Acting, EmergencyRead]:
    place, person = clinic(name="Night Clinic"), user(role=Role.VETERINARIAN)
    async with db.transaction() as session:
        session.add_all([place, person])
        await session.flush()
        session.add(membership(person, place, role=Role.VETERINARIAN))
    return Acting(person.id), EmergencyRead(
        clinic_id=place.id, microchip=CHIP, reason="Run over, unconscious"
    )


async def _looks(db: Database) -> int:
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(EmergencyAccess)) or 0


async def test_a_veterinarian_reads_the_chart_by_the_chip(db: Database, made: Practice) -> None:
    acting, look = await _veterinarian_elsewhere(db)
    pet_id = made.animal.id
    async with db.session(acting) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=pet_id))
    record = await made.signed()
    await made.draft()
    async with db.transaction(acting) as session:
        chart = await read_in_emergency(session, look)
    assert chart.pet.id == pet_id
    assert [person.id for person in chart.owners] == [made.animal.owner_id]
    assert [each.id for each in chart.records] == [record.id]
    # It is a look, and no right.
    async with db.session(acting) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=pet_id))


async def test_its_owner_and_the_clinics_manager_see_who_has_looked_and_why(
    db: Database, made: Practice
) -> None:
    acting, look = await _veterinarian_elsewhere(db)
    async with db.transaction(acting) as session:
        await read_in_emergency(session, look)
    async with db.session(Acting(made.animal.owner_id)) as session:
        (kept,) = (await list_emergency_accesses(session, EmergencyAccessQuery())).items
    assert (kept.reason, kept.user_id) == ("Run over, unconscious", acting.actor)
    assert (kept.clinic_id, kept.created_by_id) == (look.clinic_id, acting.actor)
    manager, stranger = user(role=Role.CLINIC_MANAGER), user()
    async with db.transaction() as session:
        session.add_all([manager, stranger])
        await session.flush()
        place = await session.get_one(Clinic, look.clinic_id)
        session.add(membership(manager, place, role=Role.CLINIC_MANAGER))
    for person, rows in ((manager, [kept.id]), (stranger, [])):
        async with db.session(Acting(person.id)) as session:
            found = await list_emergency_accesses(session, EmergencyAccessQuery())
            assert [each.id for each in found.items] == rows


async def test_a_veterinarian_does_so_only_where_they_work(db: Database, made: Practice) -> None:
    acting, look = await _veterinarian_elsewhere(db)
    elsewhere = look.model_copy(update={"clinic_id": made.place.id})
    async with db.transaction(acting) as session:
        with pytest.raises(PermissionDenied):
            await read_in_emergency(session, elsewhere)
    assert await _looks(db) == 0


async def test_what_is_rolled_back_is_not_kept(db: Database, made: Practice) -> None:
    acting, look = await _veterinarian_elsewhere(db)
    async with db.trial(acting) as session:
        assert (await read_in_emergency(session, look)).pet.id == made.animal.id
    assert await _looks(db) == 0


@pytest.mark.usefixtures("made")
async def test_what_cannot_be_found_is_not_kept(db: Database) -> None:
    acting, look = await _veterinarian_elsewhere(db)
    for wish in (
        look.model_copy(update={"microchip": "985112003456780"}),
        look.model_copy(update={"microchip": None, "pet_id": uuid4()}),
    ):
        async with db.transaction(acting) as session:
            with pytest.raises(NotFound):
                await read_in_emergency(session, wish)
    assert await _looks(db) == 0


@pytest.mark.parametrize(
    "given", [{"reason": "Why not"}, {"pet_id": uuid4(), "microchip": CHIP, "reason": "Both"}]
)
def test_one_pet_is_named(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="microchip must be given, and not both"):
        EmergencyRead.model_validate({"clinic_id": uuid4()} | given)


def test_a_reason_is_given() -> None:
    with pytest.raises(ValidationError, match="reason"):
        EmergencyRead.model_validate({"clinic_id": uuid4(), "microchip": CHIP, "reason": "  "})
