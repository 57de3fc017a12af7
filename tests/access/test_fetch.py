"""One row for one actor: not there, not theirs to change, or theirs."""

import asyncio

import pytest
from sqlalchemy import update

from tests.access.worlds import Platform, platform
from vetcore.access import Permission, fetch
from vetcore.database import Database
from vetcore.errors import NotFound, PermissionDenied
from vetcore.models import MedicalRecord, Pet


@pytest.fixture
async def made(db: Database) -> Platform:
    return await platform(db)


async def test_who_may_see_a_row_gets_it(db: Database, made: Platform) -> None:
    async with db.session() as session:
        found = await fetch(session, made.actors["owner"], Pet, made.rows["pets"].id)
    assert found.id == made.rows["pets"].id


async def test_what_may_not_be_seen_is_not_there(db: Database, made: Platform) -> None:
    stranger = made.actors["stranger"]
    async with db.session() as session:
        with pytest.raises(NotFound, match=r"pet .* was not found"):
            await fetch(session, stranger, Pet, made.rows["pets"].id)
        with pytest.raises(NotFound, match=r"medical record .* was not found"):
            await fetch(session, stranger, MedicalRecord, made.rows["medical_records"].id)


async def test_to_see_is_not_to_change(db: Database, made: Platform) -> None:
    async with db.session() as session:
        with pytest.raises(PermissionDenied):
            await fetch(
                session,
                made.actors["owner"],
                Pet,
                made.rows["pets"].id,
                Permission.PET_MERGE,
            )


async def test_a_row_that_is_locked_is_as_it_is_now_and_stays_so(
    db: Database, made: Platform
) -> None:
    owner, key = made.actors["owner"], made.rows["pets"].id

    async def rename() -> None:
        async with db.transaction() as other:
            await other.execute(update(Pet).where(Pet.id == key).values(name="Renamed"))

    async with db.transaction() as session:
        pet = await fetch(session, owner, Pet, key, Permission.PET_WRITE, lock=True)
        renaming = asyncio.create_task(rename())
        await asyncio.sleep(0.1)
        assert not renaming.done()
        pet.name = "Mine"
    await renaming
    async with db.transaction() as session:
        assert (await fetch(session, owner, Pet, key, lock=True)).name == "Renamed"
