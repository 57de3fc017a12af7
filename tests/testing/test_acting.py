"""``acting_as``: who acts for a few lines of a test."""

import pytest

from tests.examples import pet, user
from vetcore.database import Acting, Database, Session
from vetcore.errors import NotFound
from vetcore.operations import get_pet, update_pet
from vetcore.schemas import ById, PetUpdate
from vetcore.testing import acting_as


async def test_operations_in_the_block_are_those_of_the_person(db: Database) -> None:
    owner, stranger = user(), user()
    async with db.transaction() as session:
        rex = pet(owner)
        session.add_all([owner, stranger])
        await session.flush()
        session.add(rex)
        async with acting_as(session, owner) as same:
            assert same is session
            assert session.acting == Acting(owner.id)
            await update_pet(session, PetUpdate(id=rex.id, color="black"))
        assert rex.created_by_id is None, "made before the block, by the system"
        await session.refresh(rex)
        assert rex.updated_by_id == owner.id
        async with acting_as(session, stranger.id):
            with pytest.raises(NotFound):
                await get_pet(session, ById(id=rex.id))
        assert session.acting.is_system


async def test_whoever_acted_before_acts_again_whatever_happens(db: Database) -> None:
    owner, other = user(), user()
    async with db.transaction() as session:
        session.add_all([owner, other])
    async with db.transaction(Acting(owner.id)) as session:
        with pytest.raises(ZeroDivisionError):
            async with acting_as(session, None):
                assert session.acting.is_system
                raise ZeroDivisionError
        assert session.acting == Acting(owner.id)
        rex = pet(owner)
        session.add(rex)
        async with acting_as(session, Acting(other.id, via="job")):
            mia = pet(other)
            session.add(mia)
        await session.flush()
        assert (rex.created_by_id, mia.created_by_id) == (owner.id, other.id)


async def test_it_holds_when_the_code_under_test_commits(db: Database) -> None:
    owner = user()
    async with db.transaction() as session:
        session.add(owner)
    async with db.session() as reading:
        assert reading.acting.is_system

    session = Session(db.engine, expire_on_commit=False)
    async with acting_as(session, owner, as_owner=True):
        session.add(one := pet(owner))
        await session.commit()
        session.add(two := pet(owner))
        await session.commit()
        assert session.acting.as_owner
    session.add(three := pet(owner))
    await session.commit()
    await session.close()
    assert [each.created_by_id for each in (one, two, three)] == [owner.id, owner.id, None]
